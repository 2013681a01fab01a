# Transactions that each make the same missing parents do not conflict: making
# a node depends on nothing above it but the permissions.
dom0
socket a
socket b
domain 1
domain 2
introduce 1 2
a> WATCH /p w
a< OK
a< EVENT /p w
# the first to begin commits first
a> TRANSACTION_START ""
a< $t1
b> TRANSACTION_START ""
b< $u1
a> tx=$t1 WRITE /p/q/r/one 1
a< OK
b> tx=$u1 WRITE /p/q/r/two 2
b< OK
a> tx=$t1 TRANSACTION_END T
a< EVENT /p/q/r/one w
a< OK
b> tx=$u1 TRANSACTION_END T
b< OK
a< EVENT /p/q/r/two w
a nothing
a> DIRECTORY /p/q/r
a< one two
a> RM /p
a< EVENT /p w
a< OK
# the second commits first; they share some parents, one of which existed
# before
a> MKDIR /p
a< EVENT /p w
a< OK
a> TRANSACTION_START ""
a< $t2
b> TRANSACTION_START ""
b< $u2
a> tx=$t2 WRITE /p/q/r/one 1
a< OK
b> tx=$u2 MKDIR /p/q/s/two
b< OK
b> tx=$u2 WRITE /p/q/s/t/three 3
b< OK
b> tx=$u2 TRANSACTION_END T
b< OK
a< EVENT /p/q/s/two w
a< EVENT /p/q/s/t/three w
a> tx=$t2 WRITE /p/q/s/four 4
a< OK
a> tx=$t2 TRANSACTION_END T
a< EVENT /p/q/r/one w
a< EVENT /p/q/s/four w
a< OK
a nothing
a> DIRECTORY /p/q
a< s r
a> DIRECTORY /p/q/s
a< two t four
a> UNWATCH /p w
a< OK
# made by a request outside any transaction, with values that stay; removed and
# made again
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 WRITE /v/w/x 1
a< OK
b> WRITE /v/w/y 1
b< OK
b> RM /v
b< OK
b> WRITE /v "a value"
b< OK
b> WRITE /v/w "another"
b< OK
a> tx=$t3 TRANSACTION_END T
a< OK
a> READ /v
a< "a value"
a> READ /v/w
a< another
a> DIRECTORY /v/w
a< x
# made and removed outside: the commit makes it
a> TRANSACTION_START ""
a< $t4
a> tx=$t4 WRITE /g/h/i 1
a< OK
b> WRITE /g/h/j 1
b< OK
b> RM /g
b< OK
a> tx=$t4 TRANSACTION_END T
a< OK
a> DIRECTORY /g/h
a< i
# a listing shows a parent made by others at the place it will have
a> TRANSACTION_START ""
a< $t12
a> tx=$t12 MKDIR /o/n/a
a< OK
b> MKDIR /o/n/b
b< OK
b> MKDIR /o/m
b< OK
a> tx=$t12 MKDIR /o/l/a
a< OK
a> RM /o/m
a< OK
b> MKDIR /o/m
b< OK
a> TRANSACTION_START ""
a< $t13
a> tx=$t13 MKDIR /o/k/a
a< OK
b> MKDIR /o/k/b
b< OK
b> MKDIR /o/j
b< OK
a> tx=$t13 MKDIR /o/i
a< OK
a> tx=$t13 DIRECTORY /o
a< n m k j i
a> tx=$t13 TRANSACTION_END T
a< OK
a> DIRECTORY /o
a< n m k j i
a> DIRECTORY /o/k
a< b a
a> tx=$t12 TRANSACTION_END T
a< OK
a> DIRECTORY /o
a< n m k j i l
# ---- what must stay a conflict: the transaction has seen part of it
a> TRANSACTION_START ""
a< $c1
a> TRANSACTION_START ""
a< $c2
a> TRANSACTION_START ""
a< $c3
a> TRANSACTION_START ""
a< $c4
a> TRANSACTION_START ""
a< $c5
a> TRANSACTION_START ""
a< $c6
a> TRANSACTION_START ""
a< $c7
a> TRANSACTION_START ""
a< $c8
a> TRANSACTION_START ""
a< $c9
# ... that it was missing, read before
a> tx=$c1 READ /k/l
a< ENOENT
a> tx=$c1 WRITE /k/l/1 1
a< OK
# ... that it was empty, read afterwards
a> tx=$c2 WRITE /k/l/2 1
a< OK
a> tx=$c2 READ /k/l
a< empty
# ... its children
a> tx=$c3 WRITE /k/l/3 1
a< OK
a> tx=$c3 DIRECTORY /k/l
a< 3
# ... its permissions
a> tx=$c4 WRITE /k/l/4 1
a< OK
a> tx=$c4 GET_PERMS /k/l
a< n0
# ... or written it
a> tx=$c5 WRITE /k/l/5 1
a< OK
a> tx=$c5 WRITE /k/l mine
a< OK
# ... or set its permissions
a> tx=$c6 WRITE /k/l/6 1
a< OK
a> tx=$c6 SET_PERMS /k/l r0
a< OK
# ... or made it by its own MKDIR
a> tx=$c7 MKDIR /k/l
a< OK
a> tx=$c7 WRITE /k/l/7 1
a< OK
# ... or removed it and made it again
a> tx=$c8 WRITE /k/l/8 1
a< OK
a> tx=$c8 RM /k/l
a< OK
a> tx=$c8 WRITE /k/l/8 1
a< OK
# ... or found a node below it missing that others made
a> tx=$c9 WRITE /k/l/9 1
a< OK
a> tx=$c9 READ /k/l/other
a< ENOENT
b> WRITE /k/l/other 1
b< OK
a> tx=$c1 TRANSACTION_END T
a< EAGAIN
a> tx=$c2 TRANSACTION_END T
a< EAGAIN
a> tx=$c3 TRANSACTION_END T
a< EAGAIN
a> tx=$c4 TRANSACTION_END T
a< EAGAIN
a> tx=$c5 TRANSACTION_END T
a< EAGAIN
a> tx=$c6 TRANSACTION_END T
a< EAGAIN
a> tx=$c7 TRANSACTION_END T
a< EAGAIN
a> tx=$c8 TRANSACTION_END T
a< EAGAIN
a> tx=$c9 TRANSACTION_END T
a< EAGAIN
a> DIRECTORY /k/l
a< other
a> GET_PERMS /k/l
a< n0
# both make the same node
a> TRANSACTION_START ""
a< $t5
b> TRANSACTION_START ""
b< $u5
a> tx=$t5 WRITE /m/n/o 1
a< OK
b> tx=$u5 WRITE /m/n/o 1
b< OK
a> tx=$t5 TRANSACTION_END T
a< OK
b> tx=$u5 TRANSACTION_END T
b< EAGAIN
# other permissions: the nodes below would have inherited them
a> TRANSACTION_START ""
a< $t6
a> tx=$t6 WRITE /x/y/z 1
a< OK
b> MKDIR /x/y
b< OK
b> SET_PERMS /x/y n0 r1
b< OK
a> tx=$t6 TRANSACTION_END T
a< EAGAIN
a> DIRECTORY /x/y
a< empty
# ... and changed back: the same again
a> TRANSACTION_START ""
a< $t7
a> tx=$t7 WRITE /x2/y/z 1
a< OK
b> MKDIR /x2/y
b< OK
b> SET_PERMS /x2/y n0 r1
b< OK
b> SET_PERMS /x2/y n0
b< OK
a> tx=$t7 TRANSACTION_END T
a< OK
# another owner: a guest owns what it makes
a> MKDIR /shared
a< OK
a> SET_PERMS /shared b0
a< OK
a> TRANSACTION_START ""
a< $t8
a> tx=$t8 WRITE /shared/d/a 1
a< OK
1> WRITE /shared/d/1 1
1< OK
a> tx=$t8 TRANSACTION_END T
a< EAGAIN
a> GET_PERMS /shared/d
a< b1
# below a guest's node dom0 makes the same parents as the guest would
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> TRANSACTION_START ""
a< $t9
1> TRANSACTION_START ""
1< $g9
a> tx=$t9 WRITE /local/domain/1/d/e/a 1
a< OK
1> tx=$g9 WRITE d/e/1 1
1< OK
a> tx=$t9 TRANSACTION_END T
a< OK
1> tx=$g9 TRANSACTION_END T
1< OK
1> DIRECTORY d/e
1< a 1
# ---- that domain dies: its nodes are gone, and count as made by nobody
a> TRANSACTION_START ""
a< $t10
a> tx=$t10 WRITE /local/domain/1/f/g/a 1
a< OK
1> WRITE f/g/1 1
1< OK
die 1
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> WRITE f/g/1 1
1< OK
a> tx=$t10 TRANSACTION_END T
a< EAGAIN
1> DIRECTORY f/g
1< 1
# a permission for a dead domain is in neither
a> MKDIR /e
a< OK
a> SET_PERMS /e n0 r2
a< OK
a> TRANSACTION_START ""
a< $t11
a> tx=$t11 WRITE /e/f/a 1
a< OK
b> WRITE /e/f/b 1
b< OK
die 2
a> tx=$t11 TRANSACTION_END T
a< OK
a> GET_PERMS /e/f/a
a< n0
a> DIRECTORY /e/f
a< b a
check
