/* SPDX-License-Identifier: MIT */
/* prepared.c - what is prepared is in a list. One lock guards the list, parts
 * and who waits for them; resolvers are called without it, answers are given
 * with it, which makes close() exact.
 *
 * A thread for each waits until connecting may begin, and then tells. */
#include "resolve/prepared.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/forks.h"
#include "net/threads.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the resolver does not tell how long. */
#define VALID HE_MS(60000)
/* That there is no address, or that a resolver failed, may be over soon. */
#define VALID_FAILURE HE_MS(2000)

struct he_query {             /* of a resolver of he_prepared_by() */
  const struct he_resolver *under;
  struct he_query *asked;     /* of `under`; or NULL: it waits for a part */
  struct he_prepared *of;     /* with a reference; NULL: answered, or asked */
  enum he_family family;
  uint16_t port;
  he_resolver_answer answer;
  void *arg;
  struct he_query *next;      /* that waits for the same one */
};

struct part {
  struct he_query *query;     /* constant once it was asked */
  bool there;
  int error;
  struct he_candidate *list;
  size_t n;
};

struct he_prepared {
  struct he_prepared *next;
  struct he_prepared_config config;
  char *host;
  unsigned refs;              /* its owner's, its thread's, each query's */
  bool cancelled;
  bool tells;                 /* `ready` runs */
  pthread_t teller;           /* valid while it does */
  he_time_ns until;           /* the answers are valid; HE_NEVER: none is
                                 there */
  struct part part[HE_FAMILIES];
  struct he_query *waiting;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct he_prepared *prepared;

/* -- fork: a child has neither the threads nor the answers -- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
  for(struct he_prepared *p = prepared; p; p = p->next)
    p->tells = false;         /* its thread is the parent's */
  prepared = NULL;
  he_cond_init(&changed);
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

static void init(void)
{
  he_cond_init(&changed);
}

/* -- life -- */

static void unlist_locked(struct he_prepared *p)
{
  struct he_prepared **link = &prepared;
  while(*link && *link != p)
    link = &(*link)->next;
  if(*link)
    *link = p->next;
}

static void unref(struct he_prepared *p)
{
  bool last;
  pthread_mutex_lock(&lock);
  last = !--p->refs;
  if(last)
    unlist_locked(p);
  pthread_mutex_unlock(&lock);
  if(!last)
    return;
  for(int f = 0; f < HE_FAMILIES; f++) {
    p->config.resolver->close(p->part[f].query);
    free(p->part[f].list);
  }
  free(p->host);
  free(p);
}

void he_prepared_free(struct he_prepared *p)
{
  if(!p)
    return;
  pthread_mutex_lock(&lock);
  unlist_locked(p);           /* nobody new is to find it */
  pthread_mutex_unlock(&lock);
  unref(p);
}

/* -- answers -- */

/* A copy of the part, for that query's port. */
static void give_locked(const struct part *part, struct he_query *q)
{
  const size_t size = part->n * sizeof(*part->list);
  struct he_candidate *list = part->n ? malloc(size) : NULL;
  int error = part->error;
  if(list)
    memcpy(list, part->list, size);
  else if(part->n)
    error = EAI_MEMORY;
  for(size_t i = 0; list && i < part->n; i++)
    list[i].addr.port = q->port;
  q->answer(q->arg, q->family, error, list, list ? part->n : 0);
}

static void give_all_locked(struct he_prepared *p, enum he_family f)
{
  for(struct he_query *q = p->waiting; q; q = q->next) {
    if(q->family == f)
      give_locked(&p->part[f], q);
  }
}

/* A family that has none does not outlast the other one. */
static he_time_ns validity(const struct part *mine, const struct part *other)
{
  const he_time_ns told = mine->n ? HE_MS(1000 * mine->list->lasts) : 0;
  if(mine->n)
    return told && told < VALID ? told : VALID;
  return other->n && he_resolver_says_none(mine->error) ? VALID :
         VALID_FAILURE;
}

static void set_until_locked(struct he_prepared *p)
{
  const he_time_ns now = he_clock_now();
  p->until = HE_NEVER;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct part *part = &p->part[f];
    const he_time_ns until = part->there ?
      he_time_add(now, validity(part, &p->part[1 - f])) : HE_NEVER;
    p->until = until < p->until ? until : p->until;
  }
}

