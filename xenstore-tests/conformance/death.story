# Shutdown, resume and death are each announced once.
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
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
virq
a nothing
shutdown 1
a< EVENT @releaseDomain gone
virq
a nothing
a> DIRECTORY /local/domain
a< 1 2
a> IS_DOMAIN_INTRODUCED 1
a< T
# resumed: the next shutdown is announced again
unpause 1
a> RESUME 1
a< OK
virq
a nothing
1> READ nothing
1< ENOENT
shutdown 1
a< EVENT @releaseDomain gone
dying 1
a< EVENT @releaseDomain gone
a> DIRECTORY /local/domain
a< 2
a> IS_DOMAIN_INTRODUCED 1
a< F
die 1
a nothing
a> RESUME 1
a< ENOENT
# two at once: one event is enough, since it names no domain
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
die 1 2
a< EVENT @releaseDomain gone
a> IS_DOMAIN_INTRODUCED 2
a< F
# found because of the VIRQ, not by the scan after an update
domain 4
introduce 4
updates off
shutdown 4
a< EVENT @releaseDomain gone
die 4
a< EVENT @releaseDomain gone
updates on
check
