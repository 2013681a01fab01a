# Guests that send no event and whose rings the daemon looks at at the same time
# are served in the order of their connections, whichever was served last.
socket a
domain 1
domain 2
introduce 1 2
each d 1 2
  a> MKDIR /local/domain/$d
  a< OK
  a> SET_PERMS /local/domain/$d n$d
  a< OK
done
a> WATCH /local/domain t
a< OK
a< EVENT /local/domain t
# both rings are looked at 0.1 ms after this
2> READ x
1> READ x
2< ENOENT
1< ENOENT
1 silent
2 silent
hold
2> WRITE x 2
1> WRITE x 1
time += 1
go
a< EVENT /local/domain/1/x t
a< EVENT /local/domain/2/x t
1< OK
2< OK
