# Every request that takes a path, with every kind of bad path (XSA-481, -323).
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
each p "/local/domain/" "//" "/a/" "/a//b" "" "/a b" "a/" "a//b" "/a.b" "/a\x80" "/a:b" "/"*2
  each op DIRECTORY READ GET_PERMS MKDIR RM
    a> $op $p
    a< EINVAL
    1> $op $p
    1< EINVAL
  done
  a> WRITE $p value
  a< EINVAL
  1> WRITE $p value
  1< EINVAL
  a> SET_PERMS $p n0
  a< EINVAL
  1> SET_PERMS $p n1
  1< EINVAL
  a> DIRECTORY_PART $p 0
  a< EINVAL
  1> DIRECTORY_PART $p 0
  1< EINVAL
done
each p "/local/domain/" "//" "/a/" "/a//b" "" "/a b" "a/"
  a> WATCH $p token
  a< EINVAL
  1> WATCH $p token
  1< EINVAL
done
each p "/local/domain/" "//" "/a/" "/a//b" "/a b" "a/"
  a> UNWATCH $p token
  a< ENOENT
  1> UNWATCH $p token
  1< ENOENT
done
a> DIRECTORY /
a< tool local
1> DIRECTORY /local/domain/1
1< empty
check
# special nodes that do not exist
each special "@" "@nobody"
  each op DIRECTORY READ MKDIR RM
    a> $op $special
    a< EINVAL
    1> $op $special
    1< EINVAL
  done
  a> WRITE $special value
  a< EINVAL
  1> WRITE $special value
  1< EINVAL
  a> DIRECTORY_PART $special 0
  a< EINVAL
  1> DIRECTORY_PART $special 0
  1< EINVAL
  a> GET_PERMS $special
  a< EINVAL
  1> GET_PERMS $special
  1< EINVAL
  a> SET_PERMS $special n0
  a< EINVAL
  1> SET_PERMS $special n1
  1< EINVAL
done
# paths that are too long
each long "/a"*1537 "b"*2049
  each op DIRECTORY READ GET_PERMS MKDIR RM
    1> $op $long
    1< EINVAL
  done
  1> WRITE $long value
  1< EINVAL
  1> SET_PERMS $long n1
  1< EINVAL
  1> DIRECTORY_PART $long 0
  1< EINVAL
  1> WATCH $long token
  1< EINVAL
  each op DIRECTORY READ GET_PERMS MKDIR RM
    a> $op $long
    a< EINVAL
  done
  a> WRITE $long value
  a< EINVAL
  a> SET_PERMS $long n0
  a< EINVAL
  a> DIRECTORY_PART $long 0
  a< EINVAL
  a> WATCH $long token
  a< EINVAL
done
check
