/* SPDX-License-Identifier: MIT */
/* dial.c - a dial is a lookup that nobody asked for: each time that it races,
 * one lookup is made, called, and taken from. */
#include "dial/dial.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dial/outcome.h"
#include "net/threads.h"
#include "options/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct he_dial {
  struct he_dial_config config;   /* with references; what it points to is the
                                     caller's, and not followed */
  uint16_t port;                  /* the first one */
  char *host;
  he_dial_done done;
  void *arg;
  he_time_ns began;

  pthread_mutex_t lock;           /* guards all below */
  pthread_cond_t changed;
  unsigned refs;                  /* the caller's, that of who races */
  bool racing;                    /* until done() has returned */
  bool telling;                   /* `runner` is in done() */
  bool again;                     /* which wants to go on */
  bool cancelled;                 /* done() is not called any more */
  unsigned calls;                 /* of he_dial_go() */
  unsigned nth;                   /* the call that the last race is of */
  unsigned aborted;               /* the call that is called off; 0: none */
  enum he_dial_end end;           /* of the last one that is over */
  pthread_t runner;               /* valid while it races */
  struct he_lookup *lookup;       /* the last one; NULL: before the first */

  /* who races sets the plan, between two races */
  struct he_lookup_plan plan;
  struct he_candidate *given[HE_FAMILIES];  /* the plan's, malloc'ed */
  struct he_dial_outcome outcome;
};

void he_dial_defaults(struct he_dial_config *c, struct he_racer *racer)
{
  struct he_options o;
  memset(c, 0, sizeof(*c));
  c->racer = racer;
  he_options_clear(&o);
  he_options_race(&o, &c->race);
  c->nat64 = true;
}

/* -- life -- */

static void take_references(struct he_dial_config *c)
{
  he_racer_ref(c->racer);
  if(c->app)
    c->app->ops->ref(c->app);
  if(c->recall)
    he_recall_ref(c->recall);
  if(c->trail)
    he_trail_ref(c->trail);
  he_tally_ref(c->tally);
}

static void destroy(struct he_dial *d)
{
  he_lookup_unref(d->lookup);
  for(int f = 0; f < HE_FAMILIES; f++)
    free(d->given[f]);
  he_dial_outcome_clear(&d->outcome);
  if(d->config.app)
    d->config.app->ops->unref(d->config.app);
  he_recall_unref(d->config.recall);
  he_trail_unref(d->config.trail);
  he_tally_unref(d->config.tally);
  he_racer_unref(d->config.racer);
  free(d->host);
  pthread_cond_destroy(&d->changed);
  pthread_mutex_destroy(&d->lock);
  free(d);
}

void he_dial_ref(struct he_dial *d)
{
  pthread_mutex_lock(&d->lock);
  d->refs++;
  pthread_mutex_unlock(&d->lock);
}

void he_dial_unref(struct he_dial *d)
{
  bool last;
  pthread_mutex_lock(&d->lock);
  last = !--d->refs;
  pthread_mutex_unlock(&d->lock);
  if(last)
    destroy(d);
}

/* A family without an address to send from is not tried where the other one
   has one. */
static void confine(struct he_dial_config *c)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!c->has_local[f] && c->has_local[he_other_family((enum he_family)f)])
      c->race.allowed[f] = false;
  }
}

/* The addresses that were told, by families. Who told them has them in order:
   so the first one's family goes first. False without memory. */
static bool give(struct he_dial *d)
{
  const struct he_dial_config *c = &d->config;
  if(!c->n)
    return true;
  if(c->race.preference == HE_PREFER_SYSTEM)
    d->config.race.preference = c->list[0].family == HE_IPV4 ?
      HE_PREFER_IPV4 : HE_PREFER_IPV6;
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_lookup_given *g = &d->plan.given[f];
    d->given[f] = calloc(c->n, sizeof(*d->given[f]));
    if(!d->given[f])
      return false;
    for(size_t i = 0; i < c->n && g->n < HE_RACE_MAX_ADDRS; i++) {
      struct he_candidate *out = &d->given[f][g->n];
      if(c->list[i].family == f) {
        out->addr = c->list[i];
        he_resolver_source(out);
        g->n++;
      }
    }
    g->list = d->given[f];
    g->there = true;
  }
  return true;
}

