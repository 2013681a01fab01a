# Changes to different nodes do not conflict: siblings in one directory.
socket a
socket b
a> WRITE /n/one 1
a< OK
a> WRITE /n/two 1
a< OK
a> TRANSACTION_START ""
a< $t
b> TRANSACTION_START ""
b< $u
a> tx=$t WRITE /n/three 1
a< OK
b> tx=$u WRITE /n/four 1
b< OK
a> tx=$t READ /n/one
a< 1
b> tx=$u WRITE /n/two 2
b< OK
a> WRITE /n/five 1
a< OK
b> tx=$u TRANSACTION_END T
b< OK
a> tx=$t TRANSACTION_END T
a< OK
a> DIRECTORY /n
a< one two five four three
# two that only read the same node
a> TRANSACTION_START ""
a< $t2
b> TRANSACTION_START ""
b< $u2
a> tx=$t2 READ /n/one
a< 1
b> tx=$u2 READ /n/one
b< 1
a> tx=$t2 TRANSACTION_END T
a< OK
b> tx=$u2 TRANSACTION_END T
b< OK
# two transactions of one connection
a> TRANSACTION_START ""
a< $t3
a> TRANSACTION_START ""
a< $t4
a> tx=$t3 WRITE /n/x 3
a< OK
a> tx=$t4 WRITE /n/y 4
a< OK
a> tx=$t4 READ /n/x
a< ENOENT
a> tx=$t3 TRANSACTION_END T
a< OK
a> tx=$t4 TRANSACTION_END T
a< EAGAIN
a> DIRECTORY /n
a< one two five four three x
check
