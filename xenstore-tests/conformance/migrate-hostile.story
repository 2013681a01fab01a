# What an untrusted image of one domain may not contain. Each refusal leaves
# everything unchanged. docs/design/migration.md has the same as a table. (In
# one process only: real daemons cannot use the file name /image.)
time += 0
socket a
domain 1
domain 2
introduce 2
a> WRITE /local/domain/2/data v
a< OK
a> SET_PERMS /local/domain/2/data n2
a< OK
# nodes not related to it: the toolstack's, another domain's home and backends
each p /tool/mine /local/domain/2/data/x /libxl/2/type /local/domain/0/name /vm2
  introduce 1
  1 restarts
  a> WRITE /local/domain/1/name one
  a< OK
  a> WRITE $p v
  a< OK
  a> CONTROL migrate-save --freeze --add $p 1 /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
  a> RM $p
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*cannot restore */image: record * (NODE_DATA) at byte *: path "$p" does not relate to domain 1, which may not write there; use --trust if the image comes from a host of yours; nothing changed"
  a> READ $p
  a< ENOENT
  a> READ /local/domain/1/name
  a< ENOENT
  a> IS_DOMAIN_INTRODUCED 1
  a< F
  a> CONTROL migrate-restore --trust /image
  a< OK
  a> READ $p
  a< v
  a> CONTROL migrate-forget 1
  a< OK
  a> RM $p
  a< OK
done
# a backend in another domain: only the toolstack may make it
introduce 1
1 restarts
a> WRITE /local/domain/2/backend/vif/1/0 v
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
a> CONTROL migrate-restore /image
a< ...
logged "*path /local/domain/2/backend/vif/1 does not relate to domain 1, which may not write there; use --trust *; nothing changed"
a> READ /local/domain/2/backend/vif/1/0
a< ENOENT
# a node that is here already and is the same is no change
introduce 1
1 restarts
a> WRITE /local/domain/1/name one
a< OK
a> CONTROL migrate-save --freeze --add /local/domain/2 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
a> CONTROL migrate-restore /image
a< OK
a> CONTROL migrate-forget 1
a< OK
# what the domain could have made itself is accepted
a> MKDIR /shared
a< OK
a> SET_PERMS /shared w0
a< OK
introduce 1
1 restarts
1> WRITE /shared/mine v
1< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
a> READ /shared/mine
a< ENOENT
a> CONTROL migrate-restore /image
a< OK
a> GET_PERMS /shared/mine
a< w1
a> CONTROL migrate-forget 1
a< OK
# permissions in its home that no toolstack sets ...
each x r0 b0 n2 n1
  introduce 1
  1 restarts
  a> WRITE /local/domain/1/name one
  a< OK
  a> SET_PERMS /local/domain/1/name $x
  a< OK
  a> CONTROL migrate-save --freeze 1 /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*cannot restore */image: record * (NODE_DATA) at byte *: path /local/domain/1/name *; use --trust if the image comes from a host of yours; nothing changed"
  a> READ /local/domain/1/name
  a< ENOENT
  a> CONTROL migrate-restore --trust /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
done
each x r2 b32757
  introduce 1
  1 restarts
  a> WRITE /local/domain/1/name one
  a< OK
  a> SET_PERMS /local/domain/1/name n0 $x
  a< OK
  a> CONTROL migrate-save --freeze 1 /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*cannot restore */image: record * (NODE_DATA) at byte *: path /local/domain/1/name *; use --trust if the image comes from a host of yours; nothing changed"
  a> READ /local/domain/1/name
  a< ENOENT
  a> CONTROL migrate-restore --trust /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
done
# ... and on a backend in dom0
each x r0 n1 n2
  introduce 1
  1 restarts
  a> WRITE /local/domain/0/backend/vbd/1/5/params v
  a< OK
  a> SET_PERMS /local/domain/0/backend/vbd/1/5/params $x
  a< OK
  a> CONTROL migrate-save --freeze 1 /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*path /local/domain/0/backend/vbd/1/5/params *; use --trust if the image comes from a host of yours; nothing changed"
  a> READ /local/domain/0/backend/vbd/1/5/params
  a< ENOENT
