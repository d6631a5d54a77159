/* SPDX-License-Identifier: MIT */
/* limits.c - CURLOPT_TIMEOUT and CURLOPT_CONNECTTIMEOUT, as declared. */
#include "curl/limits.h"
#include "base/clock.h"

/* libcurl's own limit, where the application has set none. */
#define CONNECT_TIMEOUT HE_MS(300000)
/* With both families silent for this long, and no limit known, libcurl tries by
   itself: libcurl knows the application's limits. */
#define PATIENCE HE_MS(3000)

long he_limits_smaller(const struct he_declared *d)
{
  long ms = d->timeout_ms;
  if(d->connecttimeout_ms && (!ms || d->connecttimeout_ms < ms))
    ms = d->connecttimeout_ms;
  return ms;
}

/* LONG_MAX is a limit that applications set, too. */
static he_time_ns as_time(he_time_ns ms)
{
  return ms < HE_NEVER / HE_MS(1) ? HE_MS(ms) : HE_NEVER;
}

he_time_ns he_limits_patience(const struct he_handle *h, he_time_ns since)
{
  const long ms = he_limits_smaller(he_handle_declared(h));
  return ms ? he_time_add(h->performing.began, as_time(ms)) :
         he_time_add(since, PATIENCE);
}

static long rest_of(long limit_ms, he_time_ns spent)
{
  long ms = (long)(spent / HE_MS(1));
  return limit_ms > ms ? limit_ms - ms : 1;
}

/* The time spent on resolving is taken off the limits we know. */
void he_limits_set(struct he_handle *h, he_time_ns spent)
{
  const struct he_declared *d = he_handle_declared(h);
  if(d->timeout_ms)
    curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS,
                     rest_of(d->timeout_ms, spent));
  if(d->connecttimeout_ms)
    curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     rest_of(d->connecttimeout_ms, spent));
}

static he_time_ns earlier(he_time_ns a, he_time_ns b)
{
  return a < b ? a : b;
}

he_time_ns he_limits_deadline(const struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  he_time_ns until = he_time_add(h->connects_since, d->connecttimeout_ms ?
                                 as_time(d->connecttimeout_ms) :
                                 CONNECT_TIMEOUT);
  if(d->timeout_ms)
    until = earlier(until, he_time_add(h->transfers_since,
                                       as_time(d->timeout_ms)));
  return until;
}

/* The limit of a whole transfer began before, with its first connect. */
void he_limits_begin(struct he_handle *h)
{
  const he_time_ns now = he_clock_now();
  curl_off_t spent_us = 0;
  curl_easy_getinfo(h->easy, CURLINFO_TOTAL_TIME_T, &spent_us);
  h->connects_since = now;
  h->transfers_since = now > spent_us * 1000 ? now - spent_us * 1000 : 0;
}

void he_limits_changed(struct he_handle *h)
{
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  if(l)
    he_lookup_limit(l, he_limits_deadline(h));
  he_lookup_unref(l);
}
