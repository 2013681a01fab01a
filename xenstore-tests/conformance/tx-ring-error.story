# A ring that breaks in the middle of a transaction (XSA-484).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE x 1
1< OK
1> WATCH x t
1< OK
1< EVENT x t
ring 1 req_prod += 5000
kick 1
later 1100
ring 1 error == 2
a> DIRECTORY /local/domain/1
a< empty
a> WRITE /local/domain/1/x 2
a< OK
check
die 1
check
