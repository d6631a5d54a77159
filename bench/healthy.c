/* SPDX-License-Identifier: MIT */
/* healthy.c - connects that need no help, one after the other, for a profiler
 * to look at.
 *
 *   healthy curl|easy N URL
 *
 * N requests, each over a connection of its own; curl: libcurl alone. */
#include <curl_he/curl_he.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

int main(int argc, char **argv)
{
  CURLcode code = CURLE_OK;
  CURL *easy;
  long n;
  if(argc != 4) {
    fputs("usage: healthy curl|easy N URL\n", stderr);
    return 2;
  }
  curl_global_init(CURL_GLOBAL_ALL);
  easy = curl_easy_init();
  if(!easy || (!strcmp(argv[1], "easy") && curl_he_setup(easy)))
    return 1;
  curl_easy_setopt(easy, CURLOPT_URL, argv[3]);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  for(n = atol(argv[2]); n > 0 && !code; n--)
    code = curl_easy_perform(easy);
  if(code)
    fprintf(stderr, "healthy: %s\n", curl_easy_strerror(code));
  curl_easy_cleanup(easy);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return code ? 1 : 0;
}
