# A client with many watches closes. From then on they do not fire, even if
# another client sets the same watches. Their memory is freed in batches, and
# an update in between does not carry them over.
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
# the same with RESET_WATCHES
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
