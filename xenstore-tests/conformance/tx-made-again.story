# A node that a transaction makes and removes again was never seen by others.
# If it is made again as the parent of another node it gets no event of its
# own: that node's event is enough.
socket a
socket b
a> WATCH /r w
a< OK
a< EVENT /r w
a> WATCH /r/s x
a< OK
a< EVENT /r/s x
b> TRANSACTION_START ""
b< $t
b> tx=$t WRITE /r/s/one 1
b< OK
b> tx=$t RM /r
b< OK
b> tx=$t MKDIR /r/s/two
b< OK
b> tx=$t TRANSACTION_END T
b< OK
a< EVENT /r/s/two w
a< EVENT /r/s/two x
a nothing
a> DIRECTORY /r/s
a< two
# a node that others knew is removed, and its watches fire
b> TRANSACTION_START ""
b< $u
b> tx=$u RM /r/s
b< OK
b> tx=$u MKDIR /r/s/three
b< OK
b> tx=$u TRANSACTION_END T
b< OK
a< EVENT /r/s w
a< EVENT /r/s x
a< EVENT /r/s/three w
a< EVENT /r/s/three x
a nothing
check
