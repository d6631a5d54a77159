/* SPDX-License-Identifier: MIT */
/* lookup.c - a lookup's life: made, asked about, taken from, stopped, freed. */
#include "base/clock.h"
#include "lookup/expected.h"
#include "net/tcp.h"

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
  for(size_t i = 0; i < l->name_count; i++)
    free(l->names[i].host);
  if(l->config.app)
    l->config.app->ops->unref(l->config.app);
  he_recall_unref(l->config.recall);
  he_trail_unref(l->config.trail);
  he_tally_unref(l->config.tally);
  he_policy_unref(l->config.race.policy);
  he_trace_clear(&l->trace);
  free(l->host);
  free((char *)l->config.https.host);
  free(l->served);
  free(l->names);
  pthread_cond_destroy(&l->changed);
  pthread_mutex_destroy(&l->lock);
  free(l);
}

static const struct he_task_ops ops = {
  .expected = on_expected,
  .destroy = on_destroy
};

/* -- life -- */

struct he_lookup *he_lookup_new(struct he_racer *r,
                                const struct he_lookup_config *c)
{
  struct he_lookup *l = malloc(sizeof(*l));
  if(!l)
    return NULL;
  memset(l, 0, offsetof(struct he_lookup, tries));
  he_task_init(&l->task, r, &ops);
  pthread_mutex_init(&l->lock, NULL);
  he_cond_init(&l->changed);
  l->config = *c;
  if(!l->config.resolver)
    l->config.resolver = &he_resolver_shared;
  l->config.name_count = 0;       /* the caller's */
  l->config.race.policy = NULL;   /* set by the call */
  l->config.https.host = c->https.resolver ? strdup(c->https.host) : NULL;
  if(!l->config.https.host)
    l->config.https.resolver = 0;
  if(c->app)
    c->app->ops->ref(c->app);
  if(c->recall)
    he_recall_ref(c->recall);
  if(c->trail)
    he_trail_ref(c->trail);
  he_tally_ref(c->tally);
  l->asker = pthread_self();
  l->wake = -1;
  l->leave_at = HE_NEVER;
  if(!(c->plan ? he_expected_race(l, c->names) :
       he_expected_add(l, c->names, c->name_count))) {
    he_lookup_unref(l);
    return NULL;
  }
  return l;
}

/* -- what is known of it -- */

const struct he_lookup_config *he_lookup_config(const struct he_lookup *l)
{
  return &l->config;
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

bool he_lookup_led(const struct he_lookup *l)
{
  return l->led;
}

const uint8_t *he_lookup_ech(const struct he_lookup *l,
                             const struct he_addr *a, size_t *len)
{
  const struct he_served *s = l->served;
  *len = 0;
  for(size_t i = 0; s && i < s->n; i++) {
    const struct he_candidate *c = &s->list[i];
    if(he_addr_equal(&c->addr, a)) {
      *len = s->ech_len[c->group];
      return *len ? s->ech[c->group] : NULL;
    }
  }
  return NULL;
}

bool he_lookup_relies(const struct he_lookup *l)
{
  return l->reliant;
}

bool he_lookup_partial(const struct he_lookup *l)
{
  return l->partial;
}

bool he_lookup_answer(const struct he_lookup *l, enum he_family f,
                      const struct he_candidate **list, size_t *n, int *error)
{
  const struct he_lookup_answer *a = &l->answers[f];
  *list = a->list;
  *n = a->n;
  *error = a->error;
  return a->there;
}

/* -- its result -- */

static void close_unused(struct he_lookup *l, const struct he_try *t)
{
  struct he_step s = he_try_step(t, HE_STEP_CANCELLED, 0);
  he_lookup_tell(l, &s, NULL, he_clock_now());
  he_lookup_close(l, t);
}

/* What came of it, and that it is over, unless it still races. */
static void take_locked(struct he_lookup *l, struct he_lookup_result *out)
{
  out->state = l->state;
  out->why = l->why;
  out->error = l->lost;
  out->count = l->try_count;
  memcpy(out->tries, l->tries, out->count * sizeof(*out->tries));
  l->try_count = 0;
  if(l->state != HE_LOOKUP_RACING)
    l->state = HE_LOOKUP_OVER;
}

void he_lookup_drop(struct he_lookup *l)
{
  struct he_lookup_result r;
  pthread_mutex_lock(&l->lock);
  take_locked(l, &r);
  l->drops++;
  pthread_mutex_unlock(&l->lock);
  for(size_t i = 0; i < r.count; i++)
    close_unused(l, &r.tries[i]);
  pthread_mutex_lock(&l->lock);
  l->drops--;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

/* As long as this a racing thread may need to leave. */
#define HURRY HE_MS(5)

/* libcurl asks for a socket although its lookup still runs: another transfer
   has brought the name into its cache. What runs goes on beside. */
static void hurry_locked(struct he_lookup *l)
{
  const he_time_ns until = he_time_add(he_clock_now(), HURRY);
  l->leave_at = 0;
  he_lookup_wake_locked(l);
  while(l->runs && he_cond_wait(&l->changed, &l->lock, until))
    continue;
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
  yes = l->state != HE_LOOKUP_EXPECTED && l->state != HE_LOOKUP_RACING &&
        l->state != HE_LOOKUP_OVER && l->port == port;
  if(yes)
    take_locked(l, out);
  pthread_mutex_unlock(&l->lock);
  if(!yes)
    return false;
  he_racer_withdraw(&l->task);
  if(out->state == HE_LOOKUP_WON && !l->config.plan &&
     !he_wire_usable(out->tries[0].fd)) {
    close_unused(l, &out->tries[0]);
    out->count = 0;
    out->state = HE_LOOKUP_LOST;
    out->why = "the winner has closed its connection before libcurl took it";
  }
  return true;
}

/* -- stopping -- */

void he_lookup_limit(struct he_lookup *l, he_time_ns deadline)
{
  if(he_lookup_inherited(l))
    return;
  pthread_mutex_lock(&l->lock);
  l->config.deadline = deadline;
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
  he_expected_remove(l, !taken);
  pthread_mutex_lock(&l->lock);
  l->stopped = true;
  if(l->state == HE_LOOKUP_EXPECTED)
    l->state = HE_LOOKUP_OVER;
  he_lookup_wake_locked(l);
  while(wait && is_busy_locked(l))
    he_cond_wait(&l->changed, &l->lock, HE_NEVER);
  pthread_mutex_unlock(&l->lock);
  he_racer_withdraw(&l->task);
  he_lookup_drop(l);
}

void he_crowd_stop(const void *multi)
{
  struct he_lookup *l = he_expected_of(multi);
  while(l) {
    he_lookup_stop(l, false);
    he_lookup_unref(l);
    l = he_expected_of(multi);
  }
}
