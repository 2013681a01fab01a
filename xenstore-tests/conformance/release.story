# RELEASE, then INTRODUCE again.
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
1> WRITE x 1
1< OK
1> WATCH /local/domain/1 t
1< OK
1< EVENT /local/domain/1 t
a> WATCH /local t
a< OK
a< EVENT /local t
a> RELEASE 1
a< EVENT /local/domain/1 t
a< OK
1> READ x
1 nothing
a> RELEASE 1
a< ENOENT
a> RELEASE 0
a< EINVAL
a> RELEASE 77
a< ENOENT
1> RELEASE 2
1 nothing
2> RELEASE 1
2< EACCES
2> INTRODUCE 1 1 1
2< EACCES
2> RESUME 1
2< EACCES
2> IS_DOMAIN_INTRODUCED 1
2< EACCES
2> CONTROL check
2< EACCES
a> INTRODUCE 9 1 1
a< EINVAL
a> INTRODUCE 1 1 7
a< EINVAL
a> INTRODUCE 1 1 0
a< EINVAL
check
