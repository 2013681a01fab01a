# RESET_WATCHES leaves nothing behind, however often (XSA-330): no event, and
# nothing that counts for the quota of 128.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
updates off
repeat round 1 10
  repeat i 1 128
    1> WATCH p$i token
    1< OK
    1< EVENT p$i token
  done
  1> RESET_WATCHES ""
  1< OK
done
updates on
1> UNWATCH p1 token
1< ENOENT
1> WRITE p1 1
1< OK
1 nothing
1> WATCH p1 new
1< OK
1< EVENT p1 new
1> WRITE p1 2
1< EVENT p1 new
1< OK
1> RESET_WATCHES ""
1< OK
1> RM p1
1< OK
check
