/* SPDX-License-Identifier: MIT */
/* tries.c - the attempts of a race alone: their sockets, and what is learned
 * from them. Where the application has a say in sockets it is asked for each,
 * as libcurl would ask. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "connect/observe.h"
#include "connect/ours.h"
#include "lookup/expected.h"
#include "lookup/known.h"
#include "net/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Between two looks for a descriptor where there was none. */
#define SCARCE HE_MS(50)

/* -- telling -- */

static void tell(struct he_drive *d, enum he_step_kind kind,
                 const struct he_try *t, int error)
{
  struct he_step s = he_try_step(t, kind, error);
  he_lookup_tell(d->l, &s, he_clock_now());
}

static void feed(struct he_drive *d, enum he_event_kind kind, int id,
                 int error)
{
  struct he_event ev = { .kind = kind, .attempt = id, .error = error };
  he_race_handle(d->race, he_clock_now(), &ev);
}

/* -- learning -- */

/* Kept until the race is over, see observe.h. */
static void note(struct he_drive *d, const struct he_try *t,
                 enum he_fate fate, int error)
{
  struct he_attempt_info info;
  struct he_try *e;
  if(!d->l->config.recall)
    return;
  if(d->ended_count == d->ended_room) {
    const size_t room = d->ended_room + 4;
    e = realloc(d->ended, room * sizeof(*e));
    if(!e)
      return;                 /* it teaches nothing */
    d->ended = e;
    d->ended_room = room;
  }
  e = &d->ended[d->ended_count++];
  *e = *t;
  if(he_race_attempt(d->race, t->id, &info))
    e->delay = info.delay;
  he_try_over(e, fate, error, he_clock_now());
}

static void note_connected(struct he_drive *d, struct he_try *t)
{
  if(d->l->config.recall &&
     (d->l->config.sample || he_race_attempts(d->race) > 1) &&
     he_observe_handshake(t))
    note(d, t, HE_FATE_CONNECTED, 0);
}

void he_drive_learn(struct he_drive *d, he_time_ns now)
{
  const struct he_try *winner = NULL;
  if(d->gives_way)
    return;
  for(size_t i = 0; i < d->ended_count && !winner; i++) {
    if(d->ended[i].fate == HE_FATE_CONNECTED)
      winner = &d->ended[i];
  }
  for(size_t i = 0; i < d->ended_count; i++)
    he_observe(d->l->config.recall, d->l->host, &d->ended[i],
               he_observe_taken(winner), now);
  if(d->ended_count > (winner ? 1 : 0))   /* something speaks against one */
    he_expected_tell(d->l);
}

/* -- the list -- */

struct he_try *he_drive_find(struct he_drive *d, int id)
{
  for(unsigned i = 0; i < d->count; i++) {
    if(d->tries[i].id == id)
      return &d->tries[i];
  }
  return NULL;
}

/* Its pointer is no good any more. */
static void drop(struct he_drive *d, struct he_try *t)
{
  if(t->fd >= 0)
    he_lookup_close(d->l, t);
  *t = d->tries[--d->count];
}

/* -- sockets -- */

static void failed(struct he_drive *d, struct he_try *t, int error)
{
  const struct he_try was = *t;
  d->otherwise = d->otherwise || !he_lookup_is_refusal(error);
  if(error != ECANCELED)
    note(d, t, HE_FATE_FAILED, error);
  drop(d, t);
  tell(d, HE_STEP_FAILED, &was, error);
  feed(d, HE_EV_FAILED, was.id, error);
}

/* Without a descriptor the attempt waits for one; where none of ours runs
   libcurl may have more luck. */
static void wait_for_descriptor(struct he_drive *d)
{
  bool any = false;
  d->retry_at = he_time_add(he_clock_now(), SCARCE);
  for(unsigned i = 0; i < d->count; i++)
    any = any || d->tries[i].fd >= 0;
  if(!any)
    d->gives_way = "descriptors are scarce";
}

