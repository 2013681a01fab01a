# A request that arrives while its guest has too many unread replies is served
# when the quota is raised, also if it arrived after the quota was lowered.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WATCH /local/domain/1/x t
a< OK
a< EVENT /local/domain/1/x t
1> WRITE big "b"*1000
1< OK
1 takes 0
repeat i 1 4
  1> READ big
done
a> SET_QUOTA 1 outstanding 2
a< OK
1> WRITE x 1
a nothing
a> SET_QUOTA 1 outstanding 20
a< OK
a< EVENT /local/domain/1/x t
1 takes all
repeat i 1 4
  1< "b"*1000
done
1< OK
