# Clients that close at awkward moments: half a request sent, half a reply
# read, input still unread.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
socket b
b> WATCH /c t
b< OK
b< EVENT /c t
b> TRANSACTION_START ""
b< 1
b> tx=1 WRITE /c/x 1
b< OK
b takes 0
a> WRITE /c/y 1
a< OK
b> READ /c/y
b close
a> WRITE /c/y 2
a< OK
a> DIRECTORY /c
a< y
socket b
b> READ /c/y
b< 2
# the client closes in the middle of a reply
b takes 7
b> READ /c/y
b close
socket c
hold
c> WRITE /c/z 1
c close
go
socket d
hold
d> len=5000 WRITE /c/w
a> READ /c/y
go
d closed
a< 2
a> DIRECTORY /c
a< y z
check
