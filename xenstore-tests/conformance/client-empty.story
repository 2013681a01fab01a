# Requests without a payload, from clients that probe for a daemon or forget
# the NUL. Each gets its own answer, also when many arrive in one write
# together with other requests, on a socket and on a ring.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
each op CONTROL DIRECTORY READ GET_PERMS WATCH UNWATCH TRANSACTION_END INTRODUCE RELEASE GET_DOMAIN_PATH WRITE MKDIR RM SET_PERMS IS_DOMAIN_INTRODUCED SET_TARGET DIRECTORY_PART
  a> $op
  a< EINVAL
done
each op DIRECTORY READ GET_PERMS WATCH UNWATCH TRANSACTION_END GET_DOMAIN_PATH WRITE MKDIR RM SET_PERMS DIRECTORY_PART
  1> $op
  1< EINVAL
done
each op CONTROL INTRODUCE RELEASE IS_DOMAIN_INTRODUCED SET_TARGET
  1> $op
  1< EACCES
done
hold
a> READ
a> WRITE x 1
a> CONTROL
a> TRANSACTION_START
a> RESET_WATCHES
a> READ x
a> WRITE
a> DIRECTORY
a> READ x
go
a< EINVAL
a< OK
a< EINVAL
a< 1
a< OK
a< 1
a< EINVAL
a< EINVAL
a< 1
hold
1> READ
1> WRITE x 1
1> CONTROL
1> TRANSACTION_START
1> RESET_WATCHES
1> READ x
1> WRITE
1> DIRECTORY
1> READ x
go
1< EINVAL
1< OK
1< EACCES
1< 1
1< OK
1< 1
1< EINVAL
1< EINVAL
1< 1
check
