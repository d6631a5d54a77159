/* SPDX-License-Identifier: MIT */
/* lookup.c - a lookup's life: made, asked about, stopped, freed. */
#include "lookup/crowd.h"
#include "lookup/expected.h"
#include "lookup/result.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void on_expected(struct he_task *t, he_time_ns now)
{
  (void)now;
  he_lookup_drop((struct he_lookup *)t);
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
  l->born_in = he_lookup_generation();
  he_crowd_join(l);
  he_expected_add(l);
  return l;
}

const struct he_lookup_config *he_lookup_config(const struct he_lookup *l)
{
  return &l->config;
}

/* -- what is known of it -- */

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

bool he_lookup_partial(struct he_lookup *l)
{
  bool partial;
  pthread_mutex_lock(&l->lock);
  partial = l->partial;
  pthread_mutex_unlock(&l->lock);
  return partial;
}

/* -- stopping -- */

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
  he_lookup_drop(l);
}

void he_crowd_stop(const void *multi)
{
  struct he_lookup *l = he_crowd_member(multi);
  while(l) {
    he_lookup_stop(l, false);   /* it leaves the crowd */
    he_lookup_unref(l);
    l = he_crowd_member(multi);
  }
}
