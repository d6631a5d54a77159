/* SPDX-License-Identifier: MIT */
/* recall.c - a history behind a lock.
 *
 * The keeper is told only of what it would not find by itself in time: `armed`
 * is when it looks next. So a connect that goes well costs it nothing, and
 * many that do not cost it one piece of mail. It is told with the lock given
 * back, for that takes the racer's. */
#include "historian/recall.h"
#include "base/clock.h"
#include "base/forks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Changes are written together, this long after the first. */
#define SAVE_AFTER HE_MS(2000)
/* How often a network is asked for that does not tell of itself. */
#define ASK_EVERY HE_MS(1000)

struct he_recall {
  pthread_mutex_t lock;
  unsigned refs;              /* atomic */
  uint64_t epoch;             /* atomic */
  bool served;                /* atomic: he_recall_want() has nothing to do */
  struct he_recall *next;     /* of all; under all_lock */
  struct he_recall **link;
  struct he_history *history; /* this and what follows: under the lock */
  uint64_t network;
  struct he_keeper *keeper;
  const struct he_keeper_ops *ops;     /* valid where there is a keeper */
  he_time_ns armed;
  he_time_ns save;            /* HE_NEVER: nothing to be written */
  he_time_ns save_not_before;
  he_time_ns ask_again;
  bool saves;
  bool ready;
  bool asks;
  bool learned;               /* here, not from a store */
  char trouble[HE_RECALL_TROUBLE];
};

/* -- fork: the child goes on with a history that no thread of the parent was
   changing at that moment. Registered before the locks that are held when one
   of these is taken, so taken after them. -- */

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_recall *all;

static void before_fork(void)
{
  pthread_mutex_lock(&all_lock);
  for(struct he_recall *r = all; r; r = r->next)
    pthread_mutex_lock(&r->lock);
}

static void after_fork(void)
{
  for(struct he_recall *r = all; r; r = r->next)
    pthread_mutex_unlock(&r->lock);
  pthread_mutex_unlock(&all_lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork, after_fork
};

static void enter(struct he_recall *r)
{
  he_fork_watch(HE_FORK_RECALLS, &forks);
  pthread_mutex_lock(&all_lock);
  r->next = all;
  r->link = &all;
  if(all)
    all->link = &r->next;
  all = r;
  pthread_mutex_unlock(&all_lock);
}

static void leave(struct he_recall *r)
{
  pthread_mutex_lock(&all_lock);
  *r->link = r->next;
  if(r->next)
    r->next->link = r->link;
  pthread_mutex_unlock(&all_lock);
}

/* -- life -- */

struct he_recall *he_recall_new(const struct he_history_limits *limits)
{
  struct he_recall *r = calloc(1, sizeof(*r));
  if(!r)
    return NULL;
  r->history = he_history_new(limits);
  if(!r->history) {
    free(r);
    return NULL;
  }
  pthread_mutex_init(&r->lock, NULL);
  r->refs = 1;
  r->epoch = 1;
  r->armed = r->save = HE_NEVER;
  enter(r);
  return r;
}

void he_recall_ref(struct he_recall *r)
{
  __atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
}

void he_recall_unref(struct he_recall *r)
{
  if(r && !__atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL)) {
    leave(r);
    he_history_free(r->history);
    pthread_mutex_destroy(&r->lock);
    free(r);
  }
}

static void advance(struct he_recall *r)
{
  __atomic_add_fetch(&r->epoch, 1, __ATOMIC_ACQ_REL);
}

bool he_recall_limit(struct he_recall *r,
                     const struct he_history_limits *limits)
{
  struct he_history *fresh = he_history_new(limits);
  bool ok;
  if(!fresh)
    return false;
  pthread_mutex_lock(&r->lock);
  ok = !r->learned;
  if(ok) {
    struct he_history *old = r->history;
    r->history = fresh;
    fresh = old;
  }
  pthread_mutex_unlock(&r->lock);
  he_history_free(fresh);
  return ok;
}

uint64_t he_recall_epoch(const struct he_recall *r)
{
  return __atomic_load_n(&r->epoch, __ATOMIC_ACQUIRE);
}

/* -- telling the keeper -- */

static he_time_ns due_locked(const struct he_recall *r)
{
  he_time_ns probe = he_history_probe_due(r->history);
  if(!r->ready)               /* the keeper has not begun */
    return 0;
  return probe < r->save ? probe : r->save;
}

/* The keeper, with a reference, where it has to be woken by *by. */
static struct he_keeper *changed_locked(struct he_recall *r, he_time_ns *by)
{
  advance(r);
  r->learned = true;
  if(r->saves && r->save == HE_NEVER) {
    r->save = he_time_add(he_clock_now(), SAVE_AFTER);
    if(r->save < r->save_not_before)
      r->save = r->save_not_before;
  }
  *by = due_locked(r);
  if(!r->keeper || *by >= r->armed)
    return NULL;
  r->armed = *by;
  r->ops->ref(r->keeper);
  return r->keeper;
}

struct he_history *he_recall_open(struct he_recall *r, uint64_t *network)
{
  pthread_mutex_lock(&r->lock);
  *network = r->network;
  return r->history;
}

void he_recall_close(struct he_recall *r, bool changed)
{
  const struct he_keeper_ops *ops;
  struct he_keeper *k = NULL;
  he_time_ns by = HE_NEVER;
  if(changed)
    k = changed_locked(r, &by);
  ops = r->ops;
  pthread_mutex_unlock(&r->lock);
  if(k) {
    ops->wake(k, by);
    ops->unref(k);
  }
}

