/* SPDX-License-Identifier: MIT */
/* herds.c - a list: hosts that are slow at the moment are few. One lock for
 * all, the innermost.
 *
 * A herd that is over is thrown away by whoever looks next; one whose context
 * was forgotten is taken out, and freed by its last member. */
#include "engine/herds.h"
#include "base/forks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct he_shared_herd {
  struct he_shared_herd *next;
  struct he_herd herd;
  struct he_job *members;
  struct he_herd_key key;     /* key.host is `host` */
  bool forgotten;
  char host[];
};

unsigned he_herds_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_shared_herd *herds;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The races are the parent's. */
static void after_fork_child(void)
{
  herds = NULL;
  __atomic_store_n(&he_herds_count, 0, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

static void free_herd(struct he_shared_herd *s)
{
  he_herd_clear(&s->herd);
  free(s);
}

static void take_out_locked(struct he_shared_herd **at)
{
  struct he_shared_herd *s = *at;
  *at = s->next;
  __atomic_sub_fetch(&he_herds_count, 1, __ATOMIC_RELAXED);
  if(s->herd.members)
    s->forgotten = true;
  else
    free_herd(s);
}

static bool same(const struct he_herd_key *a, const struct he_herd_key *b)
{
  return a->realm == b->realm && a->port == b->port &&
         a->allowed[HE_IPV6] == b->allowed[HE_IPV6] &&
         a->allowed[HE_IPV4] == b->allowed[HE_IPV4] &&
         !strcasecmp(a->host, b->host);
}

static struct he_shared_herd *find_locked(const struct he_herd_key *key,
                                          he_time_ns now)
{
  struct he_shared_herd **at = &herds;
  struct he_shared_herd *found = NULL;
  while(*at) {
    if(he_herd_over(&(*at)->herd, now))
      take_out_locked(at);
    else {
      if(same(&(*at)->key, key))
        found = *at;
      at = &(*at)->next;
    }
  }
  return found;
}

static struct he_shared_herd *add_locked(const struct he_herd_key *key)
{
  const size_t len = strlen(key->host) + 1;
  struct he_shared_herd *s = calloc(1, sizeof(*s) + len);
  if(!s)
    return NULL;
  memcpy(s->host, key->host, len);
  s->key = *key;
  s->key.host = s->host;
  he_herd_init(&s->herd);
  s->next = herds;
  herds = s;
  __atomic_add_fetch(&he_herds_count, 1, __ATOMIC_RELAXED);
  return s;
}

struct he_shared_herd *he_herds_join(const struct he_herd_key *key,
                                     he_time_ns delay, he_time_ns now)
{
  struct he_shared_herd *s;
  he_fork_watch(HE_FORK_HERDS, &forks);
  pthread_mutex_lock(&lock);
  s = find_locked(key, now);
  if(!s)
    s = add_locked(key);
  if(s)
    he_herd_join(&s->herd, delay);
  pthread_mutex_unlock(&lock);
  return s;
}

void he_herds_leave(struct he_shared_herd *s, he_time_ns now)
{
  pthread_mutex_lock(&lock);
  he_herd_leave(&s->herd, now);
  if(s->forgotten && !s->herd.members)
    free_herd(s);
  pthread_mutex_unlock(&lock);
}

struct he_herd *he_herds_lock(struct he_shared_herd *s)
{
  pthread_mutex_lock(&lock);
  return &s->herd;
}

void he_herds_unlock(struct he_shared_herd *s)
{
  (void)s;
  pthread_mutex_unlock(&lock);
}

struct he_job **he_herds_members(struct he_shared_herd *s)
{
  return &s->members;
}

void he_herds_heard(const struct he_herd_key *key, const struct he_addr *a,
                    he_time_ns now)
{
  struct he_shared_herd *s;
  pthread_mutex_lock(&lock);
  s = find_locked(key, now);
  if(s)
    he_herd_heard(&s->herd, a, now);
  pthread_mutex_unlock(&lock);
}

/* -- questions -- */

static bool is_bad(const struct he_herd *h, const struct he_addr *a,
                   he_time_ns now)
{
  const enum he_fate fate = he_herd_fate(h, a, now);
  return fate == HE_FATE_SILENT || fate == HE_FATE_FAILED;
}

bool he_herds_better(const struct he_herd_key *key, const struct he_addr *a,
                     he_time_ns now, struct he_addr *better)
{
  struct he_shared_herd *s;
  bool yes = false;
  pthread_mutex_lock(&lock);
  s = find_locked(key, now);
  if(s) {
    const struct he_addr *works =
      he_herd_works(&s->herd, (enum he_family)a->family, now);
    yes = works && is_bad(&s->herd, a, now);
    if(yes)
      *better = *works;
  }
  pthread_mutex_unlock(&lock);
  return yes;
}

bool he_herds_ipv4_only(const struct he_herd_key *key, he_time_ns now)
{
  struct he_shared_herd *s;
  bool yes;
  pthread_mutex_lock(&lock);
  s = find_locked(key, now);
  yes = s && he_herd_is_dead(&s->herd, HE_IPV6, now) &&
        he_herd_works(&s->herd, HE_IPV4, now);
  pthread_mutex_unlock(&lock);
  return yes;
}

const struct he_addr *he_herds_first(const struct he_herd_key *key,
                                     const struct he_candidate *list,
                                     size_t n, he_time_ns now)
{
  const struct he_addr *found = NULL;
  struct he_shared_herd *s;
  pthread_mutex_lock(&lock);
  s = find_locked(key, now);
  if(s && n && is_bad(&s->herd, &list[0].addr, now)) {
    for(size_t i = 1; !found && i < n; i++) {
      if(he_herd_fate(&s->herd, &list[i].addr, now) == HE_FATE_WORKS)
        found = &list[i].addr;
    }
  }
  pthread_mutex_unlock(&lock);
  return found;
}

void he_herds_forget(const void *realm)
{
  struct he_shared_herd **at = &herds;
  pthread_mutex_lock(&lock);
  while(*at) {
    if(realm ? (*at)->key.realm == realm : !(*at)->herd.members)
      take_out_locked(at);
    else
      at = &(*at)->next;
  }
  pthread_mutex_unlock(&lock);
}
