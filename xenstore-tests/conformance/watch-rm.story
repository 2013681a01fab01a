# Removing a subtree: below it only exact watches fire, children first; then
# those on the node itself and above.
socket a
socket b
b> WRITE /r/s/t/u 1
b< OK
b> WRITE /r/s/v 1
b< OK
a> WATCH /r/s/t/u u
a< OK
a< EVENT /r/s/t/u u
a> WATCH /r/s/v v
a< OK
a< EVENT /r/s/v v
a> WATCH /r/s/t t
a< OK
a< EVENT /r/s/t t
a> WATCH /r/s s
a< OK
a< EVENT /r/s s
a> WATCH /r r
a< OK
a< EVENT /r r
b> RM /r/s
b< OK
a< EVENT /r/s/t/u u
a< EVENT /r/s/t t
a< EVENT /r/s/v v
a< EVENT /r/s s
a< EVENT /r/s r
b> RM /r/s
b< OK
a nothing
b> RM /r
b< OK
a< EVENT /r r
# the watches stay
b> WRITE /r/s/t/u 1
b< OK
a< EVENT /r/s/t/u u
a< EVENT /r/s/t/u t
a< EVENT /r/s/t/u s
a< EVENT /r/s/t/u r
check
