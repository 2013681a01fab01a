# Wild indexes: the ring is marked as broken and ignored, the domain lives on
# (XSA-325).
socket a
domain 1
domain 2
introduce 1 2
each i 1 2
  a> MKDIR /local/domain/$i
  a< OK
  a> SET_PERMS /local/domain/$i n$i
  a< OK
done
a> WATCH @releaseDomain gone
a< OK
a< EVENT @releaseDomain gone
each word req_prod req_cons
  2> READ x
  2< ENOENT
  ring 1 $word += 1025
  kick 1
  later 1100
  ring 1 error == 2
  a nothing
  2> READ x
  2< ENOENT
  # whatever the guest does now
  1> READ x
  kick 1
  1 nothing
  a> IS_DOMAIN_INTRODUCED 1
  a< T
  a> READ /local/domain/1
  a< empty
  die 1
  a< EVENT @releaseDomain gone
  a> DIRECTORY /local/domain
  a< 2
  domain 1
  introduce 1
  a> MKDIR /local/domain/1
  a< OK
  a> SET_PERMS /local/domain/1 n1
  a< OK
done
# wild reply indexes are noticed when a reply is due
ring 1 rsp_cons += 77
1> READ x
later 1100
ring 1 error == 2
a nothing
# introduced again, the ring starts from zero
introduce 1
ring 1 error == 0
ring 1 req_cons == 0
ring 1 rsp_prod == 0
1 restarts
1> READ x
1< ENOENT
# a message whose header gives too large a length
1> len=4097 READ x
ring 1 error == 3
die 1
a< EVENT @releaseDomain gone
check
