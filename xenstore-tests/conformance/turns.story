# The order of turns. An event that still waits when it fires again is not
# queued twice, so the order of two connections shows.
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
repeat i 1 4
  socket c$i
done
# the guest has had its turn when b writes, so its event goes out in the next
# pass, where a comes first; the others use up the round
hold
1> READ /n
repeat i 1 20
  a> READ /n
done
a> WRITE /n 2
b> WRITE /n 1
repeat i 1 4
  repeat k 1 40
    c$i> READ /n
  done
done
round
go
repeat i 1 20
  a< ...
done
a< OK
b< OK
1< 0
1< EVENT /n token
1 nothing
a> READ /n
a< 2
repeat i 1 4
  c$i deaf
done
