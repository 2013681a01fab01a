# No two equal events wait unread, except for special nodes (XSA-326).
socket a
socket b
domain 1
introduce 1
b> MKDIR /local/domain/1
b< OK
b> SET_PERMS /local/domain/1 n1
b< OK
a> WATCH /d t
a< OK
a< EVENT /d t
1> WATCH d t
1< OK
1< EVENT d t
a> WATCH @introduceDomain i
a< OK
a< EVENT @introduceDomain i
a takes 0
1 takes 0
# fill the guest's ring, so that what follows waits in the daemon
b> WRITE /local/domain/1/fill "f"*900
b< OK
1> READ fill
1> READ fill
repeat i 1 5
  b> WRITE /d $i
  b< OK
  b> WRITE /d/x $i
  b< OK
  b> WRITE /local/domain/1/d $i
  b< OK
done
domain 2
domain 3
introduce 2 3
a takes all
1 takes all
a< EVENT /d t
a< EVENT /d/x t
a< EVENT @introduceDomain i
a< EVENT @introduceDomain i
1< "f"*900
1< "f"*900
1< EVENT d t
b> WRITE /d 9
b< OK
a< EVENT /d t
