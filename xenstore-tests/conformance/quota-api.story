# GET_QUOTA and SET_QUOTA: the host's limits and a domain's own.
socket a
socket r ro
domain 1
domain 2
introduce 1
a> GET_QUOTA
a< "nodes watches outstanding transactions transaction-nodes node-permissions path-max path-depth node-size memory conflicts soft-memory"
a> GET_QUOTA nodes
a< 1000
a> GET_QUOTA permissions
a< 5
a> GET_QUOTA soft-memory
a< 2097152
a> GET_QUOTA 1 nodes
a< 1000
a> GET_QUOTA 0 nodes
a< 1000
# a domain that exists but is not introduced
a> GET_QUOTA 2 nodes
a< 1000
a> GET_QUOTA 3 nodes
a< ENOENT
each x "" node soft-nodes soft- soft-soft-memory 1
  a> GET_QUOTA $x
  a< EINVAL
  a> SET_QUOTA $x 5
  a< EINVAL
done
a> GET_QUOTA x nodes
a< EINVAL
a> GET_QUOTA 1 nodes 3
a< EINVAL
a> SET_QUOTA nodes
a< EINVAL
a> SET_QUOTA 1 nodes 3 4
a< EINVAL
a> SET_QUOTA nodes -1
a< EINVAL
a> SET_QUOTA nodes 4294967296
a< EINVAL
a> SET_QUOTA 3 nodes 5
a< ENOENT
r> GET_QUOTA nodes
r< 1000
r> SET_QUOTA nodes 5
r< EROFS
1> GET_QUOTA nodes
1< EACCES
1> SET_QUOTA nodes 5
1< EACCES
# a domain's own limit holds, whatever the host's is
a> SET_QUOTA 1 watches 1
a< OK
a> SET_QUOTA 2 watches 3
a< OK
a> SET_QUOTA watches 2
a< OK
a> GET_QUOTA 1 watches
a< 1
a> GET_QUOTA watches
a< 2
introduce 2
each i 1 2
  $i> WATCH /a t
  $i< OK
  $i< EVENT /a t
done
1> WATCH /b t
1< ENOSPC
2> WATCH /b t
2< OK
2< EVENT /b t
2> WATCH /c t
2< OK
2< EVENT /c t
2> WATCH /d t
2< ENOSPC
# 0: no limit
a> SET_QUOTA 1 watches 0
a< OK
a> GET_QUOTA 1 watches
a< 0
1> WATCH /b t
1< OK
1< EVENT /b t
1> WATCH /c t
1< OK
1< EVENT /c t
# the refusals so far, and the domain's own limits
a> CONTROL quota 2
a< =...
# a new domain with that number has the host's limits
die 1
domain 1
introduce 1
a> GET_QUOTA 1 watches
a< 2
# the most that any domain has had
a> CONTROL quota max
a< =...
a> CONTROL quota max -r
a< =...
a> CONTROL quota max -x
a< EINVAL
check
