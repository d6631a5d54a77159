/* SPDX-License-Identifier: MIT */
/* drive.c - the loop of effects around the pure race, on the thread that called
 * getaddrinfo(). Answers come from threads of the resolver's: they stand in the
 * lookup, and wake the loop. As long as nothing connects the loop waits for the
 * condition alone; then it polls, and an eventfd is what wakes it. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "base/fds.h"
#include "lookup/blocking.h"
#include "resolve/kept.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* An abort of the transfer has to wait for this call. So the call does not last
   longer than that after the last address was started. */
#define LAST_CHANCE HE_MS(1000)

/* -- answers -- */

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct he_lookup *l = arg;
  struct he_lookup_answer *a = &l->news[family];
  pthread_mutex_lock(&l->lock);
  a->list = list;
  a->n = n;
  a->error = error;
  a->there = true;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}

static void tell_family(struct he_drive *d, enum he_step_kind kind,
                        enum he_family f, int error, size_t n)
{
  struct he_step s = { .kind = kind, .has_family = true };
  s.family = f;
  s.error = error;
  s.count = (unsigned)n;
  he_lookup_tell(d->l, &s, he_clock_now());
}

static enum he_family first_family(const struct he_drive *d)
{
  return he_order_first(d->l->config.race.policy,
                        d->l->config.race.preference);
}

/* An answer that came too late for an earlier lookup, and is valid; or NULL. */
static struct he_candidate *kept(const struct he_drive *d, enum he_family f,
                                 size_t *n)
{
  const struct he_lookup_config *c = &d->l->config;
  struct he_candidate *list =
    c->race.allowed[he_other_family(f)] ?
    he_kept_get(d->l->host, d->l->port, f, c->keeps, n, he_clock_now()) : NULL;
  for(size_t i = 0; list && i < *n; i++)
    he_resolver_source(&list[i]);
  return list;
}

/* True where nobody need be asked. Addresses of the other family are to have no
   start over those of the first one: they wait for complete(). */
static bool take_kept(struct he_drive *d, enum he_family f)
{
  size_t n;
  struct he_candidate *list = f == first_family(d) ? kept(d, f, &n) : NULL;
  d->kept[f] = list != NULL;
  if(list)
    on_answer(d->l, f, 0, list, n);
  return list != NULL;
}

static void resolve(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_config *c = &d->l->config;
  if(!c->blocking && take_kept(d, f))
    return;
  tell_family(d, HE_STEP_RESOLVE, f, 0, 0);
  if(c->blocking) {
    if(!d->asked)
      he_blocking_ask(d->l->host, d->l->port, c->race.allowed, on_answer,
                      d->l);
    d->asked = true;
    return;
  }
  d->query[f] = he_resolver_ask(c->resolver, d->l->host, d->l->port, f,
                                !c->race.allowed[he_other_family(f)],
                                on_answer, d->l);
  if(!d->query[f])
    on_answer(d->l, f, EAI_MEMORY, NULL, 0);
}

/* Has the resolver failed, which says nothing of the addresses? */
static bool has_failed(const struct he_lookup_answer *a)
{
  return a->error && !he_resolver_says_none(a->error);
}

static void learn_answer(struct he_drive *d, enum he_family f,
                         const struct he_lookup_answer *a, he_time_ns now)
{
  struct he_recall *r = d->l->config.recall;
  if(!r || d->kept[f])        /* it has heard of that when it came */
    return;
  if(has_failed(a))
    he_recall_unanswered(r, d->l->host, f, now);
  else
    he_recall_answer(r, d->l->host, f, a->list, a->n, now);
}

static void heed_answer(struct he_drive *d, enum he_family f, he_time_ns now)
{
  const struct he_lookup_answer *a = &d->l->answers[f];
  struct he_event ev = { .kind = HE_EV_ANSWER, .family = f };
  d->unheard[f] = false;
  if(has_failed(a)) {
    ev.kind = HE_EV_UNANSWERED;
    ev.error = a->error;
  }
  ev.list = a->list;
  ev.n = a->n;
  he_race_handle(d->race, now, &ev);
}

/* What other threads have left in the lookup: answers, which are the runner's
   from now on, and how long it may take. One look a round. */
