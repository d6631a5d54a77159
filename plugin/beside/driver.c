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
 * by he_job_take()'s caller or by finish().
 *
 * libcurl 7.88.0 to 8.1.2 does not tell when it drops an attempt, and none
 * tells when a transfer ends. So a slow race is looked at each HE_GUARD: when
 * libcurl has closed all its attempts and asks for no more, it is over. */
#include "base/clock.h"
#include "beside/ahead.h"
#include "beside/provoke.h"
#include "beside/questions.h"
#include "beside/theirs.h"
#include "beside/unseen.h"
#include "beside/winner.h"
#include "connect/observe.h"
#include "connect/ours.h"
#include "net/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where an attempt has failed, or was made to, libcurl will ask for the winner
   that waits, if only when it wakes up: curl_easy_perform() does once a second
   at the least. Where it dropped them all by itself the transfer has ended. */
#define WINNER_GUARD HE_MS(2000)
/* libcurl has the addresses, and asks for its first socket within a
   millisecond. Where the transfer was given up it never does. */
#define ADOPTED_GUARD HE_MS(1000)
/* Between looks for a descriptor where there was none. */
#define SCARCE HE_MS(50)

static void pump(struct he_job *j);
static void due(struct he_job *j, he_time_ns now);

static bool is_over(const struct he_job *j)
{
  return j->state >= HE_JOB_LINGERING;
}

static void set_notice(struct he_job *j, enum he_job_notice notice)
{
  pthread_mutex_lock(&j->lock);
  j->notice = notice;
  pthread_mutex_unlock(&j->lock);
}

/* -- the race -- */

/* Without memory there is none. */
static bool begin_race(struct he_job *j, he_time_ns at)
{
  struct he_job_race *r = calloc(1, sizeof(*r));
  if(r)
    r->race = he_race_new(&j->config.race);
  if(!r || !r->race) {
    free(r);
    j->state = HE_JOB_OVER;
    he_ahead_publish(j, HE_BEGIN_FAILED);
    he_task_retire(&j->task);
    return false;
  }
  r->orphan_at = r->quit_at = HE_NEVER;
  r->last = at;
  j->race = r;
  j->state = HE_JOB_RACING;
  if(!j->began)               /* by a lookup */
    j->began = at;
  return true;
}

/* An event for the race, whose time never goes back. Returns ev->attempt. */
static int feed(struct he_job *j, he_time_ns now, struct he_event *ev)
{
  struct he_job_race *r = j->race;
  if(now > r->last)
    r->last = now;
  if(j->state == HE_JOB_RACING)
    he_race_handle(r->race, r->last, ev);
  return ev->attempt;
}

static void feed_family(struct he_job *j, he_time_ns now,
                        enum he_event_kind kind, enum he_family family,
                        int error)
{
  struct he_event ev = { .kind = kind, .family = family, .error = error };
  feed(j, now, &ev);
}

static void feed_fate(struct he_job *j, he_time_ns now,
                      enum he_event_kind kind, int id, int error)
{
  struct he_event ev = { .kind = kind, .attempt = id, .error = error };
  feed(j, now, &ev);
}

/* An attempt has failed, or is gone. */
static void lose(struct he_job *j, struct he_job_try *t, enum he_fate fate,
                 int error, he_time_ns now)
{
  he_try_over(&t->a, fate, error, now);
  he_try_close(t);
  feed_fate(j, now, fate == HE_FATE_FAILED ? HE_EV_FAILED : HE_EV_GONE,
            t->a.id, error);
}

/* An attempt of ours is given up. */
static void give_up(struct he_job *j, struct he_job_try *t,
                    enum he_step_kind kind, int error, he_time_ns now)
{
  he_try_over(&t->a, HE_FATE_GIVEN_UP, 0, now);
  he_try_close(t);
  he_try_tell(j, kind, t, error, now);
}

/* -- the end -- */

static void learn(struct he_job *j, const struct he_job_try *winner,
                  he_time_ns now)
{
  const he_time_ns taken = he_observe_taken(winner ? &winner->a : NULL);
  if(!j->config.recall || j->state == HE_JOB_ASIDE)
    return;
  for(struct he_job_try *t = j->race->tries; t; t = t->next) {
    /* without a winner it may have been the one */
    if(!t->a.learned && (winner || t->a.fate != HE_FATE_UNKNOWN))
      he_observe(j->config.recall, j->config.host, &t->a, taken, now);
    t->a.learned = true;
  }
}

