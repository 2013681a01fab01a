# A ring filled to the last byte, and messages that wrap around (XSA-38).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
# 16 + 7 + 1 + 1000 = 1024: exactly full
1> WRITE ful_len "x"*1000
1< OK
1> READ ful_len
1< "x"*1000
# starting at every place in the ring
repeat i 1 40
  1> WRITE w $i"w"*37
  1< OK
  1> READ w
  1< $i"w"*37
done
# longer than the ring, in both directions
1> WRITE long "y"*1800
1< OK
1> READ long
1< "y"*1800
# many at once
hold
repeat i 1 15
  1> WRITE n$i "z"*100
done
repeat i 1 15
  1> READ n$i
done
go
repeat i 1 15
  1< OK
done
repeat i 1 15
  1< "z"*100
done
# indexes that pass 2^32
hold
ring 1 req_cons = 0xffffffe0
ring 1 req_prod = 0xffffffe0
ring 1 rsp_cons = 0xfffffff0
ring 1 rsp_prod = 0xfffffff0
go
repeat i 1 3
  1> READ n$i
  1< "z"*100
done
check
