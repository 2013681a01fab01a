# Quotas in a transaction count nodes gained minus nodes deleted (XSA-415,
# -326).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 5
1> WRITE x 1
1< OK
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE y 1
1< OK
1> tx=$t WRITE a/b 1
1< OK
1> tx=$t WRITE z 1
1< ENOSPC
1> tx=$t RM x
1< OK
1> tx=$t WRITE z 1
1< OK
1> tx=$t WRITE zz 1
1< ENOSPC
1> tx=$t TRANSACTION_END T
1< OK
1> DIRECTORY /local/domain/1
1< y a z
1> WRITE more 1
1< ENOSPC
# room taken outside meanwhile: the commit is refused and changes nothing
1> RM z
1< OK
1> TRANSACTION_START ""
1< $u
1> tx=$u WRITE w 1
1< OK
1> WRITE v 1
1< OK
1> tx=$u TRANSACTION_END T
1< ENOSPC
1> DIRECTORY /local/domain/1
1< y a v
check
quota nodes 100
quota transaction-nodes 4
1> TRANSACTION_START ""
1< $x
1> tx=$x READ y
1< 1
1> tx=$x READ a
1< empty
1> tx=$x READ v
1< 1
1> tx=$x READ nothing
1< ENOENT
1> tx=$x READ y
1< 1
1> tx=$x READ onemore
1< ENOSPC
1> tx=$x TRANSACTION_END F
1< OK
quota transactions 2
1> TRANSACTION_START ""
1< $q
1> TRANSACTION_START ""
1< $q2
1> TRANSACTION_START ""
1< ENOSPC
1> tx=$q TRANSACTION_END F
1< OK
1> TRANSACTION_START ""
1< $q3
repeat i 1 5
  a> TRANSACTION_START ""
  a< $i
done
check
# refused while making parents: none of them is made
a> SET_QUOTA 1 transactions 0
a< OK
a> SET_QUOTA 1 nodes 100
a< OK
a> SET_QUOTA 1 transaction-nodes 4
a< OK
1> TRANSACTION_START ""
1< $mid
1> tx=$mid READ data
1< ENOENT
1> tx=$mid WRITE data/p/q/r 1
1< ENOSPC
1> tx=$mid READ data/p
1< ENOENT
1> tx=$mid WRITE data/p 1
1< OK
1> tx=$mid TRANSACTION_END T
1< OK
1> DIRECTORY data/p
1< empty
check
