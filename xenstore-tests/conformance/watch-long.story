# An event that would exceed the longest message is dropped (XSA-324).
socket a
socket b
a> WATCH /long "t"*4000
a< OK
a< EVENT /long "t"*4000
b> WRITE /long 1
b< OK
a< EVENT /long "t"*4000
b> WRITE /long/"p"*200 1
b< OK
a nothing
b> WRITE /long/"p"*80 1
b< OK
a< EVENT /long/"p"*80 "t"*4000
# 4096 bytes exactly: /long/ + p + NUL + 4000 + NUL
b> WRITE /long/"p"*88 1
b< OK
a< EVENT /long/"p"*88 "t"*4000
b> WRITE /long/"p"*89 1
b< OK
a nothing
a> UNWATCH /long "t"*4000
a< OK
check