/* Nothing is left to do: gives everything back, but for questions whose
   answers are worth to be learned. */
static void finish(struct he_job *j, const struct he_job_try *winner,
                   he_time_ns now)
{
  struct he_step lost = { .kind = HE_STEP_LOST };
  if(is_over(j))
    return;
  learn(j, winner, now);
  he_winner_drop(j, now);
  for(struct he_job_try *t = j->race->tries; t; t = t->next) {
    if(!t->a.native && he_try_runs(t))
      he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
    he_try_close(t);
  }
  if(winner)
    he_try_tell(j, HE_STEP_WON, winner, 0, now);
  else if(j->race->tries)
    he_job_tell(j, &lost, now);
  j->state = he_questions_linger(j, winner, now) ? HE_JOB_LINGERING :
             HE_JOB_OVER;
  if(j->config.attended)
    he_ahead_publish(j, HE_BEGIN_FAILED);
  pthread_mutex_lock(&j->lock);
  j->done = true;
  j->notice = HE_SEEN;
  pthread_mutex_unlock(&j->lock);
  if(j->state == HE_JOB_LINGERING)
    he_task_wake_at(&j->task, HE_NEVER);
  else
    he_task_retire(&j->task);
}

static void linger_no_more(struct he_job *j)
{
  j->state = HE_JOB_OVER;
  he_questions_left(j);
  he_task_retire(&j->task);
}

/* Calls off what is ours; libcurl goes on. */
static void cancel_ours(struct he_job *j, enum he_job_state then)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  feed(j, he_clock_now(), &stop);
  pump(j);
  j->state = then;
}

static void stand_aside(struct he_job *j, const char *why, he_time_ns now)
{
  struct he_step s = { .kind = HE_STEP_ASIDE, .text = why };
  if(j->state >= HE_JOB_ASIDE)
    return;
  /* who waits for a late answer waits in vain; no order is better any more */
  if(j->ahead && (j->config.race.passive || !he_ahead_answered(j)))
    he_ahead_publish(j, HE_BEGIN_FAILED);
  he_job_tell(j, &s, now);
  cancel_ours(j, HE_JOB_ASIDE);
  he_winner_drop(j, now);
  he_questions_close_all(j);
  for(struct he_job_try *t = j->race->tries; t; t = t->next) {
    if(!t->a.native && he_try_runs(t))   /* a lookup's */
      give_up(j, t, HE_STEP_CANCELLED, 0, now);
  }
}

/* -- libcurl's attempts -- */

static void verify(struct he_job *j, he_time_ns now)
{
  const char *why = j->state == HE_JOB_RACING ? he_theirs_verify(j) : NULL;
  if(why)
    stand_aside(j, why, now);
}

static bool may_reorder(struct he_job *j)
{
  bool yes;
  pthread_mutex_lock(&j->lock);
  yes = he_job_may_reorder_locked(j);
  pthread_mutex_unlock(&j->lock);
  return yes;
}

/* An attempt is slow: find out what else there is to try. */
static void slow(struct he_job *j, he_time_ns now)
{
  struct he_event start = { .kind = HE_EV_START };
  if(j->race->asked || j->state == HE_JOB_ASIDE ||
     (j->config.libcurl_races && !j->config.restarts && !may_reorder(j)))
    return;
  j->race->asked = true;
  feed(j, now, &start);
}

/* It connected at `at`. */
static void connected(struct he_job *j, struct he_job_try *t, he_time_ns at,
                      he_time_ns now)
{
  he_try_over(&t->a, HE_FATE_CONNECTED, 0, at);
  he_try_close(t);
  he_try_tell(j, HE_STEP_CONNECTED, t, 0, at);
  feed_fate(j, now, HE_EV_CONNECTED, t->a.id, 0);
  pump(j);
  finish(j, t, at);
}

/* libcurl has closed an attempt, which was still connecting as far as is known.
   One that nobody has seen connecting may have connected, and is not blamed. */
