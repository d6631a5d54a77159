/* SPDX-License-Identifier: MIT */
/* shared.c - the system's resolver, asked once by all who want the same.
 *
 * Fifty transfers to one slow host are one question. A lookup has one query of
 * the system's resolver and any number of waiters; its answer serves who asks
 * within KEEP, too, for whoever shares libcurl's own cache comes together.
 *
 * Lock order: the system's query, then `lock`, then the threads'; so the
 * system's close() is called without `lock`. Waiters are answered with it,
 * which makes close() exact. */
#include "resolve/resolver.h"
#include "base/clock.h"
#include "resolve/threads.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP HE_MS(1000)

struct lookup;

struct he_query {             /* a waiter */
  struct he_query *next;
  struct lookup *lookup;      /* NULL once answered */
  he_time_ns took;
  he_resolver_answer answer;
  void *arg;
};

struct lookup {
  struct lookup *next;
  struct he_query *waiters;
  struct he_query *system;    /* of the system's resolver */
  struct he_candidate *list;
  size_t n;
  int error;
  bool answered;
  he_time_ns at;              /* when it was answered */
  he_time_ns took;
  enum he_family family;
  uint16_t port;
  char host[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *lookups;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The threads that would answer are the parent's. */
static void after_fork_child(void)
{
  lookups = NULL;
  pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
  he_work_watch_forks();   /* its lock is taken with this one held */
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

/* Each callee owns its list. */
static void tell(const struct lookup *l, he_resolver_answer answer, void *arg)
{
  struct he_candidate *copy = NULL;
  size_t size = l->n * sizeof(*copy);
  if(size) {
    copy = malloc(size);
    if(!copy) {
      answer(arg, l->family, EAI_MEMORY, NULL, 0);
      return;
    }
    memcpy(copy, l->list, size);
  }
  answer(arg, l->family, l->error, copy, l->n);
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct lookup *l = arg;
  (void)family;
  pthread_mutex_lock(&lock);
  l->error = error;
  l->list = list;
  l->n = n;
  l->answered = true;
  l->at = he_clock_now();
  l->took = l->system ? he_resolver_system.took(l->system) : 0;
  while(l->waiters) {
    struct he_query *q = l->waiters;
    l->waiters = q->next;
    q->lookup = NULL;
    q->took = l->took;
    tell(l, q->answer, q->arg);
  }
  pthread_mutex_unlock(&lock);
}

/* Takes out what is answered and older than KEEP; or (`all`) whatever nobody
   waits for. With the lock. */
static struct lookup *take_old_locked(bool all)
{
  struct lookup **at = &lookups, *old = NULL;
  he_time_ns now = he_clock_now();
  while(*at) {
    struct lookup *l = *at;
    if(all ? !l->waiters : l->answered && now - l->at >= KEEP) {
      *at = l->next;
      l->next = old;
      old = l;
    }
    else
      at = &l->next;
  }
  return old;
}

static void free_lookups(struct lookup *l)
{
  while(l) {
    struct lookup *next = l->next;
    he_resolver_system.close(l->system);
    free(l->list);
    free(l);
    l = next;
  }
}

static struct lookup *find_locked(const char *host, uint16_t port,
                                  enum he_family family)
{
  struct lookup *l = lookups;
  while(l && (l->port != port || l->family != family ||
              strcasecmp(l->host, host)))
    l = l->next;
  return l;
}

static struct lookup *begin_locked(const char *host, uint16_t port,
                                   enum he_family family)
{
  size_t len = strlen(host) + 1;
  struct lookup *l = calloc(1, sizeof(*l) + len);
  if(!l)
    return NULL;
  memcpy(l->host, host, len);
  l->port = port;
  l->family = family;
  /* its answer waits for the lock, and finds the lookup whole */
  l->system = he_resolver_system.start(host, port, family, on_answer, l);
  if(!l->system) {
    free(l);
    return NULL;
  }
  l->next = lookups;
  lookups = l;
  return l;
}

static struct he_query *shared_start(const char *host, uint16_t port,
                                     enum he_family family,
                                     he_resolver_answer answer, void *arg)
{
  struct he_query *q = calloc(1, sizeof(*q));
  struct lookup *l, *old;
  if(!q)
    return NULL;
  pthread_once(&fork_once, watch_forks);
  q->answer = answer;
  q->arg = arg;
  pthread_mutex_lock(&lock);
  old = take_old_locked(false);
  l = find_locked(host, port, family);
  if(!l)
    l = begin_locked(host, port, family);
  if(l && l->answered) {
    q->took = l->took;
    tell(l, answer, arg);
  }
  else if(l) {
    q->lookup = l;
    q->next = l->waiters;
    l->waiters = q;
  }
  pthread_mutex_unlock(&lock);
  free_lookups(old);
  if(!l) {
    free(q);
    q = NULL;
  }
  return q;
}

static void shared_close(struct he_query *q)
{
  if(!q)
    return;
  pthread_mutex_lock(&lock);
  if(q->lookup) {
    struct he_query **at = &q->lookup->waiters;
    while(*at != q)
      at = &(*at)->next;
    *at = q->next;
  }
  pthread_mutex_unlock(&lock);
  free(q);
}

static he_time_ns shared_took(const struct he_query *q)
{
  return q->took;
}

void he_resolver_shared_flush(void)
{
  struct lookup *old;
  pthread_mutex_lock(&lock);
  old = take_old_locked(true);
  pthread_mutex_unlock(&lock);
  free_lookups(old);
}

const struct he_resolver he_resolver_shared = {
  .name = "system",
  .start = shared_start,
  .close = shared_close,
  .took = shared_took
};
