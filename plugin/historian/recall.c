/* SPDX-License-Identifier: MIT */
/* recall.c - histories behind a lock.
 *
 * A keeper is woken only for what it would not find by itself in time: `armed`
 * is when it looks next. So a connect that goes well costs it nothing, and
 * many that do not cost it one piece of mail. It is woken with the lock given
 * back, for that takes the racer's. */
#include "historian/recall.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/forks.h"
#include "net/racer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Changes are written together, this long after the first. */
#define SAVE_AFTER HE_MS(2000)
/* How often a network is asked for that does not tell of itself. */
#define ASK_EVERY HE_MS(1000)
/* For a store that is not read by then nobody waits. */
#define READ_BY HE_MS(1000)

/* Of all histories: it is held for microseconds. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t store_read;       /* a store has been read */

struct he_recall {
  unsigned refs;              /* atomic */
  uint64_t epoch;             /* atomic */
  uint64_t probes;            /* atomic */
  struct he_history *history; /* this and what follows: under the lock */
  uint64_t network;           /* 0: not known */
  struct he_task *keeper;
  bool (*wake)(struct he_task *keeper, he_time_ns by);
  he_time_ns armed;
  he_time_ns save;            /* HE_NEVER: nothing to be written */
  he_time_ns ask_again;       /* which network it is; HE_NEVER: it tells */
  he_time_ns unread;          /* the store is, and is waited for until then */
  bool begun;                 /* the keeper has told the network */
  bool saves;
  bool learned;               /* here, not from a store */
  char trouble[HE_RECALL_TROUBLE];
};

/* -- fork: the child goes on with a history that no thread of the parent was
   changing at that moment, and nobody waits there -- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
  pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
  he_cond_init(&store_read);
  pthread_mutex_unlock(&lock);
}

static void begin(void)
{
  static const struct he_fork_hooks hooks = {
    before_fork, after_fork, in_child
  };
  he_cond_init(&store_read);
  he_fork_watch(HE_FORK_RECALLS, &hooks);
}

/* -- life -- */

struct he_recall *he_recall_new(const struct he_history_limits *limits)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  struct he_recall *r = calloc(1, sizeof(*r));
  pthread_once(&once, begin);
  if(!r)
    return NULL;
  r->history = he_history_new(limits);
  if(!r->history) {
    free(r);
    return NULL;
  }
  r->refs = 1;
  r->epoch = 1;
  r->armed = r->save = r->ask_again = HE_NEVER;
  return r;
}

void he_recall_ref(struct he_recall *r)
{
  __atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
}

void he_recall_unref(struct he_recall *r)
{
  if(r && !__atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL)) {
    he_history_free(r->history);
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
  pthread_mutex_lock(&lock);
  ok = !r->learned;
  if(ok) {
    struct he_history *old = r->history;
    r->history = fresh;
    fresh = old;
  }
  pthread_mutex_unlock(&lock);
  he_history_free(fresh);
  return ok;
}

uint64_t he_recall_epoch(const struct he_recall *r)
{
  return __atomic_load_n(&r->epoch, __ATOMIC_ACQUIRE);
}

/* -- waking the keeper -- */

/* The keeper, with a reference, where it has to be woken for what is due at
   `by`. */
static struct he_task *arm_locked(struct he_recall *r, he_time_ns by)
{
  if(!r->keeper || by >= r->armed)
    return NULL;
  r->armed = by;
  he_task_ref(r->keeper);
  return r->keeper;
}

static he_time_ns due_locked(const struct he_recall *r)
{
  he_time_ns probe = he_history_probe_due(r->history);
  if(!r->begun)
    return 0;
  return probe < r->save ? probe : r->save;
}

/* Gives the lock back, and wakes what arm_locked() returned. */
static void unlock(struct he_recall *r, struct he_task *keeper, he_time_ns by)
{
  bool (*wake)(struct he_task *t, he_time_ns by) = r->wake;
  pthread_mutex_unlock(&lock);
  if(keeper) {
    wake(keeper, by);
    he_task_unref(keeper);
  }
}

void he_recall_probed(struct he_recall *r)
{
  __atomic_add_fetch(&r->probes, 1, __ATOMIC_RELAXED);
}

uint64_t he_recall_probes(const struct he_recall *r)
{
  return __atomic_load_n(&r->probes, __ATOMIC_RELAXED);
}

