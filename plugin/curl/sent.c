/* SPDX-License-Identifier: MIT */
/* sent.c - read from libcurl's figures of the transfer. */
#include "curl/sent.h"

bool he_sent_request(CURL *easy)
{
  long redirects = 0, bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
  return redirects || bytes;
}

/* Each of the times begins at 0, and is never 0 once it is known. */
bool he_sent_past_lookup(CURL *easy)
{
  curl_off_t us = 0;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &us);
  return us;
}

/* The size of the request is HTTP's alone, the response code whoever answered
   in this transfer; with a connection that was kept libcurl 8.21 has no times
   when it asks for the address of an FTP data connection. */
bool he_sent_maybe(struct he_handle *h)
{
  curl_off_t connected_us = 0;
  long code = 0;
  curl_easy_getinfo(h->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
  curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &code);
  return connected_us || code || he_sent_request(h->easy) ||
         /* it kept a connection */
         (he_sent_past_lookup(h->easy) && !h->performing.begins);
}
