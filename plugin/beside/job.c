/* SPDX-License-Identifier: MIT */
/* job.c - a job as other threads see it: they post mail, take the winner, and
 * wait for answers. What they tell of libcurl's attempts: told.c. */
#include "beside/job.h"
#include "base/clock.h"
#include "base/fds.h"
#include "beside/own.h"
#include "connect/ours.h"

#include <stdlib.h>
#include <string.h>

/* -- life -- */

static void on_destroy(struct he_task *t)
{
  struct he_job *j = (struct he_job *)t;
  if(j->winner >= 0 && !he_job_inherited(j))
    he_fd_close(j->winner);
  if(j->config.app)
    j->config.app->ops->unref(j->config.app);
  he_recall_unref(j->config.recall);
  he_policy_unref(j->config.race.policy);
  he_trace_clear(&j->trace);
  if(j->natives != &j->first)
    free(j->natives);
  free(j->ready);
  pthread_cond_destroy(&j->changed);
  pthread_mutex_destroy(&j->lock);
  free(j);
}

static const struct he_task_ops ops = {
  .mail = he_driver_mail,
  .due = he_driver_due,
  .expected = he_driver_expected,
  .ended = he_driver_ended,
  .buried = he_driver_buried,
  .destroy = on_destroy
};

static void init_sync(struct he_job *j)
{
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_mutex_init(&j->lock, NULL);
  pthread_cond_init(&j->changed, &attr);
  pthread_condattr_destroy(&attr);
}

struct he_job *he_job_new(struct he_racer *r, const struct he_job_config *c)
{
  size_t host_size = strlen(c->host) + 1;
  struct he_job *j = malloc(sizeof(*j) + host_size);
  if(!j)
    return NULL;
  memset(j, 0, sizeof(*j));   /* calloc() is slower for one so small */
  he_task_init(&j->task, r, &ops);
  init_sync(j);
  j->config = *c;
  j->config.host = memcpy(j->host, c->host, host_size);
  j->config.race.beside = true;
  he_policy_ref(j->config.race.policy);
  j->config.ask.host = j->config.host;
  j->config.ask.port = c->port;
  memcpy(j->config.ask.allowed, c->race.allowed,
         sizeof(j->config.ask.allowed));
  if(c->aside || c->app)   /* its sockets may be bound, or marked */
    j->config.recall = NULL;
  else if(c->recall)
    he_recall_ref(c->recall);
  j->natives = &j->first;
  j->native_room = 1;
  j->winner = j->line.fd = -1;
  j->notice = c->watcher ? HE_SEEN : HE_UNSEEN;
  if(!c->realm)               /* what shares nothing is the handle's */
    j->config.realm = c->owner;
  if(c->app)
    c->app->ops->ref(c->app);
  return j;
}

void he_job_ref(struct he_job *j)
{
  he_task_ref(&j->task);
}

void he_job_unref(struct he_job *j)
{
  if(j)
    he_task_unref(&j->task);
}

const struct he_job_config *he_job_config(const struct he_job *j)
{
  return &j->config;
}

bool he_job_gave_up(struct he_job *j)
{
  bool yes;
  if(he_job_inherited(j))
    return false;
  pthread_mutex_lock(&j->lock);
  yes = j->gave_up;
  pthread_mutex_unlock(&j->lock);
  return yes;
}

/* -- what a lookup leaves -- */

void he_job_goes_on(struct he_job *j, struct he_step *steps, size_t n,
                    he_time_ns began, unsigned adopted)
{
  pthread_mutex_lock(&j->lock);
  he_trace_clear(&j->trace);
  j->trace.steps = steps;
  j->trace.count = n;
  j->trace.room = (uint32_t)n;
  j->began = began;
  /* libcurl goes to the same addresses: these are no further ones */
  j->config.race.max_attempts += adopted;
  if(n)
    j->told = (he_time_ns)steps[n - 1].at_us * 1000;
  pthread_mutex_unlock(&j->lock);
}

