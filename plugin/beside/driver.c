/* SPDX-License-Identifier: MIT */
/* driver.c - the only file that feeds a race beside libcurl, performs what the
 * race wants done, ends it, and stands aside. It runs on the racer's thread.
 * The others of this room look, ask, hand over, and return what they saw.
 *
 *   IDLE --libcurl is slow, or mail--> RACING
 *   RACING --ours has connected, a winner waits--> DECIDED
 *   RACING --time is up, or libcurl races alone--> DECIDED
 *   RACING, DECIDED --a reason to add nothing----> ASIDE
 *   RACING, DECIDED, ASIDE
 *          --libcurl has connected, taken the winner, or left--> OVER
 *          --likewise, a question is open----------> LINGERING
 *   LINGERING --the last answer--------------------> OVER
 *
 * What libcurl has under way is followed to its end in all states but the last
 * two. Invariant: a socket of ours is closed by its attempt's end, a winner's
 * by he_connect_take()'s caller or by finish().
 *
 * libcurl 7.88.0 to 8.1.2 does not tell when it drops an attempt, and none
 * tells when a transfer ends. So a slow race is looked at each HE_GUARD: when
 * libcurl has closed all its attempts and asks for no more, it is over. */
#include "base/clock.h"
#include "beside/added.h"
#include "beside/ahead.h"
#include "beside/provoke.h"
#include "beside/questions.h"
#include "beside/theirs.h"
#include "connect/observe.h"
#include "connect/ours.h"
#include "net/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* libcurl has the addresses, and asks for its first socket within a
   millisecond. Where the transfer was given up it never does. */
#define ADOPTED_GUARD HE_MS(1000)

static void pump(struct he_beside *b);
static void due(struct he_beside *b, he_time_ns now);

static bool is_over(const struct he_beside *b)
{
  return b->state >= HE_BESIDE_LINGERING;
}

/* -- the race -- */

/* Without memory there is none. */
static bool begin_race(struct he_beside *b, he_time_ns at)
{
  if(!he_beside_race_new(b, at)) {
    b->state = HE_BESIDE_OVER;
    he_ahead_publish(b, HE_BEGIN_FAILED);
    he_task_retire(&b->c.task);
    return false;
  }
  b->state = HE_BESIDE_RACING;
  return true;
}

/* An event for the race, whose time never goes back. Returns ev->attempt. */
static int feed(struct he_beside *b, he_time_ns now, struct he_event *ev)
{
  struct he_beside_race *r = b->race;
  if(now > r->last)
    r->last = now;
  if(b->state == HE_BESIDE_RACING)
    he_race_handle(r->race, r->last, ev);
  return ev->attempt;
}

static void feed_family(struct he_beside *b, he_time_ns now,
                        enum he_event_kind kind, enum he_family family,
                        int error)
{
  feed(b, now, &(struct he_event){ .kind = kind, .family = family,
                                   .error = error });
}

static void feed_fate(struct he_beside *b, he_time_ns now,
                      enum he_event_kind kind, int id, int error)
{
  feed(b, now, &(struct he_event){ .kind = kind, .attempt = id,
                                   .error = error });
}

/* An attempt has failed, or is gone. */
static void lose(struct he_beside *b, struct he_beside_try *t,
                 enum he_fate fate, int error, he_time_ns now)
{
  he_try_over(&t->a, fate, error, now);
  he_try_close(t);
  feed_fate(b, now, fate == HE_FATE_FAILED ? HE_EV_FAILED : HE_EV_GONE,
            t->a.id, error);
}

/* An attempt of ours is given up. */
static void give_up(struct he_beside *b, struct he_beside_try *t,
                    enum he_step_kind kind, int error, he_time_ns now)
{
  he_try_over(&t->a, HE_FATE_GIVEN_UP, 0, now);
  he_try_close(t);
  he_try_tell(b, kind, t, error, now);
}

/* -- the end -- */

/* Nothing is left to do: gives everything back, but for questions whose
   answers are worth to be learned. */
