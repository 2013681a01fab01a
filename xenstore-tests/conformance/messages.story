# A message that is too long closes the socket; the longest legal one is
# answered.
socket a
socket b
socket c
a> WRITE /x "x"*4093
a< OK
a> READ /x
a< "x"*4093
b> len=4097 READ /x
b closed
c> len=0x7fffffff READ /x
c closed
socket d
d> len=0xffffffff READ /x
d closed
a> READ /x
a< "x"*4093
# unknown message types
each t 15 16 20 27 28 99 0x80000000 0xffffffff
  a> type=$t /x
  a< ENOSYS
  a> type=$t
  a< ENOSYS
done
# the request id comes back unchanged
a> req=0xdeadbeef READ /x
a< "x"*4093
a> req=0 READ /y
a< ENOENT
# many requests in one write, and a socket that closes while requests wait
hold
repeat i 1 30
  a> WRITE /n$i $i
done
go
repeat i 1 30
  a< OK
done
hold
a> WRITE /last 1
a close
go
socket e
e> DIRECTORY_PART /n30 0
e< $g ""
check
