# The quota of nodes is the number a domain may have, reached one by one or by
# a commit.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 6
1> WRITE x 1
1< OK
1> WRITE y 1
1< OK
1> WRITE z 1
1< OK
# 4 now, 6 in the transaction
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE q/r 1
1< OK
1> tx=$t TRANSACTION_END T
1< OK
1> RM q
1< OK
# a fifth made by dom0 below its home, then two more
a> WRITE /local/domain/1/k 1
a< OK
1> TRANSACTION_START ""
1< $u
1> tx=$u WRITE q 1
1< OK
1> tx=$u TRANSACTION_END T
1< OK
check
