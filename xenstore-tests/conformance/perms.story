# Who may do what: the owner, the default and the list (the first entry is
# owner and default).
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> MKDIR /local/domain/$i
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
done
a> WRITE /p top
a< OK
a> WRITE /p/own 1
a< OK
a> SET_PERMS /p/own n1
a< OK
each op READ DIRECTORY GET_PERMS RM MKDIR
  2> $op /p/own
  2< EACCES
done
2> WRITE /p/own x
2< EACCES
2> SET_PERMS /p/own n2
2< EACCES
1> READ /p/own
1< 1
1> WRITE /p/own 2
1< OK
1> SET_PERMS /p/own n1 r2
1< OK
2> READ /p/own
2< 2
2> DIRECTORY /p/own
2< empty
2> GET_PERMS /p/own
2< n1 r2
2> WRITE /p/own x
2< EACCES
2> RM /p/own
2< EACCES
2> MKDIR /p/own
2< EACCES
2> SET_PERMS /p/own n1 b2
2< EACCES
1> SET_PERMS /p/own n1 w2
1< OK
2> WRITE /p/own 3
2< OK
2> READ /p/own
2< EACCES
1> SET_PERMS /p/own n1 b2
1< OK
2> READ /p/own
2< 3
2> WRITE /p/own/below 1
2< OK
# a domain owns what it makes; the other permissions come from the parent
2> GET_PERMS /p/own/below
2< n2 b2
1> READ /p/own/below
1< EACCES
# the default for every domain
1> SET_PERMS /p/own r1
1< OK
2> READ /p/own
2< 3
1> SET_PERMS /p/own b1 n2
1< OK
2> READ /p/own
2< EACCES
1> SET_PERMS /p/own b1
1< OK
2> WRITE /p/own 4
2< OK
# only a privileged client gives a node away (XSA-352)
1> SET_PERMS /p/own n2
1< EPERM
1> SET_PERMS /p/own n0
1< EPERM
a> SET_PERMS /p/own n2
a< OK
1> READ /p/own
1< EACCES
# bad lists
a> SET_PERMS /p/own x2
a< EINVAL
a> SET_PERMS /p/own n
a< EINVAL
a> SET_PERMS /p/own n2 r
a< EINVAL
a> SET_PERMS /p/own n2 r1x
a< EINVAL
a> SET_PERMS /p/own ""
a< EINVAL
a> GET_PERMS /p/own
a< n2
a> SET_PERMS /p/own n0 r1 r2 w1 b2 r1 r1
a< OK
check
