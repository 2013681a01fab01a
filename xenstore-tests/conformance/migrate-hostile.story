# What an image of one domain may not bring, unless it is trusted; each time
# nothing has changed.  docs/designs/migration.md has the same as a table.
# (told in one process only: the image is a file there that is none)
time += 0
socket a
domain 1
domain 2
introduce 2
a> WRITE /local/domain/2/data v
a< OK
a> SET_PERMS /local/domain/2/data n2
a< OK
# what does not relate to it: the toolstack's, another's home, its backends
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
  logged "*/image is not restored: record * (NODE_DATA) at byte *: path "$p" does not relate to domain 1, which may not write there; --trust takes it, from a host of yours; nothing changed"
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
# a backend in another domain: the toolstack makes it
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
logged "*path /local/domain/2/backend/vif/1 does not relate to domain 1, which may not write there; --trust *; nothing changed"
a> READ /local/domain/2/backend/vif/1/0
a< ENOENT
# what is here, and the same, is no change
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
# what it could have made itself is its own
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
# permissions that no toolstack gives, in its home ...
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
  logged "*/image is not restored: record * (NODE_DATA) at byte *: path /local/domain/1/name *; --trust takes it, from a host of yours; nothing changed"
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
  logged "*/image is not restored: record * (NODE_DATA) at byte *: path /local/domain/1/name *; --trust takes it, from a host of yours; nothing changed"
  a> READ /local/domain/1/name
  a< ENOENT
  a> CONTROL migrate-restore --trust /image
  a< OK
  a> CONTROL migrate-forget 1
  a< OK
done
# ... and on a backend of dom0's
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
  logged "*path /local/domain/0/backend/vbd/1/5/params *; --trust takes it, from a host of yours; nothing changed"
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
  logged "*path /local/domain/0/backend/vbd/1/5/params *; --trust takes it, from a host of yours; nothing changed"
  a> READ /local/domain/0/backend/vbd/1/5/params
  a< ENOENT
done
# those that libxl gives are taken
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
# /vm/UUID: not if it is here, be it another domain's or nobody's
a> WRITE /vm/one/other v
a< OK
a> CONTROL migrate-restore --merge /image
a< ...
logged "*path /vm/one is not known to be of this domain; --trust*"
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
# ... nor one that its home does not name
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
a< "path /vm/other is not known to be of this domain; --trust takes it, from a host of yours"
a> READ /vm/other
a< ENOENT
# what a transaction wrote, and the domain may not write here
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
a< "transaction 1: path /local/domain/1/data/x was changed, and domain 1 may not do that here; --trust takes it, from a host of yours"
a> IS_DOMAIN_INTRODUCED 1
a< F
a> CONTROL migrate-restore --trust /image
a< OK
1> tx=1 TRANSACTION_END T
1< EAGAIN
a> CONTROL migrate-forget 1
a< OK
# whose rights it had
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
logged "*domain 1: its target 2 is not taken from an image without --trust: say SET_TARGET again"
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
