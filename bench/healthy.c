/* SPDX-License-Identifier: MIT */
/* healthy.c - connects that need no help, one after the other, for a profiler
 * to look at.
 *
 *   healthy curl|easy new|kept N URL
 *
 * N requests, each over a connection of its own. curl: the handles are not set
 * up. new: a handle for each request, which looks the name up; kept: one
 * handle, whose name is in libcurl's cache. A "%" in URL stands for the numbers
 * 00 to 59 in turn: hosts enough, so that no answer serves two requests.
 * Prints the milliseconds of each request, the making of its handle included,
 * a line each. */
#include <curl_he/curl_he.h>

#include "alone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOSTS 60

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

/* The URL of the n-th request. */
static const char *url_of(const char *url, long n, char *text, size_t size)
{
  const char *at = strchr(url, '%');
  if(!at)
    return url;
  snprintf(text, size, "%.*s%02ld%s", (int)(at - url), url, n % HOSTS,
           at + 1);
  return text;
}

static CURL *open_handle(bool set_up, const char *url)
{
  CURL *easy = curl_easy_init();
  if(!easy || (set_up && curl_he_setup(easy)))
    exit(1);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  return easy;
}

int main(int argc, char **argv)
{
  CURLcode code = CURLE_OK;
  CURL *easy = NULL;
  bool set_up, kept;
  long n;
  if(argc != 5) {
    fputs("usage: healthy curl|easy new|kept N URL\n", stderr);
    return 2;
  }
  set_up = !strcmp(argv[1], "easy");
  kept = !strcmp(argv[2], "kept");
  curl_global_init(CURL_GLOBAL_ALL);
  for(n = atol(argv[3]); n > 0 && !code; n--) {
    char text[256];
    const char *url = url_of(argv[4], n, text, sizeof(text));
    double started = now_ms();
    if(!easy)
      easy = open_handle(set_up, url);
    code = curl_easy_perform(easy);
    if(!kept) {
      curl_easy_cleanup(easy);
      easy = NULL;
    }
    printf("%.3f\n", now_ms() - started);
  }
  if(code)
    fprintf(stderr, "healthy: %s\n", curl_easy_strerror(code));
  curl_easy_cleanup(easy);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return code ? 1 : 0;
}
