/* SPDX-License-Identifier: MIT */
/* job_race.c - a job as the racer's thread sees it: the loop of effects around
 * the pure race, and the watch over libcurl's own attempts.
 *
 *   UNSEEN --look_after--> look --connected--> over: nothing was ever needed
 *      |closed before       |still connecting
 *      v                    v
 *     over                SEEN: what has happened until now is retold
 *                           |
 *                           v
 *                         SLOW: resolve, race beside libcurl
 *                           |ours connected first
 *                           v
 *                         WINNER WAITS --libcurl asks--> TAKEN: over
 *                           |libcurl's own connects meanwhile
 *                           v
 *                         winner closed: over
 *
 * Invariant: a socket in a try is closed by that try's end, a winner by
 * he_job_take()'s caller or by finish(). libcurl's sockets are known by number
 * and inode.
 *
 * libcurl 7.88.0 to 8.1.2 does not tell when it drops an attempt, and none
 * tells when a transfer ends. So a slow race is looked at each HE_GUARD: when
 * libcurl has closed all its attempts and asks for no more, it is over. */
#include "beside/job_try.h"
#include "base/clock.h"
#include "connect/answers.h"

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

/* -- what libcurl does -- */

static bool begin_race(struct he_job *j, he_time_ns at)
{
  struct he_job_race *r = calloc(1, sizeof(*r));
  if(r)
    r->race = he_race_new(&j->config.race);
  if(!r || !r->race) {
    free(r);
    j->over = true;
    he_job_publish(j, HE_BEGIN_FAILED);
    he_task_retire(&j->task);
    return false;
  }
  r->orphan_at = r->quit_at = HE_NEVER;
  j->race = r;
  r->last = at;
  if(!j->began)               /* by a lookup */
    j->began = at;
  return true;
}

/* The other family's address took the place of one that libcurl asked for:
   that family is as good as tried. */
static void open_asked(struct he_job *j, const struct he_job_mail *m)
{
  struct he_event open = { .kind = HE_EV_OPEN, .family = m->family };
  if(m->family != (enum he_family)m->addr.family)
    he_job_feed(j, m->at, &open);
}

static void started(struct he_job *j, const struct he_job_mail *m)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .attempt = -1 };
  struct he_try *t;
  open_asked(j, m);
  ev.addr = m->addr;
  t = he_try_add(j, he_job_feed(j, m->at, &ev), &m->addr, m->at);
  if(!t)
    return;
  t->native = true;
  t->asked = m->family;
  t->libcurl_fd = m->fd;
  t->serial = m->serial;
  t->inode = m->inode;
  t->sure = m->inode;
  j->race->orphan_at = HE_NEVER;
  j->race->owes = false;
  he_try_tell(j, HE_STEP_START, t, 0, m->at);
  if(j->config.aside)
    he_job_aside(j, j->config.aside, m->at);
  if(!j->race->aside || j->config.watcher)
    t->look = j->config.watcher ? he_time_add(m->at, HE_MS(1)) :
              he_job_look_at(j, m->at, m->suspect);
  if(j->race->winner)
    t->look = m->at;   /* it has just missed the winner */
  he_job_verify(j, m->at);
}

/* An attempt of curl-he's own, from before libcurl made any. To the race it is
   one that somebody else has started. */
static void adopt(struct he_job *j, const struct he_job_mail *m,
                  he_time_ns now)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .attempt = -1 };
  struct he_try *t;
  ev.addr = m->addr;
  t = he_try_add(j, he_job_feed(j, m->at, &ev), &m->addr, m->at);
  if(!t) {
    he_job_close_socket(j, m->fd, m->apps);
    return;
  }
  t->fd = m->fd;
  t->apps = m->apps;
  t->told = true;
  j->race->orphan_at = he_time_add(now, ADOPTED_GUARD);
  he_job_set_busy(j, true);
  if(!he_try_watch(t)) {
    he_try_end(t);
    he_try_feed(j, now, HE_EV_FAILED, t, ENOMEM);
  }
}