done
each x b1 r2
  introduce 1
  1 restarts
  a> WRITE /local/domain/0/backend/vbd/1/5/params v
  a< OK
  a> SET_PERMS /local/domain/0/backend/vbd/1/5/params n0 $x
  a< OK
  a> CONTROL migrate-save --freeze 1 /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
  a> CONTROL migrate-restore /image
  a< ...
  logged "*path /local/domain/0/backend/vbd/1/5/params *; use --trust if the image comes from a host of yours; nothing changed"
  a> READ /local/domain/0/backend/vbd/1/5/params
  a< ENOENT
done
# permissions that libxl sets are accepted
introduce 1
1 restarts
a> WRITE /local/domain/1/vm /vm/one
a< OK
each p /local/domain/1/name /vm/one/name /local/domain/0/backend/vif/1/0/state /libxl/1/type
  a> WRITE $p v
  a< OK
  a> SET_PERMS $p n0 r1
  a< OK
done
each p data drivers feature attr error control/shutdown device/suspend/event-channel
  a> MKDIR /local/domain/1/$p
  a< OK
  a> SET_PERMS /local/domain/1/$p n1
  a< OK
done
each p device/vif/0 console/backend-id
  a> MKDIR /local/domain/1/$p
  a< OK
  a> SET_PERMS /local/domain/1/$p n1 r0
  a< OK
done
1> WRITE data/vchan v
1< OK
1> SET_PERMS data/vchan n1 b2
1< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
# /vm/UUID: refused if it is here already, as another domain's or as nobody's
a> WRITE /vm/one/other v
a< OK
a> CONTROL migrate-restore --merge /image
a< ...
logged "*path /vm/one is not named by this domain's home; use --trust*"
a> RM /vm/one
a< OK
a> CONTROL migrate-restore /image
a< OK
a> GET_PERMS /local/domain/1/data/vchan
a< n1 b2
a> READ /vm/one/name
a< v
a> CONTROL migrate-forget 1
a< OK
# ... or if the domain's home does not name it
introduce 1
1 restarts
a> WRITE /vm/other/name v
a< OK
a> CONTROL migrate-save --freeze --add /vm/other 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
a> RM /vm/other
a< OK
a> CONTROL migrate-restore /image
a< "path /vm/other is not named by this domain's home; use --trust if the image comes from a host of yours"
a> READ /vm/other
a< ENOENT
# a transaction's write where the domain has no write permission here
introduce 1
1 restarts
a> MKDIR /local/domain/1/data
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
1> TRANSACTION_START ""
1< 1
1> tx=1 WRITE data/x v
1< OK
a> CONTROL migrate-save --freeze --leave-out /local/domain/1/data 1 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 1
a< OK
a> SET_PERMS /local/domain/1/data n0 r1
a< OK
a> CONTROL migrate-restore /image
a< "transaction 1: path /local/domain/1/data/x was changed, and domain 1 may not do that here; use --trust if the image comes from a host of yours"
a> IS_DOMAIN_INTRODUCED 1
a< F
a> CONTROL migrate-restore --trust /image
a< OK
1> tx=1 TRANSACTION_END T
1< EAGAIN
a> CONTROL migrate-forget 1
a< OK
# the target whose rights the domain had
introduce 1
1 restarts
a> CONTROL migrate-save --freeze 2 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 2
a< OK
a> CONTROL migrate-restore /image
a< OK
a> SET_TARGET 1 2
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 1
a< OK
a> CONTROL migrate-restore /image
a< OK
logged "*domain 1: its target 2 is not taken from an image without --trust: use SET_TARGET again"
1> READ /local/domain/2/data
1< EACCES
a> CONTROL migrate-forget --keep-nodes 1
a< OK
a> CONTROL migrate-restore --trust /image
a< OK
1> READ /local/domain/2/data
1< v
a> CONTROL migrate-forget 1
a< OK
check
