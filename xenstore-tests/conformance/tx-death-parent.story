# A node made in a transaction gets its parent's permissions. If the parent is
# gone with its domain, the next domain with that number does not get the node.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /local/domain/1/x 1
a< OK
a> tx=$t RM /local/domain/1/x
a< OK
die 1
a> tx=$t WRITE /local/domain/1/y 1
a< OK
domain 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> tx=$t TRANSACTION_END T
a< EAGAIN
a> DIRECTORY /local/domain/1
a< empty
# the same if others only changed the permissions and changed them back
a> TRANSACTION_START ""
a< $u
a> tx=$u WRITE /local/domain/1/x 1
a< OK
a> tx=$u RM /local/domain/1/x
a< OK
a> SET_PERMS /local/domain/1 n0
a< OK
a> tx=$u WRITE /local/domain/1/y 1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> tx=$u TRANSACTION_END T
a< EAGAIN
check
