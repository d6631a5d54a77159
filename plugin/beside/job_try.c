/* SPDX-License-Identifier: MIT */
/* job_try.c - attempts as the racer keeps them, libcurl's and its own: telling
 * of them, watching and closing their sockets, feeding their fate to the
 * race. */
#include "beside/job_try.h"
#include "base/clock.h"

#include <stdlib.h>

/* -- telling -- */

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
                 const struct he_try *t, int error, he_time_ns now)
{
  struct he_step s = { .kind = kind, .has_addr = true, .has_family = true };
  s.addr = t->addr;
  s.family = (enum he_family)t->addr.family;
  s.native = t->native;
  s.error = error;
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

/* -- tries -- */

struct he_try *he_try_by_id(struct he_job *j, int id)
{
  struct he_try *t = j->race->tries;
  while(t && t->id != id)
    t = t->next;
  return t;
}

struct he_try *he_try_by_serial(struct he_job *j, uint32_t serial)
{
  struct he_try *t = j->race->tries;
  while(t && (!t->native || t->ended || t->serial != serial))
    t = t->next;
  return t;
}

struct he_try *he_try_add(struct he_job *j, int id,
                          const struct he_addr *addr, he_time_ns now)
{
  struct he_try *t = calloc(1, sizeof(*t));
  if(!t)
    return NULL;
  t->watch.ready = he_try_ready;
  t->job = j;
  t->addr = *addr;
  t->id = id;
  t->fd = t->libcurl_fd = -1;
  t->started = now;
  t->look = HE_NEVER;
  t->next = j->race->tries;
  j->race->tries = t;
  return t;
}

void he_job_set_busy(struct he_job *j, bool busy)
{
  pthread_mutex_lock(&j->lock);
  j->busy = busy;
  pthread_mutex_unlock(&j->lock);
}

bool he_try_is_open(const struct he_try *t)
{
  return t->inode && he_wire_inode(t->libcurl_fd) == t->inode;
}

bool he_try_watch(struct he_try *t)
{
  const int fd = t->native ? t->libcurl_fd : t->fd;
  if(!t->watched)
    t->watched = he_task_watch(&t->job->task, &t->watch, fd);
  if(t->native && !he_try_is_open(t))
    he_try_unwatch(t);
  return t->watched;
}

/* A number that libcurl has closed may be that of another attempt, which is
   watched. */
void he_try_unwatch(struct he_try *t)
{
  int fd = t->fd;
  if(t->native)
    fd = he_try_is_open(t) ? t->libcurl_fd : -1;
  if(t->watched)
    he_task_unwatch(&t->job->task, &t->watch, fd);
  t->watched = false;
}

void he_try_close(struct he_try *t)
{
  he_try_unwatch(t);
  if(t->fd >= 0)
    he_job_close_socket(t->job, t->fd, t->apps);
  t->fd = -1;
  t->look = HE_NEVER;
}

void he_try_end(struct he_try *t)
{
  he_try_close(t);
  t->ended = true;
}

/* -- the race's events -- */

static he_time_ns race_time(struct he_job_race *r, he_time_ns now)
{
  if(now > r->last)
    r->last = now;
  return r->last;
}

int he_job_feed(struct he_job *j, he_time_ns now, struct he_event *ev)
{
  struct he_job_race *r = j->race;
  if(!r->raceless)
    he_race_handle(r->race, race_time(r, now), ev);
  return ev->attempt;
}

void he_try_feed(struct he_job *j, he_time_ns now,
                 enum he_event_kind kind, struct he_try *t,
                 int error)
{
  struct he_event ev = { .kind = kind, .error = error };
  ev.attempt = t->id;
  he_try_note(t, kind, error, now);
  he_job_feed(j, now, &ev);
}