static void on_answer(void *arg, enum he_family f, int error,
                      struct he_candidate *list, size_t n)
{
  struct he_prepared *p = arg;
  struct part *part = &p->part[f];
  pthread_mutex_lock(&lock);
  *part = (struct part){ .query = part->query, .there = true, .error = error,
                         .list = list, .n = n };
  set_until_locked(p);
  give_all_locked(p, f);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* -- whoever prepares -- */

static bool all_there_locked(const struct he_prepared *p)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(p->config.allowed[f] && !p->part[f].there)
      return false;
  }
  return true;
}

/* Waits until connecting may begin, or nobody wants to know. */
static void wait_locked(struct he_prepared *p)
{
  he_time_ns hold = HE_NEVER;
  while(!p->cancelled && !all_there_locked(p)) {
    if(p->part[p->config.first].n)
      return;
    if(hold == HE_NEVER && p->part[he_other_family(p->config.first)].n)
      hold = he_time_add(he_clock_now(), p->config.delay);
    if(!he_cond_wait(&changed, &lock, hold) && he_clock_now() >= hold)
      return;
  }
}

/* 0, or what getaddrinfo() would say. */
static int outcome_locked(const struct he_prepared *p)
{
  int error[HE_FAMILIES], rc = 0;   /* no family: there was nothing to ask */
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(p->part[f].n)
      return 0;
    error[f] = p->part[f].error;
    if(p->config.allowed[f])
      rc = error[f];
  }
  return p->config.allowed[HE_IPV6] && p->config.allowed[HE_IPV4] ?
         he_resolver_error(error[HE_IPV6], error[HE_IPV4]) : rc;
}

static void watch(void *arg)
{
  struct he_prepared *p = arg;
  int error;
  bool tells;
  pthread_mutex_lock(&lock);
  wait_locked(p);
  error = outcome_locked(p);
  tells = !p->cancelled;
  p->tells = tells;
  p->teller = pthread_self();
  pthread_mutex_unlock(&lock);
  if(tells)
    p->config.ready(p->config.arg, error);
  pthread_mutex_lock(&lock);
  p->tells = false;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  unref(p);
}

void he_prepared_cancel(struct he_prepared *p)
{
  pthread_mutex_lock(&lock);
  p->cancelled = true;
  pthread_cond_broadcast(&changed);
  while(p->tells && !pthread_equal(p->teller, pthread_self()))
    he_cond_wait(&changed, &lock, HE_NEVER);
  pthread_mutex_unlock(&lock);
}

/* Without the lock: an answer may come at once, and takes it. */
static void ask(struct he_prepared *p)
{
  const struct he_prepared_config *c = &p->config;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const enum he_family family = (enum he_family)f;
    struct he_query *q;
    if(!c->allowed[f])
      continue;
    q = he_resolver_ask(c->resolver, p->host, c->port, family,
                        !c->allowed[he_other_family(family)], on_answer, p);
    if(q) {
      pthread_mutex_lock(&lock);
      p->part[f].query = q;
      pthread_mutex_unlock(&lock);
    }
    else
      on_answer(p, family, EAI_MEMORY, NULL, 0);
  }
}

struct he_prepared *he_prepared_new(const struct he_prepared_config *c)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  struct he_prepared *p = calloc(1, sizeof(*p));
  pthread_once(&once, init);
  he_fork_watch(HE_FORK_PREPARED, &forks);
  if(p)
    p->host = strdup(c->host);
  if(!p || !p->host) {
    free(p);
    return NULL;
  }
  p->config = *c;
  p->until = HE_NEVER;
  p->refs = 2;
  if(!he_thread_start(watch, p)) {
    free(p->host);
    free(p);
    return NULL;
  }
  pthread_mutex_lock(&lock);
  p->next = prepared;
  prepared = p;
  pthread_mutex_unlock(&lock);
  ask(p);
  return p;
}

