# Live update by command: refused, rehearsal failed, exec failed, done.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
updates off
a> CONTROL live-update -s
a< "live-update session not active."
updates on
update refused
a> CONTROL live-update -f /new
a< "/new is not one of ours"
# a session ends when its client disconnects, or with an update
update unproven
updates off
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s
a< "the rehearsal said no; nothing changed"
# any client can ask how the last update ended
a> CONTROL live-update -r
a< "live-update report\nstate idle\nlast failed\nfile /new\nhow in-place\nreason the rehearsal said no\n"
a> CONTROL live-update -r more
a< EINVAL
update failing
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s -t 10 -F
a< "/new does not run; nothing changed"
a> READ /local/domain/1
a< empty
update fine
updates on
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE x 1
1< OK
updates off
socket b
b> CONTROL live-update -f /other
b< OK
a> CONTROL live-update -f /new
a< "live-update session already active."
b> CONTROL live-update -a
b< OK
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s --dialect xen1
a< "dialect xen1: this tree's xenstored reads spec"
a> CONTROL live-update -s --dialect xen3
a< "dialect xen3: no such dialect"
a> CONTROL live-update -s --dialect
a< EINVAL
a> CONTROL live-update -s --dialect spec
a< OK
# a client of a newer release says which protocol version it knows
each v 1 2 3
  a> CONTROL live-update -f /new
  a< OK
  a> CONTROL live-update -s -v $v
  a< OK
done
a> CONTROL live-update -f /new
a< OK
a> CONTROL live-update -s -v 0
a< "Migration stream version not supported."
a> CONTROL live-update -s -v two
a< EINVAL
a> CONTROL live-update -s -v
a< EINVAL
a> CONTROL live-update -a
a< OK
updates on
1> tx=$t WRITE y 1
1< OK
1> tx=$t TRANSACTION_END T
1< OK
a> DIRECTORY /local/domain/1
a< x y
a> CONTROL live-update -s
a< "live-update session not active."
check
