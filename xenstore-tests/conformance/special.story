# The special nodes: who may watch them and what their watches report.
dom0
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
a> GET_PERMS @releaseDomain
a< n0 r32757
# by default every domain may hear of deaths
1> GET_PERMS @releaseDomain
1< n0 r32757
a> SET_PERMS @releaseDomain n0
a< OK
a> GET_PERMS @introduceDomain
a< n0
1> GET_PERMS @releaseDomain
1< EACCES
1> SET_PERMS @releaseDomain n0
1< EACCES
a> SET_PERMS @releaseDomain n0 r1
a< OK
1> GET_PERMS @releaseDomain
1< n0 r1
1> WATCH @releaseDomain gone
1< OK
1< EVENT @releaseDomain gone
2> WATCH @releaseDomain gone
2< OK
2< EVENT @releaseDomain gone
a> WATCH @introduceDomain come
a< OK
a< EVENT @introduceDomain come
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
a> WATCH / root
a< OK
a< EVENT / root
domain 3
introduce 3
a< EVENT @introduceDomain come
die 3
a< EVENT @releaseDomain gone
1< EVENT @releaseDomain gone
# permission taken away: the watch stays silent
a> SET_PERMS @releaseDomain n0
a< OK
domain 3
introduce 3
a< EVENT @introduceDomain come
a> RELEASE 3
a< EVENT @releaseDomain gone
a< OK
1 nothing
a> UNWATCH @introduceDomain come
a< OK
introduce 3
a nothing
# introducing a domain again is not announced
introduce 3
a nothing
check
# owned by a domain that dies: the next one with that number is not the owner
domain 4
introduce 4
a> SET_PERMS @introduceDomain w4 r2
a< OK
a> SET_PERMS @releaseDomain r1 b4
a< OK
4> GET_PERMS @introduceDomain
4< w4 r2
die 4
1< EVENT @releaseDomain gone
2< EVENT @releaseDomain gone
a< EVENT @releaseDomain gone
a> GET_PERMS @introduceDomain
a< w0 r2
a> GET_PERMS @releaseDomain
a< r1
domain 4
introduce 4
4> GET_PERMS @introduceDomain
4< EACCES
# its death is announced to those who may read the node after it is gone
a> UNWATCH @releaseDomain gone
a< OK
a> SET_TARGET 1 0
a< OK
a> SET_PERMS @releaseDomain n4
a< OK
die 4
1< EVENT @releaseDomain gone
2 nothing
