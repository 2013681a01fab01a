# Read-only clients need not belong to root. All of them together may use
# little, and they throttle nobody.
socket a
socket r1 ro
socket r2 ro
domain 1
introduce 1
a> WRITE /local/domain/1/data x
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
# a conflict with a read-only client's transaction does not throttle the writer
r1> TRANSACTION_START ""
r1< $t
r1> tx=$t READ /local/domain/1/data
r1< x
time += 0
repeat i 1 60
  1> WRITE data $i
  1< OK
done
r1> tx=$t READ /local/domain/1/data
r1< x
r1> tx=$t TRANSACTION_END T
r1< EAGAIN
# 16 transactions
repeat i 1 15
  r1> TRANSACTION_START ""
  r1< ...
done
r1> TRANSACTION_START ""
r1< $u
r2> TRANSACTION_START ""
r2< ENOSPC
logged "*read-only clients: TRANSACTION_START refused (ENOSPC), quota transactions is 16; *"
a> TRANSACTION_START ""
a< $t
a> tx=$t TRANSACTION_END F
a< OK
r1> tx=$u TRANSACTION_END F
r1< OK
r2> TRANSACTION_START ""
r2< $t
# with 256 nodes each
updates off
hold
repeat i 1 250
  r2> tx=$t READ /n$i
done
go
updates on
repeat i 1 250
  r2< ENOENT
done
hold
repeat i 251 257
  r2> tx=$t READ /n$i
done
go
repeat i 251 256
  r2< ENOENT
done
r2< ENOSPC
r2> READ /local/domain/1/data
r2< 60
# 1024 watches
updates off
r1 deaf
hold
repeat i 1 1024
  r1> WATCH /w$i t
done
go
updates on
r2> WATCH /w t
r2< ENOSPC
a> WATCH /w t
a< OK
a< EVENT /w t
1> WATCH data t
1< OK
1< EVENT data t
# a client that disconnects frees everything it used
r1 close
r2> WATCH /w t
r2< OK
r2< EVENT /w t
check
