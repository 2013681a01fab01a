# An image of one domain and the limits of this host: a restore refuses what
# exceeds one, and the limits set for the domain here stay. (In one process
# only: real daemons cannot use the file name /image.)
time += 0
socket a
domain 1
a> SET_FEATURE 1 10
a< OK
introduce 1
a> MKDIR /local/domain/1/data
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
1> WRITE data/deep/name "v"*60
1< OK
1> SET_PERMS data/deep/name n1 r0 r1
1< OK
1> WATCH data/deep a
1< OK
1< EVENT data/deep a
1> WATCH data/deep b
1< OK
1< EVENT data/deep b
each t 1 2
  1> TRANSACTION_START ""
  1< $t
  1> tx=$t WRITE data/deep/new v
  1< OK
  1> tx=$t READ data
  1< empty
done
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
# before it restores, the toolstack sets again what the domain may have
a> SET_FEATURE 1 3
a< OK
each q nodes watches transactions transaction-nodes node-permissions path-max path-depth node-size memory
  a> SET_QUOTA 1 $q 1
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*cannot restore */image: *domain 1 *"$q" is 1*; nothing changed"
  a> GET_QUOTA 1 $q
  a< 1
  a> GET_FEATURE 1
  a< 3
  a> READ /local/domain/1/data
  a< ENOENT
  a> IS_DOMAIN_INTRODUCED 1
  a< F
  a> SET_QUOTA 1 $q 100000
  a< OK
done
a> CONTROL migrate-restore /image
a< OK
a> GET_FEATURE 1
a< 10
each q nodes watches transactions
  a> GET_QUOTA 1 $q
  a< 100000
done
# a limit from the other host is not accepted here if it is higher
a> SET_QUOTA 1 watches 0
a< OK
a> SET_QUOTA 1 nodes 7
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
a> SET_QUOTA 1 nodes 8
a< OK
a> CONTROL migrate-restore /image
a< ...
logged "*(QUOTA) at byte *: quota watches=0 is more than the 128 that domain 1 has here; raise it first, or use --trust *; nothing changed"
a> GET_QUOTA 1 watches
a< 128
a> GET_QUOTA 1 nodes
a< 8
a> CONTROL migrate-restore --trust /image
a< OK
a> GET_QUOTA 1 watches
a< 0
a> GET_QUOTA 1 nodes
a< 7
check
