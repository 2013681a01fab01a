# Limits and migration: the limits of a domain's own move with it, whether they
# were set for it or kept when the host's changed. For all others it is a new
# domain on the other host. (In one process only: real daemons cannot use the
# file name /image.)
time += 0
socket a
domain 1
a> SET_FEATURE 1 10
a< OK
introduce 1
a> SET_QUOTA nodes 2000
a< OK
a> SET_QUOTA 1 transactions 3
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
# forgotten: it counts as a domain that is yet to come
a> GET_QUOTA 1 nodes
a< 2000
a> GET_FEATURE 1
a< 15
1> GET_FEATURE
a> SET_QUOTA nodes 3000
a< OK
a> SET_QUOTA watches 7
a< OK
a> CONTROL migrate-restore /image
a< OK
1< 10
a> GET_QUOTA 1 nodes
a< 1000
a> GET_QUOTA 1 transactions
a< 3
a> GET_QUOTA 1 watches
a< 7
# ... and from here on it keeps that limit
a> SET_QUOTA watches 8
a< OK
a> GET_QUOTA 1 watches
a< 7
check
