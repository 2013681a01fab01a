# RESET_WATCHES drops watches and transactions, also the one it is sent in
# (XSA-484).
socket a
socket b
a> WATCH /r t
a< OK
a< EVENT /r t
a> TRANSACTION_START ""
a< $t
a> TRANSACTION_START ""
a< $u
a> tx=$t WRITE /r/x 1
a< OK
a> tx=$t RESET_WATCHES ""
a< OK
a> tx=$t TRANSACTION_END T
a< ENOENT
a> tx=$u READ /
a< ENOENT
b> WRITE /r/y 1
b< OK
a nothing
a> READ /r/x
a< ENOENT
# ids continue
a> TRANSACTION_START ""
a< 3
a> RESET_WATCHES
a< OK
a> RESET_WATCHES
a< OK
a> WATCH /r t
a< OK
a< EVENT /r t
check
