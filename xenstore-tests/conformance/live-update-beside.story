# Live update by command, with the new binary loaded beside: refused, failed,
# aborted, late, done.
# a reply has the bytes of the stream, which earlier updates change
updates off
socket a
socket b
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
update old
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s --beside
a< "/new is an older version, which cannot be loaded beside; use --in-place"
update unproven
a> CONTROL live-update -s --beside
a< "the new one said no; nothing changed"
b> CONTROL live-update -r
b< "live-update report\nstate idle\nlast failed\nfile /new\nhow beside\nreason the new one said no\n"
update failing
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s --beside
a< "the new one does not serve; nothing changed"
# a successor that stops reading: everybody else is served
update stuck
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s -t 10 --beside
b> WRITE /b 1
b< OK
b> CONTROL live-update -r
b< ...
b> CONTROL live-update -f /other
b< "live-update session already active."
1> WRITE x 1
1< OK
time += 9999
b> READ /b
b< 1
a nothing
time += 1
a< ...
b> CONTROL live-update -r
b< ...
b> READ /b
b< 1
# the requesting client disconnects
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s --beside
a nothing
a close
update fine
updates on
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE y 1
1< OK
1> WATCH x token
1< OK
1< EVENT x token
updates off
b> CONTROL live-update -f /other
b< OK
b> CONTROL live-update -s --beside -t 10
b< OK
socket a
each n 1 2 3
  a> CONTROL live-update -f /new
  a< OK
  a> CONTROL live-update -s --beside
  a< OK
  a> WRITE /local/domain/1/x $n
  a< OK
  1< EVENT x token
  a> CONTROL live-update -f /new
  a< OK
  a> CONTROL live-update -s --in-place
  a< OK
done
updates on
1> tx=$t TRANSACTION_END T
1< OK
a> DIRECTORY /local/domain/1
a< x y
check
