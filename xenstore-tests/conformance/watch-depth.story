# Watches limited in depth.
socket a
socket b
b> WATCH /d zero 0
b< OK
b< EVENT /d zero
b> WATCH /d one 1
b< OK
b< EVENT /d one
b> WATCH /d two 2
b< OK
b< EVENT /d two
b> WATCH /d all
b< OK
b< EVENT /d all
# depth is not part of a watch's identity
b> WATCH /d one
b< EEXIST
b> WATCH /d one 5
b< EEXIST
# not a depth
each x "" -1 +1 " 1" 1x 0x1 2147483648 4294967296 99999999999999999999
  b> WATCH /d bad $x
  b< EINVAL
done
b> WATCH /d bad 1 1
b< EINVAL
b> WATCH /d
b< EINVAL
a> WRITE /d 1
a< OK
b< EVENT /d zero
b< EVENT /d one
b< EVENT /d two
b< EVENT /d all
a> WRITE /d/1 1
a< OK
b< EVENT /d/1 one
b< EVENT /d/1 two
b< EVENT /d/1 all
a> WRITE /d/1/2 1
a< OK
b< EVENT /d/1/2 two
b< EVENT /d/1/2 all
a> WRITE /d/1/2/3/4/5 1
a< OK
b< EVENT /d/1/2/3/4/5 all
a> RM /d/1
a< OK
b< EVENT /d/1 one
b< EVENT /d/1 two
b< EVENT /d/1 all
# a node above the watched one is removed: the watch fires all the same
a> WRITE /e/f/g 1
a< OK
b> WATCH /e/f deep 0
b< OK
b< EVENT /e/f deep
a> RM /e
a< OK
b< EVENT /e/f deep
# the root
b> WATCH / root 1
b< OK
b< EVENT / root
a> WRITE /x/y 1
a< OK
a> WRITE /z 1
a< OK
b< EVENT /z root
b> UNWATCH / root
b< OK
# a relative path, from a guest
domain 1
introduce 1
a> WRITE /local/domain/1/data/a/b 1
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
1> WATCH data rel 1
1< OK
1< EVENT data rel
1> WRITE data/a 1
1< EACCES
a> SET_PERMS /local/domain/1/data/a n1
a< OK
1< EVENT data/a rel
a> SET_PERMS /local/domain/1/data/a/b n1
a< OK
1> WRITE data/a/b 2
1< OK
1> WRITE data/a 2
1< EVENT data/a rel
1< OK
1> UNWATCH data rel
1< OK
1> WRITE data/a 3
1< OK
check
