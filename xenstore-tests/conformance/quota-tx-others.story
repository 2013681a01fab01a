# A domain over its quota does not keep others from removing its nodes.
socket a
domain 1
domain 2
introduce 1 2
a> MKDIR /local/domain/1/a
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 4
each i 1 2 3 4 5 6
  a> MKDIR /local/domain/1/a/$i
  a< OK
  a> SET_PERMS /local/domain/1/a/$i n2 b1
  a< OK
done
a> SET_PERMS /local/domain/1/a n0 b1
a< OK
# one of its nodes is removed
1> TRANSACTION_START ""
1< $t
1> tx=$t RM a/1
1< OK
1> tx=$t TRANSACTION_END T
1< OK
# another is removed, and the removing client makes one of its own
1> TRANSACTION_START ""
1< $u
1> tx=$u RM a/2
1< OK
1> tx=$u MKDIR b
1< OK
1> tx=$u TRANSACTION_END T
1< OK
1> DIRECTORY /local/domain/1
1< a b
1> DIRECTORY a
1< 3 4 5 6
check
