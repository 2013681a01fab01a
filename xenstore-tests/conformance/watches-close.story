# A client with many watches goes: they fire no more at once, whoever comes
# next, also one that sets the same; their memory is given back in pieces, and
# an update in the middle knows nothing of them.
socket a
socket b
updates off
repeat i 1 1500
  b> WATCH /w/n$i token$i
  b< OK
  b< EVENT /w/n$i token$i
  b> WATCH /w other$i
  b< OK
  b< EVENT /w other$i
done
b close
updates on
a> WATCH /w/n7 token7
a< OK
a< EVENT /w/n7 token7
a> WRITE /w/n7 1
a< EVENT /w/n7 token7
a< OK
check
# the same by a request
updates off
repeat i 1 700
  a> WATCH /w/n$i again
  a< OK
  a< EVENT /w/n$i again
done
a> RESET_WATCHES ""
a< OK
updates on
a> WRITE /w/n7 2
a< OK
a nothing
a> WATCH /w/n7 again
a< OK
a< EVENT /w/n7 again
a> WRITE /w/n7 3
a< EVENT /w/n7 again
a< OK
a> RM /w
a< EVENT /w/n7 again
a< OK
a nothing
check