struct he_dial *he_dial_new(const struct he_dial_config *c,
                            he_dial_done done, void *arg)
{
  struct he_dial *d = calloc(1, sizeof(*d));
  if(!d)
    return NULL;
  pthread_mutex_init(&d->lock, NULL);
  he_cond_init(&d->changed);
  d->refs = 1;
  d->config = *c;
  take_references(&d->config);
  confine(&d->config);
  d->done = done;
  d->arg = arg;
  d->host = strdup(c->host ? c->host : "");
  d->port = c->port_count ? c->ports[0] : c->list[0].port;
  memcpy(d->plan.ports, c->ports, sizeof(c->ports));
  d->plan.port_count = c->port_count;
  memcpy(d->plan.has_local, c->has_local, sizeof(c->has_local));
  memcpy(d->plan.local, c->local, sizeof(c->local));
  d->began = he_clock_now();
  if(!d->host || !give(d)) {
    he_dial_unref(d);
    return NULL;
  }
  d->config.list = NULL;
  d->config.host = NULL;
  return d;
}

/* -- one race -- */

static void fill(const struct he_dial *d, struct he_lookup_config *out)
{
  const struct he_dial_config *c = &d->config;
  *out = (struct he_lookup_config){
    .plan = &d->plan, .race = c->race, .resolver = c->resolver,
    .blocking = c->blocking, .nat64 = c->nat64, .name_count = 1,
    .deadline = HE_NEVER, .keeps = HE_MS(60000), .app = c->app,
    .watcher = c->watcher, .watch_fn = c->watch_fn,
    .watch_data = c->watch_data, .trail = c->trail, .tally = c->tally,
    .why = c->why, .network = c->network,
    .owner = c->owner, .recall = c->recall, .ask = c->ask,
    .keeps_delay = c->keeps_delay, .calm = c->calm, .sample = c->sample
  };
  out->names[0].host = d->host;
  out->names[0].port = d->port;
}

static void tell_end(struct he_lookup *l, const struct he_try *winner,
                     int error)
{
  struct he_step s = { .kind = HE_STEP_LOST };
  if(winner)
    s = he_try_step(winner, HE_STEP_WON, 0);
  s.error = error > 0 ? error : 0;
  he_lookup_tell(l, &s, NULL, he_clock_now());
}

/* Is anybody to be told? Then whoever cancels waits until it is said. */
static bool begin_telling(struct he_dial *d)
{
  pthread_mutex_lock(&d->lock);
  d->telling = !d->cancelled;
  pthread_mutex_unlock(&d->lock);
  return d->telling;
}

/* True where it goes on. */
static bool end_telling(struct he_dial *d)
{
  bool again;
  pthread_mutex_lock(&d->lock);
  again = d->again && !d->cancelled;
  d->again = d->telling = false;
  d->racing = again;
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->lock);
  return again;
}

/* Has it taken all the time that it may? */
static bool is_late(const struct he_dial *d, int lost)
{
  uint16_t port;
  he_time_ns began;
  he_lookup_host(d->lookup, &port, &began);
  return lost == ETIMEDOUT &&
         he_clock_now() >= he_time_add(began, d->config.race.total_timeout);
}

static enum he_dial_end end_of(const struct he_dial *d, bool won, int lost)
{
  if(won)
    return HE_DIAL_WON;
  if(lost == ECANCELED || lost == ENOMEM)
    return lost == ENOMEM ? HE_DIAL_NO_MEMORY : HE_DIAL_ABORTED;
  if(is_late(d, lost))
    return HE_DIAL_LATE;
  return d->outcome.unresolved ? HE_DIAL_UNRESOLVED : HE_DIAL_FAILED;
}

/* As done() is told. */
static int error_of(const struct he_dial *d)
{
  bool several;
  const int all = he_dial_outcome_errno(&d->outcome, false, &several);
  switch(d->end) {
  case HE_DIAL_WON:
    break;
  case HE_DIAL_FAILED:        /* nothing but winners: they were of no use */
    return several ? EHOSTUNREACH : all ? all : ECONNABORTED;
  case HE_DIAL_UNRESOLVED:
    return HE_RACE_NO_ADDRESS;
  case HE_DIAL_LATE:
    return ETIMEDOUT;
  case HE_DIAL_ABORTED:
    return ECANCELED;
  case HE_DIAL_NO_MEMORY:
    return ENOMEM;
  }
  return 0;
}

