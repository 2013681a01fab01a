# Reading a byte now and then is not enough: a guest that does not take a
# ring's worth (1024 bytes) of the events waiting for it in 20 s loses them.
socket a
domain 1
domain 2
introduce 1 2
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
each d 1 2
  $d> WATCH /f token
  $d< OK
  $d< EVENT /f token
  $d takes 0
done
# more than the ring holds
repeat i 1 90
  a> WRITE /f/n$i 1
  a< OK
done
# a byte every 4 s
repeat i 1 5
  time += 3990
  1 takes 1
  2 takes 220
done
# over 20 s, minus the time that five bytes are worth
time += 200
logged "*domain 1: has not read its events for 20 s: *"
unlogged "*domain 2: has not read*"
# domain 2 has read slowly, but enough
1 takes all
2 takes all
repeat i 1 90
  2< EVENT /f/n$i token
done
2 nothing
repeat i 1 36
  1< EVENT /f/n$i token
done
1< EVENT /f token
1 nothing
check
