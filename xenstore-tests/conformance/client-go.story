# xe-guest-utilities (Go), in a guest: every request has id 0, directories are
# made by writing an empty value, and all paths are relative.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
1> req=0 WRITE attr ""
1< OK
1> req=0 WRITE data ""
1< OK
1> req=0 WRITE attr/vif/0/ipv4/0 10.0.0.7
1< OK
# again: the nodes below stay, the value is replaced
1> req=0 WRITE attr/vif ""
1< OK
1> req=0 READ attr/vif/0/ipv4/0
1< 10.0.0.7
1> req=0 READ attr/vif
1< empty
1> req=0 DIRECTORY attr/vif/0
1< ipv4
1> req=0 DIRECTORY attr/vif/0/ipv4/0
1< empty
1> req=0 GET_PERMS data
1< n1
1> req=0 RM attr/vif/1
1< OK
1> req=0 RM attr/eth/1
1< ENOENT
# a watch, and requests whose answers can be told apart only by their order
1> req=0 WATCH control/feature-x tok
1< OK
1< EVENT control/feature-x tok
a> WRITE /local/domain/1/control/feature-x 1
a< OK
a> SET_PERMS /local/domain/1/control/feature-x n1
1< EVENT control/feature-x tok
1< EVENT control/feature-x tok
a< OK
hold
1> req=0 WRITE data/updated 1
1> req=0 READ data/updated
1> req=0 READ data/none
1> req=0 WRITE control/feature-x 2
1> req=0 DIRECTORY data
1> req=0 UNWATCH control/feature-x tok
1> req=0 WRITE control/feature-x 3
go
1< OK
1< 1
1< ENOENT
1< EVENT control/feature-x tok
1< OK
1< updated
1< OK
1< OK
1 nothing
# the same watch by its absolute path: it is removed already
1> req=0 UNWATCH /local/domain/1/control/feature-x tok
1< ENOENT
check
