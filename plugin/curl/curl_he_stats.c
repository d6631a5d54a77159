/* SPDX-License-Identifier: MIT */
/* curl_he_stats.c - what a context's connects have come to. */
#include "base/clock.h"
#include "curl/default.h"

#include <string.h>

static uint64_t read_counter(const uint64_t *counter)
{
  return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static bool add_verdict(const struct he_history_view *v, void *data)
{
  struct curl_he_stats *s = data;
  s->addresses++;
  s->addresses_bad += v->rank == HE_RANK_BAD;
  s->addresses_doubted += v->rank == HE_RANK_DOUBTED;
  return true;
}

static void fill_verdicts(CURLHE *he, struct curl_he_stats *s)
{
  uint64_t network;
  struct he_history *h = he_recall_open(he->recall, &network);
  he_history_foreach(h, add_verdict, s, he_clock_now());
  he_recall_close(he->recall, false);
}

static void fill(CURLHE *he, struct curl_he_stats *s)
{
  const struct he_tally *t = he->tally;
  s->connects_ipv4 = read_counter(&t->connected[HE_IPV4]);
  s->connects_ipv6 = read_counter(&t->connected[HE_IPV6]);
  s->failed = read_counter(&t->failed);
  s->races = read_counter(&t->raced);
  s->attempts = read_counter(&t->attempts[0]);
  s->attempts_libcurl = read_counter(&t->attempts[1]);
  s->handed_over = read_counter(&t->handed_over);
  s->asides = read_counter(&t->aside);
  s->compared = read_counter(&t->compared);
  s->saved_us = read_counter(&t->saved_ns) / 1000;
  s->behind_us = read_counter(&t->behind_ns) / 1000;
  s->probes = he_recall_probes(he->recall);
  fill_verdicts(he, s);
}

CURLHEcode curl_he_stats(CURLHE *context, struct curl_he_stats *out,
                         size_t size)
{
  struct curl_he_stats s;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(!code && (!out || !size))
    code = CURL_HE_BAD_POINTER;
  if(code)
    return code;
  memset(&s, 0, sizeof(s));
  fill(he, &s);
  /* of another version: what both know */
  memset(out, 0, size);
  memcpy(out, &s, size < sizeof(s) ? size : sizeof(s));
  return CURL_HE_OK;
}
