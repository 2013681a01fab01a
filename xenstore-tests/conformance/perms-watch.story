# A watch fires only for nodes that its client may read, before or after the
# change (XSA-115).
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
1> WATCH / root
1< OK
1< EVENT / root
1> WATCH /w t
1< OK
1< EVENT /w t
a> WRITE /w secret
a< OK
1 nothing
a> WRITE /w/x 1
a< OK
1 nothing
# this node becomes readable; nodes below it stay unreadable
a> WRITE /w/x/y 1
a< OK
a> SET_PERMS /w r0
a< OK
1< EVENT /w root
1< EVENT /w t
a> WRITE /w open
a< OK
1< EVENT /w root
1< EVENT /w t
a> WRITE /w/x/y 2
a< OK
1 nothing
a> SET_PERMS /w/x/y n0 r1
a< OK
1< EVENT /w/x/y root
1< EVENT /w/x/y t
a> SET_PERMS /w/x/y n0 r2
a< OK
1< EVENT /w/x/y root
1< EVENT /w/x/y t
a> WRITE /w/x/y 3
a< OK
1 nothing
a> RM /w/x/y
a< OK
1 nothing
a> SET_PERMS /w n0
a< OK
1< EVENT /w root
1< EVENT /w t
a> RM /w
a< OK
1 nothing
# in a transaction
a> WRITE /w 1
a< OK
a> SET_PERMS /w n0 r1
a< OK
1< EVENT /w root
1< EVENT /w t
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /w 2
a< OK
a> tx=$t SET_PERMS /w n0
a< OK
a> tx=$t TRANSACTION_END T
a< OK
1< EVENT /w root
1< EVENT /w t
# another client's watch cannot be removed
2> UNWATCH / root
2< ENOENT
# without permission a watch on a special node gets only its first event
a> SET_PERMS @releaseDomain n0
a< OK
2> WATCH @releaseDomain r
2< OK
2< EVENT @releaseDomain r
shutdown 1
2 nothing