static void look(struct he_drive *d)
{
  struct he_lookup *l = d->l;
  bool came[HE_FAMILIES];
  pthread_mutex_lock(&l->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    came[f] = l->news[f].there;
    if(came[f])
      l->answers[f] = l->news[f];
    memset(&l->news[f], 0, sizeof(l->news[f]));
  }
  d->stopped = l->stopped;
  d->deadline = l->config.deadline;
  d->leave_at = l->leave_at;
  l->looks = false;
  pthread_mutex_unlock(&l->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_lookup_answer *a = &l->answers[f];
    if(came[f]) {
      d->unheard[f] = true;
      tell_family(d, d->kept[f] ? HE_STEP_REMEMBERED : HE_STEP_ANSWER,
                  (enum he_family)f, has_failed(a) ? a->error : 0, a->n);
      learn_answer(d, (enum he_family)f, a, he_clock_now());
    }
  }
}

/* -- how far it is -- */

static bool all_answered(const struct he_drive *d)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->l->config.race.allowed[f] &&
       !he_race_answered(d->race, (enum he_family)f))
      return false;
  }
  return true;
}

/* Has the race no address left that it may start? */
static bool all_started(const struct he_drive *d)
{
  return all_answered(d) && d->count &&
         (d->count >= d->l->config.race.max_attempts ||
          !he_race_untried(d->race, NULL, 0));
}

bool he_drive_all_there(const struct he_drive *d)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->l->config.race.allowed[f] && !d->l->answers[f].there)
      return false;
  }
  return true;
}

/* Not before: libcurl would never hear of the family that is missing. */
static bool is_to_leave(const struct he_drive *d)
{
  return d->leave_at <= he_clock_now() && he_drive_all_there(d);
}

/* Others wait for a thread of libcurl's, and this race would hold one for
   longer than its lookup takes: no attempt was made yet, or the ones that run
   have had their time. */
static bool is_in_the_way(struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  const bool fresh = d->unheard[HE_IPV6] || d->unheard[HE_IPV4];
  const bool may = d->starts ? d->count && (he_race_due(d->race) <= now ||
                                            all_started(d)) : fresh;
  return may && he_drive_all_there(d) && he_crowd_due(d->l) <= now;
}

/* While others wait, a race does not begin with the first answer. The second
   one mostly comes at the same time, and then the call is over. */
static bool waits_to_yield(struct he_drive *d, he_time_ns now)
{
  if(d->starts || he_drive_all_there(d) || he_crowd_due(d->l) > now)
    return false;
  if(d->room_until == HE_NEVER)
    d->room_until = he_time_add(now, d->l->config.race.resolution_delay);
  return d->room_until > now;
}

/* The race hears of the answers; of one that has only addresses which are known
   to be worse than the other family's not before the Resolution Delay. */
