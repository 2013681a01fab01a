# The highest use by any guest, counted again from CONTROL quota max -r on:
# replies that already waited belong to the time before.
socket a
domain 1
introduce 1
a> WRITE /v "x"*600
a< OK
a> SET_PERMS /v r0
a< OK
1 takes 0
repeat i 1 5
  1> READ /v
done
a> CONTROL quota max -r
a< ...
a> CONTROL quota max
a< $most
a> CONTROL quota max
a< $again
expect $most == $again
1 takes all
1 deaf
check
