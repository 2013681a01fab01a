# Toolstacks save a domain while it is stopped. It runs where it is restored,
# and its next shutdown there is announced as usual. (In one process only: real
# daemons cannot use the file name /image.)
time += 0
socket a
domain 1
introduce 1
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
shutdown 1
a< EVENT @releaseDomain gone
a> CONTROL migrate-save 1 /image
a< OK
a> CONTROL migrate-forget 1
a< EVENT @releaseDomain gone
a< OK
die 1
a nothing
domain 1
a> CONTROL migrate-restore /image
a< OK
introduce 1
virq
a nothing
shutdown 1
a< EVENT @releaseDomain gone
virq
a nothing
# still stopped where it is restored: not announced again
a> CONTROL migrate-save 1 /image
a< OK
a> CONTROL migrate-forget 1
a< EVENT @releaseDomain gone
a< OK
a> CONTROL migrate-restore /image
a< OK
virq
a nothing
check
