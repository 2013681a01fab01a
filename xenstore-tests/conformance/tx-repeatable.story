# A value read in a transaction stays the same until its end, and the commit
# fails.
socket a
socket b
a> WRITE /p/v 1
a< OK
a> WRITE /p/k 1
a< OK
a> TRANSACTION_START ""
a< $t
a> tx=$t READ /p/v
a< 1
a> tx=$t DIRECTORY /p
a< v k
a> tx=$t GET_PERMS /p/k
a< n0
a> tx=$t READ /p/none
a< ENOENT
b> WRITE /p/v 2
b< OK
b> WRITE /p/none 2
b< OK
b> RM /p/k
b< OK
a> tx=$t READ /p/v
a< 1
a> tx=$t DIRECTORY /p
a< v k
a> tx=$t GET_PERMS /p/k
a< n0
a> tx=$t READ /p/none
a< ENOENT
a> tx=$t TRANSACTION_END T
a< EAGAIN
a> tx=$t READ /p/v
a< ENOENT
# aborting the same transaction is no error
a> TRANSACTION_START ""
a< $u
a> tx=$u READ /p/v
a< 2
b> WRITE /p/v 3
b< OK
a> tx=$u TRANSACTION_END F
a< OK
