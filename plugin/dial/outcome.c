/* SPDX-License-Identifier: MIT */
#include "dial/outcome.h"
#include "resolve/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Its steps, with times since the dial began. */
static struct he_step *steps_of(struct he_lookup *l, he_time_ns began,
                                size_t *n)
{
  struct he_step *s = he_lookup_steps(l, n);
  uint16_t port;
  he_time_ns at = began;
  if(s)
    he_lookup_host(l, &port, &at);
  for(size_t i = 0; s && i < *n; i++)
    s[i].at_us = (s[i].at_us + (uint64_t)(at - began) / 1000) & 0xffffffffff;
  return s;
}

/* -- what is done -- */

/* Why there was no address of any family; 0: there was one. */
static int why_unresolved(const struct he_lookup *l)
{
  const bool *allowed = he_lookup_config(l)->race.allowed;
  int error[HE_FAMILIES];
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_candidate *list;
    size_t n;
    /* not there: the time was up before */
    if(!he_lookup_answer(l, (enum he_family)f, &list, &n, &error[f]))
      error[f] = EAI_AGAIN;
    else if(n)
      return 0;
  }
  if(allowed[HE_IPV6] && allowed[HE_IPV4])
    return he_resolver_error(error[HE_IPV6], error[HE_IPV4]);
  return error[allowed[HE_IPV6] ? HE_IPV6 : HE_IPV4];
}

static void note_done(struct he_dial_outcome *o, const struct he_addr *a)
{
  struct he_addr *more = realloc(o->done, (o->done_count + 1) * sizeof(*more));
  if(!more)
    return;
  o->done = more;
  o->done[o->done_count++] = *a;
}

void he_dial_outcome_add(struct he_dial_outcome *o, struct he_lookup *l,
                         he_time_ns began)
{
  const bool open = !o->last || o->unresolved;   /* it may have been called off
                                                    before the answer came */
  size_t n;
  struct he_step *s = steps_of(l, began, &n);
  o->last = l;
  for(size_t i = 0; s && i < n; i++) {
    he_trace_add(&o->steps, &s[i]);
    if(s[i].kind == HE_STEP_FAILED || s[i].kind == HE_STEP_TIMED_OUT ||
       s[i].kind == HE_STEP_WON)
      note_done(o, &s[i].addr);
  }
  free(s);
  if(open)
    o->unresolved = why_unresolved(l);
}

void he_dial_outcome_clear(struct he_dial_outcome *o)
{
  he_trace_clear(&o->steps);
  free(o->done);
  memset(o, 0, sizeof(*o));
}

/* -- one error for all -- */

bool he_dial_outcome_ran_on(const struct he_step *steps, size_t n,
                            size_t start)
{
  for(size_t i = start + 1; i < n; i++) {
    const struct he_step *s = &steps[i];
    if(s->kind == HE_STEP_WON || s->kind == HE_STEP_LOST)
      return s->kind == HE_STEP_LOST && s->error != ECANCELED;
    if(s->has_addr && s->kind != HE_STEP_CANCELLED &&
       he_addr_equal(&s->addr, &steps[start].addr))
      return false;
  }
  return true;
}

/* 0: it is no failure. */
static int errno_of(const struct he_trace *t, size_t i, bool late)
{
  const struct he_step *s = &t->steps[i];
  switch(s->kind) {
  case HE_STEP_FAILED:
    return s->error;
  case HE_STEP_TIMED_OUT:
    return ETIMEDOUT;
  case HE_STEP_START:
    return late && he_dial_outcome_ran_on(t->steps, t->count, i) ?
           ETIMEDOUT : 0;
  default:
    return 0;
  }
}

int he_dial_outcome_errno(const struct he_dial_outcome *o, bool late,
                          bool *several)
{
  int error = 0;
  *several = false;
  for(size_t i = 0; i < o->steps.count && !*several; i++) {
    const int its = errno_of(&o->steps, i, late);
    *several = error && its && error != its;
    error = its ? its : error;
  }
  return *several ? 0 : error;
}

/* -- all steps -- */

struct he_step *he_dial_outcome_steps(const struct he_dial_outcome *o,
                                      struct he_lookup *running,
                                      he_time_ns began, size_t *count)
{
  size_t n = 0;
  struct he_step *now = NULL, *all;
  if(running && running != o->last)
    now = steps_of(running, began, &n);
  *count = o->steps.count + n;
  all = *count ? malloc(*count * sizeof(*all)) : NULL;
  if(all && o->steps.count)
    memcpy(all, o->steps.steps, o->steps.count * sizeof(*all));
  if(all && now)
    memcpy(all + o->steps.count, now, n * sizeof(*all));
  else if(n)
    *count -= all ? n : 0;
  free(now);
  return all;
}
