/* SPDX-License-Identifier: MIT */
/* recall.c - a history behind a lock. */
#include "engine/recall.h"

#include <pthread.h>
#include <stdlib.h>

struct he_recall {
  pthread_mutex_t lock;
  unsigned refs;              /* atomic */
  uint64_t epoch;             /* atomic */
  struct he_history *history; /* this and what follows: under the lock */
  uint64_t network;
};

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
    pthread_mutex_destroy(&r->lock);
    free(r);
  }
}

static void advance(struct he_recall *r)
{
  __atomic_add_fetch(&r->epoch, 1, __ATOMIC_ACQ_REL);
}

struct he_history *he_recall_open(struct he_recall *r, uint64_t *network)
{
  pthread_mutex_lock(&r->lock);
  *network = r->network;
  return r->history;
}

void he_recall_close(struct he_recall *r, bool changed)
{
  if(changed)
    advance(r);
  pthread_mutex_unlock(&r->lock);
}

uint64_t he_recall_epoch(const struct he_recall *r)
{
  return __atomic_load_n(&r->epoch, __ATOMIC_ACQUIRE);
}

void he_recall_set_network(struct he_recall *r, uint64_t network)
{
  pthread_mutex_lock(&r->lock);
  if(r->network != network) {
    r->network = network;
    advance(r);
  }
  pthread_mutex_unlock(&r->lock);
}
