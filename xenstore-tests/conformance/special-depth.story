# Which domain was introduced or released: depth on the special nodes, and
# watches on one domain.
socket a
domain 1
a> WATCH @introduceDomain plain
a< OK
a< EVENT @introduceDomain plain
# xenstore.txt: depths other than 1 are not supported
each n @introduceDomain @releaseDomain @introduceDomain/2 @releaseDomain/2 @x
  each x 0 2 3 2147483647 -1
    a> WATCH $n bad $x
    a< EINVAL
  done
done
a> WATCH @introduceDomain which 1
a< OK
a< EVENT @introduceDomain which
a> WATCH @introduceDomain/2 two
a< OK
a< EVENT @introduceDomain/2 two
a> WATCH @releaseDomain plain
a< OK
a< EVENT @releaseDomain plain
a> WATCH @releaseDomain which 1
a< OK
a< EVENT @releaseDomain which
a> WATCH @releaseDomain/2 two 1
a< OK
a< EVENT @releaseDomain/2 two
introduce 1
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/1 which
domain 2
introduce 2
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/2 which
a< EVENT @introduceDomain/2 two
# shut down, later dead
shutdown 2
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/2 which
a< EVENT @releaseDomain/2 two
die 2
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/2 which
a< EVENT @releaseDomain/2 two
# several at once: one event each with the number, one event together without
domain 2
domain 3
introduce 2 3
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/2 which
a< EVENT @introduceDomain/2 two
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/3 which
die 1 2 3
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/1 which
a< EVENT @releaseDomain/2 which
a< EVENT @releaseDomain/2 two
a< EVENT @releaseDomain/3 which
# released by the toolstack
domain 2
introduce 2
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/2 which
a< EVENT @introduceDomain/2 two
a> RELEASE 2
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/2 which
a< EVENT @releaseDomain/2 two
a< OK
a> UNWATCH @releaseDomain/2 two
a< OK
a> UNWATCH @releaseDomain/2 two
a< ENOENT
# a guest, with permission and without
domain 4
domain 5
introduce 4 5
each i 4 5
  a< EVENT @introduceDomain plain
    a< EVENT @introduceDomain/$i which
done
4> WATCH @releaseDomain g 1
4< OK
4< EVENT @releaseDomain g
4> WATCH @releaseDomain/5 five
4< OK
4< EVENT @releaseDomain/5 five
4> WATCH @introduceDomain g 1
4< OK
4< EVENT @introduceDomain g
die 5
4< EVENT @releaseDomain/5 g
4< EVENT @releaseDomain/5 five
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/5 which
a> SET_PERMS @releaseDomain n0
a< OK
domain 5
introduce 5
a< EVENT @introduceDomain plain
a< EVENT @introduceDomain/5 which
die 5
4 nothing
a< EVENT @releaseDomain plain
a< EVENT @releaseDomain/5 which
# permissions exist only for the special node itself
a> GET_PERMS @releaseDomain/5
a< EINVAL
a> SET_PERMS @releaseDomain/5 n0
a< EINVAL
check
