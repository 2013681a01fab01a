# The death of a domain with many nodes. They are removed in batches while
# other clients are served, and no other domain can get hold of them. This
# story looks at single rounds of the loop.
hold
round
go
socket a
socket b
socket c
domain 2
introduce 2
updates off
each d 1 3 4 5 6
  domain $d
  introduce $d
  a> MKDIR /local/domain/$d
  a< OK
  a> SET_PERMS /local/domain/$d n$d r2
  a< OK
  repeat i 1 3000
    a> WRITE /local/domain/$d/many/$i ""
    a< OK
  done
  a> WRITE /shared/$d ""
  a< OK
  a> SET_PERMS /shared/$d n0 r$d
  a< OK
  c> WATCH /local/domain/$d/many/7 seven
  c< OK
  c< EVENT /local/domain/$d/many/7 seven
  b> WATCH /local/domain/$d home
  b< OK
  b< EVENT /local/domain/$d home
done
a> SET_PERMS /shared n0 r1 r3 r4 r5 r6
a< OK
b> WATCH @releaseDomain gone
b< OK
b< EVENT @releaseDomain gone

# Others are served in between. For permissions the domain is gone at once; its
# death is announced when its last node is removed.
hold
die 1
round
2> READ /local/domain/1
a> IS_DOMAIN_INTRODUCED 1
a> GET_PERMS /shared/1
round
2< ""
a< F
a< n0
b nothing
check
go
c< EVENT /local/domain/1/many/7 seven
b< EVENT /local/domain/1 home
b< EVENT @releaseDomain gone
a> READ /local/domain/1
a< ENOENT
check

# A new domain with the same number has to wait until everything is gone.
hold
die 3
round
domain 3
a> SET_QUOTA 3 nodes 77
go
a< OK
b< EVENT /local/domain/3 home
b< EVENT @releaseDomain gone
introduce 3
a> READ /local/domain/3
a< ENOENT
3> READ /shared/3
3< EACCES
a> GET_QUOTA 3 nodes
a< 77
check

# What dom0 writes there meanwhile does not count as the dead domain's, ...
hold
die 4
round
a> WRITE /local/domain/4/many/2999/new 1
go
b< EVENT /local/domain/4 home
b< EVENT @releaseDomain gone
b< EVENT /local/domain/4/many/2999/new home
a< OK
a> GET_PERMS /local/domain/4/many
a< n0
a> DIRECTORY /local/domain/4/many
a< 2999
check

# ... nor does what dom0 commits there.
a> TRANSACTION_START ""
a< $t
a> tx=$t WRITE /local/domain/6/many/2999/new 1
a< OK
a> tx=$t SET_PERMS /local/domain/6/many/2999/new n0
a< OK
hold
die 6
round
a> tx=$t TRANSACTION_END T
go
b< EVENT /local/domain/6 home
b< EVENT @releaseDomain gone
a< EAGAIN
check

# A domain that dies while another's nodes are being removed is announced after
# it. An update carries over nothing of either.
b> WATCH /local/domain/2 home
b< OK
b< EVENT /local/domain/2 home
a> MKDIR /local/domain/2
b< EVENT /local/domain/2 home
a< OK
a> SET_PERMS /local/domain/2 n2
b< EVENT /local/domain/2 home
a< OK
updates on
hold
die 5
round
die 2
round
go
c< EVENT /local/domain/3/many/7 seven
c< EVENT /local/domain/4/many/7 seven
c< EVENT /local/domain/6/many/7 seven
c< EVENT /local/domain/5/many/7 seven
b< EVENT /local/domain/5 home
b< EVENT @releaseDomain gone
b< EVENT /local/domain/2 home
b< EVENT @releaseDomain gone
a> READ /local/domain/5
a< ENOENT
a> READ /local/domain/2
a< ENOENT
check
