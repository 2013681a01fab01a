# pyxs (Python): clients share a connection and match answers by request id. A
# client in a transaction sends every request with that transaction's id.
socket p
socket t
domain 1
introduce 1
p> req=1 WRITE /a 1
p< OK
p> req=2 WRITE /a/b ""
p< OK
# walk: names and values from the root down
p> req=3 DIRECTORY /
p< ...
p> req=4 READ /
p< ...
p> req=5 DIRECTORY /a
p< b
p> req=6 READ /a/b
p< empty
p> req=7 DIRECTORY /a/b
p< empty
p> req=8 DIRECTORY /a/none
p< ENOENT
# two clients, each in its own transaction, and a monitor, all at once
p> req=9 TRANSACTION_START ""
p< $x
p> req=10 TRANSACTION_START ""
p< $y
hold
p> req=11 tx=$x READ /a/b
p> req=12 tx=$y WRITE /a/b 2
p> req=13 WATCH /a token
p> req=14 tx=$x GET_DOMAIN_PATH 1
p> req=15 tx=$x IS_DOMAIN_INTRODUCED 1
p> req=16 tx=$x SET_PERMS /a/b n0 r1
p> req=17 tx=$y TRANSACTION_END T
p> req=18 tx=$x GET_PERMS /a/b
p> req=19 tx=$x TRANSACTION_END T
go
p< empty
p< OK
p< OK
p< EVENT /a token
p< /local/domain/1
p< T
p< OK
p< EVENT /a/b token
p< OK
p< n0 r1
p< EAGAIN
p> req=20 READ /a/b
p< 2
# an ended transaction is unknown; the error comes with the request's id
p> req=21 tx=$x READ /a
p< ENOENT
p> req=22 TRANSACTION_END F
p< ENOENT
p> req=23 TRANSACTION_START ""
p< $z
p> req=24 tx=$z TRANSACTION_START ""
p< EBUSY
p> req=25 tx=$z RM /a
p< OK
p> req=26 tx=$z TRANSACTION_END F
p< OK
# a monitor closes: it removes its watches one by one while events arrive
t> WRITE /a 3
t< OK
hold
p> req=27 UNWATCH /a token
p> req=28 UNWATCH /a token
go
p< EVENT /a token
p< OK
p< ENOENT
t> WRITE /a 4
t< OK
p nothing
check
