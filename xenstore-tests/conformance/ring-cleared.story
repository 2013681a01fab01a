# A boot loader clears the ring page word by word, so for a moment its indexes
# make no sense. The daemon gives up the connection only if that lasts a
# second.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WRITE /local/domain/1/long "x"*2000
a< OK
1> READ .
1< EINVAL
1> WATCH x t
1< OK
1< EVENT x t
# the producers first, with half a request and half a reply under way
hold
1 first 20 WRITE data 1
go
1 takes 0
a> WRITE /local/domain/1/x 1
a< OK
ring 1 error == 0
ring 1 req_prod = 0
kick 1
ring 1 error == 0
later 200
ring 1 rsp_prod = 0
kick 1
ring 1 error == 0
later 200
ring 1 req_cons = 0
ring 1 rsp_cons = 0
later 100
ring 1 error == 0
1 restarts
1> GET_DOMAIN_PATH 1
1< /local/domain/1
1> READ x
1< 1
# the indexes make sense again, and no event says so
ring 1 req_prod += 3000
kick 1
later 300
ring 1 req_prod += 0xfffff448
later 100
1> READ x
1< 1
# the same for the other direction
ring 1 rsp_cons += 3000
kick 1
later 300
ring 1 rsp_cons += 0xfffff448
1> READ x
1< 1
# half a reply continues if nothing was cleared
hold
1> READ long
1 takes 500
go
ring 1 req_prod += 3000
kick 1
later 300
ring 1 req_prod += 0xfffff448
1 takes all
later 300
1< "x"*2000
# it lasts too long
ring 1 req_prod += 3000
kick 1
later 500
ring 1 error == 0
later 1100
ring 1 error == 2
1 deaf
# INTRODUCE repairs the ring, whatever the page holds
ring 1 req_prod = 12345
ring 1 rsp_cons = 54321
ring 1 evtchn_port = 7
introduce 1
1 restarts
ring 1 error == 0
ring 1 req_prod == 0
1> READ x
1< 1
# INTRODUCE while the page is being cleared
ring 1 evtchn_port = 0
ring 1 req_prod = 0
kick 1
introduce 1
1 restarts
1> READ x
1< 1
# RELEASE and INTRODUCE with indexes that make no sense
a> RELEASE 1
a< OK
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
ring 1 req_prod += 3000
ring 1 error = 2
introduce 1
1 restarts
ring 1 error == 0
1> READ x
1< ENOENT
# cleared and used again in one step, with half a request read before
1 first 20 WRITE data 1
hold
each word req_prod req_cons rsp_prod rsp_cons
  ring 1 $word = 0
done
1 restarts
1> GET_DOMAIN_PATH 1
go
1< /local/domain/1
check
