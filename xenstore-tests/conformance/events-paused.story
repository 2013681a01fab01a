# The time limit for reading events does not run while a domain is paused, or
# stopped to be saved.
socket a
domain 1
introduce 1
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
1> WATCH /f token
1< OK
1< EVENT /f token
pause 1
repeat i 1 40
  a> WRITE /f/n$i 1
  a< OK
done
time += 21000
time += 60000
unpause 1
repeat i 1 40
  1< EVENT /f/n$i token
done
1 nothing
# shut down
1 takes 0
repeat i 1 60
  a> WRITE /f/n$i 1
  a< OK
done
shutdown 1
time += 21000
time += 60000
unpause 1
time += 19000
1 takes all
kick 1
repeat i 1 60
  1< EVENT /f/n$i token
done
1 nothing
ring 1 error == 0
check