static void tell_won(struct he_job *j, enum he_step_kind kind,
                     const struct he_addr *addr, he_time_ns now)
{
  const struct he_try won = { .addr = *addr };
  struct he_step s = he_try_step(&won, kind, 0);
  s.at_us = (uint64_t)((now - j->began) / 1000) & 0xffffffffff;
  pthread_mutex_lock(&j->lock);
  he_trace_add(&j->trace, &s);
  pthread_mutex_unlock(&j->lock);
  if(j->config.watcher)
    j->config.watcher(j, &s);
}

void he_job_won(struct he_job *j, int fd, const struct he_addr *addr)
{
  const he_time_ns now = he_clock_now();
  pthread_mutex_lock(&j->lock);
  j->recorded = j->done = true;
  j->notice = HE_UNSEEN;
  pthread_mutex_unlock(&j->lock);
  he_job_handed(j, fd, addr);
  tell_won(j, HE_STEP_HANDED_OVER, addr, now);
  tell_won(j, HE_STEP_WON, addr, now);
}

void he_job_adopt(struct he_job *j, int fd, bool apps,
                  const struct he_addr *addr, he_time_ns started)
{
  struct he_job_mail m = { .kind = HE_MAIL_ADOPT };
  m.try.fd = fd;
  m.try.apps = apps;
  m.try.addr = *addr;
  m.try.started = started;
  m.at = started;
  pthread_mutex_lock(&j->lock);
  j->notice = HE_SEEN;        /* there is something to watch from now on */
  pthread_mutex_unlock(&j->lock);
  if(!he_job_post(j, &m, he_clock_now()))
    he_ours_close(j->config.app, fd, apps);
}

/* -- the end -- */

/* No request goes on with it. Has the racer seen it? */
static enum he_job_notice call_off(struct he_job *j)
{
  enum he_job_notice notice;
  pthread_mutex_lock(&j->lock);
  notice = j->notice;
  j->done = j->stopped = true;
  pthread_mutex_unlock(&j->lock);
  if(notice == HE_EXPECTED)
    he_racer_withdraw(&j->task);
  return notice;
}

void he_job_stop(struct he_job *j, bool wait)
{
  struct he_job_mail m = { .kind = HE_MAIL_STOP };
  enum he_job_notice notice;
  if(he_job_inherited(j) || (notice = call_off(j)) < HE_SEEN)
    return;
  if(wait)
    he_job_post_and_wait(j, HE_MAIL_STOP);
  else {
    /* a job that becomes busy just now has its mail in the same round */
    m.at = he_clock_now();
    he_job_post(j, &m, notice == HE_BUSY ? m.at :
                he_time_add(m.at, HE_NO_HURRY));
  }
}

void he_job_settle(struct he_job *j, he_time_ns patience)
{
  struct he_job_mail m = { .kind = HE_MAIL_STOP };
  he_time_ns until;
  if(he_job_inherited(j) || call_off(j) < HE_SEEN)
    return;
  m.at = he_clock_now();
  if(!he_job_post(j, &m, m.at) || he_racer_here())
    return;
  until = he_time_add(m.at, patience);
  pthread_mutex_lock(&j->lock);
  while(!j->settled && he_job_wait_locked(j, until))
    ;
  pthread_mutex_unlock(&j->lock);
}

void he_job_sync(struct he_job *j, he_time_ns took)
{
  bool recorded;
  pthread_mutex_lock(&j->lock);
  j->took = took;
  recorded = j->recorded;
  pthread_mutex_unlock(&j->lock);
  if(!recorded)
    he_job_post_and_wait(j, HE_MAIL_SYNC);
}

struct he_step *he_job_steps(struct he_job *j, size_t *count)
{
  struct he_step *copy;
  *count = 0;
  if(he_job_inherited(j))
    return NULL;
  pthread_mutex_lock(&j->lock);
  copy = he_trace_copy(&j->trace);
  *count = j->trace.count;
  pthread_mutex_unlock(&j->lock);
  return copy;
}
