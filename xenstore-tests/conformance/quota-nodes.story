# The quota of nodes: the right node is refused, and parents count (XSA-272,
# -414).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota nodes 10
repeat i 1 9
  1> WRITE n$i 1
  1< OK
done
1> WRITE n10 1
1< ENOSPC
1> MKDIR n10
1< ENOSPC
1> WRITE n9 again
1< OK
1> RM n9
1< OK
1> RM n8
1< OK
1> WRITE a/b/c 1
1< ENOSPC
1> READ a
1< ENOENT
1> WRITE a/b 1
1< OK
1> WRITE n9 1
1< ENOSPC
# nodes that a privileged client makes count too if the domain owns them
1> RM a
1< OK
a> WRITE /local/domain/1/host 1
a< OK
a> GET_PERMS /local/domain/1/host
a< n1
1> WRITE n8 1
1< OK
1> WRITE n9 1
1< ENOSPC
# but they are never refused
a> WRITE /local/domain/1/more/and/more 1
a< OK
1> RM n1
1< OK
1> RM n2
1< OK
1> RM more
1< OK
1> WRITE n1 1
1< OK
check
