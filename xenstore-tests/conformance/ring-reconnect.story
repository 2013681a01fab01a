# A guest asks for a reconnection in the page, and says its port there.
socket a
domain 1
ring 1 connection = 1
introduce 1
ring 1 connection == 0
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> READ .
1< EINVAL
die 1
domain 1
port 1 2
ring 1 evtchn_port = 2
introduce 1
1> GET_DOMAIN_PATH 1
1< /local/domain/1
check
