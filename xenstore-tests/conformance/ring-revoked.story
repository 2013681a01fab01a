# A ring whose grant was revoked, and a domain that dies meanwhile.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE a 1
1< OK
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
domain 2
revoke 2
a> INTRODUCE 2 1 1
a< EINVAL
a> IS_DOMAIN_INTRODUCED 2
a< F
grant 2
a> INTRODUCE 2 1 1
a< OK
2> GET_DOMAIN_PATH 2
2< /local/domain/2
# revoked for a while in which nothing is sent: served when it is back
revoke 2
later 2500
grant 2
2> GET_DOMAIN_PATH 2
2< /local/domain/2
a> INTRODUCE 3 1 1
a< EINVAL
dying 2
a< EVENT @releaseDomain gone
a> INTRODUCE 2 1 1
a< EINVAL
check
