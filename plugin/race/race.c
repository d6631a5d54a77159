/* SPDX-License-Identifier: MIT */
/* race.c - decides what to try next, and when.
 *
 *   RESOLVING --A first---> HOLDING --AAAA, or its delay--> RACING
 *   RESOLVING --AAAA, or A when there is no AAAA----------> RACING
 *   RESOLVING --nothing to be had-------------------------> LOST
 *                           RACING  --connected-----------> WON
 *                           RACING  --all failed----------> LOST
 *
 * HOLDING exists because RFC 8305 section 3 lets AAAA catch up, and version 3
 * HTTPS records, too. Beside
 * another racer, RACING begins with the first attempt of that one, and ends
 * by WON or by being called off.
 *
 * An event changes facts (inside.h); settle() draws the conclusions.
 *
 * Invariant: exactly one WON or LOST per race, and nothing after it. */
#include "race/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct he_race *he_race_new(const struct he_race_config *config)
{
  struct he_race *r;
  assert(config->attempt_delay >= HE_RACE_MIN_GAP);
  assert(!config->first_delay || config->first_delay >= HE_RACE_MIN_GAP);
  assert(config->attempt_timeout > 0 && config->total_timeout > 0);
  assert(config->resolution_delay >= 0 && config->native_grace >= 0);
  assert(config->first_family_count && config->max_attempts);
  r = calloc(1, sizeof(*r));
  if(!r)
    return NULL;
  r->config = config;
  r->turn.first_count = config->first_family_count;
  r->turn.silent = -1;
  r->expects = config->beside ? HE_EXPECTS_NOTHING : config->expects;
  r->winner = -1;
  r->error = HE_RACE_NO_ADDRESS;
  r->deadline = HE_NEVER;
  r->hold_until = HE_NEVER;
  for(int f = 0; f < HE_FAMILIES; f++)
    r->open[f] = !config->beside || config->open[f];
  return r;
}

void he_race_free(struct he_race *r)
{
  if(!r)
    return;
  he_untried_free(&r->untried);
  he_attempts_free(&r->tries);
  free(r);
}

/* A start was made, by whomever: the attempt delay counts anew from here. */
static void pace(struct he_race *r, he_time_ns now, enum he_family f)
{
  he_turn_tried(&r->turn, f);
  r->last_start = now;
  r->not_before = now;
  r->urgent = false;
}

/* Adds a running attempt, for which there is room. One that is made ahead of
   its turn leaves the turns and times of the others alone. */
static void start(struct he_race *r, he_time_ns now, struct he_addr addr,
                  bool native, bool ahead)
{
  struct he_attempt *a;
  const unsigned i = he_untried_find(&r->untried, &addr);
  a = he_attempts_add(&r->tries, now, &addr, native);
  if(i < r->untried.n) {
    a->known = true;
    a->remembered = r->untried.list[i].remembered;
    he_untried_remove(&r->untried, i);
  }
  r->last_any = now;
  if(ahead)
    return;
  pace(r, now, (enum he_family)addr.family);
  a->place = (uint16_t)he_turn_count(&r->turn);
}

/* An attempt failed: the next one need not wait for its delay, only for the
   other one, where that has to react. */
static void failed(struct he_race *r, struct he_attempt *a, he_time_ns now,
                   enum he_attempt_state state, int error)
{
  he_attempts_end(&r->tries, a, now, state, error);
  r->error = error;
  if(!a->place)
    return;
  r->urgent = true;
  if(a->native)
    r->not_before = he_time_add(now, r->config->native_grace);
}

