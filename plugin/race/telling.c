/* SPDX-License-Identifier: MIT */
/* telling.c - what a caller hears of a race. Actions are not queued: each is a
 * fact that the caller has not been told yet. */
#include "race/inside.h"

/* --- actions ------------------------------------------------------------ */

static bool tell(uint8_t *what)
{
  if(*what != TO_TELL)
    return false;
  *what = TOLD;
  return true;
}

static bool tell_family(uint8_t what[HE_FAMILIES], enum he_action_kind kind,
                        struct he_action *out)
{
  for(int f = 0; f < HE_FAMILIES; f++)
    if(tell(&what[f])) {
      out->kind = kind;
      out->family = (enum he_family)f;
      return true;
    }
  return false;
}

/* Cancelled before its start was told: then there is nothing to tell. */
static bool tell_attempt(struct he_race *r, enum he_action_kind kind,
                         struct he_action *out)
{
  for(unsigned i = 0; i < r->tries.n; i++) {
    struct he_attempt *a = &r->tries.list[i];
    if(a->native || (kind == HE_ACT_CANCEL ? !a->told || !a->cancel :
                     a->told || a->state != HE_TRY_RUNNING))
      continue;
    a->told = true;
    a->cancel = false;
    out->kind = kind;
    out->attempt = (int)i;
    out->addr = a->addr;
    out->family = (enum he_family)a->addr.family;
    return true;
  }
  return false;
}

static bool tell_outcome(struct he_race *r, struct he_action *out)
{
  if(r->told_outcome)
    return false;
  r->told_outcome = true;
  out->kind = r->outcome == WON ? HE_ACT_WON : HE_ACT_LOST;
  out->attempt = r->winner;
  out->error = r->error;
  if(r->winner >= 0) {
    out->addr = r->tries.list[r->winner].addr;
    out->family = (enum he_family)out->addr.family;
  }
  return true;
}

bool he_race_next(struct he_race *r, struct he_action *out)
{
  *out = (struct he_action){ .attempt = -1 };
  if(tell_attempt(r, HE_ACT_CANCEL, out))
    return true;
  if(r->outcome != OPEN)
    return tell_family(r->forget, HE_ACT_FORGET, out) ||
           tell_outcome(r, out);
  if(tell_family(r->resolve, HE_ACT_RESOLVE, out))
    return true;
  if(tell(&r->begin)) {
    out->kind = HE_ACT_BEGIN;
    return true;
  }
  return tell_attempt(r, HE_ACT_CONNECT, out);
}

/* --- questions ---------------------------------------------------------- */

bool he_race_over(const struct he_race *r)
{
  return r->told_outcome;
}

int he_race_attempts(const struct he_race *r)
{
  return (int)r->tries.n;
}

bool he_race_attempt(const struct he_race *r, int id,
                     struct he_attempt_info *out)
{
  const struct he_attempt *a;
  if(id < 0 || (unsigned)id >= r->tries.n)
    return false;
  a = &r->tries.list[id];
  out->addr = a->addr;
  out->started = a->started;
  out->ended = a->ended;
  out->delay = a->place ? he_race_delay_after(r->config, a->place) :
               r->config->attempt_delay;
  out->state = (enum he_attempt_state)a->state;
  out->error = a->error;
  out->native = a->native;
  return true;
}

size_t he_race_untried(const struct he_race *r, struct he_candidate *out,
                       size_t max)
{
  he_untried_list(&r->untried, r->turn, out, max);
  return r->untried.n;
}

bool he_race_answered(const struct he_race *r, enum he_family f)
{
  return r->answered[f];
}

bool he_race_told(const struct he_race *r, enum he_family f)
{
  return r->answered[f] || r->remembered[f];
}

bool he_race_knows(const struct he_race *r, const struct he_addr *addr)
{
  const struct he_attempt *a = he_attempts_find(&r->tries, addr);
  return a ? a->known || a->remembered :
         he_untried_find(&r->untried, addr) < r->untried.n;
}

size_t he_race_known(const struct he_race *r, enum he_family f)
{
  return r->untried.of[f] + he_attempts_known(&r->tries, f);
}
