# Who hears of a death: those who may read @releaseDomain once everything that
# one scan found has been removed.
dom0
socket a
domain 1
domain 2
introduce 1 2
a> SET_TARGET 1 0
a< OK
each i 1 2
  $i> WATCH @releaseDomain gone
  $i< OK
  $i< EVENT @releaseDomain gone
done
# only the owner dies: the node goes back to dom0
domain 4
introduce 4
a> SET_PERMS @releaseDomain n4
a< OK
die 4
1< EVENT @releaseDomain gone
2 nothing
# another domain has shut down, and the scan finds it first
domain 3
domain 4
introduce 3 4
a> SET_PERMS @releaseDomain w4
a< OK
hold
shutdown 3
die 4
go
1< EVENT @releaseDomain gone
1 nothing
2 nothing
# another domain died; the scan finds it before the owner
domain 5
domain 6
introduce 5 6
a> SET_PERMS @releaseDomain n6
a< OK
die 5 6
1< EVENT @releaseDomain gone
1 nothing
2 nothing
# ... and after the owner
domain 5
domain 6
introduce 6 5
a> SET_PERMS @releaseDomain n6
a< OK
die 6 5
1< EVENT @releaseDomain gone
1 nothing
2 nothing
check
