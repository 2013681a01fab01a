# A guest asks for a new connection through the word in its ring page.
socket a
domain 1
# not introduced yet: the introduction fulfils it
ring 1 connection = 1
introduce 1
ring 1 connection == 0
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> READ .
1< EINVAL
# watches, transactions and half a request are dropped, and the ring is empty
1> WATCH /x t
1< OK
1< EVENT /x t
1> TRANSACTION_START ""
1< $t
1> tx=$t WRITE data 1
1< OK
1 first 20 WRITE data 2
ring 1 connection = 1
kick 1
ring 1 connection == 0
ring 1 req_prod == 0
ring 1 req_cons == 0
ring 1 rsp_prod == 0
ring 1 rsp_cons == 0
1 restarts
1> tx=$t TRANSACTION_END T
1< ENOENT
1> READ data
1< ENOENT
1> UNWATCH /x t
1< ENOENT
# from a ring in error, too
ring 1 req_prod += 5000
kick 1
later 1100
ring 1 error == 2
1 nothing
ring 1 connection = 1
kick 1
ring 1 connection == 0
ring 1 error == 0
1 restarts
1> GET_DOMAIN_PATH 1
1< /local/domain/1
# a domain that was not offered this feature
domain 2
a> SET_FEATURE 2 14
a< OK
introduce 2
ring 2 connection = 1
kick 2
ring 2 connection == 1
2> GET_DOMAIN_PATH 2
2< /local/domain/2
introduce 2
ring 2 connection == 0
# the next domain with that number, with its port given in the page
die 1
domain 1
port 1 2
ring 1 evtchn_port = 2
introduce 1
1> GET_DOMAIN_PATH 1
1< /local/domain/1
check
