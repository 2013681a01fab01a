# Which areas outside its home move with a domain: those found by path, by what
# its frontends name, and by permissions that name it. They keep their order.
# (In one process only: real daemons cannot use the file name /image.)
time += 0
socket a
domain 1
domain 2
domain 3
introduce 1 3
# not the domain's: a neighbour's, whose number begins with the same digit
each p /local/domain/0/backend/vif/11/0/state /local/domain/3/backend/odd/c/frontend-id /libxl/11/type
  a> WRITE $p 2
  a< OK
done
# found by path, in dom0 and in a driver domain, whatever the permissions are
a> WRITE /local/domain/0/backend/vif/1/0/state 1
a< OK
a> WRITE /local/domain/3/backend/vbd/1/5/state 1
a< OK
# found by the backend's frontend-id and by permissions
a> WRITE /local/domain/3/backend/odd/b/frontend-id 1
a< OK
a> SET_PERMS /local/domain/3/backend/odd/b/frontend-id n3 r1
a< OK
a> WRITE /local/domain/3/backend/odd/b/secret/deep v
a< OK
# named by both sides, inside and outside a backend directory
each p backend/odd/a weird/0
  a> WRITE /local/domain/1/device/x/$p/backend /local/domain/3/$p
  a< OK
  a> WRITE /local/domain/3/$p/frontend /local/domain/1/device/x/$p
  a< OK
done
# named by one side only: does not move
a> WRITE /local/domain/1/device/y/0/backend /local/domain/3/data
a< OK
a> WRITE /local/domain/3/data/frontend /local/domain/2/device/y/0
a< OK
# nodes it owns elsewhere, some below each other, not created in order of name
each p /pool/z /pool/z/under/deep /pool/a /pool/m
  a> WRITE $p own
  a< OK
  a> SET_PERMS $p n1
  a< OK
done
a> WRITE /pool/z/beside v
a< OK
a> SET_PERMS /pool/z/beside n0
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-forget 1
a< OK
# gone together with the domain
each p /local/domain/0/backend/vif/1 /local/domain/3/backend/vbd/1 /local/domain/3/backend/odd/b /local/domain/3/backend/odd/a /local/domain/3/weird/0 /pool/z /pool/m /local/domain/1
  a> READ $p
  a< ENOENT
done
# ... and these stay
each p /local/domain/0/backend/vif/11/0/state /local/domain/3/backend/odd/c/frontend-id /libxl/11/type
  a> READ $p
  a< 2
done
a> READ /local/domain/3/data/frontend
a< /local/domain/2/device/y/0
a> CONTROL migrate-restore --trust /image
a< OK
a> DIRECTORY /pool
a< z a m
a> DIRECTORY /pool/z
a< under
a> READ /pool/z/under/deep
a< own
a> READ /local/domain/3/backend/odd/b/secret/deep
a< v
a> READ /local/domain/3/weird/0/frontend
a< /local/domain/1/device/x/weird/0
a> READ /local/domain/3/backend/odd/a/frontend
a< /local/domain/1/device/x/backend/odd/a
a> READ /local/domain/3/backend/vbd/1/5/state
a< 1
a> READ /local/domain/3/data/frontend
a< /local/domain/2/device/y/0
check
