# ocaml-xenstore: many threads share one connection, so several requests arrive
# in one write. A thread that waits for a condition watches everything it has
# read with one token, and removes the watches while their events are on the
# way.
socket o
socket t
o> req=0 TRANSACTION_START ""
o< 1
o> req=1 tx=1 TRANSACTION_END F
o< OK
# waits until /dev/state is 4
o> req=2 READ /dev/state
o< ENOENT
hold
o> req=3 WATCH /dev/state auto:1
o> req=4 WATCH /dev/hotplug auto:1
o> req=5 READ /dev/state
go
o< OK
o< EVENT /dev/state auto:1
o< OK
o< EVENT /dev/hotplug auto:1
o< ENOENT
t> WRITE /dev/state 3
t< OK
o< EVENT /dev/state auto:1
o> req=6 READ /dev/state
o< 3
t> WRITE /dev/hotplug x
t< OK
t> WRITE /dev/state 4
t< OK
hold
o> req=7 UNWATCH /dev/hotplug auto:1
o> req=8 READ /dev/state
o> req=9 UNWATCH /dev/state auto:1
go
o< EVENT /dev/hotplug auto:1
o< EVENT /dev/state auto:1
o< OK
o< 4
o< OK
t> WRITE /dev/state 5
t< OK
o nothing
# a transaction is repeated until it commits; its ids stay small
repeat i 2 5
  o> TRANSACTION_START ""
  o< $i
  o> tx=$i READ /dev/state
  o< ...
  t> WRITE /dev/state again$i
  t< OK
  o> tx=$i WRITE /dev/state mine
  o< OK
  o> tx=$i TRANSACTION_END T
  o< EAGAIN
done
o> req=0x7fffffff TRANSACTION_START ""
o< 6
o> req=0x80000000 tx=6 WRITE /dev/state mine
o< OK
o> req=0xffffffff tx=6 TRANSACTION_END T
o< OK
# CONTROL print, and RESTRICT by its old number
o> CONTROL print hello
o< OK
o> type=128 1
o< ENOSYS
# tokens are opaque bytes: each comes back unchanged
each token "" " " "a b" "%s%n" "\n" "\x1b[2J" "\xff\xfe" "/dev/state" "0" "\"" "\\" "t"*500
  o> WATCH /dev/state $token
  o< OK
  o< EVENT /dev/state $token
done
t> WRITE /dev/state last
t< OK
each token "" " " "a b" "%s%n" "\n" "\x1b[2J" "\xff\xfe" "/dev/state" "0" "\"" "\\" "t"*500
  o< EVENT /dev/state $token
done
each token "" " " "a b" "%s%n" "\n" "\x1b[2J" "\xff\xfe" "/dev/state" "0" "\"" "\\" "t"*500
  o> UNWATCH /dev/state $token
  o< OK
done
o nothing
check