static void finish(struct he_beside *b, const struct he_beside_try *winner,
                   he_time_ns now)
{
  struct he_step lost = { .kind = HE_STEP_LOST };
  if(is_over(b))
    return;
  if(b->state != HE_BESIDE_ASIDE) {
    he_try_measure(b, winner, now);
    he_try_learn(b, winner, now);
  }
  he_added_drop(b, now);
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(!t->a.native && he_try_runs(t))
      he_try_tell(b, HE_STEP_CANCELLED, t, 0, now);
    he_try_close(t);
  }
  if(winner)
    he_try_tell(b, HE_STEP_WON, winner, 0, now);
  else if(b->race->tries)
    he_connect_tell(&b->c, &lost, NULL, now);
  b->state = he_questions_linger(b, winner, now) ? HE_BESIDE_LINGERING :
             HE_BESIDE_OVER;
  if(b->c.config.attended)
    he_ahead_publish(b, HE_BEGIN_FAILED);
  pthread_mutex_lock(&b->c.lock);
  b->c.done = true;
  b->busy = false;
  pthread_mutex_unlock(&b->c.lock);
  if(b->state == HE_BESIDE_LINGERING)
    he_task_wake_at(&b->c.task, HE_NEVER);
  else
    he_task_retire(&b->c.task);
}

static void linger_no_more(struct he_beside *b)
{
  b->state = HE_BESIDE_OVER;
  he_questions_left(b);
  he_task_retire(&b->c.task);
}

/* Calls off what is ours; libcurl goes on. */
static void cancel_ours(struct he_beside *b, enum he_beside_state then)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  feed(b, he_clock_now(), &stop);
  pump(b);
  b->state = then;
}

static void stand_aside(struct he_beside *b, const char *why, he_time_ns now)
{
  struct he_step s = { .kind = HE_STEP_ASIDE, .text = why };
  if(b->state >= HE_BESIDE_ASIDE)
    return;
  /* who waits for a late answer waits in vain; no order is better any more */
  if(b->ahead && (b->c.config.race.passive || !he_ahead_answered(b)))
    he_ahead_publish(b, HE_BEGIN_FAILED);
  he_connect_tell(&b->c, &s, NULL, now);
  cancel_ours(b, HE_BESIDE_ASIDE);
  he_added_drop(b, now);
  he_questions_close_all(b);
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(!t->a.native && he_try_runs(t))   /* a lookup's */
      give_up(b, t, HE_STEP_CANCELLED, 0, now);
  }
}

/* -- libcurl's attempts -- */

static void verify(struct he_beside *b, he_time_ns now)
{
  const char *why = b->state == HE_BESIDE_RACING ? he_theirs_verify(b) : NULL;
  if(why)
    stand_aside(b, why, now);
}

/* An attempt is slow: find out what else there is to try. */
static void slow(struct he_beside *b, he_time_ns now)
{
  struct he_event start = { .kind = HE_EV_START };
  const bool needless = b->c.config.libcurl_races && !b->c.config.restarts;
  if(b->race->asked || b->state == HE_BESIDE_ASIDE ||
     (needless && !he_beside_may_reorder(b)))
    return;
  b->race->asked = true;
  feed(b, now, &start);
}

/* It connected at `at`. */
static void connected(struct he_beside *b, struct he_beside_try *t,
                      he_time_ns at, he_time_ns now)
{
  he_try_over(&t->a, HE_FATE_CONNECTED, 0, at);
  he_try_close(t);
  he_try_tell(b, HE_STEP_CONNECTED, t, 0, at);
  feed_fate(b, now, HE_EV_CONNECTED, t->a.id, 0);
  pump(b);
  finish(b, t, at);
}

/* libcurl has closed an attempt, which was still connecting as far as is known.
   One that nobody has seen connecting may have connected, and is not blamed. */
static void dropped(struct he_beside *b, struct he_beside_try *t, bool pending,
                    he_time_ns now)
{
  if(!t->a.provoked)
    he_try_tell(b, HE_STEP_GONE, t, 0, now);
  lose(b, t, pending || t->connecting ? HE_FATE_GIVEN_UP : HE_FATE_UNKNOWN, 0,
       now);
}

/* It is slow. */
static void connecting(struct he_beside *b, struct he_beside_try *t,
                       const char *why, he_time_ns now)
{
  t->connecting = true;
  t->look = he_time_add(now, HE_GUARD);
  if(why) {
    stand_aside(b, why, now);
    return;
  }
  he_try_watch(t);
  he_beside_busy(b);
  slow(b, now);
  if(b->race->winner)
    he_provoke(b, now);
}

