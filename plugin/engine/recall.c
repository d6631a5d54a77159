/* SPDX-License-Identifier: MIT */
/* recall.c - a history behind a lock. One lock for all: it is held for about
 * a microsecond, contexts are few, and a child of fork() can use it. */
#include "engine/recall.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static uint64_t begun_in;     /* atomic; 0: not known */

struct he_recall {
  unsigned refs;              /* atomic */
  uint64_t epoch;             /* atomic */
  struct he_history *history; /* this and what follows: under the lock */
  uint64_t network;           /* 0: not known yet */
};

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
  pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
  pthread_atfork(before_fork, after_fork, after_fork);
}

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
  pthread_once(&fork_once, watch_forks);
  r->refs = 1;
  r->epoch = 1;
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

struct he_history *he_recall_open(struct he_recall *r, uint64_t *network)
{
  pthread_mutex_lock(&lock);
  if(!r->network) {
    r->network = __atomic_load_n(&begun_in, __ATOMIC_RELAXED);
    if(r->network)
      advance(r);
  }
  *network = r->network;
  return r->history;
}

void he_recall_close(struct he_recall *r, bool changed)
{
  if(changed)
    advance(r);
  pthread_mutex_unlock(&lock);
}

uint64_t he_recall_epoch(const struct he_recall *r)
{
  return __atomic_load_n(&r->epoch, __ATOMIC_ACQUIRE);
}

void he_recall_set_network(struct he_recall *r, uint64_t network)
{
  pthread_mutex_lock(&lock);
  if(r->network != network) {
    r->network = network;
    advance(r);
  }
  pthread_mutex_unlock(&lock);
}

void he_recall_begin_in(uint64_t network)
{
  __atomic_store_n(&begun_in, network, __ATOMIC_RELAXED);
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
  he_history_answer(h, network, host, f, addr, used, 0, now);
  he_recall_close(r, false);
}