static void heed_answers(struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  enum he_family first;
  if(!d->unheard[HE_IPV6] && !d->unheard[HE_IPV4])
    return;
  if(waits_to_yield(d, now))
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
    resolve(d, a->family);
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

/* -- how long -- */

/* When the call has to return, whatever has come of it by then. */
static he_time_ns limit(const struct he_drive *d)
{
  he_time_ns until = d->deadline;
  if(all_started(d) && he_time_add(d->last_start, LAST_CHANCE) < until)
    until = he_time_add(d->last_start, LAST_CHANCE);
  return until;
}

/* -- waiting -- */

static struct timespec as_timespec(he_time_ns t)
{
  struct timespec ts;
  ts.tv_sec = (time_t)(t / 1000000000);
  ts.tv_nsec = (long)(t % 1000000000);
  return ts;
}

/* Something to look at, since the last look. */
static bool has_news_locked(const struct he_lookup *l)
{
  return l->stopped || l->looks || l->news[HE_IPV6].there ||
         l->news[HE_IPV4].there;
}

/* For an answer, or to be stopped. */
static void wait_for_answer(struct he_drive *d, he_time_ns until)
{
  struct he_lookup *l = d->l;
  const struct timespec ts = as_timespec(until);
  int late = 0;
  pthread_mutex_lock(&l->lock);
  while(!late && !has_news_locked(l))
    late = until == HE_NEVER ? pthread_cond_wait(&l->changed, &l->lock) :
           pthread_cond_timedwait(&l->changed, &l->lock, &ts);
  pthread_mutex_unlock(&l->lock);
}

/* Without a descriptor for it the loop looks again after this. */
#define BLIND HE_MS(5)

static void make_wake(struct he_drive *d)
{
  int fd;
  if(d->l->wake >= 0)
    return;
  he_fds_begin();
  fd = he_fds_end(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  pthread_mutex_lock(&d->l->lock);
  d->l->wake = fd;
  pthread_mutex_unlock(&d->l->lock);
}

static void close_wake(struct he_drive *d)
{
  int fd;
  pthread_mutex_lock(&d->l->lock);
  fd = d->l->wake;
  d->l->wake = -1;
  pthread_mutex_unlock(&d->l->lock);
  if(fd >= 0)
    he_fd_close(fd);
}

/* Did anything come between the last look and the eventfd? */
static bool has_news(struct he_drive *d)
{
  bool yes;
  pthread_mutex_lock(&d->l->lock);
  yes = has_news_locked(d->l);
  pthread_mutex_unlock(&d->l->lock);
  return yes;
}

static void sleep_polling(struct he_drive *d, struct pollfd *p, nfds_t n,
                          he_time_ns until)
{
  const he_time_ns now = he_clock_now();
  struct timespec ts;
  if(d->l->wake < 0 && until > he_time_add(now, BLIND))
    until = he_time_add(now, BLIND);
  ts = as_timespec(until > now ? until - now : 0);
  if(ppoll(p, n, until == HE_NEVER ? NULL : &ts, NULL) < 0)
    for(nfds_t i = 0; i < n; i++)
      p[i].revents = 0;
}

/* For attempts, and all else. */
static void wait_for_attempts(struct he_drive *d, he_time_ns until)
{
  struct pollfd p[HE_LOOKUP_TRIES + 1];
  int ids[HE_LOOKUP_TRIES];
  nfds_t n = 0;
  uint64_t counted;
  make_wake(d);
  if(has_news(d))
    return;
  for(unsigned i = 0; i < d->count; i++) {
    ids[n] = d->tries[i].id;
    p[n++] = (struct pollfd){ .fd = d->tries[i].waits ? -1 : d->tries[i].fd,
                              .events = POLLOUT };
  }
  p[n] = (struct pollfd){ .fd = d->l->wake, .events = POLLIN };
  sleep_polling(d, p, n + 1, until);
  if(p[n].revents && read(d->l->wake, &counted, sizeof(counted)) < 0)
    p[n].revents = 0;   /* it was read before */
  for(nfds_t i = 0; i < n; i++) {
    if(p[i].revents)
      he_drive_ready(d, ids[i], p[i].revents & POLLERR);
  }
}

static void wait(struct he_drive *d)
{
  he_time_ns until = he_race_due(d->race);
  if(limit(d) < until)
    until = limit(d);
  if(d->retry_at < until)
    until = d->retry_at;
  if(d->hold_until < until)
    until = d->hold_until;
  if(d->state == HE_DRIVE_CONFIRMING)
    until = d->confirm_until;
  if(d->room_until > he_clock_now() && d->room_until < until)
    until = d->room_until;
  if(d->count && he_drive_all_there(d) && d->leave_at < until)
    until = d->leave_at;
  if(all_started(d) && he_crowd_due(d->l) < until)
    until = he_crowd_due(d->l);
  if(d->count)
    wait_for_attempts(d, until);
  else
    wait_for_answer(d, until);
}

/* -- the loop -- */

/* The first family has answered: what is kept of the other one will do. */
static void complete(struct he_drive *d)
{
  const enum he_family first = first_family(d), f = he_other_family(first);
  struct he_lookup *l = d->l;
  struct he_candidate *list;
  size_t n;
  if(d->completed || !d->query[f] || l->answers[f].there ||
     !l->answers[first].there)
    return;
  d->completed = true;
  list = kept(d, f, &n);
  if(!list)
    return;
  l->config.resolver->close(d->query[f]);   /* no answer comes after this */
  d->query[f] = NULL;
  pthread_mutex_lock(&l->lock);
  d->kept[f] = !l->news[f].there;
  pthread_mutex_unlock(&l->lock);
  if(d->kept[f])
    on_answer(l, f, 0, list, n);
  else
    free(list);
  look(d);
}

static void step(struct he_drive *d)
{
  struct he_event time = { .kind = HE_EV_TIME };
  look(d);
  if(d->stopped)              /* then nothing is begun any more */
    return;
  complete(d);
  d->leaves = d->state != HE_DRIVE_DECIDED && !he_race_over(d->race) &&
              (is_to_leave(d) || is_in_the_way(d));
  if(d->leaves)
    return;
  he_drive_confirm(d, he_clock_now());
  if(d->state == HE_DRIVE_RACING) {
    heed_answers(d);
    he_drive_review(d);
    he_drive_retry(d);
    he_race_handle(d->race, he_clock_now(), &time);
  }
  pump(d);
  if(d->state == HE_DRIVE_RACING)
    he_drive_advise(d, false, he_clock_now());
  pump(d);                    /* what was advised may have begun already */
}

/* Does nobody wait for what is still to come? */
static bool is_over(struct he_drive *d)
{
  return he_race_over(d->race) || d->gives_way || d->leaves || d->stopped ||
         (d->state == HE_DRIVE_RACING && he_clock_now() >= limit(d));
}

static void loop(struct he_drive *d)
{
  struct he_event start = { .kind = HE_EV_START };
  struct he_step asked = { .kind = HE_STEP_LOOKUP };
  he_lookup_tell(d->l, &asked, d->l->began);
  he_race_handle(d->race, he_clock_now(), &start);
  pump(d);
  look(d);
  he_drive_remember(d, he_clock_now());
  for(;;) {
    step(d);
    if(is_over(d))
      return;
    wait(d);
  }
}

/* -- the end -- */

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void miss(struct he_drive *d, enum he_family f, he_time_ns now)
{
  struct he_lookup *l = d->l;
  if(l->config.recall)
    he_recall_unanswered(l->config.recall, l->host, f, now);
  if(!d->stopped)
    he_late_listen(l, f);
}

static void close_queries(struct he_drive *d, he_time_ns now)
{
  struct he_lookup *l = d->l;
  bool missing = false;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->query[f] && !l->answers[f].there)
      miss(d, (enum he_family)f, now);
    l->config.resolver->close(d->query[f]);   /* no answer comes after this */
  }
  look(d);
  for(int f = 0; f < HE_FAMILIES; f++)
    missing = missing || (d->query[f] && !l->answers[f].there) ||
              he_lookup_known(l, (enum he_family)f) == &l->remembered[f];
  pthread_mutex_lock(&l->lock);
  l->partial = missing;
  pthread_mutex_unlock(&l->lock);
}

