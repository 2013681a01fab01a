# A guest whose unread events exceed its memory quota loses the newer ones. The
# watches that lost an event fire as soon as its queue is empty and its ring has
# room, without an event of the guest: here it reads nothing.
socket a
domain 1
introduce 1
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
1> WATCH /f t
1< OK
1< EVENT /f t
a> SET_QUOTA 1 memory 1000
a< OK
1 takes 0
hold
repeat i 1 12
  a> WRITE /f/n$i 1
done
go
repeat i 1 12
  a< OK
done
logged "*domain 1: its unread events take more than its memory quota*"
logged "*domain 1: reads again: 7 events were dropped, 1 watches fire"
1 takes all
repeat i 1 5
  1< EVENT /f/n$i t
done
1< EVENT /f t
1 nothing