static void dropped(struct he_job *j, struct he_job_try *t, bool pending,
                    he_time_ns now)
{
  if(!t->a.provoked)
    he_try_tell(j, HE_STEP_GONE, t, 0, now);
  lose(j, t, pending || t->connecting ? HE_FATE_GIVEN_UP : HE_FATE_UNKNOWN, 0,
       now);
}

/* Not connecting: about to connect, or failed and about to be closed. */
static void look_again(struct he_job_try *t, he_time_ns now)
{
  he_try_unwatch(t);
  t->pause = t->pause ? t->pause * 2 : HE_MS(1);
  if(t->pause > HE_GUARD)
    t->pause = HE_GUARD;
  t->look = he_time_add(now, t->pause);
}

/* It is slow. */
static void connecting(struct he_job *j, struct he_job_try *t, const char *why,
                       he_time_ns now)
{
  t->connecting = true;
  t->look = he_time_add(now, HE_GUARD);
  if(why) {
    stand_aside(j, why, now);
    return;
  }
  he_try_watch(t);
  set_notice(j, HE_BUSY);
  slow(j, now);
  if(j->race->winner)
    he_provoke(j, now);
}

/* What has become of it? With `stock`, that is taken down, nothing begun. */
static void look(struct he_job *j, struct he_job_try *t, he_time_ns now,
                 bool stock)
{
  const struct he_seen seen = he_theirs_look(t);
  const he_time_ns then = he_time_add(t->a.started, seen.rtt);
  switch(seen.what) {
  case HE_SAW_CLOSED:
    dropped(j, t, false, now);
    break;
  case HE_SAW_CONNECTED:
    connected(j, t, !t->connecting && seen.rtt && then < now ? then : now,
              now);
    break;
  case HE_SAW_CONNECTING:
    if(!stock)
      connecting(j, t, seen.why, now);
    break;
  case HE_SAW_IDLE:
    if(!stock)
      look_again(t, now);
    break;
  }
}

static void take_stock(struct he_job *j, he_time_ns now)
{
  for(struct he_job_try *t = j->race->tries; t && !is_over(j); t = t->next) {
    if(t->a.native && !t->a.fate && !t->a.provoked)
      look(j, t, now, true);
  }
}

/* libcurl drops its losers when it has a winner: find that first. */
static void find_connected(struct he_job *j, he_time_ns now)
{
  for(struct he_job_try *t = j->race->tries; t && !is_over(j); t = t->next) {
    if(he_theirs_connected(t))
      look(j, t, now, true);
  }
}

/* -- ours -- */

/* Its socket; sets *why where nothing is to be added after all. */
static int make_socket(struct he_job *j, struct he_job_try *t,
                       const char **why)
{
  struct he_app *app = j->config.app;
  int error;
  if(app && !he_theirs_are_here(j))
    return ECANCELED;
  error = he_ours_open(app, HE_OURS_HIGH, &t->a, why);
  if(error || !app || he_theirs_are_bound_like(j, t->a.fd))
    return error;
  *why = he_theirs_is_bound;
  return ECANCELED;
}

/* Without a descriptor to be had an attempt waits for one. */
static void open_ours(struct he_job *j, struct he_job_try *t, he_time_ns now)
{
  const char *why = NULL;
  int error = make_socket(j, t, &why);
  t->look = HE_NEVER;
  if(why) {
    he_try_over(&t->a, HE_FATE_GIVEN_UP, 0, now);
    he_try_close(t);
    stand_aside(j, why, now);
    return;
  }
  if(error != ECANCELED && !t->told) {
    t->told = true;
    he_try_tell(j, HE_STEP_START, t, 0, now);
  }
  if(error == EMFILE || error == ENFILE) {
    t->look = he_time_add(now, SCARCE);
    return;
  }
  if(!error)
    error = he_ours_connect(&t->a);
  if(!error && he_try_watch(t))
    return;
  if(!error)
    error = ENOMEM;
  he_try_tell(j, HE_STEP_FAILED, t, error, now);
  lose(j, t, HE_FATE_FAILED, error, now);
}

