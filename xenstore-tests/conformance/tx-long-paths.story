# A transaction with many nodes and long paths: an update carries each as its
# parent's entry and a name. It does everything that a transaction can do with
# a node.
socket a
socket b
domain 1
introduce 1
set p /"p"*900/"q"*900
set r /"r"*1800
a> WATCH / w
a< OK
a< EVENT / w
repeat i 1 4
  a> WRITE $p/old$i/below value$i
  a< EVENT $p/old$i/below w
  a< OK
done
a> SET_PERMS $p/old4 n0 r1
a< EVENT $p/old4 w
a< OK
a> MKDIR $r
a< EVENT $r w
a< OK
a> TRANSACTION_START ""
a< $t
a> TRANSACTION_START ""
a< $u
a> TRANSACTION_START ""
a< $v
# first only on the way to other nodes, later touched itself
repeat i 1 9
  a> tx=$t READ $p/none$i/below
  a< ENOENT
done
a> tx=$t DIRECTORY $p
a< old1 old2 old3 old4
a> tx=$t READ $p/old1/below
a< value1
a> tx=$t WRITE $p/old2/below new
a< OK
a> tx=$t RM $p/old3
a< OK
a> tx=$t WRITE $p/old3/again "\0\xff"
a< OK
a> tx=$t WRITE $r/made/far/below deep
a< OK
a> tx=$t WRITE $r/made/far/beside ""
a< OK
a> tx=$t SET_PERMS $p/old4 n0 w1
a< OK
a> tx=$t READ /
a< empty
a> tx=$t MKDIR /top
a< OK
a> tx=$t DIRECTORY $p
a< old1 old2 old4 old3
a> tx=$t DIRECTORY $r/made/far
a< below beside
a> tx=$t GET_PERMS $p/old4
a< n0 w1
# two more transactions: one will conflict, one only reads
repeat i 1 12
  a> tx=$u WRITE $p/old1/u$i $i
  a< OK
done
a> tx=$u READ $p/old2/below
a< value2
repeat i 1 12
  a> tx=$v READ $p/old1/u$i
  a< ENOENT
done
a> tx=$v DIRECTORY $p/old1
a< below
# others make the same parent, with another child
b> WRITE $r/made/other 1
b< OK
a< EVENT $r/made/other w
a> tx=$t TRANSACTION_END T
a< EVENT $p/old2/below w
a< EVENT $p/old3 w
a< EVENT $p/old3/again w
a< EVENT $r/made/far/below w
a< EVENT $r/made/far/beside w
a< EVENT $p/old4 w
a< EVENT /top w
a< OK
a> DIRECTORY $p
a< old1 old2 old4 old3
a> DIRECTORY $r/made
a< other far
a> READ $p/old3/again
a< "\0\xff"
a> tx=$u TRANSACTION_END T
a< EAGAIN
a> tx=$v TRANSACTION_END T
a< OK
check
