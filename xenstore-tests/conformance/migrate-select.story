# Which nodes move: those related to the domain, and fewer or more by option.
# (In one process only: real daemons cannot use the file name /image.)
time += 0
socket a
domain 1
introduce 1
a> WRITE /local/domain/1/device/vif/0/backend /local/domain/0/backend/vif/1/0
a< OK
a> WRITE /local/domain/1/keep v
a< OK
a> WRITE /local/domain/1/drop/below v
a< OK
a> WRITE /local/domain/0/backend/vif/1/0/frontend /local/domain/1/device/vif/0
a< OK
a> WRITE /libxl/1/type pvh
a< OK
a> WRITE /tool/mine/deep v
a< OK
a> WRITE /tool/other v
a< OK
a> WRITE /own v
a< OK
a> SET_PERMS /own n1 r0
a< OK
# everything related
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 1
a< OK
each p /local/domain/1 /local/domain/0/backend /libxl /own /tool/mine
  a> RM $p
  a< OK
done
a> CONTROL migrate-restore --merge /image
a< ...
logged "*path /own does not relate to domain 1, which may not write there; use --trust*"
a> CONTROL migrate-restore --merge --trust /image
a< OK
a> READ /local/domain/0/backend/vif/1/0/frontend
a< /local/domain/1/device/vif/0
a> READ /local/domain/1/drop/below
a< v
a> READ /libxl/1/type
a< pvh
a> GET_PERMS /own
a< n1 r0
a> READ /tool/mine/deep
a< ENOENT
# fewer and more
a> WRITE /tool/mine/deep v
a< OK
a> CONTROL migrate-save --no-backends --leave-out /local/domain/1/drop --add /tool/mine 1 /image
a< OK
a> CONTROL migrate-forget --keep-nodes 1
a< OK
each p /local/domain/1 /local/domain/0/backend /libxl /own /tool/mine
  a> RM $p
  a< OK
done
a> CONTROL migrate-restore --trust /image
a< OK
a> READ /local/domain/1/keep
a< v
a> READ /tool/mine/deep
a< v
a> READ /local/domain/1/drop/below
a< ENOENT
a> READ /local/domain/0/backend/vif/1/0/frontend
a< ENOENT
a> READ /tool/other
a< v
# forgotten: everything related, and nothing else
a> CONTROL migrate-forget 1
a< OK
each p /local/domain/1 /libxl/1 /own
  a> READ $p
  a< ENOENT
done
a> READ /tool/mine/deep
a< v
a> READ /local/domain/0/name
a< ENOENT
check
