# A first client writes and reads, and receives an event.
socket a
socket b
a> WRITE /x hello
a< OK
b> READ /x
b< hello
a> WATCH /x token
a< OK
a< EVENT /x token
b> WRITE /x/y 1
b< OK
a< EVENT /x/y token
a> READ /nowhere
a< ENOENT
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE a/b c
1< OK
1> READ /local/domain/1/a/b
1< c
1> READ /x
1< EACCES
a nothing
