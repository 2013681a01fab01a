# SET_TARGET: a stub domain has its target's rights.
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
2> READ /local/domain/1/x
2< EACCES
2> SET_TARGET 2 1
2< EACCES
a> SET_TARGET 2 7
a< ENOENT
a> SET_TARGET 7 1
a< ENOENT
a> SET_TARGET 2 1
a< OK
2> READ /local/domain/1/x
2< 1
2> WRITE /local/domain/1/x 2
2< OK
2> WRITE /local/domain/1/y 2
2< OK
2> SET_PERMS /local/domain/1/x n1 r2
2< OK
2> GET_PERMS /local/domain/1/y
2< n2
1> READ /local/domain/2
1< EACCES
2> WATCH /local/domain/1 t
2< OK
2< EVENT /local/domain/1 t
1> WRITE x 3
1< OK
2< EVENT /local/domain/1/x t
# both die at once (XSA-233)
die 1 2
a> DIRECTORY /local/domain
a< empty
check
