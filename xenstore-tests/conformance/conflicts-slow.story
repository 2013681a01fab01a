# As conflicts.story, but slow enough that a real daemon's clock makes no
# difference: 50 writes in a row, then one a second.
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> WRITE /local/domain/$i/data x
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
  a> SET_PERMS /local/domain/$i/data n$i
  a< OK
done
a> CONTROL quota set conflicts 1
a< OK
a> TRANSACTION_START ""
a< $t1
a> tx=$t1 READ /local/domain/1/data
a< x
repeat i 1 51
  1> WRITE data again$i
  1< OK
done
1> WRITE data last
1 nothing
2> WRITE data 1
2< OK
a> READ /local/domain/1/data
a< again51
a> tx=$t1 TRANSACTION_END T
a< EAGAIN
1 nothing
check
