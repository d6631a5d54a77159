/* SPDX-License-Identifier: MIT */
/* lookup.c - a lookup's life: made, stopped, taken from, freed. */
#include "lookup/own.h"
#include "base/clock.h"
#include "base/fds.h"
#include "net/tcp.h"
#include "resolve/gai.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So long a result waits to be taken. libcurl asks within a millisecond. */
#define GUARD HE_MS(1000)
/* Two families asked, two answers, one attempt that connects. */
#define USUAL_STEPS 6

bool he_lookup_inherited(const struct he_lookup *l)
{
  return l->born_in != he_expected_generation();
}

/* -- what nobody comes for -- */

void he_lookup_close(struct he_lookup *l, const struct he_lookup_try *t)
{
  if(t->apps)
    l->config.app->ops->close(l->config.app, t->fd);
  else
    he_fd_close(t->fd);
}

int he_lookup_give(const struct he_lookup_try *t)
{
  if(!t->apps)
    he_fd_give(t->fd);
  return t->fd;
}

static void tell_unused(struct he_lookup *l, const struct he_lookup_try *t)
{
  struct he_step s = { .kind = HE_STEP_CANCELLED, .has_addr = true,
                       .has_family = true };
  s.addr = t->addr;
  s.family = (enum he_family)t->addr.family;
  he_lookup_tell(l, &s, he_clock_now());
}

