/* SPDX-License-Identifier: MIT */
/* loop.c - what one transfer suffers from another that races, in one event
 * loop.
 *
 *   loop HEALTHY-URL RACED-URL
 *
 * A transfer of HEALTHY-URL follows the last over a connection that stays,
 * while transfers of RACED-URL connect, one after the other, as well: none,
 * those of libcurl alone, or with curl-he. All take turns, so that nothing
 * but that makes a difference. Printed is how much longer the healthy ones
 * took, and the longest time that the loop spent in one call of libcurl. */
#include "../examples/multi/transfers.h"
#include "lab/labctl.h"
#include "multi/watch.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <stdlib.h>

#define TURNS 5
#define TURN_MS 1500
#define MAX_SAMPLES 4096

enum beside { NOTHING, CURL_ALONE, CURL_HE };
#define KINDS 3

struct record {
  double ms[MAX_SAMPLES];
  size_t count;
  double longest_ms;   /* in libcurl */
  long raced;          /* transfers that were done */
};

struct turn {
  struct transfers t;
  struct record *record;
  CURL *healthy;
  CURL *raced;
  bool warm;           /* the connection is there */
};

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

static CURL *handle(const char *url)
{
  CURL *easy = curl_easy_init();
  if(!easy)
    exit(1);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 40000L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  return easy;
}

static void on_done(CURL *easy, CURLcode result, void *user)
{
  struct turn *turn = user;
  struct record *r = turn->record;
  curl_off_t us = 0;
  if(result)
    fprintf(stderr, "loop: %s\n", curl_easy_strerror(result));
  if(easy == turn->raced)
    r->raced++;
  else {
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &us);
    if(turn->warm && r->count < MAX_SAMPLES)
      r->ms[r->count++] = (double)us / 1e3;
    turn->warm = true;
  }
  curl_multi_remove_handle(turn->t.multi, easy);
  curl_multi_add_handle(turn->t.multi, easy);
}

static bool take_turn(struct record *r, enum beside kind, const char *healthy,
                      const char *raced)
{
  struct turn turn = { .t.done = on_done, .t.user = &turn, .record = r };
  int64_t end = lab_now_ns() + TURN_MS * INT64_C(1000000);
  struct loop *loop;
  bool ok = true;

  turn.t.multi = curl_multi_init();
  loop = turn.t.multi ? loop_new(&turn.t) : NULL;
  if(!loop)
    return false;
  turn.healthy = handle(healthy);
  curl_multi_add_handle(turn.t.multi, turn.healthy);
  if(kind != NOTHING) {
    turn.raced = handle(raced);
    curl_easy_setopt(turn.raced, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(turn.raced, CURLOPT_FORBID_REUSE, 1L);
    if(kind == CURL_HE)
      ok = !curl_he_setup(turn.raced);
    curl_multi_add_handle(turn.t.multi, turn.raced);
  }
  watch_reset();
  while(ok && lab_now_ns() < end)
    ok = loop_run(loop, (int)((end - lab_now_ns()) / 1000000) + 1);
  if((double)watch_longest_ns() / 1e6 > r->longest_ms)
    r->longest_ms = (double)watch_longest_ns() / 1e6;
  curl_multi_cleanup(turn.t.multi);
  curl_easy_cleanup(turn.healthy);
  curl_easy_cleanup(turn.raced);
  loop_free(loop);
  return ok;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The part `share` of the samples took no longer. They are sorted. */
static double quantile(const struct record *r, double share)
{
  return r->count ? r->ms[(size_t)((double)(r->count - 1) * share)] : 0;
}

static void print(struct record r[KINDS])
{
  static const char *const names[KINDS] = {
    "nothing beside it", "libcurl racing beside it", "curl-he racing beside it"
  };
  int kind;
  for(kind = 0; kind < KINDS; kind++) {
    qsort(r[kind].ms, r[kind].count, sizeof(double), by_size);
    printf("loop: a transfer with %-24s %6.2f ms, 99 %%: %6.2f ms; longest "
           "in libcurl %.2f ms (%zu transfers, %ld races)\n", names[kind],
           quantile(&r[kind], 0.5), quantile(&r[kind], 0.99),
           r[kind].longest_ms, r[kind].count, r[kind].raced);
  }
  printf("loop: delayed by libcurl %+.2f ms, by curl-he %+.2f ms\n",
         quantile(&r[CURL_ALONE], 0.5) - quantile(&r[NOTHING], 0.5),
         quantile(&r[CURL_HE], 0.5) - quantile(&r[NOTHING], 0.5));
}

int main(int argc, char **argv)
{
  static struct record records[KINDS];
  int turn;
  int kind;
  if(argc != 3) {
    fputs("usage: loop HEALTHY-URL RACED-URL\n", stderr);
    return 2;
  }
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  for(turn = 0; turn < TURNS; turn++)
    for(kind = 0; kind < KINDS; kind++)
      if(!take_turn(&records[kind], (enum beside)kind, argv[1], argv[2])) {
        fputs("loop: the loop broke\n", stderr);
        return 1;
      }
  print(records);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return 0;
}
