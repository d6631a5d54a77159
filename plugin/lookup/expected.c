/* SPDX-License-Identifier: MIT */
/* expected.c - the lookups that libcurl is about to ask for, and those that
 * race.
 *
 * libcurl's resolver-start callback runs just before libcurl hands the question
 * to a thread of its own. The callback knows the handle, the thread knows the
 * name. Here they meet: by a name that the handle may lead to.
 *
 * Two handles may expect a call for one name at the same time. Which of the two
 * calls is whose makes no difference where both race in the same way. Where
 * they would race otherwise, neither is raced.
 *
 * It makes a difference when one handle gives up. libcurl waits then for the
 * thread that it started for this handle, and that thread may run another
 * one's race. So the races of all that were mixed up leave their calls, and go
 * on beside libcurl.
 *
 * From 8.20.0 on libcurl makes the lookups of a multi handle on a pool of
 * threads, 20 by itself. A race holds its threads for as long as it takes, and
 * other lookups wait for these. So who races looks whether others wait. A
 * lookup waits from when libcurl has announced it until its first call comes.
 * libcurl asks in the order in which it announces: one that others have
 * overtaken does not wait any more, libcurl has dropped it. */
#include "lookup/expected.h"
#include "base/clock.h"
#include "base/forks.h"
#include "base/hash.h"
#include "net/racer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A thread of the pool that is free calls within a millisecond, on a busy
   machine within a few. */
#define PATIENCE HE_MS(20)
/* Those who race to one host mostly end within milliseconds of each other. */
#define GRACE HE_MS(10)
#define SLOTS 256u

