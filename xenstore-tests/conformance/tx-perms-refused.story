# A refused SET_PERMS says whether the node exists, so it can conflict. It does
# so for an owner that does not exist, too: no guest learns which domains exist.
socket a
domain 1
domain 2
introduce 1 2
1> TRANSACTION_START ""
1< $t
1> tx=$t SET_PERMS /x n2
1< EACCES
a> WRITE /x 1
a< OK
1> tx=$t TRANSACTION_END T
1< EAGAIN
a> RM /x
a< OK
# domain 7 does not exist
1> TRANSACTION_START ""
1< $u
1> tx=$u SET_PERMS /x n7
1< EACCES
a> WRITE /x 1
a< OK
1> tx=$u TRANSACTION_END T
1< EAGAIN
check
