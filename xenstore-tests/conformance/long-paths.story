# The longest paths. path-max (2048) counts the part below a home, for every
# client. Without path-max an absolute path has 3072 bytes and a relative one
# 2048.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WRITE /"a"*2047 1
a< OK
a> READ /"a"*2047
a< 1
a> WRITE /"a"*2048 1
a< EINVAL
a> READ /"a"*2048
a< EINVAL
1> WRITE "b"*1000/"b"*1047 1
1< OK
1> READ "b"*1000/"b"*1047
1< 1
1> READ /local/domain/1/"b"*1000/"b"*1047
1< 1
a> READ /local/domain/1/"b"*1000/"b"*1047
a< 1
1> WRITE "b"*1000/"b"*1048 1
1< EINVAL
1> WRITE /local/domain/1/"b"*1000/"b"*1048 1
1< EINVAL
1> WATCH "b"*1000/"b"*1047 t
1< OK
1< EVENT "b"*1000/"b"*1047 t
a> WRITE /local/domain/1/"b"*1000/"b"*1047 2
a< OK
1< EVENT "b"*1000/"b"*1047 t
quota path-max 100
1> READ "b"*101
1< EINVAL
1> READ "b"*100
1< ENOENT
a> READ /"c"*99
a< ENOENT
a> READ /"c"*100
a< EINVAL
quota path-max 0
a> WRITE /"a"*3071 1
a< OK
a> READ /"a"*3071
a< 1
a> READ /"a"*3072
a< EINVAL
a> WRITE /"a"*3072 1
a< EINVAL
a> WATCH /"a"*3071 t
a< OK
a< EVENT /"a"*3071 t
a> WRITE /"a"*3071 2
a< EVENT /"a"*3071 t
a< OK
a> RM /"a"*3071
a< EVENT /"a"*3071 t
a< OK
# the deepest: 1536 components
a> WRITE "/a"*1536 deep
a< OK
a> READ "/a"*1536
a< deep
check
a> WATCH "/a"*1536 t
a< OK
a< EVENT "/a"*1536 t
a> TRANSACTION_START ""
a< $t
a> tx=$t RM /a
a< OK
a> tx=$t READ "/a"*1536
a< ENOENT
a> TRANSACTION_END F
a< ENOENT
a> tx=$t TRANSACTION_END F
a< OK
a> RM /a
a< EVENT "/a"*1536 t
a< OK
check