/* The poller's: an attempt has connected or failed. */
static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct he_job_try *t = (struct he_job_try *)w;
  struct he_job *j = t->job;
  int error;
  if(is_over(j) || t->a.fate)
    return;
  he_try_unwatch(t);
  if(t->a.native)
    look(j, t, now, false);
  else if((error = he_wire_error(t->a.fd)) != 0) {
    he_try_tell(j, HE_STEP_FAILED, t, error, now);
    lose(j, t, HE_FATE_FAILED, error, now);
  }
  else {
    if(j->config.recall)
      he_observe_handshake(&t->a);
    he_try_over(&t->a, HE_FATE_CONNECTED, 0, now);
    he_try_tell(j, HE_STEP_CONNECTED, t, 0, now);
    feed_fate(j, now, HE_EV_CONNECTED, t->a.id, 0);
  }
  due(j, now);
}

static void connect_ours(struct he_job *j, const struct he_action *act,
                         he_time_ns now)
{
  const char *why = he_theirs_objection(j);
  struct he_try a = { .addr = act->addr, .id = act->attempt, .fd = -1 };
  struct he_job_try *t;
  if(why) {
    stand_aside(j, why, now);
    return;
  }
  a.started = now;
  t = he_try_add(j, &a, on_ready);
  if(t)
    open_ours(j, t, now);
  else
    feed_fate(j, now, HE_EV_FAILED, act->attempt, ENOMEM);
}

static void cancel(struct he_job *j, int id, he_time_ns now)
{
  struct he_attempt_info info;
  struct he_job_try *t = he_try_by_id(j, id);
  if(!t || !he_try_runs(t))
    return;
  if(he_race_attempt(j->race->race, id, &info) &&
     info.state == HE_TRY_TIMED_OUT)
    give_up(j, t, HE_STEP_TIMED_OUT, ETIMEDOUT, now);
  else
    give_up(j, t, HE_STEP_CANCELLED, 0, now);
}

/* The end of libcurl's attempts, which are to addresses of earlier. */
static void quit(struct he_job *j, he_time_ns now)
{
  j->race->quit_at = HE_NEVER;
  he_provoke_end(j, now);
}

static void won(struct he_job *j, struct he_job_try *t, he_time_ns now)
{
  if(!t || t->a.native)
    return;
  he_winner_offer(j, t);
  j->state = HE_JOB_DECIDED;
  /* an attempt that nobody has looked at yet may be the one to provoke */
  for(t = j->race->tries; t; t = t->next) {
    if(t->a.native && !t->a.fate && !t->connecting && t->look > now)
      t->look = now;
  }
  he_provoke(j, now);
  if(j->race->quit_at != HE_NEVER)
    quit(j, now);
}

static void perform(struct he_job *j, const struct he_action *a,
                    he_time_ns now)
{
  switch(a->kind) {
  case HE_ACT_RESOLVE:
    if(!he_questions_ask(j, a->family, now))
      feed_family(j, now, HE_EV_UNANSWERED, a->family, ENOMEM);
    break;
  case HE_ACT_FORGET:
    if(!he_questions_teach(j))
      he_questions_close(j, a->family);
    break;
  case HE_ACT_BEGIN:
    he_ahead_publish(j, HE_BEGIN_NOW);
    break;
  case HE_ACT_CONNECT:
    connect_ours(j, a, now);
    break;
  case HE_ACT_CANCEL:
    cancel(j, a->attempt, now);
    break;
  case HE_ACT_WON:
    won(j, he_try_by_id(j, a->attempt), now);
    break;
  case HE_ACT_LOST:
    /* the time-out: whoever waits for addresses does without ours */
    if(j->config.attended && !(j->ahead && he_ahead_answered(j)))
      he_ahead_publish(j, HE_BEGIN_FAILED);
    j->state = HE_JOB_DECIDED;
    break;
  }
}

static void pump(struct he_job *j)
{
  struct he_action a;
  while(j->state == HE_JOB_RACING && he_race_next(j->race->race, &a))
    perform(j, &a, he_clock_now());
}

/* -- mail -- */

