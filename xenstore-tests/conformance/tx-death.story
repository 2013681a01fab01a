# A domain dies while another client's transaction is open.
socket a
dom0
a> SET_PERMS / b0
a< OK
domain 3
introduce 3
3> WRITE data/a/b 1
3< OK
# one that only found a node missing: no conflict, as if it began now
0> TRANSACTION_START ""
0< $t
0> tx=$t READ /local/domain/3/data/a/c
0< ENOENT
# one that read a node of the domain, and one that wrote one
0> TRANSACTION_START ""
0< $u
0> tx=$u READ /local/domain/3/data/a/b
0< 1
0> TRANSACTION_START ""
0< $v
0> tx=$v WRITE /local/domain/3/data/a/d 1
0< OK
0> TRANSACTION_START ""
0< $w
0> tx=$w MKDIR /w
0< OK
die 3
0> tx=$t WRITE /local/domain/3/data/a/c 2
0< OK
0> tx=$u WRITE /u 1
0< OK
0> tx=$v WRITE /v 1
0< OK
0> tx=$u TRANSACTION_END T
0< EAGAIN
0> tx=$v TRANSACTION_END T
0< EAGAIN
0> tx=$w TRANSACTION_END T
0< OK
0> tx=$t TRANSACTION_END T
0< OK
0> READ /local/domain/3/data/a/c
0< 2
0> GET_PERMS /local/domain/3/data/a
0< b0
0> READ /u
0< ENOENT
check