/* -- whoever asks later -- */

/* A family that is to be used alone may have another answer. */
static struct he_prepared *find_locked(const struct he_query *q,
                                       const char *host)
{
  const he_time_ns now = he_clock_now();
  for(struct he_prepared *p = prepared; p; p = p->next) {
    if(p->config.resolver == q->under && p->config.allowed[HE_IPV6] &&
       p->config.allowed[HE_IPV4] && p->until > now &&
       !strcasecmp(p->host, host))
      return p;
  }
  return NULL;
}

/* False where nothing is prepared. */
static bool attach(struct he_query *q, const char *host)
{
  struct he_prepared *p;
  pthread_mutex_lock(&lock);
  p = find_locked(q, host);
  if(p && p->part[q->family].there)
    give_locked(&p->part[q->family], q);
  else if(p) {
    p->refs++;
    q->of = p;
    q->next = p->waiting;
    p->waiting = q;
  }
  pthread_mutex_unlock(&lock);
  return p;
}

static struct he_query *new_query(const struct he_resolver *self,
                                  uint16_t port, enum he_family family,
                                  he_resolver_answer fn, void *arg)
{
  struct he_query *q = calloc(1, sizeof(*q));
  if(q) {
    q->under = he_prepared_under(self);
    q->family = family;
    q->port = port;
    q->answer = fn;
    q->arg = arg;
  }
  return q;
}

/* What `under` is asked it answers itself. */
static struct he_query *asked(struct he_query *q, struct he_query *under)
{
  q->asked = under;
  if(under)
    return q;
  free(q);
  return NULL;
}

static struct he_query *prepared_start(const struct he_resolver *self,
                                       const char *host, uint16_t port,
                                       enum he_family family,
                                       he_resolver_answer fn, void *arg)
{
  struct he_query *q = new_query(self, port, family, fn, arg);
  if(!q || attach(q, host))
    return q;
  return asked(q, q->under->start(q->under, host, port, family, fn, arg));
}

static struct he_query *prepared_alone(const struct he_resolver *self,
                                       const char *host, uint16_t port,
                                       enum he_family family,
                                       he_resolver_answer fn, void *arg)
{
  struct he_query *q = new_query(self, port, family, fn, arg);
  return q ? asked(q, he_resolver_ask(q->under, host, port, family, true, fn,
                                      arg)) : NULL;
}

static void prepared_close(struct he_query *q)
{
  struct he_query **link;
  if(!q)
    return;
  if(q->of) {
    pthread_mutex_lock(&lock);
    link = &q->of->waiting;
    while(*link != q)
      link = &(*link)->next;
    *link = q->next;
    pthread_mutex_unlock(&lock);
    unref(q->of);
  }
  q->under->close(q->asked);
  free(q);
}

static he_time_ns prepared_took(const struct he_query *q)
{
  return q->asked && q->under->took ? q->under->took(q->asked) : 0;
}

/* -- the resolvers, one for each -- */

struct by {
  struct he_resolver resolver;   /* first */
  const struct he_resolver *under;
  struct by *next;
};

static struct by *all;        /* the lock */

const struct he_resolver *he_prepared_under(const struct he_resolver *r)
{
  return r->start == prepared_start ? ((const struct by *)r)->under : r;
}

const struct he_resolver *he_prepared_by(const struct he_resolver *under)
{
  struct by *b;
  pthread_mutex_lock(&lock);
  for(b = all; b && b->under != under; b = b->next)
    continue;
  if(!b)
    b = calloc(1, sizeof(*b));
  if(b && !b->under) {
    b->resolver = (struct he_resolver){
      .name = under->name, .start = prepared_start, .close = prepared_close,
      .took = prepared_took, .start_alone = prepared_alone
    };
    b->under = under;
    b->next = all;
    all = b;
  }
  pthread_mutex_unlock(&lock);
  return b ? &b->resolver : NULL;
}
