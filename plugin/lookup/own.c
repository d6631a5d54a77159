/* SPDX-License-Identifier: MIT */
/* own.c - a lookup that several threads hold: who tells of it, who wakes it,
 * and whose its sockets are. */
#include "lookup/own.h"
#include "base/fds.h"
#include "connect/ours.h"

#include <unistd.h>

static unsigned generation;   /* atomic */

unsigned he_lookup_generation(void)
{
  return __atomic_load_n(&generation, __ATOMIC_RELAXED);
}

void he_lookup_forked(void)
{
  __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
}

bool he_lookup_inherited(const struct he_lookup *l)
{
  return l->born_in != he_lookup_generation();
}

void he_lookup_ref(struct he_lookup *l)
{
  he_task_ref(&l->task);
}

void he_lookup_unref(struct he_lookup *l)
{
  if(l)
    he_task_unref(&l->task);
}

/* -- its sockets -- */

void he_lookup_close(struct he_lookup *l, const struct he_try *t)
{
  he_ours_close(l->config.app, t->fd, t->apps);
}

int he_lookup_give(const struct he_try *t)
{
  if(!t->apps)
    he_fd_give(t->fd);
  return t->fd;
}

/* -- telling, and waking -- */

void he_lookup_tell(struct he_lookup *l, struct he_step *s, he_time_ns now)
{
  const he_time_ns since = now > l->began ? now - l->began : 0;
  s->at_us = (uint64_t)(since / 1000) & 0xffffffffff;
  pthread_mutex_lock(&l->lock);
  he_trace_add(&l->trace, s);
  pthread_mutex_unlock(&l->lock);
  if(l->config.watcher)
    l->config.watcher(l, s);
}

void he_lookup_wake_locked(struct he_lookup *l)
{
  const uint64_t one = 1;
  pthread_cond_broadcast(&l->changed);
  /* it cannot fail: the counter is read with each wake-up */
  if(l->wake >= 0 && write(l->wake, &one, sizeof(one)) < 0)
    return;
}

void he_lookup_wake(struct he_lookup *l)
{
  pthread_mutex_lock(&l->lock);
  l->looks = true;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}

void he_lookup_leave(struct he_lookup *l, he_time_ns at)
{
  pthread_mutex_lock(&l->lock);
  l->leave_at = at < l->leave_at ? at : l->leave_at;
  l->looks = true;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}
