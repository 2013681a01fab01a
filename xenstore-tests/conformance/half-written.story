# A reply written byte by byte, with an update after each byte.
socket a
socket b
domain 1
introduce 1
b> MKDIR /local/domain/1
b< OK
b> SET_PERMS /local/domain/1 n1
b< OK
b> WRITE /out "0123456789"
b< OK
b> WRITE /local/domain/1/out "0123456789"
b< OK
a takes 0
a> READ /out
1 takes 0
1> READ out
repeat i 1 26
  b> READ /out
  b< 0123456789
  a takes 1
  1 takes 1
done
a< 0123456789
1< 0123456789
a takes all
1 takes all
a> WATCH /out t
a< OK
a< EVENT /out t
1> WATCH out t
1< OK
1< EVENT out t
# half an event is written, then the same event again: it is no duplicate
a takes 5
1 takes 5
b> WRITE /out 2
b< OK
b> WRITE /local/domain/1/out 2
b< OK
b> WRITE /out 3
b< OK
b> WRITE /out 4
b< OK
b> WRITE /local/domain/1/out 3
b< OK
a takes all
1 takes all
a< EVENT /out t
a< EVENT /out t
1< EVENT out t
1< EVENT out t
# replies and events queued behind half a reply keep their order
a takes 3
a> READ /out
b> WRITE /out 5
b< OK
a> READ /out
b> WRITE /out 6
b< OK
a> READ /out
a takes all
a< 4
a< EVENT /out t
a< 5
a< 6
