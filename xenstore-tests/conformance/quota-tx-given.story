# A node that a transaction only read is neither gained nor lost by it, whoever
# owns it now, also for the quota of nodes.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WRITE /given 1
a< OK
a> SET_PERMS /given b0
a< OK
quota nodes 3
1> WRITE x 1
1< OK
# given to the domain while the transaction is open: 3 of 3
1> TRANSACTION_START ""
1< $t
1> tx=$t READ /given
1< 1
a> SET_PERMS /given n1
a< OK
1> tx=$t WRITE y 1
1< ENOSPC
1> tx=$t TRANSACTION_END F
1< OK
# and taken away again: 2 of 3
1> TRANSACTION_START ""
1< $u
1> tx=$u READ /given
1< 1
a> SET_PERMS /given b0
a< OK
1> tx=$u WRITE y 1
1< OK
1> tx=$u WRITE z 1
1< ENOSPC
1> tx=$u TRANSACTION_END F
1< OK
check
