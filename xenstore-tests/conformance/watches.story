# Which watches fire, and when.
socket a
socket b
a> WATCH /w t
a< OK
a< EVENT /w t
a> WATCH /w t
a< EEXIST
a> WATCH /w u
a< OK
a< EVENT /w u
# watches fire in the order in which they were set, for the node and all below
# it
b> WRITE /w 1
b< OK
a< EVENT /w t
a< EVENT /w u
b> WRITE /w/x/y/z 1
b< OK
# parents made on the way cause no events
a< EVENT /w/x/y/z t
a< EVENT /w/x/y/z u
b> WRITE /wo 1
b< OK
a nothing
a> UNWATCH /w u
a< OK
a> UNWATCH /w u
a< ENOENT
a> UNWATCH /nothing u
a< ENOENT
b> UNWATCH /w t
b< ENOENT
# for the client's own change: the event comes before the reply
a> WRITE /w/own 1
a< EVENT /w/own t
a< OK
a> MKDIR /w/own
a< OK
a> MKDIR /w/dir
a< EVENT /w/dir t
a< OK
a> SET_PERMS /w/own n0 r1
a< EVENT /w/own t
a< OK
a> RM /w/own
a< EVENT /w/own t
a< OK
a> RM /w/own
a< OK
# a failed request fires nothing
a> RM /w/own/more
a< ENOENT
# two watches on the way up, at different depths
a> WATCH / root
a< OK
a< EVENT / root
b> WRITE /w/two 1
b< OK
a< EVENT /w/two t
a< EVENT /w/two root
b> WRITE / x
b< OK
a< EVENT / root
# a watch ends with its connection
a close
b> WRITE /w/two 2
b< OK
b> WATCH /w ""
b< OK
b< EVENT /w ""
b> WRITE /w/two 3
b< EVENT /w/two ""
b< OK
check
