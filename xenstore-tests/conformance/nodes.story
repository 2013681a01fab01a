# Reading, writing, making, removing and listing nodes.
socket a
a> DIRECTORY /
a< tool
a> DIRECTORY /tool
a< xenstored
a> READ /tool/xenstored
a< ""
a> WRITE /v short
a< OK
a> WRITE /v "a value longer than eight bytes, with \0 and \xff in it"
a< OK
a> READ /v
a< "a value longer than eight bytes, with \0 and \xff in it"
a> WRITE /v ""
a< OK
a> READ /v
a< empty
a> WRITE /v "v"*2000
a< OK
a> READ /v
a< "v"*2000
a> MKDIR /v
a< OK
# MKDIR leaves an existing node unchanged
a> READ /v
a< "v"*2000
a> MKDIR /d/e/f
a< OK
a> READ /d/e
a< empty
a> READ /d/e/f
a< empty
a> DIRECTORY /d/e
a< f
a> DIRECTORY /d/e/f
a< empty
a> WRITE /d/e/g 1
a< OK
a> WRITE /d/e/A 1
a< OK
a> DIRECTORY /d/e
a< f g A
a> RM /d/e/f
a< OK
a> DIRECTORY /d/e
a< g A
a> WRITE /d/e/f 1
a< OK
a> DIRECTORY /d/e
a< g A f
a> RM /d
a< OK
a> READ /d/e/g
a< ENOENT
a> DIRECTORY /d
a< ENOENT
a> GET_PERMS /d
a< ENOENT
a> DIRECTORY_PART /d 0
a< ENOENT
a> DIRECTORY /
a< tool v
# removing an absent node is no error if its parent exists
a> RM /d
a< OK
a> RM /d/e
a< ENOENT
a> RM /
a< EINVAL
a> WRITE / x
a< OK
a> READ /
a< x
check
