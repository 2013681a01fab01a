# A transaction's changes are invisible until its end, and it sees none of
# others'.
socket a
socket b
a> WRITE /i/one 1
a< OK
a> WRITE /i/two 2
a< OK
a> TRANSACTION_START ""
a< $t
a> tx=$t READ /i/one
a< 1
a> tx=$t WRITE /i/new/er x
a< OK
a> tx=$t WRITE /i/one changed
a< OK
a> tx=$t READ /i/one
a< changed
a> tx=$t RM /i/two
a< OK
a> tx=$t DIRECTORY /i
a< one new
a> tx=$t DIRECTORY /i/new
a< er
a> tx=$t READ /i/two
a< ENOENT
a> tx=$t GET_PERMS /i/new/er
a< n0
a> tx=$t SET_PERMS /i/new n0 r1
a< OK
a> tx=$t GET_PERMS /i/new
a< n0
b> DIRECTORY /i
b< one two
b> READ /i/one
b< 1
b> READ /i/new/er
b< ENOENT
# a change by another client shows outside only
b> WRITE /other 1
b< OK
a> tx=$t TRANSACTION_END T
a< OK
b> DIRECTORY /i
b< one new
b> READ /i/new/er
b< x
b> READ /i/one
b< changed
b> READ /i/two
b< ENOENT
# an abort leaves no trace
a> TRANSACTION_START ""
a< $u
a> tx=$u RM /i
a< OK
a> tx=$u WRITE /i/again 1
a< OK
a> tx=$u TRANSACTION_END F
a< OK
b> DIRECTORY /i
b< one new
check
