/* SPDX-License-Identifier: MIT */
/* fetch.c - fetches all URLs of the command line at once and says what came of
 * each. The event loop is epoll.c, event.c or uv.c, whichever is linked.
 *
 * curl-he takes one line, in open_url(): no loop knows of it. */
#include "transfers.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <string.h>

static size_t swallow(char *data, size_t size, size_t count, void *user)
{
  (void)data;
  (void)user;
  return size * count;
}

static CURL *open_url(const char *url)
{
  CURL *easy = curl_easy_init();
  if(!easy)
    return NULL;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 30L);
  curl_he_setup(easy);
  return easy;
}

static void on_done(CURL *easy, CURLcode result, void *user)
{
  struct transfers *t = user;
  const char *url = NULL;
  const char *ip = NULL;
  curl_off_t us = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &url);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &us);
  printf("%s: %s, %s, %.1f ms\n", url,
         result ? curl_easy_strerror(result) : "OK",
         ip && *ip ? ip : "no address", (double)us / 1000);
  curl_multi_remove_handle(t->multi, easy);
  curl_easy_cleanup(easy);
}

static bool add_all(CURLM *multi, char **urls)
{
  for(; *urls; urls++) {
    CURL *easy = open_url(*urls);
    if(!easy || curl_multi_add_handle(multi, easy))
      return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  struct transfers t = { .done = on_done, .user = &t };
  struct loop *loop;
  bool ok;
  if(argc < 2) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 2;
  }
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  t.multi = curl_multi_init();
  loop = t.multi ? loop_new(&t) : NULL;
  ok = loop && add_all(t.multi, argv + 1) && loop_run(loop, -1);
  if(!ok)
    fprintf(stderr, "%s: could not be started, or broke\n", argv[0]);
  curl_multi_cleanup(t.multi);
  loop_free(loop);
  curl_global_cleanup();
  return ok ? 0 : 1;
}
