# path-depth: how many names a guest's path may have. Like path-max it counts
# those below a home. dom0 may go deeper, and a guest may use what dom0 made
# there.
socket a
domain 1
domain 2
introduce 1 2
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> GET_QUOTA path-depth
a< 32
1> WRITE x"/x"*31 deep
1< OK
1> READ /local/domain/1"/x"*32
1< deep
1> WATCH x"/x"*31 w
1< OK
1< EVENT x"/x"*31 w
1> WRITE x"/x"*32 deeper
1< ENOSPC
logged "*domain 1: WRITE refused (ENOSPC), quota path-depth is 32; path x/x/*; 1 such refusals so far"
# for every request, also on missing nodes
1> MKDIR /local/domain/1"/x"*33
1< ENOSPC
1> READ /local/domain/1"/y"*33
1< ENOSPC
1> DIRECTORY y"/y"*500
1< ENOSPC
1> GET_PERMS /y"/y"*32
1< ENOSPC
1> RM y"/y"*32
1< ENOSPC
1> SET_PERMS y"/y"*32 n1
1< ENOSPC
1> WATCH y"/y"*32 w
1< ENOSPC
1> UNWATCH y"/y"*32 w
1< ENOENT
1> TRANSACTION_START ""
1< $t
1> tx=$t READ x"/x"*32
1< ENOSPC
1> tx=$t WRITE x"/x"*31 1
1< OK
1> tx=$t TRANSACTION_END T
1< EVENT x"/x"*31 w
1< OK

# dom0 goes deeper.
a> WRITE /local/domain/1"/x"*40 below
1< EVENT x"/x"*39 w
a< OK
1> READ x"/x"*39
1< below
1> WRITE x"/x"*39 more
1< EVENT x"/x"*39 w
1< OK
1> DIRECTORY x"/x"*38
1< x
1> GET_PERMS x"/x"*39
1< n1
1> MKDIR x"/x"*40
1< ENOSPC
# watches and transactions are refused: they would cost the daemon again and
# again
1> WATCH x"/x"*39 v
1< ENOSPC
1> TRANSACTION_START ""
1< $u
1> tx=$u READ x"/x"*39
1< ENOSPC
1> tx=$u TRANSACTION_END F
1< OK
# a domain without permission does not learn that the node exists
2> READ /local/domain/1"/x"*40
2< ENOSPC
2> READ /local/domain/1"/y"*40
2< ENOSPC
1> RM x"/x"*39
1< EVENT x"/x"*39 w
1< OK
1> RM x
1< EVENT x"/x"*31 w
1< OK
check

# A domain's own limit, the host's, and none.
a> SET_QUOTA 1 path-depth 3
a< OK
1> MKDIR a/b/c
1< OK
1> MKDIR a/b/c/d
1< ENOSPC
2> READ /a/b/c/d
2< EACCES
a> CONTROL quota 1
a< "Domain 1:\nnodes           :        4\nwatches         :        1\ntransactions    :        0\noutstanding     :        0\nmemory          :     4874\nown limit of path-depth: 3\nrefused for path-depth: 13\n"
a> CONTROL quota set path-depth 4
a< OK
2> READ /a/b/c/d/e
2< ENOSPC
quota path-depth 0
2> READ "/a"*1000
2< EACCES
a> SET_QUOTA 1 path-depth 0
a< OK
1> MKDIR "a/"*400/a
1< EINVAL
1> MKDIR a"/a"*400
1< OK
check
