# krata's client (Rust): request ids count from 0. A token is a small number,
# shared by many paths. UNWATCH has token and path swapped, so no watch is ever
# removed. Failed transactions are dropped without TRANSACTION_END.
socket k
socket t
k> req=0 WATCH /vif 0
k< OK
k< EVENT /vif 0
k> req=1 WATCH /vbd 0
k< OK
k< EVENT /vbd 0
# the daemon takes the token for a path: relative, and legal
k> req=2 UNWATCH 0 /vif
k< ENOENT
# ... it can even be the path of another watch, which must stay
k> req=3 WATCH 0 /vif
k< OK
k< EVENT 0 /vif
k> req=4 UNWATCH 0 /vif
k< OK
t> WRITE /vif/1 x
t< OK
k< EVENT /vif/1 0
# so watches pile up on one path; each of them fires, and nothing else
repeat i 1 20
  k> WATCH /vif $i
  k< OK
  k< EVENT /vif $i
  k> UNWATCH $i /vif
  k< ENOENT
done
t> WRITE /vif/1 y
t< OK
k< EVENT /vif/1 0
repeat i 1 20
  k< EVENT /vif/1 $i
done
k nothing
t> WRITE /vbd/1 y
t< OK
k< EVENT /vbd/1 0
k> UNWATCH /vif 7
k< OK
k> UNWATCH /vif 7
k< ENOENT
# a node is made with an empty value, then gets its permissions
k> WRITE /node ""
k< OK
k> SET_PERMS /node n0 b1
k< OK
k> READ /node
k< empty
k> RM /node/none
k< OK
k> RM /none/none
k< ENOENT
# transactions that are never ended
repeat i 1 5
  k> TRANSACTION_START ""
  k< $i
  k> tx=$i READ /vbd/1
  k< y
  k> tx=$i WRITE /node/$i x
  k< OK
done
t> DIRECTORY /node
t< empty
t> WRITE /vbd/1 z
t< OK
k< EVENT /vbd/1 0
k> TRANSACTION_START ""
k< 6
k> tx=6 WRITE /node/6 x
k< OK
k> tx=6 TRANSACTION_END T
k< OK
k> tx=1 TRANSACTION_END T
k< EAGAIN
t> DIRECTORY /node
t< 6
k close
t> WRITE /vif/1 z
t< OK
check
