# INTRODUCE again: like a reconnection, it drops everything the domain had but
# its nodes.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WATCH a t
1< OK
1< EVENT a t
1> TRANSACTION_START ""
1< 1
1> WRITE a 1
1< EVENT a t
1< OK
1 first 7 READ a
a> INTRODUCE 1 1 1
a< OK
ring 1 req_prod == 0
1 restarts
a> WRITE /local/domain/1/a 2
a< OK
1 nothing
1> tx=1 READ a
1< ENOENT
1> READ a
1< 2
# the nodes stay
1> DIRECTORY /local/domain/1
1< a
# with another port of the guest
port 1 3
a> INTRODUCE 1 1 3
a< OK
1> READ a
1< 2
# with a port that does not exist: refused, and the old port is closed by then
a> INTRODUCE 1 1 6
a< EINVAL
# twice in one round, the second time with a port that does not exist: the
# guest is not served
domain 7
7> READ /x
hold
a> INTRODUCE 7 1 1
a> INTRODUCE 7 1 5
go
a< OK
a< EINVAL
7 nothing
introduce 7
7 restarts
7> READ /x
7< EACCES
check
