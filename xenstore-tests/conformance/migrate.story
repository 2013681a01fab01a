# One domain's state is saved, its connection given up and restored. This is
# what happens on another host, except that the Xen domain is the same one. (In
# one process only: real daemons cannot use the file name /image.)
time += 0
socket a
domain 1
introduce 1
a> WRITE /local/domain/1/data x
a< OK
a> SET_PERMS /local/domain/1 n0 r1
a< OK
a> SET_PERMS /local/domain/1/data n1
a< OK
a> WRITE /tool/shared 1
a< OK
a> SET_PERMS /tool/shared r0
a< OK
1> WATCH data mine
1< OK
1< EVENT data mine
1> WATCH /tool/shared t 0
1< OK
1< EVENT /tool/shared t
# three transactions: $bad is in conflict already, $good and $late will be
1> TRANSACTION_START ""
1< $good
1> tx=$good READ /tool/shared
1< 1
1> tx=$good WRITE data/new 1
1< OK
1> TRANSACTION_START ""
1< $bad
1> tx=$bad READ data
1< x
1> WRITE data y
1< EVENT data mine
1< OK
1> TRANSACTION_START ""
1< $late
1> tx=$late DIRECTORY data
1< empty
# this one will commit
1> TRANSACTION_START ""
1< $will
1> tx=$will READ data
1< y
1> tx=$will READ data/none
1< ENOENT
1> tx=$will WRITE data/deep/node v
1< OK
# half a request
1 first 20 WRITE data/half abc
a> CONTROL migrate-save --freeze 1 /image
a< OK
# frozen: no request is handled, events wait
a> WRITE /tool/shared 1
a< OK
1 nothing
time += 30000
1 nothing
# the toolstack changes its mind
a> CONTROL migrate-thaw 1
a< OK
1< EVENT /tool/shared t
a> CONTROL migrate-thaw 1
a< "domain 1 is not frozen"
a> CONTROL migrate-save --freeze 1 /image
a< OK
a> CONTROL migrate-restore /image
a< ...
a> CONTROL migrate-forget --keep-nodes 1
a< OK
a> IS_DOMAIN_INTRODUCED 1
a< F
# a change to what $late has listed
a> WRITE /local/domain/1/data/later 1
a< OK
a> SET_PERMS /local/domain/1/data/later n1
a< OK
a> CONTROL migrate-restore /image
a< OK
a> IS_DOMAIN_INTRODUCED 1
a< T
1 rest
1< EVENT data/half mine
1< OK
1> tx=$good TRANSACTION_END T
1< EAGAIN
1> tx=$bad TRANSACTION_END T
1< EAGAIN
1> tx=$late TRANSACTION_END T
1< EAGAIN
1> tx=$will READ data
1< y
1> tx=$will TRANSACTION_END T
1< EVENT data/deep/node mine
1< OK
1> READ data/deep/node
1< v
# transaction ids continue
1> TRANSACTION_START ""
1< 5
# the watches are unchanged
a> WRITE /local/domain/1/data z
a< OK
1< EVENT data mine
a> WRITE /tool/shared/below 1
a< OK
1 nothing
# a toolstack may introduce it again, once, without harm
introduce 1
1> tx=5 TRANSACTION_END F
1< OK
introduce 1
1 restarts
1> UNWATCH data mine
1< ENOENT
check
