/* SPDX-License-Identifier: MIT */
/* getinfo.c - what came of a handle's last race. */
#include "curl/getinfo.h"
#include "curl/figures.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#undef curl_he_easy_getinfo

void he_step_tell(const struct he_step *s, const struct he_trail_race *r,
                  const struct he_addr *local, CURL *owner, void *const *fn,
                  void *data)
{
  struct curl_he_step out;
  char address[HE_ADDR_TEXT], own[HE_ADDR_TEXT];
  curl_he_trace_callback call;
  he_figures_publish(s, r->network, &out, address);
  if(local)
    out.local = he_addr_format(local, own);
  memcpy(&call, fn, sizeof(call));
  call(owner, r->host, r->port, &out, data);
}

/* -- the last race -- */

void he_getinfo_sync(struct he_handle *h)
{
  struct he_connect *race = he_tasks_race(&h->tasks);
  if(race)
    he_connect_sync(race);
  he_connect_unref(race);
}

static void tell_of_race(struct he_connect *c, struct he_figures *t)
{
  t->host = he_connect_config(c)->host;
  t->port = he_connect_config(c)->port;
  t->delay = he_connect_config(c)->race.attempt_delay;
  t->network = he_connect_config(c)->network;
  he_connect_sync(c);
  t->steps = he_connect_steps(c, &t->n);
}

static void tell_of_lookup(struct he_lookup *l, struct he_figures *t)
{
  he_time_ns began;
  t->host = he_lookup_host(l, &t->port, &began);
  t->delay = t->host ? he_lookup_config(l)->race.attempt_delay : 0;
  t->network = he_lookup_config(l)->network;
  t->steps = he_lookup_steps(l, &t->n);
}

/* Takes the place of what was given out before. */
static CURLHEcode give(void **place, void *piece)
{
  if(!piece)
    return CURL_HE_NO_MEMORY;
  free(*place);
  *place = piece;
  return CURL_HE_OK;
}

static CURLHEcode give_failures(struct he_handle *h, const struct he_figures *t,
                                const char **out)
{
  CURLHEcode code = CURL_HE_OK;
  if(t->host)
    code = give(&h->given.failures, he_figures_failures(t));
  if(!code)
    *out = t->host ? h->given.failures : NULL;
  return code;
}

/* Writes `info` to *out, by the type that the public header gives it. */
static CURLHEcode answer(struct he_handle *h, const struct he_figures *t,
                         CURLHEINFO info, void *out)
{
  const struct he_step *won;
  switch(info) {
  case CURLHEINFO_WINNER:
    won = he_figures_winner(t);
    *(const char **)out = won ? he_addr_text(&won->addr, h->given.winner) :
                          NULL;
    return CURL_HE_OK;
  case CURLHEINFO_FAILURES:
    return give_failures(h, t, out);
  case CURLHEINFO_RACE:
    return give(&h->given.race, he_figures_race(t, out));
  case CURLHEINFO_PORT:
    won = he_figures_winner(t);
    *(long *)out = won ? won->addr.port : 0;
    return CURL_HE_OK;
  case CURLHEINFO_OS_ERRNO:     /* libcurl has its own */
  case CURLHEINFO_RESOLVE_ERRNO:
    *(long *)out = 0;
    return CURL_HE_OK;
  case CURLHEINFO_ATTEMPTS:
    *(long *)out = he_figures_attempts(t);
    return CURL_HE_OK;
  case CURLHEINFO_DELAY_MS:
    *(long *)out = (long)(t->delay / HE_MS(1));
    return CURL_HE_OK;
  case CURLHEINFO_HANDED_OVER:
    *(long *)out = he_figures_find(t, HE_STEP_HANDED_OVER) != NULL;
    return CURL_HE_OK;
  case CURLHEINFO_KNOWN:
    *(long *)out = h->known;
    return CURL_HE_OK;
  case CURLHEINFO_RESOLVER:
    *(long *)out = (long)he_figures_resolver(t);
    return CURL_HE_OK;
  case CURLHEINFO_RESOLVE_TIME_T:
    *(curl_off_t *)out = he_figures_resolve_time(t);
    return CURL_HE_OK;
  case CURLHEINFO_CONNECT_TIME_T:
    *(curl_off_t *)out = he_figures_connect_time(t);
    return CURL_HE_OK;
  }
  return CURL_HE_UNKNOWN_OPTION;
}

static CURLHEcode get(struct he_handle *h, CURLHEINFO info, void *out)
{
  struct he_connect *c = he_tasks_race(&h->tasks);
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct he_figures t = { .host = NULL };
  CURLHEcode code = CURL_HE_NO_MEMORY;
  if(l && !h->passed)
    tell_of_lookup(l, &t);
  if(c && !t.host) {             /* no later race has begun */
    free(t.steps);
    tell_of_race(c, &t);
  }
  if(t.steps || !t.n)
    code = answer(h, &t, info, out);
  free(t.steps);
  he_connect_unref(c);
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
