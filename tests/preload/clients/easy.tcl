# SPDX-License-Identifier: MIT
# easy.tcl URL... - Tcl's binding: one handle for all, one after the other. The
# exit status is the last one's error.
package require TclCurl

set handle [curl::init]
foreach url $argv {
  $handle configure -url $url -cainfo $env(HE_LAB_CA) \
    -timeout $env(HE_LIMIT) -bodyvar body -errorbuffer message
  if {[catch {$handle perform} number]} {
    puts stderr "$number $message"
    continue
  }
  fconfigure stdout -translation binary
  puts -nonewline $body
}
$handle cleanup
exit $number
