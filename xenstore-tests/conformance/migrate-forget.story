# Whose nodes migrate-forget removes: those of a domain that is introduced or
# no longer exists in Xen, but not of one that is still being built. (In one
# process only: the stock daemon has no such command.)
time += 0
socket a
# a toolstack creates a domain and writes its nodes; it introduces it last
domain 1
a> WRITE /local/domain/1/name new
a< OK
a> WRITE /libxl/1/type pvh
a< OK
a> WRITE /local/domain/0/backend/vif/1/0/frontend-id 1
a< OK
a> WATCH /local/domain w
a< OK
a< EVENT /local/domain w
a> CONTROL migrate-forget 1
a< "domain 1 exists but is not introduced: its nodes may belong to a domain being built; destroy it first, or remove the nodes by their paths"
a> CONTROL migrate-forget --keep-nodes 1
a< ENOENT
# ... also if the daemon already knows the domain
a> SET_FEATURE 1 1
a< OK
a> CONTROL migrate-forget 1
a< "domain 1 exists but is not introduced: its nodes may belong to a domain being built; destroy it first, or remove the nodes by their paths"
a nothing
a> READ /local/domain/1/name
a< new
a> READ /libxl/1/type
a< pvh
a> READ /local/domain/0/backend/vif/1/0/frontend-id
a< 1
a> SET_PERMS /local/domain/1/name n0 r1
a< EVENT /local/domain/1/name w
a< OK
introduce 1
1> READ name
1< new
# introduced: everything related to the domain is removed and it is released
a> CONTROL migrate-forget 1
a< EVENT /local/domain/1 w
a< EVENT /local/domain/0/backend/vif/1 w
a< OK
each p /local/domain/1 /libxl/1 /local/domain/0/backend/vif/1
  a> READ $p
  a< ENOENT
done
# nothing is left: the domain is unknown, whether Xen has it or not
a> CONTROL migrate-forget 1
a< ENOENT
die 1
a> CONTROL migrate-forget 1
a< ENOENT
# the number is used again by a domain that is given up before its introduction
domain 1
a> WRITE /local/domain/1/name second
a< EVENT /local/domain/1/name w
a< OK
a> CONTROL migrate-forget 1
a< ...
a> READ /local/domain/1/name
a< second
dying 1
a> CONTROL migrate-forget 1
a< EVENT /local/domain/1 w
a< OK
a> READ /local/domain/1/name
a< ENOENT
check
