# What a restore refuses, and the reason it gives. Each refusal leaves
# everything unchanged. (In one process only: real daemons cannot use the file
# name /image.)
time += 0
socket a
socket r ro
domain 1
introduce 1
a> WRITE /local/domain/1/data x
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
1> WATCH data mine
1< OK
1< EVENT data mine
each c freeze thaw forget
  a> CONTROL migrate-$c 7
  a< ENOENT
  a> CONTROL migrate-$c 0
  a< ENOENT
  a> CONTROL migrate-$c x
  a< EINVAL
  a> CONTROL migrate-$c
  a< EINVAL
  r> CONTROL migrate-$c 1
  r< EROFS
  1> CONTROL migrate-$c 1
  1< EACCES
done
a> CONTROL migrate-save 7 /image
a< ENOENT
a> CONTROL migrate-save 1 image
a< EINVAL
a> CONTROL migrate-save --what 1 /image
a< EINVAL
a> CONTROL migrate-save --add 1 /image
a< EINVAL
a> CONTROL migrate-save --add tool --freeze 1 /image
a< EINVAL
a> CONTROL migrate-restore /none
a< "/none: there is no such file"
a> CONTROL migrate-save --no-backends --add /tool --leave-out /local/domain/1/none --freeze 1 /image
a< OK
a> CONTROL migrate-restore image
a< EINVAL
a> CONTROL migrate-restore --evtchn 0 /image
a< EINVAL
a> CONTROL migrate-restore /image
a< "record 1 (CONNECTION_DATA) at byte 72: domain 1 is already in use here"
a> CONTROL migrate-forget --keep-nodes 1
a< OK
# a port that does not exist
a> CONTROL migrate-restore --evtchn 5 /image
a< "domain 1: port 5 cannot be bound; if it has another one here, name it"
a> IS_DOMAIN_INTRODUCED 1
a< F
# another value, other permissions
a> WRITE /local/domain/1/data y
a< OK
a> CONTROL migrate-restore /image
a< ...
a> READ /local/domain/1/data
a< y
a> WRITE /local/domain/1/data x
a< OK
a> SET_PERMS /local/domain/1/data n1 r2
a< OK
a> SET_PERMS /local/domain/1/data n0
a< OK
a> CONTROL migrate-restore /image
a< ...
a> GET_PERMS /local/domain/1/data
a< n0
# a quota
a> SET_PERMS /local/domain/1/data n1
a< OK
a> SET_QUOTA 1 watches 0
a< OK
a> SET_QUOTA 1 nodes 1
a< OK
a> RM /local/domain/1/data
a< OK
a> MKDIR /own
a< OK
a> SET_PERMS /own n1
a< OK
a> CONTROL migrate-restore /image
a< ...
logged "*domain 1 has 2 nodes, quota nodes is 1 here*"
a> READ /local/domain/1/data
a< ENOENT
a> SET_QUOTA 1 nodes 2
a< OK
# the ring cannot be mapped
revoke 1
a> CONTROL migrate-restore /image
a< "domain 1: cannot map its ring (grant entry 1)"
grant 1
# now it can; a watch reports the restored nodes
a> WATCH /local/domain w
a< OK
a< EVENT /local/domain w
a> WATCH @introduceDomain new 1
a< OK
a< EVENT @introduceDomain new
a> CONTROL migrate-restore /image
a< EVENT /local/domain/1/data w
a< OK
1> READ data
1< x
1 nothing
# announced once, when the toolstack introduces it
a> INTRODUCE 1 1 1
a< EVENT @introduceDomain/1 new
a< OK
1> READ data
1< x
a> INTRODUCE 1 1 1
a< OK
1 restarts
1> READ data
1< x
# with --merge
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 1
a< OK
a> WRITE /local/domain/1/data other
a< EVENT /local/domain/1/data w
a< OK
a> SET_PERMS /local/domain/1/data n0
a< EVENT /local/domain/1/data w
a< OK
a> CONTROL migrate-restore --merge /image
a< ...
logged "*path /local/domain/1/data exists here with other permissions, not the domain's to change; use --trust*"
a> READ /local/domain/1/data
a< other
a> CONTROL migrate-restore --merge --trust /image
a< EVENT /local/domain/1/data w
a< OK
1> READ data
1< x
# forgotten together with its nodes
a> CONTROL migrate-forget 1
a< EVENT /local/domain/1 w
a< OK
a> DIRECTORY /local/domain
a< empty
a> READ /own
a< ENOENT
# the domain no longer exists here
die 1
a> CONTROL migrate-restore /image
a< "record 1 (CONNECTION_DATA) at byte 72: there is no domain 1 here"
check