static void closed(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now)
{
  struct he_try *t = he_try_by_serial(j, m->serial);
  if(!t)
    return;
  t->learned = m->learned || m->outcome == HE_OUT_UNKNOWN;
  t->given_up = m->outcome == HE_OUT_GIVEN_UP;
  switch(m->outcome) {
  case HE_OUT_NONE:
    break;
  case HE_OUT_CONNECTED:
    t->handshake_us = he_try_us(m->rtt);
    t->again = m->again;
    he_try_connected(j, t, m->rtt && t->started + m->rtt < m->at ?
                     t->started + m->rtt : m->at, now);
    break;
  case HE_OUT_FAILED:
    j->race->owes = true;
    if(!t->provoked)
      he_try_tell(j, HE_STEP_FAILED, t, m->error, m->at);
    he_try_end(t);
    if(m->bound)
      he_job_aside(j, he_job_is_bound, now);
    he_try_feed(j, now, HE_EV_FAILED, t, m->error);
    break;
  case HE_OUT_UNKNOWN:
  case HE_OUT_GIVEN_UP:
    he_job_find_connected(j, now);
    if(!j->over)
      he_try_dropped(j, t, now);
    break;
  }
}

/* libcurl asks for a name on a thread of its own: that alone takes longer than
   0.1 ms (0.14 at least was seen, for a name in /etc/hosts), while it reads an
   address in a third of that. So where it took less, and the same question
   takes a resolver's time here, libcurl had an address, by CURLOPT_CONNECT_TO
   for instance. What is less than MARGIN may be the scheduler's. */
#define NO_TIME (HE_MS(1) / 10)
#define MARGIN HE_MS(5)

static bool looked_up(struct he_job *j, enum he_family f)
{
  const struct he_resolver *resolver = j->config.resolver;
  he_time_ns took = 0;
  if(!j->config.lookup || j->config.lookup >= NO_TIME)
    return true;
  if(resolver->took && j->race->query[f])
    took = resolver->took(j->race->query[f]);
  return took <= j->config.lookup + MARGIN;
}

/* What was taken down of an attempt, as the mail that would have told it. */
static void retell(struct he_job *j, const struct he_native *nat,
                   he_time_ns took)
{
  struct he_job_mail m = { .kind = HE_MAIL_STARTED, .fd = nat->fd };
  m.at = nat->at;
  m.serial = nat->serial;
  m.addr = nat->addr;
  m.family = nat->asked;
  m.suspect = nat->suspect;
  started(j, &m);
  if(nat->open || nat->outcome == HE_OUT_NONE || j->over)
    return;
  m.at = nat->closed;
  m.outcome = nat->outcome;
  m.error = nat->error;
  m.bound = nat->bound;
  m.rtt = nat->rtt;
  m.again = nat->again;
  m.learned = nat->learned;
  if(m.outcome == HE_OUT_UNKNOWN && took) {
    m.outcome = HE_OUT_CONNECTED;
    m.rtt = took == HE_NEVER ? 0 : took;
  }
  closed(j, &m, m.at);
}

/* From now on the racer is told by mail; what was taken down until now it
   reads here. */
static void see(struct he_job *j, he_time_ns now)
{
  struct he_native *natives = NULL;
  unsigned count;
  he_time_ns took;
  bool stopped;
  pthread_mutex_lock(&j->lock);
  count = j->native_count;
  if(count)
    natives = malloc(count * sizeof(*natives));
  if(natives)
    memcpy(natives, j->natives, count * sizeof(*natives));
  j->seen = true;
  stopped = j->stopped;
  took = j->took;
  pthread_mutex_unlock(&j->lock);
  if(natives && begin_race(j, natives[0].at)) {
    for(unsigned i = 0; i < count && !j->over; i++)
      retell(j, &natives[i], took);
    if(stopped)
      he_job_finish(j, NULL, now);
  }
  free(natives);
}

