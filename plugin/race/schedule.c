/* SPDX-License-Identifier: MIT */
/* schedule.c - when what is next may be done, as things are.
 *
 * he_race_next_start() alone says when the next attempt may be made, for
 * whoever starts it and for the deadline alike, so that the two can never
 * disagree. */
#include "race/inside.h"

he_time_ns he_race_delay_after(const struct he_race_config *c, unsigned n)
{
  if(c->beside || !c->first_delay || n > c->attempt_delay / c->first_delay)
    return c->attempt_delay;
  return n * c->first_delay;
}

bool he_race_turn_is_closed(const struct he_race *r)
{
  return r->untried.n && !r->open[he_untried_turn(&r->untried, &r->turn)];
}

he_time_ns he_race_closed_until(const struct he_race *r)
{
  return he_time_add(he_time_add(r->last_start, r->config->attempt_delay),
                     r->config->native_grace);
}

static he_time_ns later(he_time_ns a, he_time_ns b)
{
  return a > b ? a : b;
}

/* When the attempt whose turn it is may start as things are, or HE_NEVER; then
   *which is the address. */
static he_time_ns turn_start(const struct he_race *r, unsigned *which)
{
  he_time_ns at;
  enum he_family f = he_untried_turn(&r->untried, &r->turn);
  *which = r->untried.n;
  at = r->not_before;
  if(he_turn_count(&r->turn)) {
    at = he_time_add(r->last_start, r->urgent ? HE_RACE_MIN_GAP :
                     he_race_delay_after(r->config, he_turn_count(&r->turn)));
    at = later(at, he_time_add(r->last_any, HE_RACE_MIN_GAP));
  }
  at = later(at, r->not_before);
  if(!r->open[f]) {
    f = he_other_family(f);
    if(!r->waited && at < he_race_closed_until(r))
      at = he_race_closed_until(r);
  }
  if(r->open[f])
    *which = he_untried_best(&r->untried, f);
  return *which < r->untried.n ? at : HE_NEVER;
}

/* When HE_EV_NEXT's may, or HE_NEVER. */
static he_time_ns ahead_start(const struct he_race *r, unsigned *which)
{
  if(!r->has_next || !r->open[r->next.family])
    return HE_NEVER;
  *which = he_untried_find(&r->untried, &r->next);
  if(*which == r->untried.n)
    return HE_NEVER;
  if(!he_turn_count(&r->turn))
    return r->not_before;
  return later(later(he_time_add(r->last_any, HE_RACE_MIN_GAP),
                     r->not_before), r->now);
}

/* One out of its turn does not start so shortly before another one's turn that
   that one would have to wait. */
he_time_ns he_race_next_start(const struct he_race *r, unsigned *which,
                             bool *ahead)
{
  he_time_ns at, before;
  unsigned other;
  *ahead = false;
  if(!r->racing || r->outcome != OPEN || r->config->passive ||
     r->tries.running >= r->config->max_attempts)
    return HE_NEVER;
  at = turn_start(r, which);
  before = ahead_start(r, &other);
  if(before == HE_NEVER)
    return at;
  if(he_turn_count(&r->turn)) {
    if(before > at - HE_RACE_MIN_GAP)
      return at;
    *ahead = true;
  }
  *which = other;
  return before;
}

/* The family that is worth a wait: IPv6, unless IPv4 is preferred, by the user
   or by the system. */
static enum he_family awaited(const struct he_race *r)
{
  return he_order_first(r->config->policy, r->config->preference);
}

bool he_race_all_answered(const struct he_race *r)
{
  return (r->answered[HE_IPV6] || !r->config->allowed[HE_IPV6]) &&
         (r->answered[HE_IPV4] || !r->config->allowed[HE_IPV4]);
}

static bool told(const struct he_race *r, enum he_family f)
{
  return !r->config->allowed[f] || r->answered[f] || r->remembered[f];
}

static bool all_told(const struct he_race *r)
{
  return told(r, HE_IPV6) && told(r, HE_IPV4);
}

/* Is there an address of this family that the system has a route to? */
static bool usable(const struct he_race *r, enum he_family f)
{
  for(unsigned i = 0; i < r->untried.n; i++) {
    const struct he_candidate *c = &r->untried.list[i];
    if(c->addr.family == f && c->has_source)
      return true;
  }
  return false;
}

/* Something that goes first is expected. */
static he_time_ns may_begin_with_less(const struct he_race *r)
{
  const bool any = usable(r, HE_IPV6) || usable(r, HE_IPV4) ||
                   (he_race_all_answered(r) && r->untried.n);
  return any ? r->hold_until : HE_NEVER;
}

/* An address without a route is no reason to begin without the other
   family's answer: it would fail at once. */
he_time_ns he_race_may_begin(const struct he_race *r)
{
  const enum he_family f = awaited(r);
  if(!r->started)
    return HE_NEVER;
  if(r->expects == HE_EXPECTS_BETTER)
    return may_begin_with_less(r);
  if(usable(r, f))
    return INT64_MIN;
  if(he_race_all_answered(r) ? r->untried.n || r->config->beside :
     all_told(r) && r->untried.n)
    return INT64_MIN;
  return usable(r, he_other_family(f)) ? r->hold_until : HE_NEVER;
}

he_time_ns he_race_due(const struct he_race *r)
{
  struct he_attempt *a;
  he_time_ns due = r->deadline;
  he_time_ns t;
  unsigned which;
  bool ahead;
  if(r->outcome != OPEN)
    return HE_NEVER;
  t = he_race_next_start(r, &which, &ahead);
  if(t < due)
    due = t;
  t = he_race_may_begin(r);
  if(!r->racing && r->begin == NOTHING && t < due)
    due = t;
  t = he_attempts_slowest(&r->tries, r->config->attempt_timeout, &a);
  if(t < due)
    due = t;
  return due;
}
