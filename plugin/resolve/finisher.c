/* SPDX-License-Identifier: MIT */
#include "resolve/finisher.h"
#include "base/forks.h"
#include "net/worker.h"

#include <stdlib.h>

#define LINGER HE_MS(1000)

struct errand {
  void (*fn)(void *arg, bool able);
  void *arg;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_worker *worker;   /* a reference; the lock's */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
  worker = NULL;              /* the parent's */
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

static bool run(struct he_worker *w, const struct he_errand *e, bool able)
{
  struct errand *mine = (struct errand *)(uintptr_t)e->number;
  (void)w;
  mine->fn(mine->arg, able);
  free(mine);
  return able;
}

static void destroy(struct he_worker *w)
{
  he_worker_clear(w);
  free(w);
}

static const struct he_worker_ops ops = { run, destroy, LINGER };

void he_finisher_begin(void)
{
  he_fork_watch(HE_FORK_FINISHER, &forks);
}

/* With a reference for the caller. */
static struct he_worker *get(void)
{
  struct he_worker *w;
  pthread_mutex_lock(&lock);
  if(!worker) {
    worker = malloc(sizeof(*worker));
    if(worker)
      he_worker_init(worker, &ops);
  }
  w = worker;
  if(w)
    he_worker_ref(w);
  pthread_mutex_unlock(&lock);
  return w;
}

bool he_finisher_run(void (*fn)(void *arg, bool able), void *arg)
{
  struct errand *mine = malloc(sizeof(*mine));
  struct he_worker *w = mine ? get() : NULL;
  struct he_errand *e = NULL;
  if(w) {
    *mine = (struct errand){ fn, arg };
    e = he_worker_ask(w, 0, (uintptr_t)mine, NULL, false);
    he_worker_unref(w);
  }
  if(!e)
    free(mine);
  else
    he_errand_wait(e, 0, NULL);
  return e != NULL;
}

void he_finisher_end(void)
{
  struct he_worker *w;
  pthread_mutex_lock(&lock);
  w = worker;
  worker = NULL;
  pthread_mutex_unlock(&lock);
  if(w)
    he_worker_end(w);
}