/* What has become of it? With `stock`, that is taken down, nothing begun. */
static void look(struct he_beside *b, struct he_beside_try *t, he_time_ns now,
                 bool stock)
{
  const struct he_seen seen = he_theirs_look(t);
  const he_time_ns then = he_time_add(t->a.started, seen.rtt);
  switch(seen.what) {
  case HE_SAW_CLOSED:
    dropped(b, t, false, now);
    break;
  case HE_SAW_CONNECTED:
    connected(b, t, !t->connecting && seen.rtt && then < now ? then : now,
              now);
    break;
  case HE_SAW_CONNECTING:
    if(!stock)
      connecting(b, t, seen.why, now);
    break;
  case HE_SAW_IDLE:
    if(!stock)
      he_theirs_look_again(t, now);
    break;
  }
}

/* Looks at all attempts of libcurl's; with `connected` only at those that are.
   libcurl drops its losers when it has a winner: find that first. */
static void take_stock(struct he_beside *b, bool connected, he_time_ns now)
{
  for(struct he_beside_try *t = b->race->tries; t && !is_over(b); t = t->next) {
    if(connected ? he_theirs_connected(t) :
       t->a.native && !t->a.fate && !t->a.provoked)
      look(b, t, now, true);
  }
}

/* -- ours -- */

static void open_ours(struct he_beside *b, struct he_beside_try *t,
                      he_time_ns now)
{
  const char *why;
  const int error = he_added_open(b, t, &why, now);
  if(why)
    stand_aside(b, why, now);
  else if(error) {
    he_try_tell(b, HE_STEP_FAILED, t, error, now);
    lose(b, t, HE_FATE_FAILED, error, now);
  }
}

/* The poller's: an attempt has connected or failed. */
static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct he_beside_try *t = (struct he_beside_try *)w;
  struct he_beside *b = t->beside;
  int error;
  if(is_over(b) || t->a.fate)
    return;
  he_try_unwatch(t);
  if(t->a.native)
    look(b, t, now, false);
  else if((error = he_wire_error(t->a.fd)) != 0) {
    he_try_tell(b, HE_STEP_FAILED, t, error, now);
    lose(b, t, HE_FATE_FAILED, error, now);
  }
  else {
    if(b->c.config.recall)
      he_observe_handshake(&t->a);
    he_try_over(&t->a, HE_FATE_CONNECTED, 0, now);
    he_try_tell(b, HE_STEP_CONNECTED, t, 0, now);
    feed_fate(b, now, HE_EV_CONNECTED, t->a.id, 0);
  }
  due(b, now);
}

static void connect_ours(struct he_beside *b, const struct he_action *act,
                         he_time_ns now)
{
  const char *why = he_theirs_objection(b);
  struct he_try a = { .addr = act->addr, .id = act->attempt, .fd = -1 };
  struct he_beside_try *t;
  if(why) {
    stand_aside(b, why, now);
    return;
  }
  a.started = now;
  t = he_try_add(b, &a, on_ready);
  if(t)
    open_ours(b, t, now);
  else
    feed_fate(b, now, HE_EV_FAILED, act->attempt, ENOMEM);
}

static void cancel(struct he_beside *b, int id, he_time_ns now)
{
  struct he_attempt_info info;
  struct he_beside_try *t = he_try_by_id(b, id);
  if(!t || !he_try_runs(t))
    return;
  if(he_race_attempt(b->race->race, id, &info) &&
     info.state == HE_TRY_TIMED_OUT)
    give_up(b, t, HE_STEP_TIMED_OUT, ETIMEDOUT, now);
  else
    give_up(b, t, HE_STEP_CANCELLED, 0, now);
}

static void won(struct he_beside *b, struct he_beside_try *t, he_time_ns now)
{
  if(!t || t->a.native)
    return;
  he_added_offer(b, t);
  b->state = HE_BESIDE_DECIDED;
  /* an attempt that nobody has looked at yet may be the one to provoke */
  for(t = b->race->tries; t; t = t->next) {
    if(t->a.native && !t->a.fate && !t->connecting && t->look > now)
      t->look = now;
  }
  he_provoke(b, now);
  if(b->race->quit_at != HE_NEVER)
    he_provoke_end(b, now);
}