static void started(struct he_job *j, const struct he_try *told)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .attempt = -1 };
  const he_time_ns at = told->started;
  struct he_try a = *told;
  struct he_job_try *t;
  /* the other family's address took the place of one that libcurl asked for:
     that family is as good as tried */
  if(a.asked != (enum he_family)a.addr.family)
    feed_family(j, at, HE_EV_OPEN, a.asked, 0);
  ev.addr = a.addr;
  a.id = feed(j, at, &ev);
  a.fate = HE_FATE_OPEN;
  a.ended = a.handshake = 0;
  t = he_try_add(j, &a, on_ready);
  if(!t)
    return;
  t->sure = a.inode;
  j->race->orphan_at = HE_NEVER;
  j->race->owes = false;
  he_try_tell(j, HE_STEP_START, t, 0, at);
  if(j->config.aside)
    stand_aside(j, j->config.aside, at);
  if(j->config.watcher)
    t->look = he_time_add(at, HE_MS(1));
  else if(j->state != HE_JOB_ASIDE)
    t->look = he_job_look_at(j, &a);
  if(j->race->winner)
    t->look = at;   /* it has just missed the winner */
  verify(j, at);
}

/* An attempt of curl-he's own, from before libcurl made any. To the race it is
   one that somebody else has started. */
static void adopt(struct he_job *j, const struct he_job_mail *m,
                  he_time_ns now)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .attempt = -1 };
  struct he_try a = m->try;
  struct he_job_try *t;
  ev.addr = a.addr;
  a.id = feed(j, a.started, &ev);
  t = he_try_add(j, &a, on_ready);
  if(!t) {
    he_ours_close(j->config.app, a.fd, a.apps);
    return;
  }
  t->told = true;
  j->race->orphan_at = he_time_add(now, ADOPTED_GUARD);
  set_notice(j, HE_BUSY);
  if(!he_try_watch(t))
    lose(j, t, HE_FATE_FAILED, ENOMEM, now);
}

static void failed(struct he_job *j, struct he_job_try *t,
                   const struct he_job_mail *m, he_time_ns now)
{
  j->race->owes = true;
  if(!t->a.provoked)
    he_try_tell(j, HE_STEP_FAILED, t, m->try.error, m->at);
  he_try_over(&t->a, HE_FATE_FAILED, m->try.error, now);
  he_try_close(t);
  if(m->try.bound)
    stand_aside(j, he_theirs_is_bound, now);
  feed_fate(j, now, HE_EV_FAILED, t->a.id, m->try.error);
}

static void closed(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now)
{
  struct he_job_try *t = he_try_by_serial(j, m->try.serial);
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
    connected(j, t, rtt && t->a.started + rtt < m->at ? t->a.started + rtt :
              m->at, now);
    break;
  case HE_FATE_FAILED:
    failed(j, t, m, now);
    break;
  case HE_FATE_UNKNOWN:
  case HE_FATE_GIVEN_UP:
    find_connected(j, now);
    if(!is_over(j))
      dropped(j, t, m->try.fate == HE_FATE_GIVEN_UP, now);
    break;
  }
}

static void answer(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now)
{
  struct he_event ev = { .family = m->family, .error = m->error };
  ev.kind = m->error ? HE_EV_UNANSWERED : HE_EV_ANSWER;
  ev.list = m->list;
  ev.n = m->n;
  he_job_tell_family(j, HE_STEP_ANSWER, m->family, m->error, m->n, m->at);
  j->race->unanswered = j->race->unanswered || m->error;
  if(!he_questions_looked_up(j, m->family))
    stand_aside(j, "libcurl had an address, and no need to resolve one", now);
  he_questions_close(j, m->family);
  feed(j, now, &ev);
  verify(j, now);
  if(!m->error && j->state != HE_JOB_ASIDE)
    he_questions_noted(j, m->family, now);
  he_questions_learn(j, m, now);
  /* what is about to be tried is neither untried nor under way, and all that
     whoever waits is told of is one or the other */
  pump(j);
  if((j->ahead || j->config.race.passive) && j->state == HE_JOB_RACING)
    he_ahead_publish(j, HE_BEGIN_NOW);
}

/* What libcurl was not given it will not try by itself. */
static void listed(struct he_job *j, he_time_ns now)
{
  size_t counts[HE_FAMILIES];
  bool alone;
  pthread_mutex_lock(&j->lock);
  alone = j->alone;
  memcpy(counts, j->listed, sizeof(counts));
  pthread_mutex_unlock(&j->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!counts[f])
      feed_family(j, now, HE_EV_OPEN, (enum he_family)f, 0);
  }
  if(alone && j->state == HE_JOB_RACING)
    cancel_ours(j, HE_JOB_DECIDED);
}

