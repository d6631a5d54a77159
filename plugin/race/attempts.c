/* SPDX-License-Identifier: MIT */
/* attempts.c - the attempts of a race, and what became of them.
 *
 *   RUNNING --> CONNECTED | FAILED | TIMED_OUT | CANCELLED | GONE
 *
 * Nothing is ever taken out: an attempt's place in the list is its id, and
 * the history of a race is what its caller learns from. */
#include "race/attempts.h"

#include <stdlib.h>

void he_attempts_free(struct he_attempts *t)
{
  free(t->list);
  *t = (struct he_attempts){ .list = NULL };
}

bool he_attempts_reserve(struct he_attempts *t, size_t n)
{
  struct he_attempt *list;
  if(n <= t->room)
    return true;
  list = realloc(t->list, n * sizeof(*list));
  if(!list)
    return false;
  t->list = list;
  t->room = (unsigned)n;
  return true;
}

struct he_attempt *he_attempts_add(struct he_attempts *t, he_time_ns now,
                                   const struct he_addr *addr, bool native)
{
  struct he_attempt *a = &t->list[t->n++];
  *a = (struct he_attempt){ .started = now, .ended = HE_NEVER, .addr = *addr,
                            .state = HE_TRY_RUNNING, .native = native };
  t->running++;
  return a;
}

struct he_attempt *he_attempts_find(const struct he_attempts *t,
                                    const struct he_addr *addr)
{
  for(unsigned i = 0; i < t->n; i++)
    if(he_addr_equal(&t->list[i].addr, addr))
      return &t->list[i];
  return NULL;
}

struct he_attempt *he_attempts_running(const struct he_attempts *t, int id)
{
  if(id < 0 || (unsigned)id >= t->n || t->list[id].state != HE_TRY_RUNNING)
    return NULL;
  return &t->list[id];
}

void he_attempts_end(struct he_attempts *t, struct he_attempt *a,
                     he_time_ns now, enum he_attempt_state state, int error)
{
  a->state = (uint8_t)state;
  a->ended = now;
  a->error = error;
  a->cancel = !a->native &&
              (state == HE_TRY_CANCELLED || state == HE_TRY_TIMED_OUT);
  t->running--;
}

void he_attempts_unknow(struct he_attempts *t, enum he_family f)
{
  for(unsigned i = 0; i < t->n; i++)
    if(t->list[i].addr.family == f)
      t->list[i].known = false;
}

unsigned he_attempts_known(const struct he_attempts *t, enum he_family f)
{
  unsigned n = 0;
  for(unsigned i = 0; i < t->n; i++)
    n += t->list[i].known && t->list[i].addr.family == f;
  return n;
}

he_time_ns he_attempts_silent(const struct he_attempts *t, enum he_family f,
                              he_time_ns patience)
{
  he_time_ns since = 0;
  unsigned n = 0;
  for(unsigned i = 0; i < t->n; i++) {
    const struct he_attempt *a = &t->list[i];
    const he_time_ns enough = he_time_add(a->started, patience);
    if(a->addr.family != f)
      continue;
    n++;
    if(enough > since)
      since = enough;
    if(a->state == HE_TRY_FAILED || a->state == HE_TRY_CONNECTED ||
       a->ended < enough)
      return HE_NEVER;
  }
  return n >= 2 ? since : HE_NEVER;
}

he_time_ns he_attempts_slowest(const struct he_attempts *t,
                               he_time_ns timeout, struct he_attempt **out)
{
  for(unsigned i = 0; i < t->n; i++) {
    struct he_attempt *a = &t->list[i];
    if(a->state == HE_TRY_RUNNING && !a->native) {
      *out = a;
      return he_time_add(a->started, timeout);
    }
  }
  return HE_NEVER;
}
