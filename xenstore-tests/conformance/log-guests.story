# What guests cause in the log: no terminal escapes, no forged lines, and no
# more than the disk has room for.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
quota transactions 1
1> TRANSACTION_START ""
1< $t
1> TRANSACTION_START "\x1b[2J\nforged: line\x9b\x0d"
1< ENOSPC
logged "*domain 1: TRANSACTION_START refused (ENOSPC), quota transactions is 1; path \\x1b[2J\\x0aforged:\\x20line\\x9b\\x0d; *"
unlogged "forged*"

# One domain gets six lines a minute.
updates off
time += 60000
repeat i 2 20
  1> TRANSACTION_START ""
  1< ENOSPC
done
logged "* 2 such refusals so far"
logged "* 7 such refusals so far"
unlogged "* such refusals so far*"
# So does another domain.
domain 2
introduce 2
2> TRANSACTION_START ""
2< $u
2> TRANSACTION_START ""
2< ENOSPC
logged "*domain 2: TRANSACTION_START refused*"
time += 60000
1> TRANSACTION_START ""
1< ENOSPC
logged "* 21 such refusals so far; before this, left out 13 lines about the domain (at most 6 a minute)"

# A guest that breaks its ring and reconnects only to break it again.
repeat i 1 20
  1> len=4097 READ x
  ring 1 connection = 1
  ring 1 error = 0
  kick 1
  1 restarts
done
logged "*domain 1: broke the ring protocol*"
logged "*domain 1: broke the ring protocol*"
logged "*domain 1: broke the ring protocol*"
logged "*domain 1: broke the ring protocol*"
logged "*domain 1: broke the ring protocol*"
unlogged "*domain 1 broke*"
updates on

# All guests together get sixty lines a minute. Lines that no guest caused are
# always written.
updates off
time += 60000
repeat d 3 14
  domain $d
  introduce $d
  $d> TRANSACTION_START ""
  $d< ...
  repeat i 1 6
    $d> TRANSACTION_START ""
    $d< ENOSPC
  done
done
logged "*domain 12: TRANSACTION_START refused*; 6 such refusals so far"
unlogged "*domain 13: TRANSACTION_START refused*"
a> CONTROL print "still here"
a< OK
logged "*control: still here"
time += 60000
2> TRANSACTION_START ""
2< ENOSPC
logged "*log: left out 12 lines caused by guests (at most 60 a minute)"
logged "*domain 2: TRANSACTION_START refused*"
updates on

# Omitted lines are reported when the domain ends, at the latest.
updates off
time += 60000
repeat i 1 9
  2> TRANSACTION_START ""
  2< ENOSPC
done
logged "*domain 2: TRANSACTION_START refused*"
die 2
logged "*domain 2: left out 3 lines about it (at most 6 a minute)"
updates on

# No span of a minute has more than sixty, wherever it begins.
updates off
time += 60000
domain 20
introduce 20
20> TRANSACTION_START ""
20< ...
20> TRANSACTION_START ""
20< ENOSPC
logged "*domain 20: TRANSACTION_START refused*; 1 such refusals so far"
time += 59999
repeat i 1 5
  20> TRANSACTION_START ""
  20< ENOSPC
done
logged "*domain 20: TRANSACTION_START refused*; 6 such refusals so far"
time += 1
repeat i 1 3
  20> TRANSACTION_START ""
  20< ENOSPC
done
logged "*domain 20: TRANSACTION_START refused*; 7 such refusals so far"
unlogged "*domain 20: TRANSACTION_START refused*; 8 such refusals so far"
updates on
