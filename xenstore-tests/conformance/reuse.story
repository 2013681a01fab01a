# A domain with a reused number inherits neither permissions nor nodes
# (XSA-322).
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
a> WRITE /secret s
a< OK
a> SET_PERMS /secret n0 r1
a< OK
2> WRITE mine 1
2< OK
2> SET_PERMS mine n2 b1
2< OK
a> SET_PERMS @releaseDomain n0 r1
a< OK
1> READ /secret
1< s
1> WRITE left 1
1< OK
a> WRITE /elsewhere 1
a< OK
a> SET_PERMS /elsewhere n1
a< OK
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /in-tx 1
a< OK
a> tx=$t SET_PERMS /in-tx n0 r1
a< OK
die 1
a> READ /elsewhere
a< ENOENT
a> READ /local/domain/1
a< ENOENT
a> READ /secret
a< s
a> GET_PERMS @releaseDomain
a< n0
domain 1
introduce 1
1> READ /secret
1< EACCES
1> READ /local/domain/2/mine
1< EACCES
1> READ left
1< EACCES
1> GET_PERMS @releaseDomain
1< EACCES
1> WATCH @releaseDomain t
1< OK
1< EVENT @releaseDomain t
domain 9
introduce 9
die 9
1 nothing
check
# the death was missed and the number is in use again: detected by the domain's
# handle
2> WRITE mine 2
2< OK
die 2 unseen
domain 2
virq
a> READ /local/domain/2
a< ENOENT
a> IS_DOMAIN_INTRODUCED 2
a< F
introduce 2
check
# the same, and INTRODUCE comes before the VIRQ
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
a> WRITE /secret s
a< OK
a> SET_PERMS /secret n0 r2
a< OK
2> READ /secret
2< s
die 2 unseen
domain 2
introduce 2
a< EVENT @releaseDomain gone
2> READ /secret
2< EACCES
virq
a nothing
2> READ /secret
2< EACCES
check
