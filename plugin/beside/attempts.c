/* SPDX-License-Identifier: MIT */
/* attempts.c - the racer's list of a job's attempts, libcurl's and its own:
 * their steps, their sockets, and the watch over these. */
#include "beside/own.h"
#include "connect/ours.h"
#include "net/tcp.h"

#include <stdlib.h>

/* -- steps -- */

/* A step that is noticed late, such as an attempt of libcurl's that connected
   some time ago, is dated back, but not before what was told already. */
void he_job_tell(struct he_job *j, struct he_step *s, he_time_ns now)
{
  if(now - j->began > j->told)
    j->told = now - j->began;
  s->at_us = (uint64_t)(j->told / 1000) & 0xffffffffff;
  pthread_mutex_lock(&j->lock);
  he_trace_add(&j->trace, s);
  pthread_mutex_unlock(&j->lock);
  if(j->config.watcher)
    j->config.watcher(j, s);
}

void he_try_tell(struct he_job *j, enum he_step_kind kind,
                 const struct he_job_try *t, int error, he_time_ns now)
{
  struct he_step s = he_try_step(&t->a, kind, error);
  he_job_tell(j, &s, now);
}

void he_job_tell_family(struct he_job *j, enum he_step_kind kind,
                        enum he_family family, int error, size_t count,
                        he_time_ns now)
{
  struct he_step s = { .kind = kind, .has_family = true };
  s.family = family;
  s.error = error;
  s.count = (unsigned)count;
  he_job_tell(j, &s, now);
}

/* -- the list -- */

struct he_job_try *he_try_by_id(struct he_job *j, int id)
{
  struct he_job_try *t = j->race->tries;
  while(t && t->a.id != id)
    t = t->next;
  return t;
}

struct he_job_try *he_try_by_serial(struct he_job *j, uint32_t serial)
{
  struct he_job_try *t = j->race->tries;
  while(t && (!t->a.native || t->a.fate || t->a.serial != serial))
    t = t->next;
  return t;
}

struct he_job_try *he_try_add(struct he_job *j, const struct he_try *a,
                              void (*ready)(struct he_watch *, he_time_ns))
{
  struct he_job_try *t = calloc(1, sizeof(*t));
  if(!t)
    return NULL;
  t->watch.ready = ready;
  t->job = j;
  t->a = *a;
  t->a.delay = j->config.race.attempt_delay;
  t->look = HE_NEVER;
  t->next = j->race->tries;
  j->race->tries = t;
  return t;
}

bool he_try_runs(const struct he_job_try *t)
{
  return !t->a.fate || (!t->a.native && t->a.fd >= 0);
}

/* -- sockets -- */

bool he_try_is_open(const struct he_job_try *t)
{
  return t->a.inode && he_wire_inode(t->a.fd) == t->a.inode;
}

bool he_try_watch(struct he_job_try *t)
{
  if(!t->watched)
    t->watched = he_task_watch(&t->job->task, &t->watch, t->a.fd);
  if(t->a.native && !he_try_is_open(t))
    he_try_unwatch(t);
  return t->watched;
}

/* A number that libcurl has closed may be that of another attempt, which is
   watched. */
void he_try_unwatch(struct he_job_try *t)
{
  if(t->watched)
    he_task_unwatch(&t->job->task, &t->watch,
                    t->a.native && !he_try_is_open(t) ? -1 : t->a.fd);
  t->watched = false;
}

void he_try_close(struct he_job_try *t)
{
  he_try_unwatch(t);
  t->look = HE_NEVER;
  if(t->a.native || t->a.fd < 0)
    return;
  he_ours_close(t->job->config.app, t->a.fd, t->a.apps);
  t->a.fd = -1;
}
