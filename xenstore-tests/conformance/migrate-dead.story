# A domain that went to another host dies here before it is forgotten: its
# nodes are still here, and go then.
# (told in one process only: the image is a file there that is none)
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
# ... and may come back
domain 1
a> CONTROL migrate-restore /image
a< OK
a> READ /local/domain/1/name
a< guest
check
