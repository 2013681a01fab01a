# A domain that moved to another host dies here before it is forgotten. Its
# nodes are still here, and are removed then. (In one process only: real
# daemons cannot use the file name /image.)
time += 0
socket a
domain 1
introduce 1
a> WRITE /local/domain/1/name guest
a< OK
a> CONTROL migrate-save --freeze 1 /image
a< OK
die 1
a> READ /local/domain/1/name
a< guest
a> CONTROL migrate-thaw 1
a< ENOENT
a> CONTROL migrate-forget --keep-nodes 1
a< ENOENT
a> READ /local/domain/1/name
a< guest
a> CONTROL migrate-forget 1
a< OK
a> DIRECTORY /local/domain
a< empty
a> CONTROL migrate-forget 1
a< ENOENT
# ... and it may come back
domain 1
a> CONTROL migrate-restore /image
a< OK
a> READ /local/domain/1/name
a< guest
check
