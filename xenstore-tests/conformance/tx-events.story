# A commit fires watches in the order of first touch, once for each node.
socket a
socket b
a> WRITE /e/old 1
a< OK
b> WATCH /e w
b< OK
b< EVENT /e w
b> WATCH /e/n exact
b< OK
b< EVENT /e/n exact
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /e/z 1
a< OK
a> tx=$t WRITE /e/y 1
a< OK
a> tx=$t WRITE /e/z 2
a< OK
a> tx=$t RM /e/old
a< OK
a> tx=$t WRITE /e/n/m/o 1
a< OK
b nothing
a> tx=$t TRANSACTION_END T
a< OK
b< EVENT /e/z w
b< EVENT /e/y w
b< EVENT /e/old w
b< EVENT /e/n/m/o w
b< EVENT /e/n/m/o exact
# reading, listing, MKDIR of an existing node, RM of a missing node: no event
a> TRANSACTION_START ""
a< $t2
a> tx=$t2 READ /e/z
a< 2
a> tx=$t2 DIRECTORY /e
a< z y n
a> tx=$t2 MKDIR /e/y
a< OK
a> tx=$t2 RM /e/nothing
a< OK
a> tx=$t2 TRANSACTION_END T
a< OK
b nothing
# permissions
a> TRANSACTION_START ""
a< $t3
a> tx=$t3 SET_PERMS /e/y n0
a< OK
a> tx=$t3 TRANSACTION_END T
a< OK
b< EVENT /e/y w
# a removed subtree: below it only exact watches fire
a> TRANSACTION_START ""
a< $t4
a> tx=$t4 RM /e/n
a< OK
a> tx=$t4 TRANSACTION_END T
a< OK
b< EVENT /e/n w
b< EVENT /e/n exact
# a failed commit fires nothing
a> TRANSACTION_START ""
a< $t5
a> tx=$t5 WRITE /e/z 3
a< OK
b> WRITE /e/z 4
b< EVENT /e/z w
b< OK
a> tx=$t5 TRANSACTION_END T
a< EAGAIN
b nothing
