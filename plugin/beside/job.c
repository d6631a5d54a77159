/* SPDX-License-Identifier: MIT */
/* job.c - a job as other threads see it: they post mail, take the winner, and
 * wait for answers. What they tell of libcurl's attempts: job_native.c. */
#include "beside/job.h"
#include "base/clock.h"
#include "base/fds.h"
#include "beside/job_mail.h"
#include "beside/owners.h"
#include "net/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- life -- */

static void on_mail(struct he_task *t, struct he_mail *mail, he_time_ns now)
{
  struct he_job_mail *m = (struct he_job_mail *)mail;
  he_job_handle((struct he_job *)t, m, now);
  free(m->list);
  free(m);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  he_job_due((struct he_job *)t, now);
}

static void on_expected(struct he_task *t, he_time_ns now)
{
  he_job_first_look((struct he_job *)t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  he_job_end((struct he_job *)t, now);
}

static void on_buried(struct he_task *t)
{
  he_job_free_race((struct he_job *)t);
}

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
  .mail = on_mail,
  .due = on_due,
  .expected = on_expected,
  .ended = on_ended,
  .buried = on_buried,
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
  j->seen = c->watcher != NULL;
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

bool he_job_post(struct he_job *j, const struct he_job_mail *content,
                 he_time_ns by)
{
  struct he_job_mail *m = malloc(sizeof(*m));
  if(m) {
    *m = *content;
    if(he_racer_post(&m->mail, &j->task, by))
      return true;
    free(m);
  }
  free(content->list);
  return false;
}

bool he_job_inherited(const struct he_job *j)
{
  return !he_racer_alive(j->task.racer);
}

void he_job_unanswered(struct he_job *j)
{
  pthread_mutex_lock(&j->lock);
  j->begun = j->complete = j->enough = true;
  j->begin = HE_BEGIN_FAILED;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

/* -- the winner -- */

int he_job_take(struct he_job *j, struct he_addr *addr)
{
  struct he_job_mail m = { .kind = HE_MAIL_TAKEN };
  bool apps;
  int fd;
  if(he_job_inherited(j))
    return -1;
  pthread_mutex_lock(&j->lock);
  apps = j->winner_apps;
  fd = j->winner;
  j->winner = -1;
  m.addr = j->winner_addr;
  if(fd >= 0 && he_wire_usable(fd)) {
    j->done = true;
    *addr = m.addr;
  }
  else if(fd >= 0)
    m.kind = HE_MAIL_SPOILT;   /* the peer has closed it while it waited */
  pthread_mutex_unlock(&j->lock);
  if(fd < 0)
    return -1;
  m.at = he_clock_now();
  he_job_post(j, &m, m.at);
  if(m.kind == HE_MAIL_TAKEN) {
    if(!apps)
      fd = he_wire_lower(fd);
    he_job_handed(j, fd, addr);
    return fd;
  }
  he_job_close_socket(j, fd, apps);
  return -1;
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
  struct he_step s = { .kind = kind, .has_addr = true, .has_family = true };
  s.addr = *addr;
  s.family = (enum he_family)addr->family;
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
  j->seen = false;
  pthread_mutex_unlock(&j->lock);
  he_job_handed(j, fd, addr);
  tell_won(j, HE_STEP_HANDED_OVER, addr, now);
  tell_won(j, HE_STEP_WON, addr, now);
}

void he_job_adopt(struct he_job *j, int fd, bool apps,
                  const struct he_addr *addr, he_time_ns started)
{
  struct he_job_mail m = { .kind = HE_MAIL_ADOPT, .fd = fd, .apps = apps };
  m.addr = *addr;
  m.at = started;
  pthread_mutex_lock(&j->lock);
  j->seen = true;             /* there is something to watch from now on */
  pthread_mutex_unlock(&j->lock);
  if(!he_job_post(j, &m, he_clock_now()))
    he_job_close_socket(j, fd, apps);
}

/* -- resolving ahead -- */

bool he_job_resolve(struct he_job *j)
{
  struct he_job_mail m = { .kind = HE_MAIL_RESOLVE };
  m.at = he_clock_now();
  return he_job_post(j, &m, m.at);
}

static bool wait_until(struct he_job *j, he_time_ns deadline)
{
  struct timespec ts;
  if(deadline == HE_NEVER)
    return !pthread_cond_wait(&j->changed, &j->lock);
  ts.tv_sec = (time_t)(deadline / 1000000000);
  ts.tv_nsec = (long)(deadline % 1000000000);
  return !pthread_cond_timedwait(&j->changed, &j->lock, &ts);
}

/* The answers of the two families mostly come within a millisecond: worth a
   wait, for then libcurl has all addresses and races them by itself. */
#define SECOND_ANSWER HE_MS(2)

/* How long for the second answer: where the first one gave only addresses that
   are worse than what the other family is known to have, the Resolution
   Delay. */
static he_time_ns second_wait(struct he_job *j, const struct he_addr *first)
{
  struct he_suspicion s;
  if(!j->config.recall || !j->config.wary ||
     !he_recall_suspects(j->config.recall, &j->config.ask, first, &s,
                         he_clock_now()) ||
     (s.instead && s.better.family == first->family))
    return SECOND_ANSWER;
  return j->config.race.resolution_delay;
}

enum he_begin he_job_wait(struct he_job *j, he_time_ns deadline, bool whole,
                          struct he_candidate *list, size_t max, size_t *n,
                          bool *complete)
{
  enum he_begin result = HE_BEGIN_LATE;
  he_time_ns second = deadline;
  *n = 0;
  *complete = false;
  if(he_job_inherited(j))
    return HE_BEGIN_FAILED;
  pthread_mutex_lock(&j->lock);
  while(!j->begun && wait_until(j, deadline))
    ;
  if(!whole && j->ready_count && !j->enough) {
    const struct he_addr first = j->ready[0].addr;
    he_time_ns now = he_clock_now();
    pthread_mutex_unlock(&j->lock);
    second = he_time_add(now, second_wait(j, &first));
    pthread_mutex_lock(&j->lock);
  }
  else if(!whole)
    second = he_clock_now();
  if(second > deadline)
    second = deadline;
  while(j->begun && !(whole ? j->complete : j->enough) &&
        wait_until(j, second))
    ;
  if(j->begun && (j->complete || !whole)) {
    result = j->begin;
    *complete = j->complete;
    *n = j->ready_count < max ? j->ready_count : max;
    if(*n)
      memcpy(list, j->ready, *n * sizeof(*list));
  }
  pthread_mutex_unlock(&j->lock);
  return result;
}

bool he_job_told(struct he_job *j)
{
  bool told;
  if(he_job_inherited(j))
    return true;
  pthread_mutex_lock(&j->lock);
  told = j->enough;
  pthread_mutex_unlock(&j->lock);
  return told;
}

void he_job_listed(struct he_job *j, const size_t counts[HE_FAMILIES],
                   bool alone)
{
  struct he_job_mail m = { .kind = HE_MAIL_LISTED };
  if(he_job_inherited(j))
    return;
  m.at = he_clock_now();
  pthread_mutex_lock(&j->lock);
  memcpy(j->listed, counts, sizeof(j->listed));
  j->has_list = true;
  j->alone = alone;
  j->spares = true;
  pthread_mutex_unlock(&j->lock);
  he_job_post(j, &m, m.at);
}

/* -- the end -- */

/* Posts and waits for the racer to have handled it. */
static void post_and_wait(struct he_job *j, enum he_job_mail_kind kind)
{
  bool handled = false;
  struct he_job_mail m = { .kind = kind, .handled = &handled };
  m.at = he_clock_now();
  if(he_racer_here())
    m.handled = NULL;
  if(!he_job_post(j, &m, m.at) || !m.handled)
    return;
  pthread_mutex_lock(&j->lock);
  while(!handled)
    pthread_cond_wait(&j->changed, &j->lock);
  pthread_mutex_unlock(&j->lock);
}

/* No request goes on with it. Has the racer seen it? */
static bool call_off(struct he_job *j, bool *busy)
{
  bool seen, expected;
  pthread_mutex_lock(&j->lock);
  *busy = j->busy;
  seen = j->seen;
  expected = j->expected;
  j->done = j->stopped = true;
  pthread_mutex_unlock(&j->lock);
  if(expected)
    he_racer_withdraw(&j->task);
  return seen;
}

void he_job_stop(struct he_job *j, bool wait)
{
  struct he_job_mail m = { .kind = HE_MAIL_STOP };
  bool busy;
  if(he_job_inherited(j) || !call_off(j, &busy))
    return;
  if(wait)
    post_and_wait(j, HE_MAIL_STOP);
  else {
    /* a job that becomes busy just now has its mail in the same round */
    m.at = he_clock_now();
    he_job_post(j, &m, busy ? m.at : he_time_add(m.at, HE_NO_HURRY));
  }
}

void he_job_settle(struct he_job *j, he_time_ns patience)
{
  struct he_job_mail m = { .kind = HE_MAIL_STOP };
  bool busy;
  he_time_ns until;
  if(he_job_inherited(j) || !call_off(j, &busy))
    return;
  m.at = he_clock_now();
  if(!he_job_post(j, &m, m.at) || he_racer_here())
    return;
  until = he_time_add(m.at, patience);
  pthread_mutex_lock(&j->lock);
  while(!j->settled && wait_until(j, until))
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
    post_and_wait(j, HE_MAIL_SYNC);
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
