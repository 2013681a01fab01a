# dom0's own ring: privileged, present from the start, cannot be released.
dom0
socket a
0> READ /tool/xenstored
0< empty
0> WRITE x 1
0< OK
a> READ /local/domain/0/x
a< 1
0> WATCH @introduceDomain i
0< OK
0< EVENT @introduceDomain i
domain 1
0> INTRODUCE 1 1 1
0< EVENT @introduceDomain i
0< OK
0> IS_DOMAIN_INTRODUCED 1
0< T
0> CONTROL check
0< OK
a> RELEASE 0
a< EINVAL
0> SET_PERMS /local n0 r1
0< OK
1> READ /local/none
1< ENOENT
0> TRANSACTION_START ""
0< 1
0> tx=1 WRITE x 2
0< OK
0> tx=1 TRANSACTION_END T
0< OK
0 first 17 READ x
a> WRITE /local/domain/0/x 3
a< OK
0 rest
0< 3
check
