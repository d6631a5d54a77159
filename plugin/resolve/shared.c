/* SPDX-License-Identifier: MIT */
/* shared.c - the system's resolver, asked once by all who want the same.
 *
 * Fifty transfers to one slow host are one question. It has any number of
 * waiters for each family; what it found serves who asks within KEEP, too, for
 * whoever shares libcurl's own cache comes together. Where there is no
 * address for a server's fault, nobody else is served: the next one may have
 * more luck.
 *
 * A question lives as long as the table, a waiter or a thread has it. `lock`
 * guards the table and the waiters; a question's own lock is never taken with
 * it. Waiters are answered with it, which makes close() exact. */
#include "resolve/resolver.h"
#include "base/clock.h"
#include "base/forks.h"
#include "base/hash.h"
#include "resolve/kept.h"
#include "resolve/question.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP HE_MS(1000)
#define BUCKETS 256

struct lookup;

struct he_query {             /* a waiter */
  struct he_query *next;
  struct lookup *lookup;      /* a reference; NULL once answered */
  he_time_ns took;
  he_resolver_answer answer;
  void *arg;
  enum he_family family;
  bool detached;              /* freed with its answer */
};

struct lookup {
  struct he_question q;       /* first */
  struct lookup *next;        /* in its bucket */
  struct he_query *waiters[HE_FAMILIES];
  bool answered[HE_FAMILIES];
  he_time_ns at[HE_FAMILIES]; /* when it was answered */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *table[BUCKETS];

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
  memset(table, 0, sizeof(table));
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- the table -- */

/* Is what this family failed with of no use to whoever comes later? */
static bool is_failure(const struct lookup *l, enum he_family f)
{
  const enum he_family o = he_other_family(f);
  const int error = l->q.part[f].error;
  return error && !he_resolver_says_none(error) &&
         !(l->answered[o] && !l->q.part[o].error);
}

static struct lookup **bucket_of(const char *host, uint16_t port)
{
  uint64_t h = he_hash(HE_HASH_BEGIN, &port, sizeof(port));
  h = he_hash_name(h, host, strlen(host));
  return &table[(h ^ h >> 32) % BUCKETS];
}

/* May it serve who comes now? */
static bool is_fresh(const struct lookup *l, he_time_ns now)
{
  for(int f = 0; f < HE_FAMILIES; f++)
    if(l->answered[f] &&
       (now - l->at[f] >= KEEP || is_failure(l, (enum he_family)f)))
      return false;
  return true;
}

static bool has_waiters(const struct lookup *l)
{
  return l->waiters[HE_IPV6] || l->waiters[HE_IPV4];
}

/* Takes those out of a bucket that serve nobody any more; or all for which
   nobody waits. */
static struct lookup *take_old_locked(struct lookup **at, bool all)
{
  struct lookup *old = NULL;
  const he_time_ns now = he_clock_now();
  while(*at) {
    struct lookup *l = *at;
    if(all ? !has_waiters(l) : !is_fresh(l, now)) {
      *at = l->next;
      l->next = old;
      old = l;
    }
    else
      at = &l->next;
  }
  return old;
}

static void unref_list(struct lookup *l)
{
  while(l) {
    struct lookup *next = l->next;
    he_question_unref(&l->q);
    l = next;
  }
}

/* -- answers -- */

/* Each callee owns its list. */
static void tell(const struct lookup *l, const struct he_query *q)
{
  const struct he_part *p = &l->q.part[q->family];
  struct he_candidate *copy = NULL;
  const size_t size = p->n * sizeof(*copy);
  if(size) {
    copy = malloc(size);
    if(!copy) {
      q->answer(q->arg, q->family, EAI_MEMORY, NULL, 0);
      return;
    }
    memcpy(copy, p->list, size);
  }
  q->answer(q->arg, q->family, p->error, copy, p->n);
}

static void on_answered(struct he_question *question, enum he_family f)
{
  struct lookup *l = (struct lookup *)question;
  const struct he_part *p = &question->part[f];
  unsigned refs = 0;
  pthread_mutex_lock(&lock);
  l->answered[f] = true;
  l->at[f] = he_clock_now();
  while(l->waiters[f]) {
    struct he_query *q = l->waiters[f];
    l->waiters[f] = q->next;
    q->lookup = NULL;
    q->took = p->took;
    tell(l, q);
    if(q->detached)
      free(q);
    refs++;
  }
  pthread_mutex_unlock(&lock);
  while(refs--)   /* whoever called has one, too */
    he_question_unref(question);
}

/* -- queries -- */

/* Adds one to the table, whose reference it is. NULL without memory. */
static struct lookup *begin_locked(struct lookup **bucket, const char *host,
                                   uint16_t port, enum he_ask what)
{
  struct lookup *l = calloc(1, sizeof(*l));
  if(!l)
    return NULL;
  if(!he_question_init(&l->q, on_answered, host, port, what)) {
    free(l);
    return NULL;
  }
  l->next = *bucket;
  *bucket = l;
  return l;
}

/* The lookup that is to answer, with a reference for the caller. */
static struct lookup *get_locked(struct lookup **bucket, const char *host,
                                 uint16_t port, enum he_ask what)
{
  struct lookup *l = *bucket;
  while(l && (l->q.port != port || l->q.what != what ||
              strcasecmp(l->q.host, host)))
    l = l->next;
  if(!l)
    l = begin_locked(bucket, host, port, what);
  if(l)
    he_question_ref(&l->q);
  return l;
}

static void wait_for_locked(struct lookup *l, struct he_query *q)
{
  struct he_query **at = &l->waiters[q->family];
  he_question_ref(&l->q);
  q->lookup = l;
  while(*at)
    at = &(*at)->next;
  *at = q;
}

static struct he_query *begin(const char *host, uint16_t port,
                              enum he_family family, enum he_ask what,
                              he_resolver_answer answer, void *arg)
{
  struct lookup **bucket = bucket_of(host, port);
  struct lookup *l, *old;
  struct he_query *q = calloc(1, sizeof(*q));
  if(!q)
    return NULL;
  he_fork_watch(HE_FORK_QUESTIONS, &forks);
  q->answer = answer;
  q->arg = arg;
  q->family = family;
  pthread_mutex_lock(&lock);
  old = take_old_locked(bucket, false);
  l = get_locked(bucket, host, port, what);
  if(l && l->answered[family]) {
    q->took = l->q.part[family].took;
    tell(l, q);
  }
  else if(l)
    wait_for_locked(l, q);
  pthread_mutex_unlock(&lock);
  unref_list(old);
  if(!l) {
    free(q);
    return NULL;
  }
  he_question_want(&l->q, family);
  he_question_unref(&l->q);
  return q;
}

static struct he_query *shared_start(const struct he_resolver *self,
                                     const char *host, uint16_t port,
                                     enum he_family family,
                                     he_resolver_answer answer, void *arg)
{
  (void)self;
  return begin(host, port, family, HE_ASK_BOTH, answer, arg);
}

static struct he_query *shared_start_alone(const struct he_resolver *self,
                                           const char *host, uint16_t port,
                                           enum he_family family,
                                           he_resolver_answer answer,
                                           void *arg)
{
  (void)self;
  return begin(host, port, family, (enum he_ask)family, answer, arg);
}

static void shared_close(struct he_query *q)
{
  struct lookup *l;
  if(!q)
    return;
  pthread_mutex_lock(&lock);
  l = q->lookup;
  if(l) {
    struct he_query **at = &l->waiters[q->family];
    while(*at != q)
      at = &(*at)->next;
    *at = q->next;
  }
  pthread_mutex_unlock(&lock);
  if(l)
    he_question_unref(&l->q);
  free(q);
}

void he_resolver_detach(struct he_query *q)
{
  pthread_mutex_lock(&lock);
  q->detached = true;
  if(!q->lookup)
    free(q);
  pthread_mutex_unlock(&lock);
}

static he_time_ns shared_took(const struct he_query *q)
{
  return q->took;
}

void he_resolver_shared_flush(void)
{
  for(int i = 0; i < BUCKETS; i++) {
    struct lookup *old;
    pthread_mutex_lock(&lock);
    old = take_old_locked(&table[i], true);
    pthread_mutex_unlock(&lock);
    unref_list(old);
  }
  he_kept_forget();
}

const struct he_resolver he_resolver_shared = {
  .name = "system",
  .start = shared_start,
  .close = shared_close,
  .took = shared_took,
  .start_alone = shared_start_alone
};
