<?php
// SPDX-License-Identifier: MIT
// easy.php URL... - PHP's easy interface: copies of one handle, one
// after the other. The exit status is the last one's error.
$first = curl_init();
curl_setopt($first, CURLOPT_CAINFO, getenv("HE_LAB_CA"));
curl_setopt($first, CURLOPT_TIMEOUT, (int)getenv("HE_LIMIT"));
foreach(array_slice($argv, 1) as $url) {
  $handle = curl_copy_handle($first);
  curl_setopt($handle, CURLOPT_URL, $url);
  if(!curl_exec($handle))
    fprintf(STDERR, "%d %s\n", curl_errno($handle), curl_error($handle));
}
exit(curl_errno($handle));
