/* SPDX-License-Identifier: MIT */
/* prefix64.c - one question a resolver, whoever wants to know. `lock` guards
 * the table; resolvers answer with locks of their own, so that none of them is
 * called with it. */
#include "resolve/prefix64.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/forks.h"
#include "net/lacking.h"
#include "net/network.h"
#include "net/pref64.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* So many resolvers are known; one more takes the place of the one that was
   not used for longest. */
#define ROOM 8
/* Of an answer that does not tell how long it is valid, or says that there is
   no prefix. */
#define BELIEVED HE_MS(60000)
/* Of a resolver that failed. */
#define PATIENCE HE_MS(10000)

struct found {
  const struct he_resolver *resolver;   /* NULL: the place is free */
  struct he_query *query;     /* the last one, answered or not */
  bool asked;                 /* it is not answered */
  bool busy;                  /* a thread starts or closes queries of it */
  unsigned network;           /* where it was asked (he_pref64_network()) */
  uint64_t used;              /* the last turn at which it was */
  he_time_ns until;           /* then it is to be asked again */
  size_t n;
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct found table[ROOM];
static struct he_prefix64_waiter *waiters;
static uint64_t turns;
static bool any;              /* atomic, written with the lock */

/* -- fork -- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* What was asked was the parent's. */
static void after_fork_child(void)
{
  waiters = NULL;
  for(int i = 0; i < ROOM; i++) {
    table[i].query = NULL;
    table[i].busy = false;
    if(table[i].asked)
      table[i].resolver = NULL;
    table[i].asked = false;
  }
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- the table -- */

static struct found *find_locked(const struct he_resolver *r)
{
  for(int i = 0; i < ROOM; i++) {
    if(table[i].resolver == r)
      return &table[i];
  }
  return NULL;
}

/* The place of a resolver that has none. One that is being asked keeps its
   own. NULL: all are. */
static struct found *make_room_locked(void)
{
  struct found *f = find_locked(NULL);
  for(int i = 0; i < ROOM && (!f || f->resolver); i++) {
    struct found *other = &table[i];
    if(!other->busy && !other->asked && (!f || other->used < f->used))
      f = other;
  }
  return f;
}

/* Of what was found in another network nothing holds. */
static bool is_here(const struct found *f)
{
  return f->network == he_pref64_network();
}

static size_t known(const struct he_resolver *r,
                    struct he_nat64_prefix out[HE_NAT64_PREFIXES])
{
  size_t n = he_pref64_known(out, he_clock_boot());
  struct found *f;
  if(n || !__atomic_load_n(&any, __ATOMIC_ACQUIRE))
    return n;
  pthread_mutex_lock(&lock);
  f = find_locked(r);
  if(f && is_here(f)) {
    f->used = ++turns;
    n = f->n;
    memcpy(out, f->list, n * sizeof(*out));
  }
  pthread_mutex_unlock(&lock);
  return n;
}

bool he_prefix64_any(void)
{
  return __atomic_load_n(&any, __ATOMIC_ACQUIRE) || he_pref64_any();
}

/* -- asking -- */

static void tell_locked(const struct he_resolver *r)
{
  struct he_prefix64_waiter **at = &waiters;
  while(*at) {
    struct he_prefix64_waiter *w = *at;
    if(w->resolver != r)
      at = &w->next;
    else {
      *at = w->next;
      w->answered(w);
    }
  }
}

static size_t discover(const struct he_candidate *list, size_t n,
                       struct he_nat64_prefix out[HE_NAT64_PREFIXES])
{
  struct he_addr addrs[32];
  const size_t most = sizeof(addrs) / sizeof(addrs[0]);
  for(size_t i = 0; i < n && i < most; i++)
    addrs[i] = list[i].addr;
  return he_nat64_discover(addrs, n < most ? n : most, out);
}

static he_time_ns lifetime(int error, const struct he_candidate *list)
{
  if(error && !he_resolver_says_none(error))
    return PATIENCE;
  return !error && list[0].lasts ? HE_MS(1000) * list[0].lasts : BELIEVED;
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct found *f = arg;
  const he_time_ns keeps = lifetime(error, list);
  (void)family;
  pthread_mutex_lock(&lock);
  if(f->asked) {
    f->asked = false;
    f->until = he_time_add(he_clock_now(), keeps);
    /* no answer says nothing of the prefixes that are known */
    if(!error || he_resolver_says_none(error) || !is_here(f))
      f->n = discover(list, n, f->list);
    if(f->n)
      __atomic_store_n(&any, true, __ATOMIC_RELEASE);
    tell_locked(f->resolver);
  }
  pthread_mutex_unlock(&lock);
  free(list);
}

/* A query to be closed. */
struct former {
  const struct he_resolver *resolver;
  struct he_query *query;
};

/* A place for a question to be asked now; NULL where there is none, or the
   answer is not old. */
static struct found *begin_locked(const struct he_resolver *r, he_time_ns now,
                                  struct former *old)
{
  struct found *f = find_locked(r);
  if(f)
    f->used = ++turns;
  else
    f = make_room_locked();
  if(!f || f->busy ||
     (f->resolver == r && is_here(f) && (f->asked || f->until > now)))
    return NULL;
  *old = (struct former){ f->resolver, f->query };
  if(f->resolver != r || !is_here(f)) {
    f->n = 0;
    f->until = 0;
  }
  f->used = ++turns;
  f->resolver = r;
  f->query = NULL;
  f->network = he_pref64_network();
  f->asked = false;
  f->busy = true;
  return f;
}

static void start(const struct he_resolver *r)
{
  struct former old;
  struct he_query *q;
  struct found *f;
  pthread_mutex_lock(&lock);
  f = begin_locked(r, he_clock_now(), &old);
  pthread_mutex_unlock(&lock);
  if(!f)
    return;
  if(old.query)               /* no answer of it comes after this */
    old.resolver->close(old.query);
  pthread_mutex_lock(&lock);
  f->asked = true;
  pthread_mutex_unlock(&lock);
  q = he_resolver_ask(r, HE_NAT64_NAME, 443, HE_IPV6, true, on_answer, f);
  pthread_mutex_lock(&lock);
  f->query = q;
  f->busy = false;
  if(!q)
    f->asked = false;
  if(!f->asked)               /* it was answered before `busy` was over: who
                                 has come since then waits for nobody */
    tell_locked(r);
  pthread_mutex_unlock(&lock);
}

enum he_prefix64 he_prefix64_ask(const struct he_resolver *r,
                                 struct he_prefix64_waiter *w)
{
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
  enum he_prefix64 what = HE_PREFIX64_NONE;
  const struct found *f;
  he_fork_watch(HE_FORK_PREFIX64, &forks);
  if(he_pref64_known(list, he_clock_boot()))
    return HE_PREFIX64_KNOWN;
  start(r);
  pthread_mutex_lock(&lock);
  f = find_locked(r);
  if(f && is_here(f) && f->n)
    what = HE_PREFIX64_KNOWN;
  else if(f && (f->asked || f->busy)) {
    what = HE_PREFIX64_ASKED;
    if(w) {
      w->resolver = r;
      w->next = waiters;
      waiters = w;
    }
  }
  pthread_mutex_unlock(&lock);
  return what;
}

/* Where a thread waits. Its lock is not the table's, since `answered` is called
   with that. */
struct sleeper {
  struct he_prefix64_waiter waiter;   /* first */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool woken;
};

static void on_woken(struct he_prefix64_waiter *w)
{
  struct sleeper *s = (struct sleeper *)w;
  pthread_mutex_lock(&s->lock);
  s->woken = true;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
}

enum he_prefix64 he_prefix64_wait(const struct he_resolver *r,
                                  he_time_ns until)
{
  struct sleeper s = { .waiter = { .answered = on_woken } };
  enum he_prefix64 what = he_prefix64_ask(r, &s.waiter);
  if(what != HE_PREFIX64_ASKED)
    return what;
  pthread_mutex_init(&s.lock, NULL);
  he_cond_init(&s.changed);
  pthread_mutex_lock(&s.lock);
  while(!s.woken && he_cond_wait(&s.changed, &s.lock, until))
    continue;
  pthread_mutex_unlock(&s.lock);
  he_prefix64_leave(&s.waiter);
  pthread_mutex_destroy(&s.lock);
  pthread_cond_destroy(&s.changed);
  return he_prefix64_ask(r, NULL);
}

void he_prefix64_leave(struct he_prefix64_waiter *w)
{
  struct he_prefix64_waiter **at = &waiters;
  pthread_mutex_lock(&lock);
  while(*at && *at != w)
    at = &(*at)->next;
  if(*at)
    *at = w->next;
  pthread_mutex_unlock(&lock);
}

void he_prefix64_flush(void)
{
  for(int i = 0; i < ROOM; i++) {
    struct he_query *q = NULL;
    const struct he_resolver *r;
    pthread_mutex_lock(&lock);
    r = table[i].busy ? NULL : table[i].resolver;
    if(r) {
      q = table[i].query;
      table[i].busy = true;
    }
    pthread_mutex_unlock(&lock);
    if(!r)
      continue;
    r->close(q);
    pthread_mutex_lock(&lock);
    table[i] = (struct found){ .resolver = NULL };
    pthread_mutex_unlock(&lock);
  }
}

/* -- for whoever connects -- */

bool he_prefix64_through(const struct he_resolver *r,
                         const struct he_addr *v4, struct he_addr *out)
{
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
  const size_t n = known(r, list);
  for(size_t i = 0; i < n; i++) {
    struct he_addr a, source;
    if(he_nat64_embed(&list[i], v4, &a) && he_network_source(&a, &source)) {
      *out = a;
      return true;
    }
  }
  return false;
}

bool he_prefix64_instead(const struct he_resolver *r,
                         const struct he_addr *v4, struct he_addr *out)
{
  struct he_addr source;
  return v4->family == HE_IPV4 && he_prefix64_any() &&
         !he_network_source(v4, &source) && he_lacking_ipv4() &&
         he_prefix64_through(r, v4, out);
}

bool he_prefix64_within(const struct he_resolver *r,
                        const struct he_addr *v6, struct he_addr *out)
{
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
  const size_t n = known(r, list);
  for(size_t i = 0; i < n; i++) {
    if(he_nat64_extract(&list[i], v6, out))
      return true;
  }
  return false;
}
