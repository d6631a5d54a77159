<?php
// SPDX-License-Identifier: MIT
// multi.php URL... - PHP's multi interface: all at once.
$multi = curl_multi_init();
$handles = [];
$status = 0;
foreach(array_slice($argv, 1) as $url) {
  $handle = curl_init($url);
  curl_setopt($handle, CURLOPT_CAINFO, getenv("HE_LAB_CA"));
  curl_setopt($handle, CURLOPT_TIMEOUT, (int)getenv("HE_LIMIT"));
  curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
  curl_multi_add_handle($multi, $handle);
  $handles[] = $handle;
}
do {
  curl_multi_exec($multi, $running);
  curl_multi_select($multi, 1.0);
} while($running);
while($done = curl_multi_info_read($multi)) {
  if($done["result"]) {
    fprintf(STDERR, "%d %s\n", $done["result"], curl_error($done["handle"]));
    $status = $done["result"];
  }
}
foreach($handles as $handle) {
  echo curl_multi_getcontent($handle);
  curl_multi_remove_handle($multi, $handle);
}
exit($status);
