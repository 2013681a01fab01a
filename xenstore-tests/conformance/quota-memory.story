# The memory quota: charged by a formula (store/quota.h), refused with ENOSPC.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
# /local/domain/1 costs 64 + "1" and NUL: 66
a> SET_QUOTA 1 memory 300
a< OK
# 66 + 64 + "ab" and NUL + 100 = 233
1> WRITE ab "x"*100
1< OK
# 301 would be one byte too many, 300 is allowed
1> WRITE ab "x"*168
1< ENOSPC
1> READ ab
1< "x"*100
# 64 + "c" and NUL + 1 = 67 more: 300
1> WRITE c 1
1< OK
1> WRITE c 12
1< ENOSPC
1> MKDIR d
1< ENOSPC
1> WATCH c t
1< ENOSPC
1> TRANSACTION_START ""
1< ENOSPC
# shrinking is always possible, and what is removed is credited
1> WRITE ab ""
1< OK
1> MKDIR d
1< OK
1> RM d
1< OK
1> RM ab
1< OK
# 66 + 67 = 133; a watch costs 384 + 128 for its one name + twice its path +
# token
a> SET_QUOTA 1 memory 700
a< OK
1> WATCH c "t"*51
1< ENOSPC
1> WATCH c "t"*50
1< OK
1< EVENT c "t"*50
1> UNWATCH c "t"*50
1< OK
# a transaction costs 512, each node in it or on the way to one 272 and its
# name
a> SET_QUOTA 1 memory 645
a< OK
1> TRANSACTION_START ""
1< $t
1> tx=$t READ c
1< ENOSPC
a> SET_QUOTA 1 memory 1750
a< OK
1> tx=$t READ c
1< ENOSPC
a> SET_QUOTA 1 memory 1851
a< OK
# 133 + 512 + 4 * 272 + "local", "domain", "1", "c", each with NUL + 1 = 1751
1> tx=$t READ c
1< 1
1> tx=$t WRITE c "x"*101
1< OK
1> tx=$t WRITE c "x"*102
1< ENOSPC
1> tx=$t MKDIR e
1< ENOSPC
1> tx=$t DIRECTORY .
1< EINVAL
1> tx=$t TRANSACTION_END T
1< OK
1> READ c
1< "x"*101
a> SET_QUOTA 1 memory 700
a< OK
# nodes made by dom0 count for their owner and are never refused
a> WRITE /local/domain/1/big "x"*600
a< OK
a> SET_PERMS /local/domain/1/big n1
a< OK
1> MKDIR f
1< ENOSPC
1> RM big
1< OK
1> MKDIR f
1< OK
# no limit
a> SET_QUOTA 1 memory 0
a< OK
repeat i 1 40
  1> WRITE n$i "x"*1000
  1< OK
done
check
# all of it goes with the domain
die 1
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> SET_QUOTA 1 memory 200
a< OK
1> WRITE ab "x"*67
1< OK
1> WRITE ab "x"*68
1< ENOSPC
check
