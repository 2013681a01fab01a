# A request that arrives byte by byte, with an update after each byte.
socket a
socket b
a bytewise
a> WRITE /half/read "value \0 of it"
a< OK
a> READ /half/read
a< "value \0 of it"
a> WATCH /half t
a< OK
a< EVENT /half t
b> WRITE /half/other 1
b< OK
a< EVENT /half/other t
domain 1
introduce 1
b> MKDIR /local/domain/1
b< OK
b> SET_PERMS /local/domain/1 n1
b< OK
1 bytewise
1> WRITE half "value \0 of it"
1< OK
1> READ half
1< "value \0 of it"
1 bytewise off
a bytewise off
# half a message does not delay other clients
a first 3 READ /half/read
b> READ /half/read
b< "value \0 of it"
1 first 20 READ half
b> READ /half/read
b< "value \0 of it"
a rest
a< "value \0 of it"
1 rest
1< "value \0 of it"
# two messages, the second incomplete
a> READ /half/other
a first 17 READ /half/read
a< 1
a rest
a< "value \0 of it"
# half a message that is never completed
a first 18 READ /half/read
a close
1 first 18 READ half
die 1
check
