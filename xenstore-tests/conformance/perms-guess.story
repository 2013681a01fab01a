# Setting and reading permissions does not tell a guest which domains exist: 5
# does, 7 does not.
socket a
dom0
domain 1
domain 5
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE x 1
1< OK
# as owners both are refused alike
each who 5 7 0
  1> SET_PERMS x n$who
  1< EPERM
  a> SET_PERMS /local/domain/1 n1 r5
  a< OK
done
# ... also on a node the guest does not own, and in a transaction
a> WRITE /shared v
a< OK
a> SET_PERMS /shared b0
a< OK
1> TRANSACTION_START ""
1< $t
each who 5 7
  1> SET_PERMS /shared n$who
  1< EACCES
  1> tx=$t SET_PERMS x n$who
  1< EPERM
done
# named beside the owner, outside a transaction and in one
1> SET_PERMS x n1 r5 b7
1< OK
1> GET_PERMS x
1< n1 r5 b7
1> tx=$t WRITE y 1
1< OK
1> tx=$t SET_PERMS y n1 r7 r5
1< OK
1> tx=$t GET_PERMS y
1< n1 r7 r5
1> tx=$t TRANSACTION_END T
1< OK
1> GET_PERMS y
1< n1 r7 r5
# a client that may see all domains is told which entries hold
a> GET_PERMS /local/domain/1/x
a< n1 r5
# the domain that existed dies; nodes made below inherit the same list
introduce 5
5> READ /local/domain/1/x
5< 1
die 5
1> GET_PERMS x
1< n1 r5 b7
1> MKDIR x/below
1< OK
1> GET_PERMS x/below
1< n1 r5 b7
a> GET_PERMS /local/domain/1/x
a< n1
# both are born (one of them again), and neither has any right (XSA-417)
domain 5
domain 7
introduce 5 7
each who 5 7
  $who> READ /local/domain/1/x
  $who< EACCES
  $who> WRITE /local/domain/1/x/below 1
  $who< EACCES
done
1> GET_PERMS x
1< n1 r5 b7
# until the guest sets the permissions again
1> SET_PERMS x n1 r5 b7
1< OK
7> READ /local/domain/1/x
7< 1
a> GET_PERMS /local/domain/1/x
a< n1 r5 b7
# not a domain number
1> SET_PERMS x n1 r32775
1< EINVAL
check
