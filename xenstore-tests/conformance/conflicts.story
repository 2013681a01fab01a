# A guest cannot block dom0's transactions for ever (XSA-206): a domain that
# keeps changing what another's transaction has read is throttled.
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> WRITE /local/domain/$i/data x
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
  a> SET_PERMS /local/domain/$i/data n$i
  a< OK
done
# no transaction is open: it may write as often as it likes
repeat i 1 60
  1> WRITE data $i
  1< OK
done
a> TRANSACTION_START ""
a< $t1
a> tx=$t1 READ /local/domain/1/data
a< 60
# 50 conflicts in a row are allowed, and more as time passes. The clock stands
# still here; a real daemon's does not.
time += 0
# the next request has to wait ...
repeat i 1 51
  1> WRITE data again$i
  1< OK
done
1> WRITE data last
1 nothing
# ... and other domains are not slowed down
2> WRITE data 1
2< OK
2> READ data
2< 1
a> tx=$t1 TRANSACTION_END T
a< EAGAIN
# the second attempt has all the time it needs
a> TRANSACTION_START ""
a< $t2
a> tx=$t2 READ /local/domain/1/data
a< again51
a> tx=$t2 WRITE /local/domain/1/seen 1
a< OK
time += 1200
1 nothing
a> tx=$t2 TRANSACTION_END T
a< OK
time += 49
1 nothing
time += 1
1< OK
a> READ /local/domain/1/data
a< last
# half of the allowance is back
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 DIRECTORY /local/domain/2
a< data
# writes that conflict with nothing cost nothing
repeat i 1 60
  2> WRITE data $i
  2< OK
done
# a new child and a removed child each conflict with a listing
repeat i 1 25
  2> MKDIR n$i
  2< OK
  2> RM n$i
  2< OK
done
2> MKDIR more
2< OK
2> MKDIR most
2 nothing
a> tx=$t3 TRANSACTION_END F
a< OK
time += 2000
2< OK
# a conflict with the domain's own transaction costs nothing
1> TRANSACTION_START ""
1< $t4
1> tx=$t4 READ data
1< last
repeat i 1 60
  1> WRITE data $i
  1< OK
done
1> tx=$t4 TRANSACTION_END T
1< EAGAIN
# no limit
a> SET_QUOTA 1 conflicts 0
a< OK
a> TRANSACTION_START ""
a< $t5
a> tx=$t5 READ /local/domain/1/data
a< 60
repeat i 1 200
  1> WRITE data $i
  1< OK
done
a> tx=$t5 TRANSACTION_END T
a< EAGAIN
# dom0 is never throttled
a> SET_QUOTA 1 conflicts 1
a< OK
1> TRANSACTION_START ""
1< $t6
1> tx=$t6 READ data
1< 200
repeat i 1 100
  a> WRITE /local/domain/1/data $i
  a< OK
done
1> tx=$t6 TRANSACTION_END T
1< EAGAIN
# two throttled domains continue in the order in which their waits end
a> SET_QUOTA 1 conflicts 20
a< OK
a> WRITE /shared 1
a< OK
a> SET_PERMS /shared b0
a< OK
time += 60000
a> TRANSACTION_START ""
a< $t7
a> tx=$t7 READ /shared
a< 1
repeat i 1 51
  2> WRITE /shared $i
  2< OK
done
2> WRITE /shared two
2 nothing
time += 1
repeat i 1 51
  1> WRITE /shared $i
  1< OK
done
1> WRITE /shared one
1 nothing
time += 2000
2< OK
1< OK
a> READ /shared
a< one
a> tx=$t7 TRANSACTION_END F
a< OK
check
