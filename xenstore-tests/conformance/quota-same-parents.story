# Parents that two transactions both made count once, for every quota.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
# five nodes: its own directory, p, q, and one from each transaction
quota nodes 5
1> TRANSACTION_START ""
1< $t1
1> TRANSACTION_START ""
1< $u1
1> tx=$t1 WRITE p/q/one 1
1< OK
1> tx=$u1 WRITE p/q/two 1
1< OK
1> tx=$t1 TRANSACTION_END T
1< OK
1> tx=$u1 TRANSACTION_END T
1< OK
1> DIRECTORY p/q
1< one two
1> WRITE p/q/three 1
1< ENOSPC
1> RM p
1< OK
# the same before the end: a node that exists by now is not counted again
1> TRANSACTION_START ""
1< $t2
1> TRANSACTION_START ""
1< $u2
1> tx=$t2 WRITE p/q/one 1
1< OK
1> tx=$u2 WRITE p/q/two 1
1< OK
1> tx=$t2 TRANSACTION_END T
1< OK
1> tx=$u2 WRITE p/q/three 1
1< ENOSPC
1> tx=$u2 RM p/q/two
1< OK
1> tx=$u2 WRITE p/q/three 1
1< OK
1> tx=$u2 TRANSACTION_END T
1< OK
1> DIRECTORY p/q
1< one three
1> WRITE more 1
1< ENOSPC
1> RM p
1< OK
# too many together: the second commit is refused and leaves nothing
1> TRANSACTION_START ""
1< $t3
1> TRANSACTION_START ""
1< $u3
1> tx=$t3 WRITE p/q/one 1
1< OK
1> tx=$t3 WRITE p/q/two 1
1< OK
1> tx=$u3 WRITE p/q/three 1
1< OK
1> tx=$t3 TRANSACTION_END T
1< OK
1> tx=$u3 TRANSACTION_END T
1< ENOSPC
1> DIRECTORY p/q
1< one two
1> RM p
1< OK
quota nodes 1000
# a child that both made counts once towards its parent's size
quota node-size 100
1> TRANSACTION_START ""
1< $t4
1> TRANSACTION_START ""
1< $u4
1> tx=$t4 WRITE s/"n"*40/one 1
1< OK
1> tx=$u4 WRITE s/"n"*40/two 1
1< OK
1> tx=$t4 TRANSACTION_END T
1< OK
1> tx=$u4 WRITE s/"m"*20 1
1< OK
1> tx=$u4 TRANSACTION_END T
1< OK
1> DIRECTORY s
1< "n"*40 "m"*20
# but the children of both are too large for one node
1> TRANSACTION_START ""
1< $t5
1> TRANSACTION_START ""
1< $u5
1> tx=$t5 WRITE r/"n"*40 1
1< OK
1> tx=$u5 WRITE r/"m"*40 1
1< OK
1> tx=$t5 TRANSACTION_END T
1< OK
1> tx=$u5 TRANSACTION_END T
1< EAGAIN
quota node-size 2048
# making the same parents does not conflict with dom0's transaction, so the
# guest is not throttled
a> TRANSACTION_START ""
a< $t6
a> tx=$t6 WRITE /local/domain/1/d/e/a 1
a< OK
repeat i 1 60
  1> WRITE d/e/1 $i
  1< OK
  1> RM d/e
  1< OK
done
1> WRITE d/e/1 last
1< OK
a> tx=$t6 TRANSACTION_END T
a< OK
1> DIRECTORY d/e
1< 1 a
# once they differ it does; with the clock stopped nothing is paid back
# meanwhile
time += 1
a> TRANSACTION_START ""
a< $t7
a> tx=$t7 WRITE /local/domain/1/h/a 1
a< OK
repeat i 1 50
  1> WRITE h $i
  1< OK
  1> SET_PERMS h r1
  1< OK
  1> RM h
  1< OK
done
1> WRITE h last
1< OK
1> SET_PERMS h r1
1< OK
1> RM h
1 nothing
time += 60000
1< OK
a> tx=$t7 TRANSACTION_END T
a< OK
check