/* Closes what waits to be taken. Nobody comes for it any more. */
static void drop(struct he_lookup *l)
{
  struct he_lookup_try tries[HE_LOOKUP_TRIES];
  unsigned n;
  pthread_mutex_lock(&l->lock);
  n = l->try_count;
  memcpy(tries, l->tries, n * sizeof(*tries));
  l->try_count = 0;
  if(l->state != HE_LOOKUP_RACING)
    l->state = HE_LOOKUP_OVER;
  l->drops++;
  pthread_mutex_unlock(&l->lock);
  for(unsigned i = 0; i < n; i++) {
    tell_unused(l, &tries[i]);
    he_lookup_close(l, &tries[i]);
  }
  pthread_mutex_lock(&l->lock);
  l->drops--;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

static void on_expected(struct he_task *t, he_time_ns now)
{
  (void)now;
  drop((struct he_lookup *)t);
}

static void on_destroy(struct he_task *t)
{
  struct he_lookup *l = (struct he_lookup *)t;
  for(unsigned i = 0; i < l->try_count && !he_lookup_inherited(l); i++)
    he_lookup_close(l, &l->tries[i]);
  for(int f = 0; f < HE_FAMILIES; f++) {
    free(l->answers[f].list);
    free(l->news[f].list);
    free(l->remembered[f].list);
  }
  for(size_t i = 0; i < l->config.name_count; i++)
    free((char *)l->config.names[i].host);
  if(l->config.app)
    l->config.app->ops->unref(l->config.app);
  he_recall_unref(l->config.recall);
  he_policy_unref(l->config.race.policy);
  he_trace_clear(&l->trace);
  free(l->host);
  free(l->entries);
  pthread_cond_destroy(&l->changed);
  pthread_mutex_destroy(&l->lock);
  free(l);
}

static const struct he_task_ops ops = {
  .expected = on_expected,
  .destroy = on_destroy
};

/* -- life -- */

static void init_sync(struct he_lookup *l)
{
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_mutex_init(&l->lock, NULL);
  pthread_cond_init(&l->changed, &attr);
  pthread_condattr_destroy(&attr);
}

/* False without memory; what was copied is on_destroy()'s to free. */
static bool copy_names(struct he_lookup *l, const struct he_lookup_config *c)
{
  l->config.name_count = 0;
  for(size_t i = 0; i < c->name_count; i++) {
    char *host = strdup(c->names[i].host);
    if(!host)
      return false;
    l->config.names[l->config.name_count++].host = host;
  }
  return true;
}

struct he_lookup *he_lookup_new(struct he_racer *r,
                                const struct he_lookup_config *c)
{
  struct he_lookup *l = malloc(sizeof(*l));
  if(!l)
    return NULL;
  memset(l, 0, offsetof(struct he_lookup, tries));
  he_task_init(&l->task, r, &ops);
  init_sync(l);
  l->config = *c;
  l->config.race.policy = NULL;   /* begin() */
  if(c->app)
    c->app->ops->ref(c->app);
  if(c->recall)
    he_recall_ref(c->recall);
  l->asker = pthread_self();
  l->wake = -1;
  l->leave_at = HE_NEVER;
  if(!copy_names(l, c)) {
    he_lookup_unref(l);
    return NULL;
  }
  l->born_in = he_expected_generation();
  he_crowd_join(l);
  he_expected_add(l);
  return l;
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

const struct he_lookup_config *he_lookup_config(const struct he_lookup *l)
{
  return &l->config;
}

/* -- steps -- */

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

struct he_step *he_lookup_steps(struct he_lookup *l, size_t *n)
{
  struct he_step *copy;
  *n = 0;
  if(he_lookup_inherited(l))
    return NULL;
  pthread_mutex_lock(&l->lock);
  copy = he_trace_copy(&l->trace);
  *n = l->trace.count;
  pthread_mutex_unlock(&l->lock);
  return copy;
}

const char *he_lookup_host(const struct he_lookup *l, uint16_t *port,
                           he_time_ns *began)
{
  *port = l->port;
  *began = l->began;
  return l->host;
}

size_t he_lookup_addresses(struct he_lookup *l)
{
  return he_lookup_known(l, HE_IPV6)->n + he_lookup_known(l, HE_IPV4)->n;
}

bool he_lookup_partial(struct he_lookup *l)
{
  bool partial;
  pthread_mutex_lock(&l->lock);
  partial = l->partial;
  pthread_mutex_unlock(&l->lock);
  return partial;
}

/* -- stopping -- */

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

void he_lookup_limit(struct he_lookup *l, he_time_ns deadline)
{
  if(he_lookup_inherited(l))
    return;
  pthread_mutex_lock(&l->lock);
  l->config.deadline = deadline;
  l->looks = true;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}

/* Does another thread call the watcher, or the application, for it? */
static bool is_busy_locked(const struct he_lookup *l)
{
  return (l->runs && !pthread_equal(l->runner, pthread_self())) ||
         (l->drops && !he_racer_here());
}

void he_lookup_stop(struct he_lookup *l, bool wait)
{
  bool taken;
  if(he_lookup_inherited(l))
    return;
  pthread_mutex_lock(&l->lock);
  taken = l->state == HE_LOOKUP_OVER;
  pthread_mutex_unlock(&l->lock);
  if(!taken)
    he_expected_part(l);
  he_expected_remove(l);
  he_expected_over(l);
  he_crowd_leave(l);
  pthread_mutex_lock(&l->lock);
  l->stopped = true;
  if(l->state == HE_LOOKUP_EXPECTED)
    l->state = HE_LOOKUP_OVER;
  he_lookup_wake_locked(l);
  while(wait && is_busy_locked(l))
    pthread_cond_wait(&l->changed, &l->lock);
  pthread_mutex_unlock(&l->lock);
  he_racer_withdraw(&l->task);
  drop(l);
}

/* -- taking -- */

static bool is_over_locked(const struct he_lookup *l)
{
  return l->state == HE_LOOKUP_WON || l->state == HE_LOOKUP_LOST ||
         l->state == HE_LOOKUP_LEFT || l->state == HE_LOOKUP_YIELDED;
}

/* As long as this a racing thread may need to leave. */
#define HURRY HE_MS(5)

/* libcurl asks for a socket although its lookup still runs: another transfer
   has brought the name into its cache. What runs goes on beside. */
static void hurry_locked(struct he_lookup *l)
{
  const he_time_ns until = he_time_add(he_clock_now(), HURRY);
  const struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
                               .tv_nsec = (long)(until % 1000000000) };
  int late = 0;
  l->leave_at = 0;
  l->looks = true;
  he_lookup_wake_locked(l);
  while(l->runs && !late)
    late = pthread_cond_timedwait(&l->changed, &l->lock, &ts);
}

bool he_lookup_take(struct he_lookup *l, uint16_t port,
                    struct he_lookup_result *out)
{
  bool yes;
  if(he_lookup_inherited(l))
    return false;
  pthread_mutex_lock(&l->lock);
  if(l->state == HE_LOOKUP_RACING && l->port == port && l->leave_at)
    hurry_locked(l);
  yes = is_over_locked(l) && l->port == port;
  if(yes) {
    out->state = l->state;
    out->why = l->why;
    out->count = l->try_count;
    memcpy(out->tries, l->tries, out->count * sizeof(*out->tries));
    l->try_count = 0;
    l->state = HE_LOOKUP_OVER;
  }
  pthread_mutex_unlock(&l->lock);
  if(!yes)
    return false;
  he_racer_withdraw(&l->task);
  if(out->state == HE_LOOKUP_WON && !he_wire_usable(out->tries[0].fd)) {
    tell_unused(l, &out->tries[0]);
    he_lookup_close(l, &out->tries[0]);
    out->count = 0;
    out->state = HE_LOOKUP_LOST;
    out->why = "the winner has closed its connection before libcurl took it";
  }
  return true;
}

/* -- the call -- */

/* The first call of a lookup runs it, a second one waits for the first. */
static bool begin(struct he_lookup *l, const char *host, uint16_t port)
{
  const struct he_policy *policy = he_gai_policy();   /* may read a file */
  char *copy = strdup(host);
  bool mine;
  pthread_mutex_lock(&l->lock);
  mine = l->state == HE_LOOKUP_EXPECTED && copy;
  if(mine) {
    l->host = copy;
    l->port = port;
    l->config.ask.host = copy;
    l->config.ask.port = port;
    memcpy(l->config.ask.allowed, l->config.race.allowed,
           sizeof(l->config.ask.allowed));
    l->config.race.policy = policy;
    l->began = he_clock_now();
    l->runner = pthread_self();
    l->runs = true;
    l->state = HE_LOOKUP_RACING;
    copy = NULL;
    policy = NULL;
  }
  while(!mine && l->runs)
    pthread_cond_wait(&l->changed, &l->lock);
  pthread_mutex_unlock(&l->lock);
  he_policy_unref(policy);
  free(copy);
  return mine;
}

static void end(struct he_lookup *l)
{
  bool stopped, waits;
  pthread_mutex_lock(&l->lock);
  stopped = l->stopped;
  waits = l->try_count != 0;
  pthread_mutex_unlock(&l->lock);
  he_expected_over(l);
  /* before anybody may take it; without descriptors nobody would close it */
  if(stopped ||
     (waits && !he_racer_expect(&l->task, he_time_add(he_clock_now(), GUARD))))
    drop(l);
  pthread_mutex_lock(&l->lock);
  l->runs = false;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

void he_lookup_call(struct he_lookup *l, const char *host, uint16_t port)
{
  he_crowd_called(l);
  if(begin(l, host, port)) {
    he_trace_reserve(&l->trace, USUAL_STEPS);
    he_lookup_run(l);
    end(l);
  }
}
