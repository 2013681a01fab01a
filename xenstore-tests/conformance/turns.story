# Who has the next turn: an event that still waits when it is fired again is not
# queued twice, so the order of two connections can be seen.
domain 1
socket t
t> INTRODUCE 1 1 1
t< OK
socket a
socket b
a> WRITE /n 0
a< OK
a> SET_PERMS /n b0
a< OK
1> WATCH /n token
1< OK
1< EVENT /n token
# the guest has had its turn when b writes: its event goes out in the next
# round, and there a is before it
hold
1> READ /n
repeat i 1 64
  a> READ /n
done
a> WRITE /n 2
b> WRITE /n 1
round
round
go
repeat i 1 64
  a< 0
done
a< OK
b< OK
1< 0
1< EVENT /n token
1 nothing
a> READ /n
a< 2