struct he_history *he_recall_open(struct he_recall *r, uint64_t *network)
{
  pthread_mutex_lock(&lock);
  *network = r->network;
  return r->history;
}

void he_recall_close(struct he_recall *r, bool changed)
{
  struct he_task *keeper = NULL;
  he_time_ns by = HE_NEVER;
  if(changed) {
    advance(r);
    r->learned = true;
    if(r->saves && r->save == HE_NEVER)
      r->save = he_time_add(he_clock_now(), SAVE_AFTER);
    by = due_locked(r);
    keeper = arm_locked(r, by);
  }
  unlock(r, keeper, by);
}

bool he_recall_pending(struct he_recall *r)
{
  bool pending;
  pthread_mutex_lock(&lock);
  pending = r->unread && he_clock_now() < r->unread;
  pthread_mutex_unlock(&lock);
  return pending;
}

void he_recall_want(struct he_recall *r)
{
  const he_time_ns now = he_clock_now();
  struct he_task *keeper = NULL;
  bool waits;
  pthread_mutex_lock(&lock);
  if(!r->begun || now >= r->ask_again)
    keeper = arm_locked(r, 0);
  if(now >= r->ask_again)
    r->ask_again = he_time_add(now, ASK_EVERY);
  waits = now < r->unread && !he_racer_here();
  unlock(r, keeper, 0);
  if(waits) {
    pthread_mutex_lock(&lock);
    while(r->unread && he_cond_wait(&store_read, &lock,
                                    he_time_add(now, HE_RECALL_WAIT)))
      ;
    pthread_mutex_unlock(&lock);
  }
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

/* -- the keeper's and its scribe's side -- */

void he_recall_serve(struct he_recall *r, struct he_task *keeper,
                     bool (*wake)(struct he_task *keeper, he_time_ns by))
{
  pthread_mutex_lock(&lock);
  r->keeper = keeper;
  r->wake = wake;
  r->armed = r->ask_again = HE_NEVER;
  r->begun = false;
  pthread_mutex_unlock(&lock);
}

void he_recall_set_network(struct he_recall *r, uint64_t network, bool asks)
{
  pthread_mutex_lock(&lock);
  if(r->network != network) {
    if(!r->network)
      he_history_forget(r->history, &r->network, NULL);
    r->network = network;
    advance(r);
  }
  r->begun = true;
  if(asks == (r->ask_again == HE_NEVER))
    r->ask_again = asks ? he_time_add(he_clock_now(), ASK_EVERY) : HE_NEVER;
  pthread_mutex_unlock(&lock);
}

void he_recall_set_saves(struct he_recall *r, bool saves)
{
  pthread_mutex_lock(&lock);
  r->saves = saves;
  r->save = HE_NEVER;
  r->unread = saves ? he_time_add(he_clock_now(), READ_BY) : 0;
  r->trouble[0] = 0;
  pthread_mutex_unlock(&lock);
}

void he_recall_ready(struct he_recall *r)
{
  pthread_mutex_lock(&lock);
  r->unread = 0;
  pthread_cond_broadcast(&store_read);
  pthread_mutex_unlock(&lock);
}

bool he_recall_saves_now(struct he_recall *r, he_time_ns now)
{
  bool due;
  pthread_mutex_lock(&lock);
  due = r->save <= now;
  if(due)
    r->save = HE_NEVER;
  pthread_mutex_unlock(&lock);
  return due;
}

he_time_ns he_recall_rest(struct he_recall *r, he_time_ns at, bool probes)
{
  he_time_ns probe = HE_NEVER;
  pthread_mutex_lock(&lock);
  if(probes)
    probe = he_history_probe_due(r->history);
  at = at < probe ? at : probe;
  at = at < r->save ? at : r->save;
  r->armed = probes ? at : 0;
  pthread_mutex_unlock(&lock);
  return at;
}

void he_recall_news(struct he_recall *r)
{
  advance(r);
}

void he_recall_set_trouble(struct he_recall *r, const char *why)
{
  pthread_mutex_lock(&lock);
  if(r->saves)
    snprintf(r->trouble, sizeof(r->trouble), "%s", why);
  pthread_mutex_unlock(&lock);
}

void he_recall_trouble(struct he_recall *r, char out[HE_RECALL_TROUBLE])
{
  pthread_mutex_lock(&lock);
  memcpy(out, r->trouble, sizeof(r->trouble));
  pthread_mutex_unlock(&lock);
}