void he_job_first_look(struct he_job *j, he_time_ns now)
{
  he_time_ns again = HE_NEVER;
  struct he_wire_handshake hs;
  struct he_addr sampled;
  bool slow = false, sample = false;
  /* the lock keeps libcurl from closing what is looked at */
  pthread_mutex_lock(&j->lock);
  j->expected = false;
  for(unsigned i = 0; i < j->native_count && !j->done && !j->seen; i++) {
    struct he_native *nat = &j->natives[i];
    he_time_ns look = he_job_look_at(j, nat->at, nat->suspect);
    if(nat->open && look > now)
      again = look < again ? look : again;
    else if(nat->open && he_try_first_look(nat)) {
      j->done = true;
      sample = he_job_wants_sample_locked(j) &&
               he_wire_handshake(nat->fd, &hs);
      sampled = nat->addr;
    }
    else
      slow = slow || nat->open;
  }
  slow = slow && !j->done && !j->seen;
  j->expected = !slow && !j->done && again != HE_NEVER;
  if(!j->expected)
    again = HE_NEVER;
  pthread_mutex_unlock(&j->lock);
  if(sample)
    he_job_learn_handshake(j, &sampled, &hs, now);
  if(again != HE_NEVER)
    he_racer_expect(&j->task, again);
  if(slow && he_task_hold(&j->task)) {
    see(j, now);
    he_job_due(j, now);
  }
}

/* -- mail -- */

static void answer(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now)
{
  struct he_event ev = { .family = m->family, .error = m->error };
  ev.kind = m->error ? HE_EV_UNANSWERED : HE_EV_ANSWER;
  ev.list = m->list;
  ev.n = m->n;
  he_job_tell_family(j, HE_STEP_ANSWER, m->family, m->error, m->n, m->at);
  j->race->unanswered = j->race->unanswered || m->error;
  if(!looked_up(j, m->family))
    he_job_aside(j, "libcurl had an address, and no need to resolve one", now);
  he_job_close_query(j, m->family);
  he_job_feed(j, now, &ev);
  he_job_verify(j, now);
  if(!m->error && !j->race->aside) {
    he_answers_note(he_job_answers(j), m->family,
                    he_race_known(j->race->race, m->family), now);
    he_job_confirm(j, m->family, now);
  }
  he_job_learn_answer(j, m, now);
  /* what is about to be tried is neither untried nor under way, and all that
     whoever waits is told of is one or the other */
  he_job_pump(j);
  if((j->begun || j->config.race.passive) && !j->race->raceless)
    he_job_publish(j, HE_BEGIN_NOW);
}

/* The second answer. A winner may wait for it. */
static void confirm(struct he_job *j, const struct he_job_mail *m,
                    he_time_ns now)
{
  size_t known;
  he_job_close_second(j, m->family);
  if(m->error)
    return;
  known = he_race_known(j->race->race, m->family);
  if(m->n == known)
    j->race->sure[m->family] = (uint16_t)known;
  he_answers_compare(he_job_answers(j), m->family,
                     known, m->n, now);
  if(j->race->winner)
    he_job_provoke(j, now);
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
    struct he_event ev = { .kind = HE_EV_OPEN };
    ev.family = (enum he_family)f;
    if(!counts[f])
      he_job_feed(j, now, &ev);
  }
  if(alone)
    he_job_cancel_ours(j);
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

/* The winner, of which libcurl's thread says that its socket is gone. The race
   may have stood aside before it heard of that: then there is none. */
static struct he_try *taken_try(struct he_job *j,
                                const struct he_job_mail *m)
{
  struct he_try *t = j->race->winner;
  j->race->winner = NULL;
  if(t)
    return t;
  t = j->race->tries;
  while(t && (t->native || !t->ended || t->refused ||
              !he_addr_equal(&t->addr, &m->addr)))
    t = t->next;
  return t;
}

static void taken(struct he_job *j, const struct he_job_mail *m,
                  he_time_ns now)
{
  struct he_try *t = taken_try(j, m);
  if(t)
    he_try_tell(j, HE_STEP_HANDED_OVER, t, 0, m->at);
  he_job_finish(j, t, now);
}

/* libcurl goes on alone. */
static void spoilt(struct he_job *j, const struct he_job_mail *m)
{
  struct he_try *t = taken_try(j, m);
  if(t)
    he_try_tell(j, HE_STEP_CANCELLED, t, 0, m->at);
}

/* libcurl's attempts are followed to their end; where it has none that could
   be, there is no race. */
