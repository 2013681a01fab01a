# CONTROL: check answers OK, an unknown command EINVAL.
socket a
a> CONTROL check
a< OK
a> CONTROL no-such-command
a< EINVAL
a> CONTROL =check
a< EINVAL
a> CONTROL check what
a< EINVAL
a> CONTROL help
a< ...
a> CONTROL live-update
a< EINVAL
# while a successor is loaded, the copy for it counts, too
updates off
a> CONTROL memreport
a< ...
updates on
a> CONTROL memreport a b
a< EINVAL
check
