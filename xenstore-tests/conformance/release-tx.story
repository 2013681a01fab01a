# RELEASE of a domain that lives on, while a transaction of dom0's gives it a
# node: the node is the domain's and is removed when the domain dies.
socket a
socket b
domain 3
a> MKDIR /local/domain/3
a< OK
a> SET_PERMS /local/domain/3 n3
a< OK
introduce 3
b> TRANSACTION_START ""
b< $t
b> tx=$t MKDIR /given
b< OK
b> tx=$t SET_PERMS /given n3
b< OK
b> TRANSACTION_START ""
b< $u
b> tx=$u MKDIR /late
b< OK
b> tx=$u SET_PERMS /late n3
b< OK
a> RELEASE 3
a< OK
b> tx=$t TRANSACTION_END T
b< OK
a> GET_PERMS /given
a< n3
die 3
a> READ /given
a< ENOENT
b> tx=$u TRANSACTION_END T
b< EAGAIN
check
