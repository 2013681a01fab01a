# A guest whose unread events exceed its memory quota: later events are
# dropped, also when one change hits several of its watches. The guest is still
# served, and each watch that lost an event fires once when it reads.
socket a
domain 1
domain 2
introduce 1 2
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
repeat w 1 5
  1> WATCH /f token$w
  1< OK
  1< EVENT /f token$w
done
1> TRANSACTION_START ""
1< $t
1> tx=$t READ /f
1< 1
a> SET_QUOTA 1 memory 4000
a< OK
1 takes 0
repeat i 1 60
  a> WRITE /f/n$i 1
  a< OK
done
ring 1 error == 0
2> READ /f/n60
2< 1
1 takes all
# the events that fitted into the ring, then those within the quota: each costs
# 192 bytes and its own 29 or 30
repeat i 1 10
  repeat w 1 5
    1< EVENT /f/n$i token$w
  done
done
1< EVENT /f/n11 token1
1< EVENT /f/n11 token2
1< EVENT /f/n11 token3
1< EVENT /f/n11 token4
repeat w 1 5
  1< EVENT /f token$w
done
1 nothing
a> WRITE /f/n1 2
a< OK
repeat w 1 5
  1< EVENT /f/n1 token$w
done
1> tx=$t TRANSACTION_END T
1< OK
# the same with one large burst, to a ring that has been idle for long
a> SET_QUOTA 1 memory 600
a< OK
socket b
hold
b> READ /f
repeat i 1 60
  b> WRITE /f/m$i 1
done
go
b deaf
ring 1 error == 0
1 deaf
check
# a guest that reads gets its events at once, and one more: /f has changed
introduce 1
1 restarts
1> WATCH /f token
1< OK
1< EVENT /f token
a> SET_QUOTA 1 memory 60
a< OK
hold
b> READ /f
repeat i 1 4
  b> WRITE /f/m$i 2
done
go
1< EVENT /f/m1 token
1< EVENT /f token
1 nothing
check
logged "*domain 1: its unread events take more than its memory quota: new ones are dropped; *"
