# A directory too large for one reply (XSA-72).
socket a
updates off
repeat i 1 300
  a> WRITE /big/name-$i-"n"*40 1
  a< OK
done
updates on
a> DIRECTORY /big
a< E2BIG
a parts /big 300 14892
a> DIRECTORY_PART /big 0
a< $g ...
# the generation is the listing's
a> DIRECTORY_PART /big 14892
a< $g ""
a> DIRECTORY_PART /big 99999
a< $g ""
a> WRITE /big/name-1-"n"*40 2
a< OK
a> DIRECTORY_PART /big 14892
a< $g ""
a> RM /big/name-2-"n"*40
a< OK
a> DIRECTORY_PART /big 99999
a< $h ""
expect $g != $h
a parts /big 299 14844
# in a transaction
a> TRANSACTION_START ""
a< $t
a> tx=$t DIRECTORY /big
a< E2BIG
a> tx=$t WRITE /big/new 1
a< OK
a> tx=$t DIRECTORY_PART /big 14844
a< $i2 new ""
a> tx=$t TRANSACTION_END T
a< OK
a> DIRECTORY_PART /big 14844
a< $k new ""
# small listings, and offsets inside a name
a> WRITE /small/one 1
a< OK
a> WRITE /small/two 1
a< OK
a> DIRECTORY_PART /small 0
a< $s one two ""
a> DIRECTORY_PART /small 4
a< $s two ""
a> DIRECTORY_PART /small 5
a< $s wo ""
a> DIRECTORY_PART /small 8
a< $s ""
a> DIRECTORY_PART /small/one 0
a< $o ""
check
