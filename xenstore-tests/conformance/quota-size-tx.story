# The size of a node includes what others add to it while a transaction is
# open.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota node-size 200
1> WRITE x 1
1< OK
# value written in the transaction, children outside: too large for one node
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE x "v"*90
1< OK
1> WRITE x/"a"*80 1
1< OK
1> tx=$t TRANSACTION_END T
1< EAGAIN
1> READ x
1< 1
1> TRANSACTION_START ""
1< $t2
1> tx=$t2 WRITE x "v"*100
1< ENOSPC
1> tx=$t2 WRITE x "v"*40
1< OK
# one child in the transaction, one outside
1> tx=$t2 MKDIR x/"b"*25
1< OK
1> MKDIR x/"c"*25
1< OK
1> tx=$t2 TRANSACTION_END T
1< EAGAIN
# small enough once a child is removed
1> TRANSACTION_START ""
1< $t3
1> tx=$t3 WRITE x "v"*40
1< OK
1> tx=$t3 RM x/"a"*80
1< OK
1> MKDIR x/"d"*40
1< OK
1> tx=$t3 TRANSACTION_END T
1< OK
1> DIRECTORY x
1< "c"*25 "d"*40
# a client without a quota is not limited here either
a> TRANSACTION_START ""
a< $u
a> tx=$u WRITE /local/domain/1/x "v"*190
a< OK
a> MKDIR /local/domain/1/x/"e"*50
a< OK
a> tx=$u TRANSACTION_END T
a< OK
check
