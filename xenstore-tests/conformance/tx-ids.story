# Transaction ids: counted per connection from 1, unknown ones refused, no
# nesting.
socket a
socket b
a> TRANSACTION_START ""
a< 1
a> TRANSACTION_START
a< 2
b> TRANSACTION_START ""
b< 1
a> tx=1 TRANSACTION_START ""
a< EBUSY
a> tx=77 TRANSACTION_START ""
a< ENOENT
each op READ DIRECTORY GET_PERMS MKDIR RM WRITE GET_DOMAIN_PATH IS_DOMAIN_INTRODUCED RESET_WATCHES
  a> tx=77 $op /
  a< ENOENT
done
a> tx=77 SET_PERMS / n0
a< ENOENT
a> tx=77 DIRECTORY_PART / 0
a< ENOENT
a> tx=77 TRANSACTION_END T
a< ENOENT
a> TRANSACTION_END T
a< ENOENT
a> TRANSACTION_END F
a< ENOENT
# requests that ignore the transaction id
a> tx=77 WATCH /q t
a< OK
a< EVENT /q t
a> tx=77 UNWATCH /q t
a< OK
a> tx=1 TRANSACTION_END X
a< EINVAL
a> tx=1 TRANSACTION_END ""
a< EINVAL
# the transaction is still open after that
a> tx=1 TRANSACTION_END T
a< OK
a> tx=1 TRANSACTION_END T
a< ENOENT
a> tx=1 READ /
a< ENOENT
b> tx=2 READ /
b< ENOENT
a> TRANSACTION_START ""
a< 3
a> tx=2 TRANSACTION_END F
a< OK
a> tx=3 TRANSACTION_END F
a< OK
b close
check
