# A read-only socket reads, watches and lists, and changes nothing.
socket a
socket r ro
a> WRITE /x 1
a< OK
r> READ /x
r< 1
r> DIRECTORY /
r< tool x
r> GET_PERMS /x
r< n0
r> DIRECTORY_PART / 0
r< $g tool x ""
r> WATCH /x t
r< OK
r< EVENT /x t
r> GET_DOMAIN_PATH 0
r< /local/domain/0
r> IS_DOMAIN_INTRODUCED 0
r< T
r> WRITE /x 2
r< EROFS
r> SET_PERMS /x r0
r< EROFS
each op MKDIR RM
  r> $op /y
  r< EROFS
done
each op RELEASE RESUME
  r> $op 1
  r< EROFS
done
r> INTRODUCE 1 1 1
r< EROFS
r> SET_TARGET 1 2
r< EROFS
r> CONTROL check
r< EROFS
a> WRITE /x 2
a< OK
r< EVENT /x t
r> TRANSACTION_START ""
r< $t
r> tx=$t READ /x
r< 2
r> tx=$t WRITE /x 3
r< EROFS
r> tx=$t TRANSACTION_END T
r< OK
r> UNWATCH /x t
r< OK
r> RESET_WATCHES ""
r< OK
check
