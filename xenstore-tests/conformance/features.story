# The features offered to a domain: GET_FEATURE, SET_FEATURE, the word in its
# ring.
socket a
socket r ro
a> GET_FEATURE
a< 15
a> GET_FEATURE ""
a< EINVAL
a> GET_FEATURE 1
a< ENOENT
a> GET_FEATURE 1 2
a< EINVAL
a> GET_FEATURE x
a< EINVAL
each x 32752 32757
  a> GET_FEATURE $x
  a< EINVAL
done
r> GET_FEATURE
r< 15
domain 1
domain 2
# nothing was set for this domain: what it would be offered
a> GET_FEATURE 1
a< 15
r> GET_FEATURE 1
r< 15
# before the introduction the offer can be reduced
a> SET_FEATURE 1 11
a< OK
a> GET_FEATURE 1
a< 11
a> IS_DOMAIN_INTRODUCED 1
a< F
a> RELEASE 1
a< ENOENT
a> RESUME 1
a< ENOENT
a> SET_TARGET 1 1
a< ENOENT
a> SET_FEATURE 1 16
a< EINVAL
a> SET_FEATURE 1 0xf
a< EINVAL
a> SET_FEATURE 1
a< EINVAL
a> SET_FEATURE 1 1 1
a< EINVAL
a> SET_FEATURE 3 1
a< ENOENT
# dom0 always has all of them
a> SET_FEATURE 0 1
a< EBUSY
r> SET_FEATURE 1 1
r< EROFS
introduce 1 2
ring 1 features == 11
ring 2 features == 15
a> SET_FEATURE 1 15
a< EBUSY
a> GET_FEATURE 1
a< 11
a> GET_FEATURE 2
a< 15
# a domain may ask for its own features, but may not name a domain
1> GET_FEATURE
1< 11
2> GET_FEATURE
2< 15
each x 1 2 3 32752 x ""
  1> GET_FEATURE $x
  1< EACCES
done
1> GET_FEATURE 1 2
1< EACCES
1> GET_FEATURE =1
1< EACCES
a> GET_FEATURE =1
a< EINVAL
1> SET_FEATURE 1 15
1< EACCES
# only domains that were offered depth may use it
1> WATCH /local t 1
1< EINVAL
2> WATCH /local t 1
2< OK
2< EVENT /local t
1> WATCH @releaseDomain/2 t
1< EINVAL
1> WATCH @releaseDomain t
1< OK
1< EVENT @releaseDomain t
1> UNWATCH @releaseDomain t
1< OK
2> WATCH @releaseDomain/1 t
2< OK
2< EVENT @releaseDomain/1 t
2> UNWATCH @releaseDomain/1 t
2< OK
# introduced again: the same offer
introduce 1
ring 1 features == 11
# dead: the next domain with this number is offered everything
die 1
a> GET_FEATURE 1
a< ENOENT
domain 1
introduce 1
ring 1 features == 15
a> GET_FEATURE 1
a< 15
# known but never introduced: its death is not announced
domain 4
a> SET_FEATURE 4 1
a< OK
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
die 4
a nothing
a> GET_FEATURE 4
a< ENOENT
check