/* What is tried at last may have failed by the application's word, which is no
   call to give up. */
static int sum_up(struct he_dial *d, bool won, int lost)
{
  int error;
  pthread_mutex_lock(&d->lock);
  he_dial_outcome_add(&d->outcome, d->lookup, d->began);
  if(lost == ECANCELED && d->aborted != d->nth && !d->cancelled)
    lost = EHOSTUNREACH;
  d->end = end_of(d, won, lost);
  error = error_of(d);
  pthread_mutex_unlock(&d->lock);
  return error;
}

/* The lookup is over. True where it goes on. */
static bool settle(struct he_dial *d, const struct he_try *winner, int lost)
{
  const bool wanted = begin_telling(d);
  int error;
  if(wanted)
    tell_end(d->lookup, winner, lost);
  error = sum_up(d, winner, lost);
  if(wanted && winner)
    d->done(d->arg, he_lookup_give(winner), &winner->addr, 0);
  else if(wanted)
    d->done(d->arg, -1, NULL, error);
  else if(winner)
    he_lookup_close(d->lookup, winner);
  return end_telling(d);
}

/* A lookup for the race that is about to begin. False without memory. */
static bool prepare(struct he_dial *d)
{
  struct he_lookup_config c;
  struct he_lookup *l, *last;
  fill(d, &c);
  l = he_lookup_new(d->config.racer, &c);
  if(!l)
    return false;
  pthread_mutex_lock(&d->lock);
  last = d->lookup;
  d->lookup = l;
  if(d->cancelled || d->aborted == d->nth)
    he_lookup_stop(l, false);
  pthread_mutex_unlock(&d->lock);
  he_lookup_unref(last);
  return true;
}

static bool race(struct he_dial *d)
{
  struct he_lookup_result r = { .error = ECANCELED };
  bool taken;
  pthread_mutex_lock(&d->lock);
  d->runner = pthread_self();
  pthread_mutex_unlock(&d->lock);
  he_lookup_call(d->lookup);
  taken = he_lookup_take(d->lookup, d->port, &r);
  return settle(d, taken && r.state == HE_LOOKUP_WON ? &r.tries[0] : NULL,
                r.error);
}

/* Without memory for another one the last one ends once more. */
static bool tell_no_memory(struct he_dial *d)
{
  const bool wanted = begin_telling(d);
  pthread_mutex_lock(&d->lock);
  d->end = HE_DIAL_NO_MEMORY;
  pthread_mutex_unlock(&d->lock);
  if(wanted)
    d->done(d->arg, -1, NULL, ENOMEM);
  return end_telling(d);
}

static void run(void *arg)
{
  struct he_dial *d = arg;
  bool again = race(d);
  while(again)
    again = prepare(d) ? race(d) : tell_no_memory(d);
  he_dial_unref(d);
}

/* -- going on -- */

/* What was answered need not be asked again. False without memory. */
static bool keep_answers(struct he_dial *d)
{
  for(int f = 0; d->lookup && f < HE_FAMILIES; f++) {
    struct he_lookup_given *g = &d->plan.given[f];
    const struct he_candidate *list;
    int error;
    size_t n;
    if(g->there ||
       !he_lookup_answer(d->lookup, (enum he_family)f, &list, &n, &error) ||
       (error && !he_resolver_says_none(error)))
      continue;
    d->given[f] = calloc(n ? n : 1, sizeof(*list));
    if(!d->given[f])
      return false;
    if(n)
      memcpy(d->given[f], list, n * sizeof(*list));
    *g = (struct he_lookup_given){ .there = true, .list = d->given[f], .n = n };
  }
  d->plan.done = d->outcome.done;
  d->plan.done_count = d->outcome.done_count;
  return true;
}

/* True where the caller is the one who begins a race. */
static bool may_go(struct he_dial *d, bool here, bool *later)
{
  unsigned call;
  bool may;
  pthread_mutex_lock(&d->lock);
  call = ++d->calls;
  while(d->telling && !pthread_equal(d->runner, pthread_self()))
    he_cond_wait(&d->changed, &d->lock, HE_NEVER);
  may = !d->cancelled && !(d->telling ? here || d->again : d->racing) &&
        keep_answers(d);
  *later = may && d->telling;
  d->again = *later;
  if(may)
    d->nth = call;
  if(may && !*later) {
    d->racing = true;
    d->refs++;
  }
  pthread_mutex_unlock(&d->lock);
  return may;
}

