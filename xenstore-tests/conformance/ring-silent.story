# A peer that sends no events: firmware polls its ring, old frontends forget
# to.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
each n big1 big2
  a> WRITE /local/domain/1/$n $n"x"*1900
  a< OK
done
1 silent
# a request without an event, soon after the introduction
1> READ big1
later 4
1< big1"x"*1900
# again soon after the last one; each reply is longer than the ring
each n big2 big1 big2
  1> READ $n
  later 4
  1< $n"x"*1900
done
# a request in two pieces
1 first 20 READ big1
later 4
1 rest
later 4
1< big1"x"*1900
# after a long silence the daemon looks at the ring once a second
later 60000
1> READ big2
later 1100
1< big2"x"*1900
# half a reply waits; the peer takes it in pieces, with pauses
1 takes 0
1> READ big1
kick 1
later 40
1 takes 700
later 100
1 takes 300
later 400
1 takes all
later 400
1< big1"x"*1900
# a polling peer gets watch events, too
1> WATCH big1 token
later 1100
1< OK
1< EVENT big1 token
repeat i 1 40
  a> WRITE /local/domain/1/big1/$i ""
  a< OK
done
later 10
repeat i 1 40
  1< EVENT big1/$i token
done
# it asks for a new connection without an event
ring 1 connection = 1
later 1100
ring 1 connection == 0
1 restarts
1 silent
1> GET_DOMAIN_PATH 1
later 1100
1< /local/domain/1
# the same from a ring in error
1> len=4097 READ x
later 1100
ring 1 error == 3
ring 1 connection = 1
later 1100
ring 1 error == 0
1 restarts
1> GET_DOMAIN_PATH 1
1< /local/domain/1
check
