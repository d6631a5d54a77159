/* SPDX-License-Identifier: MIT */
/* getinfo.c - the trace is the one record of a race: every figure is computed
 * from it. */
#include "curl/getinfo.h"
#include "base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#undef curl_he_easy_getinfo

/* -- steps -- */

/* A step's number is that of the public header. */
#define SAME_STEP(name) \
  _Static_assert((int)CURL_HE_STEP_##name == (int)HE_STEP_##name, #name);
HE_STEP_TABLE(SAME_STEP)

/* And so are reasons and origins. */
_Static_assert((int)CURL_HE_DELAY_COLD == (int)HE_DELAY_COLD &&
               (int)CURL_HE_DELAY_NETWORK == (int)HE_DELAY_NETWORK &&
               (int)CURL_HE_DELAY_LEARNED == (int)HE_DELAY_LEARNED &&
               (int)CURL_HE_DELAY_RULE == (int)HE_DELAY_RULE, "delays");
_Static_assert((int)CURL_HE_ORIGIN_UNKNOWN == (int)HE_ORIGIN_UNKNOWN &&
               (int)CURL_HE_ORIGIN_QUERY == (int)HE_ORIGIN_QUERY &&
               (int)CURL_HE_ORIGIN_CACHE == (int)HE_ORIGIN_CACHE &&
               (int)CURL_HE_ORIGIN_REMEMBERED == (int)HE_ORIGIN_REMEMBERED &&
               (int)CURL_HE_ORIGIN_GIVEN == (int)HE_ORIGIN_GIVEN, "origins");

static void publish(const struct he_step *s, uint64_t network,
                    struct curl_he_step *out, char address[HE_ADDR_TEXT])
{
  memset(out, 0, sizeof(*out));
  out->step = (CURLHEstep)s->kind;
  if(s->has_family)
    out->family = s->family == HE_IPV4 ? AF_INET : AF_INET6;
  out->libcurls = s->native;
  out->time_us = (curl_off_t)s->at_us;
  if(s->has_addr)
    out->address = he_addr_format(&s->addr, address);
  out->network = network;
  out->origin = s->origin;
  if(s->kind == HE_STEP_ASIDE)
    out->text = s->text;
  else if(s->kind == HE_STEP_START) {
    out->delay_ms = (long)s->delay_ms;
    out->delay_why = s->why;
  }
  else {
    out->error = s->error;
    out->count = s->count;
  }
}

void he_step_tell(const struct he_step *s, const struct he_trail_race *r,
                  const struct he_addr *local, CURL *owner, void *const *fn,
                  void *data)
{
  struct curl_he_step out;
  char address[HE_ADDR_TEXT], own[HE_ADDR_TEXT];
  curl_he_trace_callback call;
  publish(s, r->network, &out, address);
  if(local)
    out.local = he_addr_format(local, own);
  memcpy(&call, fn, sizeof(call));
  call(owner, r->host, r->port, &out, data);
}

/* -- figures -- */

/* The last race. */
struct told {
  const char *host;           /* NULL: there was none */
  uint16_t port;
  he_time_ns delay;           /* Connection Attempt Delay */
  uint64_t network;
  struct he_step *steps;
  size_t n;
};

static const struct he_step *find(const struct told *t, enum he_step_kind kind)
{
  for(size_t i = 0; i < t->n; i++) {
    if(t->steps[i].kind == kind)
      return &t->steps[i];
  }
  return NULL;
}

static long attempts(const struct told *t)
{
  long count = 0;
  for(size_t i = 0; i < t->n; i++)
    count += t->steps[i].kind == HE_STEP_START;
  return count;
}

static curl_off_t connect_time(const struct told *t)
{
  const struct he_step *first = find(t, HE_STEP_START);
  const struct he_step *won = find(t, HE_STEP_WON);
  for(size_t i = 0; first && won && i < t->n; i++) {
    if(t->steps[i].kind == HE_STEP_CONNECTED &&
       he_addr_equal(&t->steps[i].addr, &won->addr))
      return (curl_off_t)(t->steps[i].at_us - first->at_us);
  }
  return 0;
}

/* where curl-he asked before anything was tried */
static curl_off_t resolve_time(const struct told *t)
{
  const struct he_step *asked = find(t, HE_STEP_RESOLVE);
  const struct he_step *first = find(t, HE_STEP_START);
  return asked && first && asked < first ?
         (curl_off_t)(first->at_us - asked->at_us) : 0;
}

/* The caller's to free; NULL without memory. */
static char *failures(const struct told *t)
{
  char address[HE_ADDR_TEXT], why[HE_WORDS], *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  const char *between = "";
  for(size_t i = 0; f && i < t->n; i++) {
    const struct he_step *s = &t->steps[i];
    if(s->kind != HE_STEP_FAILED && s->kind != HE_STEP_TIMED_OUT)
      continue;
    fprintf(f, "%s%s: %s", between, he_addr_text(&s->addr, address),
            s->error ? he_errno_words(s->error, why) : "unknown reason");
    between = "; ";
  }
  if(f && fclose(f)) {
    free(text);
    text = NULL;
  }
  return text;
}

/* A copy for the application, in one piece: the steps, their addresses, the
   host. NULL without memory. */
static void *race(const struct told *t, struct curl_he_steps *out)
{
  const char *host = t->host ? t->host : "";
  const size_t addresses = t->n * sizeof(struct curl_he_step);
  const size_t name = addresses + t->n * HE_ADDR_TEXT;
  char *all = malloc(name + strlen(host) + 1);
  struct curl_he_step *steps = (struct curl_he_step *)all;
  if(!all)
    return NULL;
  for(size_t i = 0; i < t->n; i++)
    publish(&t->steps[i], t->network, &steps[i],
            all + addresses + i * HE_ADDR_TEXT);
  strcpy(all + name, host);
  out->host = t->host ? all + name : NULL;
  out->port = t->port;
  out->count = t->n;
  out->steps = steps;
  return all;
}

/* -- the last race -- */

void he_getinfo_sync(struct he_handle *h)
{
  struct he_connect *race = he_tasks_race(&h->tasks);
  if(race)
    he_connect_sync(race);
  he_connect_unref(race);
}

static void tell_of_race(struct he_connect *c, struct told *t)
{
  t->host = he_connect_config(c)->host;
  t->port = he_connect_config(c)->port;
  t->delay = he_connect_config(c)->race.attempt_delay;
  t->network = he_connect_config(c)->network;
  he_connect_sync(c);
  t->steps = he_connect_steps(c, &t->n);
}

static void tell_of_lookup(struct he_lookup *l, struct told *t)
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

static CURLHEcode give_failures(struct he_handle *h, const struct told *t,
                                const char **out)
{
  CURLHEcode code = CURL_HE_OK;
  if(t->host)
    code = give(&h->given.failures, failures(t));
  if(!code)
    *out = t->host ? h->given.failures : NULL;
  return code;
}

/* Writes `info` to *out, by the type that the public header gives it. */
static CURLHEcode answer(struct he_handle *h, const struct told *t,
                         CURLHEINFO info, void *out)
{
  const struct he_step *won;
  switch(info) {
  case CURLHEINFO_WINNER:
    won = find(t, HE_STEP_WON);
    *(const char **)out = won ? he_addr_text(&won->addr, h->given.winner) :
                          NULL;
    return CURL_HE_OK;
  case CURLHEINFO_FAILURES:
    return give_failures(h, t, out);
  case CURLHEINFO_RACE:
    return give(&h->given.race, race(t, out));
  case CURLHEINFO_ATTEMPTS:
    *(long *)out = attempts(t);
    return CURL_HE_OK;
  case CURLHEINFO_DELAY_MS:
    *(long *)out = (long)(t->delay / HE_MS(1));
    return CURL_HE_OK;
  case CURLHEINFO_HANDED_OVER:
    *(long *)out = find(t, HE_STEP_HANDED_OVER) != NULL;
    return CURL_HE_OK;
  case CURLHEINFO_KNOWN:
    *(long *)out = h->known;
    return CURL_HE_OK;
  case CURLHEINFO_RESOLVE_TIME_T:
    *(curl_off_t *)out = resolve_time(t);
    return CURL_HE_OK;
  case CURLHEINFO_CONNECT_TIME_T:
    *(curl_off_t *)out = connect_time(t);
    return CURL_HE_OK;
  }
  return CURL_HE_UNKNOWN_OPTION;
}

static CURLHEcode get(struct he_handle *h, CURLHEINFO info, void *out)
{
  struct he_connect *c = he_tasks_race(&h->tasks);
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct told t = { .host = NULL };
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