static void resolve_ahead(struct he_job *j, he_time_ns now)
{
  struct he_candidate list[HE_HISTORY_ADDRS];
  struct he_event ev = { .kind = HE_EV_REMEMBERED, .list = list };
  j->race->asked = true;
  set_notice(j, HE_BUSY);
  for(int f = 0; f < HE_FAMILIES; f++) {
    ev.family = (enum he_family)f;
    if(he_questions_remembered(j, ev.family, list, &ev.n, now))
      feed(j, now, &ev);
  }
  ev = (struct he_event){ .kind = HE_EV_START };
  feed(j, now, &ev);
}

/* The winner's socket is gone: libcurl has it, or it was no good any more, and
   libcurl goes on alone. */
static void winner_gone(struct he_job *j, const struct he_job_mail *m,
                        he_time_ns now)
{
  const bool taken = m->kind == HE_MAIL_TAKEN;
  struct he_job_try *t = he_winner_gone(j, &m->try.addr);
  if(t)
    he_try_tell(j, taken ? HE_STEP_HANDED_OVER : HE_STEP_CANCELLED, t, 0,
                m->at);
  if(taken)
    finish(j, t, now);
}

static void act(struct he_job *j, const struct he_job_mail *m, he_time_ns now)
{
  switch(m->kind) {
  case HE_MAIL_STARTED:
    started(j, &m->try);
    break;
  case HE_MAIL_CLOSED:
    closed(j, m, now);
    break;
  case HE_MAIL_ADOPT:
    adopt(j, m, now);
    break;
  case HE_MAIL_TAKEN:
  case HE_MAIL_SPOILT:
    winner_gone(j, m, now);
    break;
  case HE_MAIL_RESOLVE:
    resolve_ahead(j, now);
    break;
  case HE_MAIL_LISTED:
    listed(j, now);
    break;
  case HE_MAIL_ANSWER:
    answer(j, m, now);
    break;
  case HE_MAIL_CONFIRM:       /* a winner may wait for it */
    he_questions_confirmed(j, m, now);
    if(j->race->winner)
      he_provoke(j, now);
    break;
  case HE_MAIL_STEERED:
    /* libcurl's attempts are followed to their end; where it has none that
       could be, there is no race */
    stand_aside(j, he_ours_steered, now);
    if(!j->race->tries)
      finish(j, NULL, now);
    break;
  case HE_MAIL_SYNC:
    take_stock(j, now);
    break;
  case HE_MAIL_STOP:
    take_stock(j, now);
    finish(j, NULL, now);
    break;
  }
}

/* Mail for a job that has ended, or had no memory to begin. */
static void miss(struct he_job *j, const struct he_job_mail *m,
                 he_time_ns now)
{
  if(m->kind == HE_MAIL_ADOPT)
    he_ours_close(j->config.app, m->try.fd, m->try.apps);
  else if(m->kind == HE_MAIL_RESOLVE && !is_over(j))
    he_ahead_publish(j, HE_BEGIN_FAILED);
  else if(m->kind == HE_MAIL_ANSWER && j->state == HE_JOB_LINGERING &&
          he_questions_late(j, m, now))
    linger_no_more(j);
}

