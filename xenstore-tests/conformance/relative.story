# A path without a slash starts from the client's home.
socket a
domain 1
domain 2
introduce 1 2
a> MKDIR /local/domain/1
a< OK
a> SET_PERMS /local/domain/1 n1 r2
a< OK
a> WRITE name host
a< OK
a> READ /local/domain/0/name
a< host
1> WRITE data/x here
1< OK
1> READ /local/domain/1/data/x
1< here
1> READ data/x
1< here
1> DIRECTORY data
1< x
1> WATCH data t
1< OK
1< EVENT data t
1> WATCH /local/domain/1/data abs
1< OK
1< EVENT /local/domain/1/data abs
a> WRITE /local/domain/1/data/y 1
a< OK
1< EVENT data/y t
1< EVENT /local/domain/1/data/y abs
# an absolute path to the same node: the same watch unless the token differs
1> WATCH /local/domain/1/data t
1< EEXIST
1> UNWATCH data abs
1< OK
a> WRITE /local/domain/1/data/y 2
a< OK
1< EVENT data/y t
1> RM data
1< EVENT data t
1< OK
a> WATCH name t
a< OK
a< EVENT name t
a> WRITE /local/domain/0/name other
a< EVENT name t
a< OK
# another domain's home is not the client's own
2> READ data/x
2< EACCES
2> GET_DOMAIN_PATH 1
2< /local/domain/1
