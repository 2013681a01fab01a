# A guest that does not read loses only its events, after 20 s. When it reads
# again, each watch that lost an event fires once.
socket a
domain 1
domain 2
introduce 1 2
each d 1 2
  a> MKDIR /local/domain/$d
  a< OK
  a> SET_PERMS /local/domain/$d n$d
  a< OK
done
a> WRITE /f 1
a< OK
a> SET_PERMS /f b0
a< OK
1> WATCH /f one
1< OK
1< EVENT /f one
1> WATCH /f two
1< OK
1< EVENT /f two
1> WATCH mine three
1< OK
1< EVENT mine three
1> WATCH @releaseDomain four
1< OK
1< EVENT @releaseDomain four
1> TRANSACTION_START ""
1< $t
1> tx=$t READ /f
1< 1
# more events than the ring holds, and a reply behind them
1 takes 0
repeat i 1 40
  a> WRITE /f/n$i 1
  a< OK
done
1> READ /f/n40
time += 19000
ring 1 error == 0
time += 1100
logged "*domain 1: has not read its events for 20 s: 41 dropped; their watches fire again when it reads"
# events are dropped, new ones too; the connection stays
a> WRITE /f/late 1
a< OK
die 2
ring 1 error == 0
a> CONTROL quota 1
a< "Domain 1:\nnodes           :        1\nwatches         :        4\ntransactions    :        1\noutstanding     :        1\nmemory          :     3384\nevents lost     :       44\n"
1 takes all
# the events that fitted into the ring, then the reply
each i 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
  1< EVENT /f/n$i one
  1< EVENT /f/n$i two
done
1< EVENT /f/n20 one
1< 1
1< EVENT /f one
1< EVENT /f two
1< EVENT @releaseDomain four
1 nothing
logged "*domain 1: reads again: 3 events were dropped, 3 watches fire"
# served as before: watches and transaction
a> WRITE /f/n1 2
a< OK
1< EVENT /f/n1 one
1< EVENT /f/n1 two
1> tx=$t READ /f/late
1< 1
1> tx=$t TRANSACTION_END T
1< OK
1> WRITE mine 1
1< EVENT mine three
1< OK
# the same again; one of its watches is removed before it reads
1 takes 0
repeat i 1 40
  a> WRITE /f/n$i 2
  a< OK
done
time += 21000
1> UNWATCH /f one
1 takes all
each i 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
  1< EVENT /f/n$i one
  1< EVENT /f/n$i two
done
1< EVENT /f/n20 one
1< OK
1< EVENT /f two
1 nothing
a> WRITE /f/n1 2
a< OK
1< EVENT /f/n1 two
check
