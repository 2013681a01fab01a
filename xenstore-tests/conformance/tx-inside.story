# Making, removing and making again inside one transaction (XSA-421).
socket a
socket b
a> WRITE /t/keep 1
a< OK
b> WATCH /t w
b< OK
b< EVENT /t w
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /t/x 1
a< OK
a> tx=$t RM /t/x
a< OK
a> tx=$t WRITE /t/y 1
a< OK
a> tx=$t DIRECTORY /t
a< keep y
a> tx=$t READ /t/x
a< ENOENT
a> tx=$t TRANSACTION_END T
a< OK
b< EVENT /t/y w
b nothing
a> DIRECTORY /t
a< keep y
# removed and made again
a> TRANSACTION_START ""
a< $t2
a> tx=$t2 RM /t/keep
a< OK
a> tx=$t2 WRITE /t/keep/new 2
a< OK
a> tx=$t2 READ /t/keep
a< empty
a> tx=$t2 DIRECTORY /t
a< y keep
a> tx=$t2 TRANSACTION_END T
a< OK
b< EVENT /t/keep w
b< EVENT /t/keep/new w
a> DIRECTORY /t
a< y keep
a> DIRECTORY /t/keep
a< new
# a subtree removed together with nodes made in it
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 WRITE /t/keep/more/deep 1
a< OK
a> tx=$t3 RM /t/keep
a< OK
a> tx=$t3 READ /t/keep/more/deep
a< ENOENT
a> tx=$t3 READ /t/keep/new
a< ENOENT
a> tx=$t3 RM /t/keep
a< OK
a> tx=$t3 RM /t/keep/new
a< ENOENT
a> tx=$t3 RM /
a< EINVAL
a> tx=$t3 TRANSACTION_END T
a< OK
b< EVENT /t/keep w
a> DIRECTORY /t
a< y
check
a> RM /t
a< OK
b< EVENT /t w
a> DIRECTORY /
a< tool
check
