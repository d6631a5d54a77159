/* SPDX-License-Identifier: MIT */
#include "net/listening.h"
#include "net/whereabouts.h"

#include <stdlib.h>
#include <unistd.h>

struct listener {
  struct he_task task;        /* first */
  struct he_place place;
  bool joined;
};

/* The process that has one, for a child of fork() has not. 0: none. Atomic. */
static pid_t owner;

static void on_moved(struct he_place *p, he_time_ns now)
{
  (void)p;
  (void)now;
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct listener *l = (struct listener *)t;
  (void)now;
  free(m);
  if(t->held)                 /* else there is no memory */
    l->joined = he_whereabouts_join(&l->place) != 0;
}

static void on_due(struct he_task *t, he_time_ns now)
{
  (void)t;
  (void)now;
}

static void on_buried(struct he_task *t)
{
  struct listener *l = (struct listener *)t;
  if(l->joined)
    he_whereabouts_leave(&l->place);
  l->joined = false;
}

static void on_destroy(struct he_task *t)
{
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
  free(t);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_due,
  .buried = on_buried,
  .destroy = on_destroy
};

void he_listening_begin(struct he_racer *r)
{
  const pid_t me = getpid();
  pid_t before = __atomic_load_n(&owner, __ATOMIC_ACQUIRE);
  struct he_mail *m;
  struct listener *l;
  if(before == me ||
     !__atomic_compare_exchange_n(&owner, &before, me, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return;
  l = calloc(1, sizeof(*l));
  m = malloc(sizeof(*m));
  if(l) {
    he_task_init(&l->task, r, &ops);
    l->place.task = &l->task;
    l->place.moved = on_moved;
    if(m && he_racer_post(m, &l->task, 0))
      m = NULL;
    he_task_unref(&l->task);
  }
  else
    __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
  free(m);
}
