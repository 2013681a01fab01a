# Quotas of watches, permissions, node size and path length.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota watches 3
1> WATCH a 1
1< OK
1< EVENT a 1
1> WATCH a 2
1< OK
1< EVENT a 2
1> WATCH b 1
1< OK
1< EVENT b 1
1> WATCH c 1
1< ENOSPC
1> WATCH a 1
1< ENOSPC
1> UNWATCH a 2
1< OK
1> WATCH a 1
1< EEXIST
1> WATCH c 1
1< OK
1< EVENT c 1
repeat i 1 5
  a> WATCH /w $i
  a< OK
  a< EVENT /w $i
done
1> RESET_WATCHES ""
1< OK
1> WATCH d 1
1< OK
1< EVENT d 1
quota node-permissions 2
1> WRITE p 1
1< OK
1> SET_PERMS p n1 r0
1< OK
1> SET_PERMS p n1 r0 w0
1< ENOSPC
a> SET_PERMS /local/domain/1/p n1 r0 w0
a< OK
1> GET_PERMS p
1< n1 r0 w0
1> WRITE size "s"*1900
1< OK
1> WRITE size "s"*2100
1< ENOSPC
1> WRITE size2 "s"*2100
1< ENOSPC
1> READ size2
1< ENOENT
1> READ size
1< "s"*1900
a> WRITE /local/domain/1/size "s"*3000
a< OK
check
