# What a transaction has deleted makes room in it, also when the quota was used
# up.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 6
1> WRITE x/y/z 1
1< OK
1> WRITE p 1
1< OK
1> WRITE q 1
1< OK
1> WRITE r 1
1< ENOSPC
# 6 of 6; three are deleted, then two and one can be made, and no more
1> TRANSACTION_START ""
1< $t
1> tx=$t RM x
1< OK
1> tx=$t WRITE x/y 1
1< OK
1> tx=$t MKDIR x/new
1< OK
1> tx=$t MKDIR x/more
1< ENOSPC
1> tx=$t TRANSACTION_END T
1< OK
1> DIRECTORY x
1< y new
1> MKDIR x/more
1< ENOSPC
check
