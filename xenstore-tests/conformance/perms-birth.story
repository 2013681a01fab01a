# What a transaction says about a domain that is not there is not for the next
# one of that number, though it is committed after its birth.
dom0
socket a
socket b
domain 1
introduce 1
# named before it is born
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
# /p/old says "b", so that what is missing below it is no secret ...
2> RM /p/old/x
2< OK
# ... and named when it is there, it may
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
# a transaction that only carries an entry along, over a death and a birth
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
# what was based on the permissions of before is in conflict
b> tx=$v TRANSACTION_END T
b< EAGAIN
# also an entry that is there to take something away
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
# what was given to the one before is not for the next
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
