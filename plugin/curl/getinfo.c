/* SPDX-License-Identifier: MIT */
/* getinfo.c - what came of a handle's last race. The trace is the one record of
 * a race: every figure is computed from it. */
#include "curl/getinfo.h"
#include "curl/known.h"
#include "curl/report.h"

#include <stdarg.h>
#include <stdlib.h>

#undef curl_he_easy_getinfo

void he_getinfo_sync(struct he_handle *h)
{
  struct he_connect *race = he_tasks_race(&h->tasks);
  if(race)
    he_connect_sync(race);
  he_connect_unref(race);
}

static void tell_of_race(struct he_connect *race, struct he_told *t)
{
  const struct he_connect_config *c = he_connect_config(race);
  t->host = c->host;
  t->port = c->port;
  t->delay = c->race.attempt_delay;
  he_connect_sync(race);
  t->steps = he_connect_steps(race, &t->n);
}

static void tell_of_lookup(struct he_lookup *l, struct he_told *t)
{
  he_time_ns began;
  t->host = he_lookup_host(l, &t->port, &began);
  t->delay = t->host ? he_lookup_config(l)->race.attempt_delay : 0;
  t->steps = he_lookup_steps(l, &t->n);
}

static CURLHEcode get(struct he_handle *h, CURLHEINFO info, void *out)
{
  struct he_connect *race = he_tasks_race(&h->tasks);
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct he_told t = { .host = NULL, .known = h->known };
  CURLHEcode code = CURL_HE_NO_MEMORY;
  if(l && !h->passed)
    tell_of_lookup(l, &t);
  if(race && !t.host) {          /* no later race has begun */
    free(t.steps);
    tell_of_race(race, &t);
  }
  if(t.steps || !t.n)
    code = he_report_give(&h->report, &t, info, out);
  free(t.steps);
  he_connect_unref(race);
  he_lookup_unref(l);
  return code;
}

CURLHEcode curl_he_easy_getinfo(CURL *easy, CURLHEINFO info, ...)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  CURLHEcode code = CURL_HE_BAD_POINTER;
  va_list ap;
  void *out;
  va_start(ap, info);
  out = va_arg(ap, void *);
  va_end(ap);
  if(easy && !h) {
    code = CURL_HE_NOT_SET_UP;
    if(info == CURLHEINFO_KNOWN && out) {   /* of any handle */
      *(long *)out = he_known_checked(easy) != NULL;
      code = CURL_HE_OK;
    }
  }
  else if(h && out)
    code = get(h, info, out);
  he_handle_put(h);
  return code;
}
