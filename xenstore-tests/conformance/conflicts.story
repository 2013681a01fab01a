# A guest cannot keep dom0's transactions from ever being committed (XSA-206):
# who goes on changing what another's transaction looks at has to wait.
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
# nobody looks: it may write as much as it likes
repeat i 1 60
  1> WRITE data $i
  1< OK
done
a> TRANSACTION_START ""
a< $t1
a> tx=$t1 READ /local/domain/1/data
a< 60
# 50 times in a row are allowed, and time pays for more: it stands still here,
# which that of a real daemon does not
time += 0
# then what it asks for is not done ...
repeat i 1 51
  1> WRITE data again$i
  1< OK
done
1> WRITE data last
1 nothing
# ... others are not slowed down by it
2> WRITE data 1
2< OK
2> READ data
2< 1
a> tx=$t1 TRANSACTION_END T
a< EAGAIN
# the second try has all the time that it needs
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
# half has been paid back
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 DIRECTORY /local/domain/2
a< data
# what disturbs nobody costs nothing
repeat i 1 60
  2> WRITE data $i
  2< OK
done
# a listing is disturbed by a new name and by one that goes
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
# its own transactions disturb nobody else
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
# without a limit
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
# dom0 is never slowed down
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
# two that wait go on in the order of their times
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