static void start(struct he_drive *d, struct he_try *t)
{
  int error = he_ours_open(d->l->config.app, HE_OURS_LOW, t, &d->gives_way);
  if(error == EMFILE || error == ENFILE) {
    wait_for_descriptor(d);
    return;
  }
  if(error != ECANCELED)      /* the application does not want it */
    tell(d, HE_STEP_START, t, 0);
  t->started = d->last_start = he_clock_now();
  d->starts++;
  if(!error)
    error = he_ours_connect(t);
  if(error)
    failed(d, t, error);
}

void he_drive_connect(struct he_drive *d, const struct he_action *a)
{
  struct he_try *t = &d->tries[d->count++];
  memset(t, 0, sizeof(*t));
  t->addr = a->addr;
  t->id = a->attempt;
  t->fd = -1;
  t->started = he_clock_now();
  start(d, t);
}

void he_drive_retry(struct he_drive *d)
{
  if(d->retry_at > he_clock_now())
    return;
  d->retry_at = HE_NEVER;
  for(unsigned i = d->count; i-- > 0;) {
    if(d->tries[i].fd < 0)
      start(d, &d->tries[i]);
  }
}

void he_drive_cancel(struct he_drive *d, int id)
{
  struct he_try *t = he_drive_find(d, id);
  struct he_attempt_info info;
  struct he_try was;
  bool late;
  if(!t)
    return;
  was = *t;
  late = he_race_attempt(d->race, id, &info) &&
         info.state == HE_TRY_TIMED_OUT;
  d->otherwise = true;
  if(!t->waits)               /* that one was answered */
    note(d, t, HE_FATE_GIVEN_UP, 0);
  drop(d, t);
  tell(d, late ? HE_STEP_TIMED_OUT : HE_STEP_CANCELLED, &was,
       late ? ETIMEDOUT : 0);
}

void he_drive_desert(struct he_drive *d, int id)
{
  struct he_try *t = he_drive_find(d, id);
  const struct he_try was = *t;
  d->otherwise = true;
  drop(d, t);
  tell(d, HE_STEP_CANCELLED, &was, 0);
  feed(d, HE_EV_FAILED, id, EADDRNOTAVAIL);
}

void he_drive_decide(struct he_drive *d, struct he_try *t)
{
  d->state = HE_DRIVE_DECIDED;
  t->waits = false;
  note_connected(d, t);
  feed(d, HE_EV_CONNECTED, t->id, 0);
}

/* Is it the last address, and has each other one refused? Then libcurl tries
   all of them once more, and is spared the round trip: it is given this
   socket, where connect() fails at once, with the error that was not read
   before. */
static bool is_last_hope(const struct he_drive *d)
{
  struct he_lookup *l = d->l;
  return d->count == 1 && d->state == HE_DRIVE_RACING && !d->gives_way &&
         he_lookup_all_there(l) && !he_race_untried(d->race, NULL, 0) &&
         he_lookup_known(l, HE_IPV6) == &l->answers[HE_IPV6] &&
         he_lookup_known(l, HE_IPV4) == &l->answers[HE_IPV4] &&
         (d->starts == 1 || (l->config.passes_over && !d->otherwise));
}

struct he_try *he_drive_heard(struct he_drive *d,
                                    const struct he_drive_ready *r)
{
  struct he_try *t = he_drive_find(d, r->id);
  int error;
  if(!t || t->waits || d->state == HE_DRIVE_DECIDED)
    return NULL;              /* another one was there a moment before */
  if(r->failed && is_last_hope(d)) {
    d->refused = t;           /* libcurl's connect() says why */
    feed(d, HE_EV_FAILED, r->id, ECONNREFUSED);
    return NULL;
  }
  error = he_wire_error(t->fd);
  if(error) {
    failed(d, t, error);
    return NULL;
  }
  tell(d, HE_STEP_CONNECTED, t, 0);
  return t;
}
