# One conflict each: what happens inside, what happens outside, the result.
socket a
socket b
a> WRITE /c/v 1
a< OK
a> WRITE /c/d/e 1
a< OK
# value read inside; the same value written outside
a> TRANSACTION_START ""
a< $t
a> tx=$t READ /c/v
a< 1
b> WRITE /c/v 1
b< OK
a> tx=$t TRANSACTION_END T
a< EAGAIN
# written inside without a read
a> TRANSACTION_START ""
a< $t2
a> tx=$t2 WRITE /c/v 2
a< OK
b> WRITE /c/v 3
b< OK
a> tx=$t2 TRANSACTION_END T
a< EAGAIN
a> READ /c/v
a< 3
# permissions read inside, set outside
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 GET_PERMS /c/v
a< n0
b> SET_PERMS /c/v r0
b< OK
a> tx=$t3 TRANSACTION_END T
a< EAGAIN
# listed inside, a child made outside
a> TRANSACTION_START ""
a< $t4
a> tx=$t4 DIRECTORY /c
a< v d
b> MKDIR /c/f
b< OK
a> tx=$t4 TRANSACTION_END T
a< EAGAIN
# listed inside, a child removed outside
a> TRANSACTION_START ""
a< $t5
a> tx=$t5 DIRECTORY /c
a< v d f
b> RM /c/f
b< OK
a> tx=$t5 TRANSACTION_END T
a< EAGAIN
# found missing inside, made outside
a> TRANSACTION_START ""
a< $t6
a> tx=$t6 READ /c/n
a< ENOENT
b> WRITE /c/n 1
b< OK
a> tx=$t6 TRANSACTION_END T
a< EAGAIN
# made on both sides
a> TRANSACTION_START ""
a< $t7
a> tx=$t7 WRITE /c/m 1
a< OK
b> WRITE /c/m 2
b< OK
a> tx=$t7 TRANSACTION_END T
a< EAGAIN
a> READ /c/m
a< 2
# made inside, below a node removed outside
a> TRANSACTION_START ""
a< $t8
a> tx=$t8 WRITE /c/d/new 1
a< OK
b> RM /c/d
b< OK
a> tx=$t8 TRANSACTION_END T
a< EAGAIN
a> READ /c/d
a< ENOENT
# deleted inside, a child made outside
b> WRITE /c/d/e 1
b< OK
a> TRANSACTION_START ""
a< $t9
a> tx=$t9 RM /c/d
a< OK
b> WRITE /c/d/g 1
b< OK
a> tx=$t9 TRANSACTION_END T
a< EAGAIN
# read inside; deleted and made again outside
a> TRANSACTION_START ""
a< $t10
a> tx=$t10 READ /c/d/g
a< 1
b> RM /c/d/g
b< OK
b> WRITE /c/d/g 1
b< OK
a> tx=$t10 TRANSACTION_END T
a< EAGAIN
check
