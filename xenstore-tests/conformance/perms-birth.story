# A permission that a transaction gives to a domain that does not exist is not
# for the next domain with that number, even if that is born before the commit.
dom0
socket a
socket b
domain 1
introduce 1
# named before the domain is born
a> WRITE /p/old 1
a< OK
a> SET_PERMS /p/old n0
a< OK
a> TRANSACTION_START ""
a< $t
a> tx=$t SET_PERMS /p/old b0 r2
a< OK
a> tx=$t WRITE /p/new 1
a< OK
a> tx=$t SET_PERMS /p/new n0 r2 r1
a< OK
domain 2
a> tx=$t TRANSACTION_END T
a< OK
a> GET_PERMS /p/old
a< b0
a> GET_PERMS /p/new
a< n0 r1
introduce 2
2> READ /p/new
2< EACCES
1> READ /p/new
1< 1
# /p/old says "b", so domain 2 may learn that a node below it is missing ...
2> RM /p/old/x
2< OK
# ... and a permission given after its birth holds
a> TRANSACTION_START ""
a< $u
a> tx=$u SET_PERMS /p/new n0 r2
a< OK
b> TRANSACTION_START ""
b< $v
b> tx=$v WRITE /p/new/below 1
b< OK
a> tx=$u TRANSACTION_END T
a< OK
2> READ /p/new
2< 1
# a transaction that carries an entry along while the domain dies and is born
a> MKDIR /q
a< OK
a> SET_PERMS /q n0 r2
a< OK
a> TRANSACTION_START ""
a< $w
a> tx=$w WRITE /q 1
a< OK
a> tx=$w WRITE /q/one/two 2
a< OK
die 2
domain 2
introduce 2
2> READ /q
2< EACCES
a> tx=$w TRANSACTION_END T
a< OK
2> READ /q/one/two
2< EACCES
2> DIRECTORY /q
2< EACCES
a> GET_PERMS /q/one/two
a< n0
# a transaction based on the earlier permissions is in conflict
b> tx=$v TRANSACTION_END T
b< EAGAIN
# the same for an entry that takes a right away
a> MKDIR /r
a< OK
die 2
a> TRANSACTION_START ""
a< $x
a> tx=$x SET_PERMS /r b0 n2
a< OK
domain 2
a> tx=$x TRANSACTION_END T
a< OK
introduce 2
a> GET_PERMS /r
a< b0
2> READ /r
2< empty
# a node given to the old domain is not for the new one
a> TRANSACTION_START ""
a< $y
a> tx=$y SET_PERMS /r n2
a< OK
die 2
domain 2
introduce 2
a> tx=$y TRANSACTION_END T
a< EAGAIN
a> GET_PERMS /r
a< b0
check
