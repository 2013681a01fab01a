# A parent that a transaction and another request both made is one node when
# the commit is compared with the quota of nodes.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 8
# one node, its own directory; the transaction makes p, p/one, p/q and p/q/two
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE p/one 1
1< OK
1> tx=$t WRITE p/q/two 1
1< OK
# now four nodes; the commit adds three, because p exists
1> WRITE other 1
1< OK
1> WRITE p/three 1
1< OK
1> tx=$t TRANSACTION_END T
1< OK
# the same transaction repeated: its commit counts p once
1> TRANSACTION_START ""
1< $u
1> tx=$u WRITE p/one 1
1< OK
1> tx=$u WRITE p/q/two 1
1< OK
1> tx=$u TRANSACTION_END T
1< OK
# seven by now, and eight are allowed
1> WRITE p/four 1
1< OK
1> WRITE p/five 1
1< ENOSPC
check