static void steered(struct he_job *j, he_time_ns now)
{
  he_job_aside(j, he_job_is_steered, now);
  if(!j->race->tries)
    he_job_finish(j, NULL, now);
}

static void resolve_ahead(struct he_job *j, he_time_ns now)
{
  struct he_event start = { .kind = HE_EV_START };
  j->race->asked = true;
  he_job_set_busy(j, true);
  he_job_remember(j, now);
  he_job_feed(j, now, &start);
}

void he_job_handle(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now)
{
  bool live;
  if(!j->seen && j->task.held)   /* only this thread sets it */
    see(j, now);
  live = !j->over && j->task.held && (j->race || begin_race(j, m->at));
  switch(m->kind) {
  case HE_MAIL_STARTED:
    if(live)
      started(j, m);
    break;
  case HE_MAIL_CLOSED:
    if(live)
      closed(j, m, now);
    break;
  case HE_MAIL_ADOPT:
    if(live)
      adopt(j, m, now);
    else
      he_job_close_socket(j, m->fd, m->apps);
    break;
  case HE_MAIL_TAKEN:
    if(live)
      taken(j, m, now);
    break;
  case HE_MAIL_SPOILT:
    if(live)
      spoilt(j, m);
    break;
  case HE_MAIL_RESOLVE:
    if(live)
      resolve_ahead(j, now);
    else if(!j->over)
      he_job_publish(j, HE_BEGIN_FAILED);
    break;
  case HE_MAIL_LISTED:
    if(live)
      listed(j, now);
    break;
  case HE_MAIL_ANSWER:
    if(live)
      answer(j, m, now);
    else if(j->race)
      he_job_late_answer(j, m, now);
    break;
  case HE_MAIL_STEERED:
    if(live)
      steered(j, now);
    break;
  case HE_MAIL_CONFIRM:
    if(live)
      confirm(j, m, now);
    break;
  case HE_MAIL_SYNC:
    if(live)
      he_job_take_stock(j, now);
    reply(j, m);
    break;
  case HE_MAIL_STOP:
    if(live) {
      he_job_take_stock(j, now);
      he_job_finish(j, NULL, now);
    }
    reply(j, m);
    break;
  }
  /* after the rest of the mail: an attempt that was slow when it was posted
     may have lost to one of which the racer has yet to hear */
  if(live && !j->over)
    he_task_wake_at(&j->task, now);
}

/* -- time -- */

/* Has libcurl left the race, all its attempts closed? */
static void check_orphan(struct he_job *j, he_time_ns now)
{
  struct he_job_race *r = j->race;
  bool any = false;
  if(j->config.attended)
    return;
  for(struct he_try *t = r->tries; t; t = t->next) {
    if(t->native && !t->ended)
      return;
    any = any || t->libcurl_fd >= 0;
  }
  if(any && r->orphan_at == HE_NEVER)
    r->orphan_at = he_time_add(now, r->winner && r->owes ? WINNER_GUARD :
                               HE_GUARD);
}

static he_time_ns next_due(struct he_job *j)
{
  struct he_job_race *r = j->race;
  he_time_ns due = r->raceless ? HE_NEVER : he_race_due(r->race);
  if(r->orphan_at < due)
    due = r->orphan_at;
  if(r->quit_at < due)
    due = r->quit_at;
  for(struct he_try *t = r->tries; t; t = t->next) {
    if(t->look < due)
      due = t->look;
  }
  return due;
}

void he_job_due(struct he_job *j, he_time_ns now)
{
  struct he_event time = { .kind = HE_EV_TIME };
  struct he_job_race *r = j->race;
  if(j->over)
    return;
  for(struct he_try *t = r->tries; t && !j->over; t = t->next) {
    if(t->look > now)
      continue;
    if(t->native)
      he_try_look(j, t, now, false);
    else
      he_try_open(j, t, now);
  }
  if(j->over)
    return;
  if(r->quit_at <= now)
    he_job_quit(j, now);
  he_job_feed(j, now, &time);
  he_job_pump(j);
  check_orphan(j, now);
  if(r->orphan_at <= now)
    he_job_finish(j, NULL, now);
  if(!j->over)
    he_task_wake_at(&j->task, next_due(j));
}