/* Is it worth asking the keeper? *wait: until it has answered. */
static struct he_keeper *asked_locked(struct he_recall *r, bool *wait)
{
  he_time_ns now = he_clock_now();
  *wait = r->saves && !r->ready;
  if(!r->keeper || (r->ready ? !r->asks || now < r->ask_again :
                    !r->saves && !r->armed))
    return NULL;
  r->ask_again = he_time_add(now, ASK_EVERY);
  if(!r->ready)
    r->armed = 0;
  r->ops->ref(r->keeper);
  return r->keeper;
}

bool he_recall_pending(struct he_recall *r)
{
  bool pending;
  if(__atomic_load_n(&r->served, __ATOMIC_ACQUIRE))
    return false;
  pthread_mutex_lock(&r->lock);
  pending = r->saves && !r->ready;
  pthread_mutex_unlock(&r->lock);
  return pending;
}

void he_recall_want(struct he_recall *r, const char *host)
{
  const struct he_keeper_ops *ops;
  struct he_keeper *k;
  bool wait;
  if(__atomic_load_n(&r->served, __ATOMIC_ACQUIRE))
    return;
  pthread_mutex_lock(&r->lock);
  k = asked_locked(r, &wait);
  ops = r->ops;
  pthread_mutex_unlock(&r->lock);
  if(k) {
    ops->want(k, host, wait ? HE_RECALL_WAIT : 0);
    ops->unref(k);
  }
}

/* -- the network -- */

void he_recall_set_network(struct he_recall *r, uint64_t network)
{
  pthread_mutex_lock(&r->lock);
  if(r->network != network) {
    if(!r->network)
      he_history_forget(r->history, &r->network, NULL);
    r->network = network;
    advance(r);
  }
  pthread_mutex_unlock(&r->lock);
}

void he_recall_learn(struct he_recall *r, const char *host,
                     const struct he_outcome *o, he_time_ns now)
{
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  he_history_learn(h, network, host, o, now);
  he_recall_close(r, true);
}

void he_recall_answer(struct he_recall *r, const char *host, enum he_family f,
                      const struct he_candidate *list, size_t n,
                      he_time_ns now)
{
  struct he_addr addr[HE_HISTORY_ADDRS];
  struct he_history *h;
  uint64_t network;
  size_t used = 0;
  for(size_t i = 0; i < n && used < HE_HISTORY_ADDRS; i++) {
    if(list[i].addr.family == f)
      addr[used++] = list[i].addr;
  }
  h = he_recall_open(r, &network);
  he_history_answer(h, network, host, f, addr, used, n ? list[0].lasts : 0,
                    now);
  he_recall_close(r, false);
}

void he_recall_unanswered(struct he_recall *r, const char *host,
                          enum he_family f, he_time_ns now)
{
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  he_history_unanswered(h, network, host, f, now);
  he_recall_close(r, false);
}

/* -- the keeper's side -- */

static void note_served(struct he_recall *r)
{
  __atomic_store_n(&r->served, r->ready && !r->asks, __ATOMIC_RELEASE);
}

void he_recall_serve(struct he_recall *r, const struct he_keeper_ops *ops,
                     struct he_keeper *k)
{
  pthread_mutex_lock(&r->lock);
  r->keeper = k;
  r->ops = ops;
  r->armed = HE_NEVER;
  r->ready = r->asks = false;
  note_served(r);
  pthread_mutex_unlock(&r->lock);
}

void he_recall_set_saves(struct he_recall *r, bool saves)
{
  pthread_mutex_lock(&r->lock);
  r->saves = saves;
  r->save = HE_NEVER;
  r->save_not_before = 0;
  r->trouble[0] = 0;
  if(saves)
    r->ready = false;
  note_served(r);
  pthread_mutex_unlock(&r->lock);
}

bool he_recall_save_due(struct he_recall *r, he_time_ns now)
{
  bool due;
  pthread_mutex_lock(&r->lock);
  due = r->save <= now;
  pthread_mutex_unlock(&r->lock);
  return due;
}

he_time_ns he_recall_rest(struct he_recall *r, he_time_ns at, bool probes)
{
  he_time_ns probe = HE_NEVER;
  pthread_mutex_lock(&r->lock);
  if(probes)
    probe = he_history_probe_due(r->history);
  at = at < probe ? at : probe;
  at = at < r->save ? at : r->save;
  r->armed = probes ? at : 0;
  pthread_mutex_unlock(&r->lock);
  return at;
}

void he_recall_saved(struct he_recall *r, he_time_ns not_before)
{
  pthread_mutex_lock(&r->lock);
  r->save = HE_NEVER;
  r->save_not_before = not_before;
  pthread_mutex_unlock(&r->lock);
}

void he_recall_save_at(struct he_recall *r, he_time_ns at)
{
  pthread_mutex_lock(&r->lock);
  if(r->saves)
    r->save = at;
  pthread_mutex_unlock(&r->lock);
}

void he_recall_ready(struct he_recall *r, bool asks)
{
  pthread_mutex_lock(&r->lock);
  r->ready = true;
  r->asks = asks;
  note_served(r);
  pthread_mutex_unlock(&r->lock);
}

void he_recall_news(struct he_recall *r)
{
  advance(r);
}

bool he_recall_is_ready(struct he_recall *r)
{
  bool ready;
  pthread_mutex_lock(&r->lock);
  ready = r->ready;
  pthread_mutex_unlock(&r->lock);
  return ready;
}

void he_recall_set_trouble(struct he_recall *r, const char *why)
{
  pthread_mutex_lock(&r->lock);
  if(r->saves)
    snprintf(r->trouble, sizeof(r->trouble), "%s", why);
  pthread_mutex_unlock(&r->lock);
}

void he_recall_trouble(struct he_recall *r, char out[HE_RECALL_TROUBLE])
{
  pthread_mutex_lock(&r->lock);
  memcpy(out, r->trouble, sizeof(r->trouble));
  pthread_mutex_unlock(&r->lock);
}
