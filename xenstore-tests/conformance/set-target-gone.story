# SET_TARGET gives rights over one domain, not over the next one with its
# number.
socket a
dom0
domain 1
domain 2
domain 3
introduce 1 2 3
each i 2 3
  a> SET_TARGET $i 1
  a< OK
done
a> SET_TARGET 1 0
a< OK
die 1
a> MKDIR /local/domain/0
a< OK
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE x 1
1< OK
1> READ /local/domain/0
1< EACCES
each i 2 3
  $i> READ /local/domain/1/x
  $i< EACCES
done
a> SET_TARGET 2 1
a< OK
2> READ /local/domain/1/x
2< 1
# the target is released first, so the daemon does not see it die
a> RELEASE 1
a< OK
die 1
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE x 2
1< OK
2> READ /local/domain/1/x
2< EACCES
# its death was missed; the daemon only finds another domain
a> SET_TARGET 2 1
a< OK
die 1 unseen
domain 1
virq
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE x 3
1< OK
2> READ /local/domain/1/x
2< EACCES
# rights over dom0 stay
a> SET_TARGET 3 0
a< OK
die 1
a> WRITE /s 1
a< OK
a> SET_PERMS /s n0
a< OK
3> READ /s
3< 1
check
