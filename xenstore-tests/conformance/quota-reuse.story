# A domain with a reused number gets the full quota, every time (XSA-483,
# -419).
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
quota nodes 6
quota watches 2
quota transactions 2
repeat round 1 4
  1> WRITE d/e/f 1
  1< OK
  1> WRITE d/g 1
  1< OK
  1> WRITE d/h 1
  1< OK
  1> WRITE d/i 1
  1< ENOSPC
  a> WRITE /outside$round 1
  a< OK
  a> SET_PERMS /outside$round n1
  a< OK
  1> WATCH d 1
  1< OK
  1< EVENT d 1
  1> WATCH d 2
  1< OK
  1< EVENT d 2
  1> WATCH d 3
  1< ENOSPC
  1> TRANSACTION_START ""
  1< 1
  1> TRANSACTION_START ""
  1< 2
  1> TRANSACTION_START ""
  1< ENOSPC
  die 1
  check
  a> DIRECTORY /
  a< tool local
  a> DIRECTORY /local/domain
  a< 2
  a> MKDIR /local/domain/1
  a< OK
  domain 1
  a> SET_PERMS /local/domain/1 n1
  a< OK
  introduce 1
done
