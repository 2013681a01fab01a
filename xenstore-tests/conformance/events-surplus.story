# One request sends a guest at most 1280 events. The rest is lost: each watch
# that lost an event fires once, with its own path, when the guest reads. A
# guest with one watch loses none.
socket a
domain 1
domain 2
introduce 1 2
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
updates off
repeat w 1 100
  1> WATCH /f token$w
  1< OK
  1< EVENT /f token$w
done
updates on
1> WATCH /f/n19 late
1< OK
1< EVENT /f/n19 late
# the guest may not read /secret, and a lost event must not reveal that it
# changed
1> WATCH /secret no
1< OK
1< EVENT /secret no
2> WATCH /f one
2< OK
2< EVENT /f one
a> TRANSACTION_START ""
a< $t
repeat i 1 20
  a> tx=$t WRITE /f/n$i 1
  a< OK
done
a> tx=$t WRITE /secret 1
a< OK
a> tx=$t TRANSACTION_END T
a< OK
logged "*domain 1: one request caused more events than a domain gets*"
repeat i 1 20
  2< EVENT /f/n$i one
done
2 nothing
updates off
repeat i 1 12
  repeat w 1 100
    1< EVENT /f/n$i token$w
  done
done
repeat w 1 80
  1< EVENT /f/n13 token$w
done
repeat w 1 100
  1< EVENT /f token$w
done
updates on
1< EVENT /f/n19 late
1 nothing
logged "*domain 1: reads again: * watches fire"
# served as before
a> WRITE /secret 2
a< OK
a> WRITE /f/n19/x 2
a< OK
repeat w 1 100
  1< EVENT /f/n19/x token$w
done
1< EVENT /f/n19/x late
1 nothing
2< EVENT /f/n19/x one
a> CONTROL quota 1
a< "Domain 1:\nnodes           :        0\nwatches         :      102\ntransactions    :        0\noutstanding     :        0\nmemory          :    53782\nevents lost     :      101\n"
check
