# A domain that does not read its replies is not served without limit
# (XSA-326).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota outstanding 5
a> WRITE /local/domain/1/v "v"*1000
a< OK
1 takes 0
repeat i 1 20
  1> READ v
done
# the host still is
a> READ /local/domain/1/v
a< "v"*1000
1> WRITE last 1
a> READ /local/domain/1/last
a< ENOENT
1 takes all
repeat i 1 20
  1< "v"*1000
done
1< OK
a> READ /local/domain/1/last
a< 1
# with a higher limit the waiting requests continue, though it still reads
# nothing
1 takes 0
repeat i 1 20
  1> READ v
done
1> WRITE last 2
a> READ /local/domain/1/last
a< 1
a> CONTROL quota set outstanding 12
a< OK
a> READ /local/domain/1/last
a< 1
a> SET_QUOTA 1 outstanding 40
a< OK
a> READ /local/domain/1/last
a< 2
1 takes all
repeat i 1 20
  1< "v"*1000
done
1< OK
check
