# A permission for a domain that does not exist gives a later domain nothing
# (XSA-417).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WRITE /x 1
a< OK
a> SET_PERMS /x n7
a< ENOENT
a> SET_PERMS /x n0 r7
a< OK
1> WRITE y 1
1< OK
1> SET_PERMS y n1 b7
1< OK
domain 7
introduce 7
7> READ /x
7< EACCES
7> READ /local/domain/1/y
7< EACCES
a> SET_PERMS /x n0 r7
a< OK
7> READ /x
7< 1
# a domain that Xen knows and that is not introduced yet
domain 8
a> SET_PERMS /x n0 r8
a< OK
introduce 8
8> READ /x
8< 1
check