static void perform(struct he_beside *b, const struct he_action *a,
                    he_time_ns now)
{
  switch(a->kind) {
  case HE_ACT_RESOLVE:
    if(!he_questions_ask(b, a->family, now))
      feed_family(b, now, HE_EV_UNANSWERED, a->family, ENOMEM);
    break;
  case HE_ACT_FORGET:
    if(!he_questions_teach(b))
      he_questions_close(b, a->family);
    break;
  case HE_ACT_BEGIN:
    he_ahead_publish(b, HE_BEGIN_NOW);
    break;
  case HE_ACT_CONNECT:
    connect_ours(b, a, now);
    break;
  case HE_ACT_CANCEL:
    cancel(b, a->attempt, now);
    break;
  case HE_ACT_WON:
    won(b, he_try_by_id(b, a->attempt), now);
    break;
  case HE_ACT_LOST:
    /* the time-out: whoever waits for addresses does without ours */
    if(b->c.config.attended && !(b->ahead && he_ahead_answered(b)))
      he_ahead_publish(b, HE_BEGIN_FAILED);
    b->state = HE_BESIDE_DECIDED;
    break;
  }
}

static void pump(struct he_beside *b)
{
  struct he_action a;
  while(b->state == HE_BESIDE_RACING && he_race_next(b->race->race, &a))
    perform(b, &a, he_clock_now());
}

/* -- mail -- */

/* The race hears of an attempt that somebody else has started. NULL without
   memory. */
static struct he_beside_try *follow(struct he_beside *b,
                                    const struct he_try *told)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .attempt = -1 };
  struct he_try a = *told;
  ev.addr = a.addr;
  a.id = feed(b, a.started, &ev);
  return he_try_add(b, &a, on_ready);
}

static void started(struct he_beside *b, const struct he_try *a)
{
  const he_time_ns at = a->started;
  struct he_beside_try *t;
  /* the other family's address took the place of one that libcurl asked for:
     that family is as good as tried */
  if(a->asked != (enum he_family)a->addr.family)
    feed_family(b, at, HE_EV_OPEN, a->asked, 0);
  t = follow(b, a);
  if(!t)
    return;
  b->race->orphan_at = HE_NEVER;
  b->race->owes = false;
  he_try_tell(b, HE_STEP_START, t, 0, at);
  if(b->c.config.aside)
    stand_aside(b, b->c.config.aside, at);
  if(b->c.config.watcher)
    t->look = he_time_add(at, HE_MS(1));
  else if(b->state != HE_BESIDE_ASIDE)
    t->look = he_time_add(at, b->c.config.look_after);
  if(b->race->winner)
    t->look = at;   /* it has just missed the winner */
  verify(b, at);
}

/* An attempt of curl-he's own, from before libcurl made any. */
static void adopt(struct he_beside *b, const struct he_beside_mail *m,
                  he_time_ns now)
{
  struct he_beside_try *t = follow(b, &m->try);
  if(!t) {
    he_ours_close(b->c.config.app, m->try.fd, m->try.apps);
    return;
  }
  t->told = true;
  b->race->orphan_at = he_time_add(now, ADOPTED_GUARD);
  he_beside_busy(b);
  if(!he_try_watch(t))
    lose(b, t, HE_FATE_FAILED, ENOMEM, now);
}

static void failed(struct he_beside *b, struct he_beside_try *t,
                   const struct he_beside_mail *m, he_time_ns now)
{
  b->race->owes = true;
  if(!t->a.provoked)
    he_try_tell(b, HE_STEP_FAILED, t, m->try.error, m->at);
  he_try_over(&t->a, HE_FATE_FAILED, m->try.error, now);
  he_try_close(t);
  if(m->try.bound)
    stand_aside(b, he_theirs_is_bound, now);
  feed_fate(b, now, HE_EV_FAILED, t->a.id, m->try.error);
}

