# How many strings a request has, and where they end.
socket a
a> WRITE /x 1
a< OK
each op DIRECTORY READ GET_PERMS MKDIR RM
  a> $op
  a< EINVAL
  a> $op =/x
  a< EINVAL
  a> $op /x more
  a< EINVAL
  a> $op ""
  a< EINVAL
done
each op WATCH UNWATCH
  a> $op
  a< EINVAL
  a> $op /x
  a< EINVAL
  a> $op /x =token
  a< EINVAL
done
a> WRITE =/x
a< EINVAL
a> WRITE
a< EINVAL
a> SET_PERMS /x
a< EINVAL
a> SET_PERMS /x =n0
a< EINVAL
a> SET_PERMS
a< EINVAL
a> TRANSACTION_END
a< EINVAL
a> TRANSACTION_END X
a< EINVAL
a> TRANSACTION_END =T
a< EINVAL
a> DIRECTORY_PART /x
a< EINVAL
a> DIRECTORY_PART /x nine
a< EINVAL
a> DIRECTORY_PART /x -1
a< EINVAL
each op INTRODUCE RELEASE GET_DOMAIN_PATH IS_DOMAIN_INTRODUCED RESUME SET_TARGET CONTROL
  a> $op
  a< EINVAL
done
a> INTRODUCE 1 1
a< EINVAL
a> INTRODUCE one 1 1
a< EINVAL
a> SET_TARGET 1
a< EINVAL
# none of these requests had an effect
a> DIRECTORY /
a< tool x
# WRITE without a value writes an empty one
a> WRITE /x
a< OK
a> READ /x
a< empty
