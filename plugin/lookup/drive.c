/* SPDX-License-Identifier: MIT */
/* drive.c - the loop of effects around the pure race, on the thread that called
 * getaddrinfo(). The files below it say what they saw; it alone decides who
 * wins, and when the race is over. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "lookup/known.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* -- answers -- */

static void heed_answer(struct he_drive *d, enum he_family f, he_time_ns now)
{
  const struct he_lookup_answer *a = &d->l->answers[f];
  struct he_event ev = { .kind = HE_EV_ANSWER, .family = f };
  d->unheard[f] = false;
  if(he_answer_failed(a)) {
    ev.kind = HE_EV_UNANSWERED;
    ev.error = a->error;
  }
  ev.list = a->list;
  ev.n = a->n;
  he_race_handle(d->race, now, &ev);
}

/* The race hears of the answers; of one that has only addresses which are known
   to be worse than the other family's not before the Resolution Delay. */
static void heed_answers(struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  enum he_family first;
  if(!d->unheard[HE_IPV6] && !d->unheard[HE_IPV4])
    return;
  if(he_drive_waits_to_yield(d, now))
    return;
  first = he_drive_sort(d, now);
  if(he_drive_holds(d, now))
    return;
  if(d->unheard[first])
    heed_answer(d, first, now);
  if(d->unheard[he_other_family(first)])
    heed_answer(d, he_other_family(first), now);
  he_drive_advise(d, true, now);
}

/* -- the race's actions -- */

static void perform(struct he_drive *d, const struct he_action *a)
{
  switch(a->kind) {
  case HE_ACT_RESOLVE:
    he_drive_ask(d, a->family);
    break;
  case HE_ACT_CONNECT:
    he_drive_connect(d, a);
    break;
  case HE_ACT_CANCEL:
    he_drive_cancel(d, a->attempt);
    break;
  case HE_ACT_WON:
    d->winner = he_drive_find(d, a->attempt);
    break;
  case HE_ACT_FORGET:
  case HE_ACT_BEGIN:
  case HE_ACT_LOST:
    break;
  }
}

static void pump(struct he_drive *d)
{
  struct he_action a;
  while(he_race_next(d->race, &a))
    perform(d, &a);
}

/* -- the loop -- */

/* Addresses that are none of the host's any more. */
static void desert(struct he_drive *d)
{
  const struct he_try *t = he_drive_astray(d);
  while(t) {
    he_drive_desert(d, t->id);
    t = he_drive_astray(d);
  }
}

static void confirm(struct he_drive *d)
{
  struct he_try *t = he_drive_confirmed(d, he_clock_now());
  if(t)
    he_drive_decide(d, t);
}

static void step(struct he_drive *d)
{
  struct he_event time = { .kind = HE_EV_TIME };
  he_drive_look(d);
  if(d->stopped)              /* then nothing is begun any more */
    return;
  he_drive_complete(d);
  d->leaves = d->state != HE_DRIVE_DECIDED && !he_race_over(d->race) &&
              he_drive_leaves(d);
  if(d->leaves)
    return;
  confirm(d);
  if(d->state == HE_DRIVE_RACING) {
    heed_answers(d);
    desert(d);
    he_drive_retry(d);
    he_race_handle(d->race, he_clock_now(), &time);
  }
  pump(d);
  if(d->state == HE_DRIVE_RACING)
    he_drive_advise(d, false, he_clock_now());
  pump(d);                    /* what was advised may have begun already */
}

static void wait(struct he_drive *d)
{
  struct he_drive_ready ready[HE_LOOKUP_TRIES];
  const size_t n = he_drive_wait(d, he_drive_due(d), ready);
  for(size_t i = 0; i < n; i++) {
    struct he_try *t = he_drive_heard(d, &ready[i]);
    if(t && he_drive_wins(d, t))
      he_drive_decide(d, t);
  }
}

/* Does nobody wait for what is still to come? */
static bool is_over(const struct he_drive *d)
{
  return he_race_over(d->race) || d->gives_way || d->leaves || d->stopped ||
         (d->state == HE_DRIVE_RACING && he_clock_now() >= he_drive_limit(d));
}

static void loop(struct he_drive *d)
{
  struct he_event start = { .kind = HE_EV_START };
  struct he_step asked = { .kind = HE_STEP_LOOKUP };
  he_lookup_tell(d->l, &asked, d->l->began);
  he_race_handle(d->race, he_clock_now(), &start);
  pump(d);
  he_drive_look(d);
  he_drive_remember(d, he_clock_now());
  for(;;) {
    step(d);
    if(is_over(d))
      return;
    wait(d);
  }
}

static enum he_lookup_state outcome(const struct he_drive *d)
{
  if(!he_race_over(d->race) && !d->stopped && !d->gives_way && d->count)
    return HE_LOOKUP_LEFT;
  if(d->leaves)
    return HE_LOOKUP_YIELDED;
  return d->winner ? HE_LOOKUP_WON : HE_LOOKUP_LOST;
}

static void finish(struct he_drive *d)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  const he_time_ns now = he_clock_now();
  enum he_lookup_state state;
  he_drive_look(d);
  state = outcome(d);
  if(!he_race_over(d->race) && state != HE_LOOKUP_LEFT) {
    he_race_handle(d->race, now, &stop);
    pump(d);
  }
  he_drive_end(d, state, now);
}

void he_lookup_run(struct he_lookup *l)
{
  struct he_drive d;
  memset(&d, 0, offsetof(struct he_drive, tries));
  d.l = l;
  d.last_start = d.retry_at = d.hold_until = d.room_until = d.leave_at =
    HE_NEVER;
  d.race = he_race_new(&l->config.race);
  if(!d.race) {
    pthread_mutex_lock(&l->lock);
    l->state = HE_LOOKUP_LOST;
    l->why = "no memory";
    pthread_mutex_unlock(&l->lock);
    return;
  }
  loop(&d);
  finish(&d);
  he_race_free(d.race);
  free(d.ended);
}