static void closed(struct he_beside *b, const struct he_beside_mail *m,
                   he_time_ns now)
{
  struct he_beside_try *t = he_try_by_serial(b, m->try.serial);
  const he_time_ns rtt = m->try.handshake;
  if(!t)
    return;
  t->a.learned = m->try.learned || m->try.fate == HE_FATE_UNKNOWN;
  switch(m->try.fate) {
  case HE_FATE_OPEN:
    break;
  case HE_FATE_CONNECTED:
    t->a.handshake = rtt > 0 ? rtt : 0;
    t->a.again = m->try.again;
    connected(b, t, rtt && t->a.started + rtt < m->at ? t->a.started + rtt :
              m->at, now);
    break;
  case HE_FATE_FAILED:
    failed(b, t, m, now);
    break;
  case HE_FATE_UNKNOWN:
  case HE_FATE_GIVEN_UP:
    take_stock(b, true, now);
    if(!is_over(b))
      dropped(b, t, m->try.fate == HE_FATE_GIVEN_UP, now);
    break;
  }
}

static void answer(struct he_beside *b, const struct he_beside_mail *m,
                   he_time_ns now)
{
  struct he_event ev = { .family = m->family, .error = m->error };
  ev.kind = m->error ? HE_EV_UNANSWERED : HE_EV_ANSWER;
  ev.list = m->list;
  ev.n = m->n;
  he_beside_tell_family(b, HE_STEP_ANSWER, m->family, m->error, m->n, m->at);
  b->race->unanswered = b->race->unanswered || m->error;
  if(!he_questions_looked_up(b, m->family))
    stand_aside(b, "libcurl had an address, and no need to resolve one", now);
  he_questions_close(b, m->family);
  feed(b, now, &ev);
  verify(b, now);
  if(!m->error && b->state != HE_BESIDE_ASIDE)
    he_questions_noted(b, m->family, now);
  he_questions_translate(b, m);
  he_questions_learn(b, m, now);
  /* what is about to be tried is neither untried nor under way, and all that
     whoever waits is told of is one or the other */
  pump(b);
  if((b->ahead || b->c.config.race.passive) && b->state == HE_BESIDE_RACING)
    he_ahead_publish(b, HE_BEGIN_NOW);
}

/* What libcurl was not given it will not try by itself. */
static void listed(struct he_beside *b, he_time_ns now)
{
  uint16_t counts[HE_FAMILIES];
  bool alone;
  pthread_mutex_lock(&b->c.lock);
  alone = b->alone;
  memcpy(counts, b->listed, sizeof(counts));
  pthread_mutex_unlock(&b->c.lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!counts[f])
      feed_family(b, now, HE_EV_OPEN, (enum he_family)f, 0);
  }
  if(alone && b->state == HE_BESIDE_RACING)
    cancel_ours(b, HE_BESIDE_DECIDED);
}

static void resolve_ahead(struct he_beside *b, he_time_ns now)
{
  struct he_candidate list[HE_HISTORY_ADDRS];
  struct he_event ev = { .kind = HE_EV_REMEMBERED, .list = list };
  b->race->asked = true;
  he_beside_busy(b);
  for(int f = 0; f < HE_FAMILIES; f++) {
    ev.family = (enum he_family)f;
    if(he_questions_remembered(b, ev.family, list, &ev.n, now))
      feed(b, now, &ev);
  }
  ev = (struct he_event){ .kind = HE_EV_START };
  feed(b, now, &ev);
}

/* The winner's socket is gone: libcurl has it, or it was no good any more, and
   libcurl goes on alone. */
static void winner_gone(struct he_beside *b, const struct he_beside_mail *m,
                        he_time_ns now)
{
  const bool taken = m->kind == HE_MAIL_TAKEN;
  struct he_beside_try *t = he_added_gone(b, &m->try.addr);
  if(t)
    he_try_tell(b, taken ? HE_STEP_HANDED_OVER : HE_STEP_CANCELLED, t, 0,
                m->at);
  if(taken)
    finish(b, t, now);
}

static void act(struct he_beside *b, const struct he_beside_mail *m,
                he_time_ns now)
{
  switch(m->kind) {
  case HE_MAIL_STARTED:
    started(b, &m->try);
    break;
  case HE_MAIL_CLOSED:
    closed(b, m, now);
    break;
  case HE_MAIL_ADOPT:
    adopt(b, m, now);
    break;
  case HE_MAIL_TAKEN:
  case HE_MAIL_SPOILT:
    winner_gone(b, m, now);
    break;
  case HE_MAIL_RESOLVE:
    resolve_ahead(b, now);
    break;
  case HE_MAIL_LISTED:
    listed(b, now);
    break;
  case HE_MAIL_ANSWER:
    answer(b, m, now);
    break;
  case HE_MAIL_CONFIRM:       /* a winner may wait for it */
    he_questions_confirmed(b, m, now);
    if(b->race->winner)
      he_provoke(b, now);
    break;
  case HE_MAIL_STEERED:
    /* libcurl's attempts are followed to their end; where it has none that
       could be, there is no race */
    stand_aside(b, he_ours_steered, now);
    if(!b->race->tries)
      finish(b, NULL, now);
    break;
  case HE_MAIL_SYNC:
    take_stock(b, false, now);
    break;
  case HE_MAIL_STOP:
    take_stock(b, false, now);
    finish(b, NULL, now);
    break;
  }
}

