# A node made in a transaction hides what others make at the same path
# meanwhile. If that is removed again, the commit succeeds with its own nodes.
socket a
socket b
a> TRANSACTION_START ""
a< $t
a> tx=$t MKDIR /h/a/a
a< OK
b> WRITE /h/b/x 1
b< OK
a> tx=$t READ /h/b
a< ENOENT
a> tx=$t WRITE /h/c/d 1
a< OK
b> WRITE /h/e/f 1
b< OK
a> tx=$t WRITE /h/e/g 1
a< OK
a> tx=$t DIRECTORY /h
a< a c e
b> RM /h
b< OK
a> tx=$t TRANSACTION_END T
a< OK
a> DIRECTORY /h
a< a c e
a> DIRECTORY /h/e
a< g
check
# a node removed and made again hides it, too
b> WRITE /r/s/t 1
b< OK
a> TRANSACTION_START ""
a< $u
a> tx=$u RM /r/s
a< OK
a> tx=$u WRITE /r/s/v/w 1
a< OK
a> tx=$u DIRECTORY /r/s
a< v
b> WRITE /r/s/v/x 1
b< OK
b> RM /r/s/v
b< OK
a> tx=$u WRITE /r/s/v/y 1
a< OK
a> tx=$u TRANSACTION_END T
a< EAGAIN
b> DIRECTORY /r/s
b< t
# the parent's permissions change meanwhile: a conflict, since the new node has
# inherited the old ones
a> TRANSACTION_START ""
a< $v
a> tx=$v WRITE /r/s/new 1
a< OK
b> SET_PERMS /r/s r0
b< OK
a> tx=$v TRANSACTION_END T
a< EAGAIN
check
