# A domain that is saved while it is stopped, as toolstacks do it, runs where it
# is restored: there its next stop is told as any other.
# (told in one process only: the image is a file there that is none)
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
# still stopped where it is restored: nobody need be told again
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
