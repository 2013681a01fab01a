# A missing node: ENOENT, or EACCES below a node that may not be read.
socket a
domain 1
introduce 1
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1
a< OK
a> WRITE /closed/open/leaf 1
a< OK
a> SET_PERMS /closed/open r0
a< OK
each op READ DIRECTORY GET_PERMS RM MKDIR
  1> $op /closed/none
  1< EACCES
  1> $op /closed/none/at/all
  1< EACCES
  1> $op /none
  1< EACCES
done
1> WRITE /closed/none x
1< EACCES
1> WRITE /none x
1< EACCES
each op READ DIRECTORY GET_PERMS
  1> $op /closed/open/none
  1< ENOENT
  1> $op /closed/open/none/at/all
  1< ENOENT
done
1> WRITE /closed/open/none x
1< EACCES
1> MKDIR /closed/open/none
1< EACCES
1> RM /closed/open/none
1< EACCES
1> SET_PERMS /closed/open/none n1
1< EACCES
1> DIRECTORY /closed/open
1< leaf
1> READ /closed/open/leaf
1< EACCES
a> READ /closed/none
a< ENOENT
a> SET_PERMS /closed/none n0
a< ENOENT
# the root (XSA-353)
1> DIRECTORY /
1< EACCES
1> READ /
1< EACCES
1> SET_PERMS / n1
1< EACCES
1> SET_PERMS / b0
1< EACCES
1> WRITE / x
1< EACCES
a> SET_PERMS / r0
a< OK
1> DIRECTORY /
1< tool local closed
1> READ /none
1< ENOENT
1> WRITE /none 1
1< EACCES