/* What goes on without this call is the next owner's. */
static void leave(struct he_drive *d, enum he_lookup_state state)
{
  struct he_lookup *l = d->l;
  struct he_lookup_try tries[HE_LOOKUP_TRIES];
  unsigned n = 0;
  for(unsigned i = 0; i < d->count; i++) {
    if(d->tries[i].fd >= 0 &&   /* else it still waits for a descriptor */
       (state == HE_LOOKUP_LEFT || &d->tries[i] == d->winner ||
        &d->tries[i] == d->refused))
      tries[n++] = he_drive_give(&d->tries[i]);
  }
  pthread_mutex_lock(&l->lock);
  memcpy(l->tries, tries, n * sizeof(*tries));
  l->try_count = n;
  l->state = state;
  l->why = d->gives_way ? d->gives_way :
           "every address has failed, and libcurl tries once more by itself";
  pthread_mutex_unlock(&l->lock);
}

static void finish(struct he_drive *d)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  const he_time_ns now = he_clock_now();
  enum he_lookup_state state = d->winner ? HE_LOOKUP_WON : HE_LOOKUP_LOST;
  look(d);
  if(!he_race_over(d->race) && !d->stopped && !d->gives_way && d->count)
    state = HE_LOOKUP_LEFT;
  else if(d->leaves)
    state = HE_LOOKUP_YIELDED;
  if(!he_race_over(d->race) && state != HE_LOOKUP_LEFT) {
    he_race_handle(d->race, now, &stop);
    pump(d);
  }
  close_queries(d, now);
  close_wake(d);
  he_drive_learn(d, now);
  leave(d, state);
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