static void take_back(struct he_dial *d)
{
  pthread_mutex_lock(&d->lock);
  d->racing = false;
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->lock);
  he_dial_unref(d);
}

bool he_dial_go(struct he_dial *d, bool here)
{
  bool later, begun;
  if(!may_go(d, here, &later))
    return false;
  if(later)
    return true;
  begun = prepare(d);
  if(begun && here)
    run(d);
  else if(begun) {
    begun = he_thread_start(run, d);
    if(!begun)
      he_lookup_stop(d->lookup, false);
  }
  if(!begun)
    take_back(d);
  return begun;
}

struct he_dial *he_dial_start(const struct he_dial_config *c,
                              he_dial_done done, void *arg)
{
  struct he_dial *d = he_dial_new(c, done, arg);
  if(d && !he_dial_go(d, false)) {
    he_dial_cancel(d);
    d = NULL;
  }
  return d;
}

/* -- calling off -- */

/* Was it made by the parent of this process? Then its locks may be held for
   ever. */
static bool inherited(const struct he_dial *d)
{
  return !he_racer_alive(d->config.racer);
}

/* The lookup that runs, with a reference; NULL: none. */
static struct he_lookup *running_locked(struct he_dial *d)
{
  struct he_lookup *l = d->racing ? d->lookup : NULL;
  if(l)
    he_lookup_ref(l);
  return l;
}

void he_dial_abort(struct he_dial *d, unsigned nth)
{
  struct he_lookup *l = NULL;
  if(inherited(d))
    return;
  pthread_mutex_lock(&d->lock);
  if(nth > d->aborted)
    d->aborted = nth;
  if(nth == d->nth)
    l = running_locked(d);
  pthread_mutex_unlock(&d->lock);
  if(l)
    he_lookup_stop(l, false);
  he_lookup_unref(l);
}

/* Is there nobody else who may yet call done(), or close by the application's
   word what it had taken from the lookup just before? */
static bool is_quiet_locked(const struct he_dial *d)
{
  return pthread_equal(d->runner, pthread_self()) ||
         !(d->telling || (d->config.app && d->racing));
}

void he_dial_cancel(struct he_dial *d)
{
  struct he_lookup *l;
  if(!d || inherited(d))
    return;
  pthread_mutex_lock(&d->lock);
  d->cancelled = true;
  l = running_locked(d);
  pthread_mutex_unlock(&d->lock);
  if(l)
    he_lookup_stop(l, d->config.app || d->config.watcher);
  he_lookup_unref(l);
  pthread_mutex_lock(&d->lock);
  while(!is_quiet_locked(d))
    he_cond_wait(&d->changed, &d->lock, HE_NEVER);
  pthread_mutex_unlock(&d->lock);
  he_dial_unref(d);
}

/* -- what came of it -- */

enum he_dial_end he_dial_end(struct he_dial *d)
{
  enum he_dial_end end;
  pthread_mutex_lock(&d->lock);
  end = d->end;
  pthread_mutex_unlock(&d->lock);
  return end;
}

int he_dial_errno(struct he_dial *d)
{
  bool several;
  int error;
  pthread_mutex_lock(&d->lock);
  error = he_dial_outcome_errno(&d->outcome, d->end == HE_DIAL_LATE,
                                &several);
  pthread_mutex_unlock(&d->lock);
  return error;
}

int he_dial_unresolved(struct he_dial *d)
{
  int error;
  pthread_mutex_lock(&d->lock);
  error = d->outcome.unresolved;
  pthread_mutex_unlock(&d->lock);
  return error;
}

struct he_step *he_dial_steps(struct he_dial *d, size_t *count)
{
  struct he_step *all;
  *count = 0;
  if(inherited(d))
    return NULL;
  pthread_mutex_lock(&d->lock);
  all = he_dial_outcome_steps(&d->outcome, d->racing ? d->lookup : NULL,
                              d->began, count);
  pthread_mutex_unlock(&d->lock);
  return all;
}

he_time_ns he_dial_began(const struct he_dial *d)
{
  return d->began;
}
