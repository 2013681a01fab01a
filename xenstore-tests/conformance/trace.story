# The trace: each request, reply and event is a line with time, connection,
# path and result.
tracing off
socket a
a is xl
tracing +io +obj
a> WRITE /tool/x value
a< OK
logged "20260101 00:00:00.000 1:xl[1010] IN WRITE tx=0 /tool/x"
logged "20260101 00:00:00.000 1:xl[1010] OUT WRITE tx=0 /tool/x OK"
time += 61500
a> READ /tool/none
a< ENOENT
logged "20260101 00:01:01.500 1:xl[1010] IN READ tx=0 /tool/none"
logged "20260101 00:01:01.500 1:xl[1010] OUT READ tx=0 /tool/none ENOENT"

# Values appear only with their switch, whether written or read.
a> READ /tool/x
a< value
logged "* OUT READ tx=0 /tool/x OK"
tracing +val
a> READ /tool/x
a< value
logged "* IN READ tx=0 /tool/x"
logged "* OUT READ tx=0 /tool/x OK \"value\""
a> WRITE /tool/x "a\"b\\\n\x1b[31m\x9b\xc3\x28\0"
a< OK
logged "* IN WRITE tx=0 /tool/x \"a\\\"b\\\\\\x0a\\x1b[31m\\x9b\\xc3(\\x00\""
logged "* OUT WRITE tx=0 /tool/x OK"
a> DIRECTORY /tool
a< xenstored x
logged "* OUT DIRECTORY tx=0 /tool OK xenstored x"
tracing -val
a> WRITE /tool/x secret
a< OK
logged "* IN WRITE tx=0 /tool/x"
unlogged "*secret*"

# Transactions, known and unknown ones.
a> TRANSACTION_START ""
a< $t
logged "* 1:xl[1010] IN TRANSACTION_START tx=0"
logged "* 1:xl[1010] CREATE transaction *"
logged "* 1:xl[1010] OUT TRANSACTION_START tx=0 OK *"
a> tx=$t READ /tool/x
a< secret
a> tx=$t TRANSACTION_END F
a< OK
logged "* 1:xl[1010] IN TRANSACTION_END tx=* F"
logged "* 1:xl[1010] DESTROY transaction * F"
logged "* 1:xl[1010] OUT TRANSACTION_END tx=* F OK"
a> tx=77 READ /tool/x
a< ENOENT
logged "* 1:xl[1010] IN READ tx=77 /tool/x"
logged "* 1:xl[1010] OUT READ tx=77 /tool/x ENOENT"
a> type=99 x y
a< ENOSYS
logged "* IN type-99 tx=0 x y"
logged "* OUT type-99 tx=0 x ENOSYS"
unlogged "*secret*"

# A domain is introduced, watches, gets an event and dies.
domain 1
introduce 1
logged "* CREATE connection"
logged "* domain 1 introduced"
logged "* OUT INTRODUCE tx=0 1 OK"
a> WRITE /local/domain/1 ""
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
logged "* IN SET_PERMS tx=0 /local/domain/1 n1"
1> WATCH data "tok\nen"
1< OK
1< EVENT data "tok\nen"
logged "* *:dom1 IN WATCH tx=0 data tok\\x0aen"
logged "* *:dom1 CREATE watch data tok\\x0aen"
logged "* *:dom1 OUT WATCH tx=0 data OK"
logged "* *:dom1 OUT WATCH_EVENT tx=0 data tok\\x0aen"
a> WRITE /local/domain/1/data/b 1
a< OK
1< EVENT data/b "tok\nen"
logged "* 1:xl[1010] IN WRITE tx=0 /local/domain/1/data/b"
logged "* *:dom1 OUT WATCH_EVENT tx=0 data/b tok\\x0aen"
logged "* 1:xl[1010] OUT WRITE tx=0 /local/domain/1/data/b OK"
1> UNWATCH data "tok\nen"
1< OK
logged "* *:dom1 DESTROY watch data tok\\x0aen"
die 1
logged "* domain 1 is gone"
logged "* *:dom1 DESTROY connection"

# Only what is switched on is traced.
tracing off
a> READ /tool/x
a< secret
tracing +obj
a> READ /tool/x
a< secret
unlogged "*READ*"
socket b
logged "* 4:?[*] CREATE connection"
b close
logged "* 4:?[*] DESTROY connection"
