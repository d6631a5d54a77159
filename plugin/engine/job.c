/* SPDX-License-Identifier: MIT */
/* job.c - a job as other threads see it: they post mail, take the winner, and
 * wait for answers. What they remember of libcurl's attempts is here too, for
 * the question whether a request for a socket goes on with a connect or begins
 * the next one must be answered at once. */
#include "engine/job.h"
#include "base/clock.h"
#include "engine/fds.h"
#include "engine/job_mail.h"
#include "engine/wire.h"

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

static void on_ended(struct he_task *t, he_time_ns now)
{
  he_job_end((struct he_job *)t, now);
}

static void on_buried(struct he_task *t)
{
  he_job_free_race((struct he_job *)t);
}

/* Inherited by fork(): its lock may have been held by a thread that is not
   here, and there is no racer to go on with it; its sockets are closed. */
static bool inherited(const struct he_job *j)
{
  return !he_racer_alive(j->task.racer);
}

static void on_destroy(struct he_task *t)
{
  struct he_job *j = (struct he_job *)t;
  if(j->winner >= 0 && !inherited(j))
    he_fd_close(j->winner);
  he_trace_clear(&j->trace);
  free(j->natives);
  free(j->ready);
  free(j->host);
  pthread_cond_destroy(&j->changed);
  pthread_mutex_destroy(&j->lock);
  free(j);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
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
  struct he_job *j = calloc(1, sizeof(*j));
  if(!j)
    return NULL;
  j->host = strdup(c->host);
  if(!j->host) {
    free(j);
    return NULL;
  }
  he_task_init(&j->task, r, &ops);
  init_sync(j);
  j->config = *c;
  j->config.host = j->host;
  j->config.race.beside = true;
  j->winner = -1;
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

void he_job_unanswered(struct he_job *j)
{
  pthread_mutex_lock(&j->lock);
  j->begun = j->complete = true;
  j->begin = HE_BEGIN_FAILED;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

/* -- what libcurl does -- */

/* Mail that nobody waits for is delivered within this, so that it does not
   pile up. */
#define NO_HURRY HE_MS(1000)

/* When the racer has to hear of an attempt: soon where somebody watches, some
   time where it stands aside. */
static he_time_ns hear_by(struct he_job *j, he_time_ns now)
{
  bool busy;
  pthread_mutex_lock(&j->lock);
  busy = j->busy;
  pthread_mutex_unlock(&j->lock);
  if(busy || j->config.watcher)
    return now;
  if(j->config.aside || j->config.libcurl_races)
    return he_time_add(now, NO_HURRY);
  return he_time_add(now, j->config.look_after);
}

static bool remember(struct he_job *j, int fd, uint64_t inode,
                     const struct he_addr *addr)
{
  struct he_native *more;
  bool ok = false;
  pthread_mutex_lock(&j->lock);
  more = realloc(j->natives, (j->native_count + 1) * sizeof(*more));
  if(more) {
    j->natives = more;
    more[j->native_count].fd = fd;
    more[j->native_count].inode = inode;
    more[j->native_count].addr = *addr;
    j->native_count++;
    ok = true;
  }
  pthread_mutex_unlock(&j->lock);
  return ok;
}

void he_job_started(struct he_job *j, int fd, const struct he_addr *addr,
                    enum he_family asked)
{
  struct he_job_mail m = { .kind = HE_MAIL_STARTED, .fd = fd };
  if(inherited(j))
    return;
  m.family = asked;
  m.inode = he_wire_inode(fd);
  m.addr = *addr;
  m.at = he_clock_now();
  if(m.inode && remember(j, fd, m.inode, addr))
    he_job_post(j, &m, hear_by(j, m.at));
}

/* Is this attempt, or was it, connected? */
static bool native_connected(const struct he_native *nat)
{
  return nat->fd >= 0 && he_wire_inode(nat->fd) == nat->inode &&
         he_wire_state(nat->fd, NULL) == HE_WIRE_CONNECTED;
}

bool he_job_continues(struct he_job *j, const struct he_addr *addr)
{
  bool yes;
  if(inherited(j))
    return false;
  pthread_mutex_lock(&j->lock);
  yes = !j->done;
  for(size_t i = 0; yes && i < j->native_count; i++)
    yes = !native_connected(&j->natives[i]) &&
          (j->spares || !he_addr_equal(&j->natives[i].addr, addr));
  pthread_mutex_unlock(&j->lock);
  return yes;
}

/* Finds libcurl's attempt on fd and strikes it out. */
static bool strike_out(struct he_job *j, int fd, uint64_t inode)
{
  bool found = false;
  pthread_mutex_lock(&j->lock);
  for(size_t i = 0; i < j->native_count && !found; i++) {
    struct he_native *nat = &j->natives[i];
    found = nat->fd == fd && nat->inode == inode;
    if(found)
      nat->fd = -1;
  }
  pthread_mutex_unlock(&j->lock);
  return found;
}

bool he_job_closing(struct he_job *j, int fd)
{
  struct he_job_mail m = { .kind = HE_MAIL_CLOSED, .fd = fd };
  if(inherited(j))
    return false;
  m.inode = he_wire_inode(fd);
  if(!m.inode || !strike_out(j, fd, m.inode))
    return false;
  m.at = he_clock_now();
  switch(he_wire_state(fd, &m.rtt)) {
  case HE_WIRE_IDLE:
    return true;
  case HE_WIRE_CONNECTING:
    m.outcome = HE_OUT_GIVEN_UP;
    break;
  case HE_WIRE_CONNECTED:
    m.outcome = HE_OUT_CONNECTED;
    pthread_mutex_lock(&j->lock);
    j->done = true;
    pthread_mutex_unlock(&j->lock);
    break;
  }
  /* a connect that is over needs no hurry; one given up may hold a dup() */
  he_job_post(j, &m, m.outcome == HE_OUT_CONNECTED ? hear_by(j, m.at) : m.at);
  return false;
}

void he_job_failed(struct he_job *j, int fd, int error)
{
  struct he_job_mail m = { .kind = HE_MAIL_CLOSED, .fd = fd };
  m.inode = he_wire_inode(fd);
  m.at = he_clock_now();
  m.outcome = HE_OUT_FAILED;
  m.bound = he_wire_bound(fd);
  m.error = error;
  he_job_post(j, &m, hear_by(j, m.at));
}

int he_job_take(struct he_job *j, struct he_addr *addr)
{
  struct he_job_mail m = { .kind = HE_MAIL_TAKEN };
  int fd;
  if(inherited(j))
    return -1;
  pthread_mutex_lock(&j->lock);
  fd = j->winner;
  j->winner = -1;
  if(fd >= 0 && he_wire_usable(fd)) {
    j->done = true;
    *addr = m.addr = j->winner_addr;
  }
  else if(fd >= 0)
    m.kind = HE_MAIL_SPOILT;   /* the peer has closed it while it waited */
  pthread_mutex_unlock(&j->lock);
  if(fd < 0)
    return -1;
  m.at = he_clock_now();
  he_job_post(j, &m, m.at);
  if(m.kind == HE_MAIL_TAKEN)
    return he_wire_lower(fd);
  he_fd_close(fd);
  return -1;
}

static bool tried_locked(const struct he_job *j, const struct he_addr *addr)
{
  for(size_t i = 0; i < j->native_count; i++) {
    if(he_addr_equal(&j->natives[i].addr, addr))
      return true;
  }
  return false;
}

bool he_job_spend_spare(struct he_job *j, struct he_addr *addr)
{
  const struct he_addr *better = NULL;
  pthread_mutex_lock(&j->lock);
  if(j->spares && tried_locked(j, addr)) {
    for(size_t i = 0; !better && i < j->ready_count; i++) {
      if(!tried_locked(j, &j->ready[i].addr))
        better = &j->ready[i].addr;
    }
  }
  if(better)
    *addr = *better;
  pthread_mutex_unlock(&j->lock);
  return better != NULL;
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

enum he_begin he_job_wait(struct he_job *j, he_time_ns deadline, bool whole,
                          struct he_candidate *list, size_t max, size_t *n,
                          bool *complete)
{
  enum he_begin result = HE_BEGIN_LATE;
  he_time_ns second = deadline;
  *n = 0;
  *complete = false;
  if(inherited(j))
    return HE_BEGIN_FAILED;
  pthread_mutex_lock(&j->lock);
  while(!j->begun && wait_until(j, deadline))
    ;
  if(!whole)
    second = he_time_add(he_clock_now(), SECOND_ANSWER);
  while(j->begun && !j->complete && wait_until(j, second))
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

void he_job_listed(struct he_job *j, const size_t counts[HE_FAMILIES],
                   bool alone)
{
  struct he_job_mail m = { .kind = HE_MAIL_LISTED };
  if(inherited(j))
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
  if(!he_job_post(j, &m, m.at))
    return;
  pthread_mutex_lock(&j->lock);
  while(!handled)
    pthread_cond_wait(&j->changed, &j->lock);
  pthread_mutex_unlock(&j->lock);
}

void he_job_stop(struct he_job *j, bool wait)
{
  struct he_job_mail m = { .kind = HE_MAIL_STOP };
  bool busy;
  if(inherited(j))
    return;
  if(wait) {
    post_and_wait(j, HE_MAIL_STOP);
    return;
  }
  m.at = he_clock_now();
  pthread_mutex_lock(&j->lock);
  busy = j->busy;
  j->done = true;   /* no request goes on with it */
  pthread_mutex_unlock(&j->lock);
  /* a job that becomes busy just now has its mail in the same round */
  he_job_post(j, &m, busy ? m.at : he_time_add(m.at, NO_HURRY));
}

void he_job_sync(struct he_job *j)
{
  post_and_wait(j, HE_MAIL_SYNC);
}

struct he_step *he_job_steps(struct he_job *j, size_t *count)
{
  struct he_step *copy;
  *count = 0;
  if(inherited(j))
    return NULL;
  pthread_mutex_lock(&j->lock);
  copy = he_trace_copy(&j->trace);
  *count = j->trace.count;
  pthread_mutex_unlock(&j->lock);
  return copy;
}
