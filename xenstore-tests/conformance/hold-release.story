# RELEASE of one domain while others have input waiting (XSA-425).
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> MKDIR /local/domain/$i
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
done
domain 3
introduce 3
socket b
hold
2> WATCH x t
1> READ x
3> READ x
b> READ /x
a> RELEASE 2
go
2 deaf
a< OK
1< ENOENT
3< EACCES
b< ENOENT
check