/* Mail for a connect that has ended, or had no memory to begin. */
static void miss(struct he_beside *b, const struct he_beside_mail *m,
                 he_time_ns now)
{
  if(m->kind == HE_MAIL_ADOPT)
    he_ours_close(b->c.config.app, m->try.fd, m->try.apps);
  else if(m->kind == HE_MAIL_RESOLVE && !is_over(b))
    he_ahead_publish(b, HE_BEGIN_FAILED);
  else if(m->kind == HE_MAIL_ANSWER && b->state == HE_BESIDE_LINGERING &&
          he_questions_late(b, m, now))
    linger_no_more(b);
}

static void handle(struct he_beside *b, struct he_beside_mail *m,
                   he_time_ns now)
{
  const bool live = !is_over(b) && b->c.task.held &&
                    (b->race || begin_race(b, m->at));
  if(live)
    act(b, m, now);
  else
    miss(b, m, now);
  if(m->ticket)
    he_beside_handled(b, m->ticket);
  /* after the rest of the mail: an attempt that was slow when it was posted
     may have lost to one of which the racer has yet to hear */
  if(live && !is_over(b))
    he_task_wake_at(&b->c.task, now);
  free(m->list);
  free(m);
}

static void handle_kept(struct he_beside *b, he_time_ns now)
{
  struct he_beside_mail *m;
  while((m = he_beside_next_kept(b)) != NULL)
    handle(b, m, now);
}

void he_driver_mail(struct he_task *task, struct he_mail *mail, he_time_ns now)
{
  struct he_beside *b = (struct he_beside *)task;
  handle_kept(b, now);
  handle(b, (struct he_beside_mail *)mail, now);
}

void he_driver_expected(struct he_task *task, he_time_ns now)
{
  struct he_beside *b = (struct he_beside *)task;
  if(he_told_slow(b) && he_task_hold(task))
    handle_kept(b, now);
}

/* -- time -- */

static he_time_ns next_due(struct he_beside *b)
{
  struct he_beside_race *r = b->race;
  he_time_ns at = b->state == HE_BESIDE_RACING ? he_race_due(r->race) :
                  HE_NEVER;
  if(r->orphan_at < at)
    at = r->orphan_at;
  if(r->quit_at < at)
    at = r->quit_at;
  for(struct he_beside_try *t = r->tries; t; t = t->next) {
    if(t->look < at)
      at = t->look;
  }
  return at;
}

static void due(struct he_beside *b, he_time_ns now)
{
  struct he_event time = { .kind = HE_EV_TIME };
  struct he_beside_race *r = b->race;
  if(is_over(b))
    return;
  for(struct he_beside_try *t = r->tries; t && !is_over(b); t = t->next) {
    if(t->look > now)
      continue;
    if(t->a.native)
      look(b, t, now, false);
    else
      open_ours(b, t, now);
  }
  if(is_over(b))
    return;
  if(r->quit_at <= now)
    he_provoke_end(b, now);
  feed(b, now, &time);
  pump(b);
  if(r->orphan_at == HE_NEVER)
    r->orphan_at = he_theirs_orphaned(b, now);
  if(r->orphan_at <= now)
    finish(b, NULL, now);
  if(!is_over(b))
    he_task_wake_at(&b->c.task, next_due(b));
}

void he_driver_due(struct he_task *task, he_time_ns now)
{
  due((struct he_beside *)task, now);
}

void he_driver_ended(struct he_task *task, he_time_ns now)
{
  struct he_beside *b = (struct he_beside *)task;
  if(!b->race)
    return;
  finish(b, NULL, now);
  if(b->state == HE_BESIDE_LINGERING)
    linger_no_more(b);
}
