# The host's limits apply to domains that come later: SET_QUOTA leaves the
# limits of existing domains. CONTROL quota set changes them for every domain
# without a limit of its own.
socket a
socket r ro
repeat i 1 5
  domain $i
done
introduce 1
# SET_FEATURE makes domain 2 known; a mere question does not
a> SET_FEATURE 2 15
a< OK
a> GET_QUOTA 3 watches
a< 128
r> GET_QUOTA 3 watches
r< 128
a> GET_FEATURE 3
a< 15
a> SET_QUOTA watches 2
a< OK
a> GET_QUOTA watches
a< 2
repeat i 0 2
  a> GET_QUOTA $i watches
  a< 128
done
a> GET_QUOTA 3 watches
a< 2
introduce 2 3
each i 1 2 3
  each x a b
    $i> WATCH $x t
    $i< OK
    $i< EVENT $x t
  done
done
each i 1 2
  $i> WATCH c t
  $i< OK
  $i< EVENT c t
done
3> WATCH c t
3< ENOSPC
# a domain that came in between keeps the limit of that time
a> SET_QUOTA watches 1
a< OK
a> GET_QUOTA 3 watches
a< 2
introduce 4
a> GET_QUOTA 4 watches
a< 1
# a domain's own limit can be set as before
a> SET_QUOTA 3 watches 3
a< OK
3> WATCH c t
3< OK
3< EVENT c t
# the same for soft limits, and for the limits that dom0 has
a> SET_QUOTA soft-memory 5
a< OK
a> GET_QUOTA 4 soft-memory
a< 2097152
a> GET_QUOTA 5 soft-memory
a< 5
a> SET_QUOTA path-max 4
a< OK
a> MKDIR /longer
a< OK
1> READ longer
1< EACCES
introduce 5
5> READ longer
5< EINVAL
a> SET_QUOTA 0 path-max 4
a< OK
a> READ /longer
a< EINVAL
a> SET_QUOTA 0 path-max 0
a< OK
# setting the value that holds changes nothing, so CONTROL's change still
# reaches all
a> SET_QUOTA transactions 10
a< OK
a> CONTROL quota set transactions 1
a< OK
each i 1 5
  $i> TRANSACTION_START ""
  $i< ...
  $i> TRANSACTION_START ""
  $i< ENOSPC
done
# ... all that have no limit of their own
a> CONTROL quota set watches 7
a< OK
a> GET_QUOTA 1 watches
a< 128
a> GET_QUOTA 3 watches
a< 3
a> CONTROL quota 3
a< "Domain 3:\nnodes           :        0\nwatches         :        3\ntransactions    :        0\noutstanding     :        0\nmemory          :     1554\nown limit of watches: 3\nrefused for watches: 1\nown limit of path-max: 2048\nown soft limit of memory: 2097152\n"
# the same domain with its ring connected again; another domain with that
# number
introduce 1
a> GET_QUOTA 1 watches
a< 128
a> RELEASE 1
a< OK
introduce 1
a> GET_QUOTA 1 watches
a< 7
die 2
domain 2
introduce 2
a> GET_QUOTA 2 watches
a< 7
check