static void reply(struct he_job *j, const struct he_job_mail *m)
{
  pthread_mutex_lock(&j->lock);
  if(m->handled)
    *m->handled = true;
  j->settled = m->kind == HE_MAIL_STOP;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

/* -- seeing -- */

/* What was written down of an attempt, as the mail that would have told it. */
static void retell(struct he_job *j, const struct he_native *nat,
                   he_time_ns took)
{
  struct he_job_mail m = { .kind = HE_MAIL_CLOSED, .try = nat->try };
  started(j, &nat->try);
  if(nat->open || !nat->try.fate || is_over(j))
    return;
  m.at = nat->try.ended;
  if(m.try.fate == HE_FATE_UNKNOWN && took) {
    m.try.fate = HE_FATE_CONNECTED;
    m.try.handshake = took == HE_NEVER ? 0 : took;
  }
  closed(j, &m, m.at);
}

static void see(struct he_job *j, he_time_ns now)
{
  struct he_unseen u;
  if(!he_unseen_end(j, &u))
    return;
  if(u.count && begin_race(j, u.natives[0].try.started)) {
    for(unsigned i = 0; i < u.count && !is_over(j); i++)
      retell(j, &u.natives[i], u.took);
    if(u.stopped)
      finish(j, NULL, now);
  }
  free(u.natives);
}

void he_driver_expected(struct he_task *task, he_time_ns now)
{
  struct he_job *j = (struct he_job *)task;
  he_time_ns again;
  const bool slow = he_unseen_look(j, now, &again);
  if(again != HE_NEVER)
    he_racer_expect(&j->task, again);
  if(slow && he_task_hold(&j->task)) {
    see(j, now);
    due(j, now);
  }
}

void he_driver_mail(struct he_task *task, struct he_mail *mail, he_time_ns now)
{
  struct he_job *j = (struct he_job *)task;
  struct he_job_mail *m = (struct he_job_mail *)mail;
  bool live;
  if(j->task.held)
    see(j, now);
  live = !is_over(j) && j->task.held && (j->race || begin_race(j, m->at));
  if(live)
    act(j, m, now);
  else
    miss(j, m, now);
  if(m->kind == HE_MAIL_SYNC || m->kind == HE_MAIL_STOP)
    reply(j, m);
  /* after the rest of the mail: an attempt that was slow when it was posted
     may have lost to one of which the racer has yet to hear */
  if(live && !is_over(j))
    he_task_wake_at(&j->task, now);
  free(m->list);
  free(m);
}

/* -- time -- */

/* Has libcurl left the race, all its attempts closed? */
static void check_orphan(struct he_job *j, he_time_ns now)
{
  struct he_job_race *r = j->race;
  bool any = false;
  if(j->config.attended)
    return;
  for(struct he_job_try *t = r->tries; t; t = t->next) {
    if(t->a.native && !t->a.fate)
      return;
    any = any || t->a.native;
  }
  if(any && r->orphan_at == HE_NEVER)
    r->orphan_at = he_time_add(now, r->winner && r->owes ? WINNER_GUARD :
                               HE_GUARD);
}

static he_time_ns next_due(struct he_job *j)
{
  struct he_job_race *r = j->race;
  he_time_ns at = j->state == HE_JOB_RACING ? he_race_due(r->race) : HE_NEVER;
  if(r->orphan_at < at)
    at = r->orphan_at;
  if(r->quit_at < at)
    at = r->quit_at;
  for(struct he_job_try *t = r->tries; t; t = t->next) {
    if(t->look < at)
      at = t->look;
  }
  return at;
}

static void due(struct he_job *j, he_time_ns now)
{
  struct he_event time = { .kind = HE_EV_TIME };
  struct he_job_race *r = j->race;
  if(is_over(j))
    return;
  for(struct he_job_try *t = r->tries; t && !is_over(j); t = t->next) {
    if(t->look > now)
      continue;
    if(t->a.native)
      look(j, t, now, false);
    else
      open_ours(j, t, now);
  }
  if(is_over(j))
    return;
  if(r->quit_at <= now)
    quit(j, now);
  feed(j, now, &time);
  pump(j);
  check_orphan(j, now);
  if(r->orphan_at <= now)
    finish(j, NULL, now);
  if(!is_over(j))
    he_task_wake_at(&j->task, next_due(j));
}

void he_driver_due(struct he_task *task, he_time_ns now)
{
  due((struct he_job *)task, now);
}

void he_driver_ended(struct he_task *task, he_time_ns now)
{
  struct he_job *j = (struct he_job *)task;
  if(!j->race)
    return;
  finish(j, NULL, now);
  if(j->state == HE_JOB_LINGERING)
    linger_no_more(j);
}

void he_driver_buried(struct he_task *task)
{
  struct he_job *j = (struct he_job *)task;
  struct he_job_race *r = j->race;
  if(!r)
    return;
  j->race = NULL;
  while(r->tries) {
    struct he_job_try *t = r->tries;
    r->tries = t->next;
    free(t);
  }
  he_race_free(r->race);
  free(r);
}