struct list {                 /* oldest first */
  struct he_link *first;
  struct he_link **end;       /* NULL: nothing was ever in it */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct list expected;
static struct list names[SLOTS];    /* of those that are expected */
static struct list racing[SLOTS];
static unsigned count;        /* atomic to read: of `expected` and `racing` */
static uint64_t serial;
unsigned he_expected_late;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The threads that would ask are the parent's. What the parent has in the lists
   is left alone. */
static void after_fork_child(void)
{
  memset(&expected, 0, sizeof(expected));
  memset(names, 0, sizeof(names));
  memset(racing, 0, sizeof(racing));
  __atomic_store_n(&count, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&he_expected_late, 0, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

bool he_expected_any(void)
{
  return __atomic_load_n(&count, __ATOMIC_ACQUIRE) != 0;
}

/* -- lists -- */

static void append(struct list *s, struct he_link *k, struct he_lookup *of)
{
  if(!s->end)
    s->end = &s->first;
  k->of = of;
  k->next = NULL;
  k->at = s->end;
  *s->end = k;
  s->end = &k->next;
}

/* False where it is in no list. */
static bool cut(struct list *s, struct he_link *k)
{
  if(!k->at)
    return false;
  *k->at = k->next;
  if(k->next)
    k->next->at = k->at;
  else
    s->end = k->at;
  k->at = NULL;
  return true;
}

/* A final dot is no part of the name. */
static size_t length(const char *host)
{
  size_t n = strlen(host);
  return n && host[n - 1] == '.' ? n - 1 : n;
}

static uint64_t hash_of(const char *host)
{
  return he_hash_name(HE_HASH_BEGIN, host, length(host));
}

static struct list *slot(struct list *lists, uint64_t hash)
{
  return &lists[hash % SLOTS];
}

/* -- who waits for a thread -- */

static const struct he_lookup *first_waiting(const void *multi)
{
  for(const struct he_link *k = expected.first; k; k = k->next) {
    if(k->of->waits && k->of->config.multi == multi)
      return k->of;
  }
  return NULL;
}

/* Those of the same multi handle that race look at the crowd once more. */
static void begin_waiting(struct he_lookup *l)
{
  l->waits = l->config.apart && l->config.multi;
  l->since = he_clock_now();
  if(!l->waits || first_waiting(l->config.multi))
    return;
  for(unsigned i = 0; i < SLOTS; i++) {
    for(struct he_link *k = racing[i].first; k; k = k->next) {
      if(k->of->config.multi == l->config.multi)
        he_lookup_wake(k->of, HE_NEVER);
    }
  }
}

static void end_waiting(struct he_lookup *l)
{
  for(struct he_link *k = l->waits ? expected.first : NULL;
      k && k->of->serial <= l->serial; k = k->next) {
    if(k->of->config.multi == l->config.multi)
      k->of->waits = false;
  }
}

he_time_ns he_expected_crowded(const struct he_lookup *l)
{
  const struct he_lookup *waiting;
  he_time_ns due = HE_NEVER;
  if(!l->config.apart || !l->config.multi)
    return due;
  pthread_mutex_lock(&lock);
  waiting = first_waiting(l->config.multi);
  if(waiting)
    due = he_time_add(waiting->since, PATIENCE);
  pthread_mutex_unlock(&lock);
  return due;
}

/* -- who is expected -- */

/* The copies are freed with the lookup. */
static bool copy_names(struct he_lookup *l, const struct he_lookup_name *from,
                       size_t n)
{
  l->names = calloc(n ? n : 1, sizeof(*l->names));
  while(l->names && l->name_count < n) {
    const struct he_lookup_name *name = &from[l->name_count];
    struct he_expected_name *copy = &l->names[l->name_count++];
    copy->host = strndup(name->host, length(name->host));
    if(!copy->host)
      return false;
    copy->hash = hash_of(name->host);
    copy->port = name->port;
  }
  return l->names;
}

bool he_expected_add(struct he_lookup *l, const struct he_lookup_name *from,
                     size_t n)
{
  if(!copy_names(l, from, n))
    return false;
  he_fork_watch(HE_FORK_LOOKUPS, &forks);
  pthread_mutex_lock(&lock);
  l->serial = ++serial;
  begin_waiting(l);
  append(&expected, &l->expected, l);
  for(size_t i = 0; i < l->name_count; i++)
    append(slot(names, l->names[i].hash), &l->names[i].link, l);
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
  return true;
}

bool he_expected_race(struct he_lookup *l, const struct he_lookup_name *to)
{
  l->host = strdup(to->host);
  if(!l->host)
    return false;
  l->port = to->port;
  l->hash = hash_of(to->host);
  he_fork_watch(HE_FORK_LOOKUPS, &forks);
  pthread_mutex_lock(&lock);
  append(slot(racing, l->hash), &l->racing, l);
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
  return true;
}

static void remove_expected(struct he_lookup *l)
{
  if(cut(&expected, &l->expected))
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
  for(size_t i = 0; i < l->name_count; i++)
    cut(slot(names, l->names[i].hash), &l->names[i].link);
}

/* -- who races -- */

static void remove_racing(struct he_lookup *l)
{
  if(cut(slot(racing, l->hash), &l->racing))
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
}

void he_expected_over(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  remove_racing(l);
  pthread_mutex_unlock(&lock);
}

static void part_mixed(uint64_t hash)
{
  for(struct he_link *k = slot(racing, hash)->first; k; k = k->next) {
    if(k->of->hash == hash && k->of->mixed)
      he_lookup_wake(k->of, he_clock_now());
  }
}

void he_expected_remove(struct he_lookup *l, bool given_up)
{
  pthread_mutex_lock(&lock);
  remove_expected(l);
  remove_racing(l);
  for(size_t i = 0; given_up && l->mixed && i < l->name_count; i++)
    part_mixed(l->names[i].hash);
  pthread_mutex_unlock(&lock);
}

void he_expected_answered(const char *host, uint16_t port,
                          const void *multi)
{
  const uint64_t hash = hash_of(host);
  const he_time_ns at = he_time_add(he_clock_now(), GRACE);
  pthread_mutex_lock(&lock);
  for(struct he_link *k = slot(racing, hash)->first; k; k = k->next) {
    struct he_lookup *l = k->of;
    if(l->hash == hash && l->port == port && !l->config.apart &&
       !l->config.plan &&
       (!multi || l->config.multi == multi))
      he_lookup_wake(l, at);
  }
  pthread_mutex_unlock(&lock);
}

void he_expected_tell(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  for(struct he_link *k = slot(racing, l->hash)->first; k; k = k->next) {
    if(k->of != l && k->of->hash == l->hash &&
       k->of->config.recall == l->config.recall)
      he_lookup_wake(k->of, HE_NEVER);
  }
  pthread_mutex_unlock(&lock);
}

struct he_lookup *he_expected_of(const void *multi)
{
  struct he_lookup *l = NULL;
  pthread_mutex_lock(&lock);
  for(unsigned i = 0; i <= SLOTS && !l; i++) {
    const struct he_link *k = i < SLOTS ? racing[i].first : expected.first;
    while(k && k->of->config.multi != multi)
      k = k->next;
    l = k ? k->of : NULL;
  }
  if(l)
    he_lookup_ref(l);
  pthread_mutex_unlock(&lock);
  return l;
}

/* -- claims -- */

struct claim {
  const char *host;
  uint64_t hash;
  uint16_t port;
  int family;                 /* what the call asks for, -1 for both */
  uint64_t netns;             /* where it comes from */
  struct he_lookup *found;    /* the oldest */
  bool doubt;                 /* another one would race otherwise */
};

/* Was there a call already that asked for this? */
static bool was_asked(const struct he_lookup *l, int family)
{
  if(family < 0 || !l->config.apart)
    return l->asked[HE_IPV6] || l->asked[HE_IPV4];
  return l->asked[family];
}

/* libcurl's thread is in the network of the one that started it. */
static bool may_claim(const struct claim *c, const struct he_lookup *l)
{
  return !was_asked(l, c->family) && l->config.netns == c->netns &&
         !pthread_equal(l->asker, pthread_self());
}

static bool is_name(const struct claim *c, const struct he_link *k)
{
  const struct he_expected_name *name = (const struct he_expected_name *)k;
  const size_t n = length(c->host);
  return name->hash == c->hash && (!name->port || name->port == c->port) &&
         !strncasecmp(name->host, c->host, n) && !name->host[n];
}

/* May either be taken for the other? */
static bool alike(const struct he_lookup_config *a,
                  const struct he_lookup_config *b)
{
  return a->app == b->app && a->recall == b->recall &&
         a->race.allowed[HE_IPV6] == b->race.allowed[HE_IPV6] &&
         a->race.allowed[HE_IPV4] == b->race.allowed[HE_IPV4];
}

static void consider(struct claim *c, struct he_lookup *l)
{
  if(!may_claim(c, l))
    return;
  if(!c->found)
    c->found = l;
  else if(!alike(&c->found->config, &l->config))
    c->doubt = true;
}

static void find(struct claim *c)
{
  for(struct he_link *k = slot(names, c->hash)->first; k; k = k->next) {
    if(is_name(c, k))
      consider(c, k->of);
  }
  if(c->found)
    return;
  for(struct he_link *k = expected.first; k; k = k->next) {
    if(k->of->config.any_name)
      consider(c, k->of);
  }
}

/* False without memory. */
static bool race_to(struct he_lookup *l, const struct claim *c)
{
  l->host = strdup(c->host);
  if(!l->host)
    return false;
  l->port = c->port;
  l->hash = c->hash;
  append(slot(racing, l->hash), &l->racing, l);
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  return true;
}

/* The call may have been made for each of those that expect one for the name.
   False without memory. */
static bool begin_racing(struct claim *c)
{
  struct he_lookup *l = c->found;
  if(!race_to(l, c))
    return false;
  for(struct he_link *k = slot(names, c->hash)->first; k; k = k->next) {
    if(k->of != l && is_name(c, k))
      k->of->mixed = l->mixed = true;
  }
  return true;
}

static void note_call(struct he_lookup *l, int family)
{
  bool all = true;
  end_waiting(l);
  for(int f = 0; f < HE_FAMILIES; f++) {
    l->asked[f] = l->asked[f] || family < 0 || family == f;
    all = all && (l->asked[f] || !l->config.race.allowed[f]);
  }
  if(all || !l->config.apart)
    remove_expected(l);
}

/* A lookup whose call another one may have got is not raced. */
static struct he_lookup *take(struct claim *c)
{
  struct he_lookup *l = c->found;
  if(!l->host && !c->doubt)
    c->doubt = !begin_racing(c);
  note_call(l, c->family);
  if(c->doubt)
    return NULL;
  he_lookup_ref(l);
  return l;
}

struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family)
{
  struct claim c = { .host = host, .hash = hash_of(host), .port = port };
  struct he_lookup *l;
  c.family = family;
  c.netns = he_netns_here();
  pthread_mutex_lock(&lock);
  find(&c);
  l = c.found ? take(&c) : NULL;
  pthread_mutex_unlock(&lock);
  return l;
}

bool he_expected_begin(struct he_lookup *l, const char *host, uint16_t port)
{
  const struct claim c = { .host = host, .hash = hash_of(host), .port = port };
  bool ok;
  pthread_mutex_lock(&lock);
  remove_expected(l);
  ok = race_to(l, &c);
  pthread_mutex_unlock(&lock);
  return ok;
}
