# Two transactions delete the same fifty nodes (XSA-440).
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> MKDIR /local/domain/$i
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
done
repeat i 1 50
  1> WRITE d/$i 1
  1< OK
done
1> TRANSACTION_START ""
1< $t
1> TRANSACTION_START ""
1< $u
1> tx=$t RM d
1< OK
1> tx=$u RM d
1< OK
1> tx=$t TRANSACTION_END T
1< OK
1> tx=$u TRANSACTION_END T
1< EAGAIN
check
# the account is exact: 52 nodes are 50, their parent and the home
quota nodes 52
repeat i 1 50
  1> WRITE d/$i 1
  1< OK
done
1> WRITE one-more 1
1< ENOSPC
check
