/* SPDX-License-Identifier: MIT */
/* crowd.c - scenario 22: fifty transfers at once to one slow host.
 *
 *   crowd HOST...
 *
 * For each host of the laboratory: fifty by libcurl alone, fifty with curl-he,
 * and fifty more right after these. A host whose name follows a '-' is not
 * asked by libcurl alone, which would take too long. Printed is the median and
 * the longest time from the start to the connected socket, and how many SYNs
 * were sent beyond one each. */
#include "../examples/multi/transfers.h"
#include "lab/labctl.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <stdlib.h>

#define CROWD 50

struct crowd {
  struct transfers t;
  CURL *easy[CROWD];
  double ms[CROWD];
  int connected;
};

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

static void on_done(CURL *easy, CURLcode result, void *user)
{
  struct crowd *c = user;
  curl_off_t us = 0;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &us);
  if(result)
    fprintf(stderr, "crowd: %s\n", curl_easy_strerror(result));
  else
    c->ms[c->connected++] = (double)us / 1e3;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void add(struct crowd *c, int i, const char *host, bool setup)
{
  char url[128];
  CURL *easy = curl_easy_init();
  if(!easy)
    exit(1);
  snprintf(url, sizeof(url), "http://%s/", host);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 40000L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  if(setup && curl_he_setup(easy))
    exit(1);
  curl_multi_add_handle(c->t.multi, easy);
  c->easy[i] = easy;
}

static void at_once(CURLM *multi, const char *host, bool setup,
                    const char *how)
{
  struct crowd c = { .t.done = on_done, .t.user = &c, .t.multi = multi };
  struct loop *loop = loop_new(&c.t);
  long syns = lab_syns_host(host);
  int i;
  if(!loop)
    exit(1);
  for(i = 0; i < CROWD; i++)
    add(&c, i, host, setup);
  if(!loop_run(loop, -1))
    exit(1);
  syns = lab_syns_host(host) - syns;
  qsort(c.ms, (size_t)c.connected, sizeof(double), by_size);
  printf("crowd: %-14s %-22s %2d connected, median %8.1f ms, longest %8.1f "
         "ms; %3ld SYNs too many\n", host, how, c.connected,
         c.connected ? c.ms[c.connected / 2] : 0,
         c.connected ? c.ms[c.connected - 1] : 0, syns - CROWD);
  for(i = 0; i < CROWD; i++) {
    curl_multi_remove_handle(multi, c.easy[i]);
    curl_easy_cleanup(c.easy[i]);
  }
  loop_free(loop);
}

int main(int argc, char **argv)
{
  int i;
  if(argc < 2) {
    fputs("usage: crowd HOST...\n", stderr);
    return 2;
  }
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  for(i = 1; i < argc; i++) {
    const char *host = argv[i] + (*argv[i] == '-');
    CURLM *alone = curl_multi_init();
    CURLM *multi = curl_multi_init();
    if(!alone || !multi)
      return 1;
    if(host == argv[i])
      at_once(alone, host, false, "libcurl alone");
    at_once(multi, host, true, "curl-he");
    at_once(multi, host, true, "curl-he, right after");
    curl_multi_cleanup(alone);
    curl_multi_cleanup(multi);
  }
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return 0;
}