/* The race is over: nothing of ours goes on. */
static void finish(struct he_race *r, he_time_ns now, enum outcome outcome,
                   int error)
{
  r->outcome = outcome;
  r->error = error;
  for(unsigned i = 0; i < r->tries.n; i++) {
    struct he_attempt *a = &r->tries.list[i];
    if(a->state == HE_TRY_RUNNING && !a->native)
      he_attempts_end(&r->tries, a, now, HE_TRY_CANCELLED, 0);
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    if(r->resolve[f] == TOLD && !r->answered[f])
      r->forget[f] = TO_TELL;
}

/* --- what follows from the facts ---------------------------------------- */

/* A silent family goes last; only the first one to get there, for where both
   are silent the network is slow, not one of the families. */
static void note_silence(struct he_race *r, he_time_ns now)
{
  const he_time_ns patience = r->config->attempt_delay;
  const he_time_ns six = he_attempts_silent(&r->tries, HE_IPV6, patience);
  const he_time_ns four = he_attempts_silent(&r->tries, HE_IPV4, patience);
  if(r->turn.silent < 0 && (six <= now || four <= now))
    r->turn.silent = six <= four ? HE_IPV6 : HE_IPV4;
}

static void note_waited(struct he_race *r, he_time_ns now)
{
  if(r->racing && he_race_turn_is_closed(r) && he_race_closed_until(r) <= now)
    r->waited = true;
}

static void begin(struct he_race *r, he_time_ns now)
{
  if(r->racing || he_race_may_begin(r) > now)
    return;
  if(!r->config->beside) {
    r->racing = true;
    r->not_before = now;
  }
  else if(r->begin == NOTHING)
    r->begin = TO_TELL;
}

static void give_up_slow(struct he_race *r, he_time_ns now)
{
  struct he_attempt *a;
  while(he_attempts_slowest(&r->tries, r->config->attempt_timeout, &a) <= now)
    failed(r, a, now, HE_TRY_TIMED_OUT, ETIMEDOUT);
}

/* Draws all conclusions. Afterwards nothing is due at `now`. */
static void settle(struct he_race *r, he_time_ns now)
{
  unsigned which;
  bool ahead;
  if(r->outcome != OPEN)
    return;
  if(r->deadline <= now) {
    finish(r, now, LOST, ETIMEDOUT);
    return;
  }
  give_up_slow(r, now);
  begin(r, now);
  note_waited(r, now);
  while(he_race_next_start(r, &which, &ahead) <= now)
    start(r, now, r->untried.list[which].addr, false, ahead);
  if(!r->config->beside && r->started && he_race_all_answered(r) &&
     r->expects == HE_EXPECTS_NOTHING && !r->tries.running && !r->untried.n)
    finish(r, now, LOST, r->error == HE_RACE_NO_ADDRESS && r->no_memory ?
           ENOMEM : r->error);
}

/* --- events ------------------------------------------------------------- */

static void on_start(struct he_race *r, he_time_ns now)
{
  if(r->started)
    return;
  r->started = true;
  for(int f = 0; f < HE_FAMILIES; f++)
    if(r->config->allowed[f] && !r->answered[f])
      r->resolve[f] = TO_TELL;
  if(r->hold_until != HE_NEVER)     /* known beforehand */
    r->hold_until = he_time_add(now, r->config->resolution_delay);
}

/* Takes one address of an answer in, unless it is there already. */
static void learn(struct he_race *r, const struct he_candidate *c,
                  bool remembered)
{
  struct he_attempt *a = he_attempts_find(&r->tries, &c->addr);
  struct he_candidate mine = *c;
  mine.remembered = remembered;
  if(a)
    a->known = true;
  else if(he_untried_find(&r->untried, &c->addr) == r->untried.n)
    he_untried_add(&r->untried, &mine);
}

/* The addresses of a family are these from now on. */
static void know(struct he_race *r, he_time_ns now, const struct he_event *ev)
{
  const enum he_family f = ev->family;
  const size_t most = ev->n < HE_RACE_MAX_ADDRS ? ev->n : HE_RACE_MAX_ADDRS;
  const bool remembered = ev->kind == HE_EV_REMEMBERED;
  if(!he_untried_reserve(&r->untried, f, most) ||
     !he_attempts_reserve(&r->tries, r->tries.n + most +
                          r->untried.of[he_other_family(f)])) {
    r->no_memory = true;
    return;
  }
  he_untried_drop(&r->untried, f);
  he_attempts_unknow(&r->tries, f);
  for(size_t i = 0;
      i < ev->n && he_race_known(r, f) < HE_RACE_MAX_ADDRS; i++)
    if(ev->list[i].addr.family == f)
      learn(r, &ev->list[i], remembered);
  he_untried_sort(&r->untried, r->config->policy, r->config->preference);
  if(r->hold_until == HE_NEVER && he_race_known(r, f))
    r->hold_until = he_time_add(now, r->config->resolution_delay);
}

static void on_answer(struct he_race *r, he_time_ns now,
                      const struct he_event *ev)
{
  if(!r->config->allowed[ev->family])
    return;
  r->answered[ev->family] = true;
  know(r, now, ev);
}

static void on_remembered(struct he_race *r, he_time_ns now,
                          const struct he_event *ev)
{
  if(!r->config->allowed[ev->family] || r->answered[ev->family])
    return;
  r->remembered[ev->family] = true;
  know(r, now, ev);
}

static void on_unanswered(struct he_race *r, const struct he_event *ev)
{
  if(!r->config->allowed[ev->family])
    return;
  r->answered[ev->family] = true;
  if(ev->error == ENOMEM)
    r->no_memory = true;
}

/* Native attempts come a few at a time: grow by as many as a race of theirs
   mostly needs. */
#define NATIVE_ROOM 2

static void on_started(struct he_race *r, he_time_ns now, struct he_event *ev)
{
  const enum he_family f = (enum he_family)ev->addr.family;
  const size_t need = (size_t)r->tries.n + r->untried.n + 1;
  if(!r->config->beside)
    return;
  r->open[f] = true;
  r->racing = true;
  /* what is untried has its room */
  if(he_untried_find(&r->untried, &ev->addr) == r->untried.n &&
     need > r->tries.room &&
     !he_attempts_reserve(&r->tries, need + NATIVE_ROOM - 1)) {
    r->last_any = now;
    pace(r, now, f);
    return;
  }
  ev->attempt = (int)r->tries.n;
  start(r, now, ev->addr, true, false);
}

static void on_connected(struct he_race *r, he_time_ns now, int id)
{
  struct he_attempt *a = he_attempts_running(&r->tries, id);
  if(!a)
    return;
  he_attempts_end(&r->tries, a, now, HE_TRY_CONNECTED, 0);
  r->winner = id;
  finish(r, now, WON, 0);
}

static void on_failed(struct he_race *r, he_time_ns now, int id, int error)
{
  struct he_attempt *a = he_attempts_running(&r->tries, id);
  if(a)
    failed(r, a, now, HE_TRY_FAILED, error);
}

static void on_gone(struct he_race *r, he_time_ns now, int id)
{
  struct he_attempt *a = he_attempts_running(&r->tries, id);
  if(a && a->native)
    he_attempts_end(&r->tries, a, now, HE_TRY_GONE, 0);
}

static void heed(struct he_race *r, he_time_ns now, struct he_event *ev)
{
  switch(ev->kind) {
  case HE_EV_START:
    on_start(r, now);
    break;
  case HE_EV_ANSWER:
    on_answer(r, now, ev);
    break;
  case HE_EV_REMEMBERED:
    on_remembered(r, now, ev);
    break;
  case HE_EV_UNANSWERED:
    on_unanswered(r, ev);
    break;
  case HE_EV_STARTED:
    on_started(r, now, ev);
    break;
  case HE_EV_CONNECTED:
    on_connected(r, now, ev->attempt);
    break;
  case HE_EV_FAILED:
    on_failed(r, now, ev->attempt, ev->error);
    break;
  case HE_EV_GONE:
    on_gone(r, now, ev->attempt);
    break;
  case HE_EV_OPEN:
    r->open[ev->family] = true;
    break;
  case HE_EV_NEXT:
    r->next = ev->addr;
    r->has_next = true;
    break;
  case HE_EV_ORDER:
    if(!r->config->beside)
      he_untried_order(&r->untried, ev->list, ev->n);
    break;
  case HE_EV_EXPECT:
    if(!r->config->beside)
      r->expects = ev->expects;
    break;
  case HE_EV_TIME:
    break;
  case HE_EV_STOP:
    finish(r, now, LOST, ECANCELED);
    break;
  }
}

void he_race_handle(struct he_race *r, he_time_ns now, struct he_event *ev)
{
  if(ev->kind == HE_EV_STARTED)
    ev->attempt = -1;
  if(r->outcome != OPEN)
    return;
  r->now = now;
  if(!r->clocked) {
    r->clocked = true;
    r->deadline = he_time_add(now, r->config->total_timeout);
  }
  /* Before the event changes the facts that time has worked on. */
  note_silence(r, now);
  note_waited(r, now);
  heed(r, now, ev);
  settle(r, now);
}
