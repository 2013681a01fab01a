# The owner of @releaseDomain dies: its death is announced once the node is
# dom0's again, to those who may read it then.
dom0
socket a
domain 2
domain 3
domain 4
domain 5
introduce 2 3 4 5
each i 3 4 5
  $i> WATCH @releaseDomain gone
  $i< OK
  $i< EVENT @releaseDomain gone
done
a> WATCH /local/domain/2 nodes
a< OK
a< EVENT /local/domain/2 nodes
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
a> WRITE /local/domain/2/x 1
a< EVENT /local/domain/2/x nodes
a< OK
a> SET_PERMS /local/domain/2 n2
a< EVENT /local/domain/2 nodes
a< OK
# 3 acts for dom0, 4 is in the list, 5 has no rights
a> SET_TARGET 3 0
a< OK
a> SET_PERMS @releaseDomain n2 w0 r4
a< OK
# while the owner lives its permissions hold: w0 does not let dom0's stand-in
# read
domain 6
introduce 6
die 6
a< EVENT @releaseDomain gone
4< EVENT @releaseDomain gone
3 nothing
5 nothing
# also in a scan that finds the owner dead together with another change
hold
shutdown 5
die 2
go
a< EVENT /local/domain/2 nodes
a< EVENT @releaseDomain gone
3< EVENT @releaseDomain gone
4< EVENT @releaseDomain gone
5 nothing
# an owner that is no longer introduced loses its rights too
domain 2
introduce 2
a> RELEASE 2
a< EVENT @releaseDomain gone
a< OK
3< EVENT @releaseDomain gone
4< EVENT @releaseDomain gone
a> SET_PERMS @releaseDomain n2 w0
a< OK
domain 6
introduce 6
die 6 2
a< EVENT @releaseDomain gone
3< EVENT @releaseDomain gone
4 nothing
5 nothing
check
