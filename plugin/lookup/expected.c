/* SPDX-License-Identifier: MIT */
/* expected.c - the lookups that libcurl is about to ask for, oldest first.
 *
 * libcurl's resolver-start callback runs just before libcurl hands the question
 * to a thread of its own. The callback knows the handle, the thread knows the
 * name. Here they meet: by a name that the handle may lead to. The list is
 * short, since a lookup leaves it with its call.
 *
 * Two handles may expect a call for one name at the same time. Which of the two
 * calls is whose makes no difference where both race in the same way. Where
 * they would not, neither is raced. */
#include "lookup/own.h"
#include "base/hash.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_lookup *first;
static struct he_lookup **end = &first;
static unsigned count;        /* atomic to read */
static unsigned generation;   /* atomic */
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The threads that would ask are the parent's. */
static void after_fork_child(void)
{
  while(first) {
    struct he_lookup *l = first;
    first = l->next;
    l->link = NULL;
  }
  end = &first;
  __atomic_store_n(&count, 0, __ATOMIC_RELAXED);
  __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
  pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

unsigned he_expected_generation(void)
{
  return __atomic_load_n(&generation, __ATOMIC_RELAXED);
}

bool he_expected_any(void)
{
  return __atomic_load_n(&count, __ATOMIC_ACQUIRE) != 0;
}

/* A final dot is no part of the name. */
static size_t length(const char *host)
{
  size_t n = strlen(host);
  return n && host[n - 1] == '.' ? n - 1 : n;
}

uint64_t he_lookup_hash(const char *host)
{
  uint64_t h = HE_HASH_BEGIN;
  for(size_t n = length(host); n; n--, host++) {
    const char c = (char)tolower((unsigned char)*host);
    h = he_hash(h, &c, 1);
  }
  return h;
}

void he_expected_add(struct he_lookup *l)
{
  pthread_once(&fork_once, watch_forks);
  for(size_t i = 0; i < l->config.name_count; i++)
    l->hashes[i] = he_lookup_hash(l->config.names[i].host);
  pthread_mutex_lock(&lock);
  l->next = NULL;
  l->link = end;
  *end = l;
  end = &l->next;
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}

static void remove_locked(struct he_lookup *l)
{
  if(!l->link)
    return;
  *l->link = l->next;
  if(l->next)
    l->next->link = l->link;
  else
    end = l->link;
  l->link = NULL;
  __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
}

void he_expected_remove(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  remove_locked(l);
  pthread_mutex_unlock(&lock);
}

static bool names(const struct he_lookup *l, uint64_t hash, const char *host,
                  uint16_t port)
{
  for(size_t i = 0; i < l->config.name_count; i++) {
    const struct he_lookup_name *n = &l->config.names[i];
    if(l->hashes[i] == hash && (!n->port || n->port == port) &&
       length(n->host) == length(host) &&
       !strncasecmp(n->host, host, length(host)))
      return true;
  }
  return false;
}

/* Was there a call already that asked for this? */
static bool was_asked(const struct he_lookup *l, int family)
{
  if(family < 0)
    return l->asked[HE_IPV6] || l->asked[HE_IPV4];
  return l->asked[family] || (!l->config.apart &&
                              l->asked[he_other_family((enum he_family)
                                                       family)]);
}

/* May either be taken for the other? */
static bool alike(const struct he_lookup_config *a,
                  const struct he_lookup_config *b)
{
  return a->app == b->app && a->recall == b->recall &&
         a->race.allowed[HE_IPV6] == b->race.allowed[HE_IPV6] &&
         a->race.allowed[HE_IPV4] == b->race.allowed[HE_IPV4];
}

/* The oldest of those that the call may belong to: by name before any name.
   *doubt: there is another one that would race otherwise. */
static struct he_lookup *find_locked(const char *host, uint16_t port,
                                     int family, bool by_name, bool *doubt)
{
  const uint64_t hash = he_lookup_hash(host);
  const pthread_t self = pthread_self();
  struct he_lookup *found = NULL;
  for(struct he_lookup *l = first; l; l = l->next) {
    if(was_asked(l, family) || pthread_equal(l->asker, self) ||
       !(by_name ? names(l, hash, host, port) : l->config.any_name))
      continue;
    if(!found)
      found = l;
    else if(!alike(&found->config, &l->config))
      *doubt = true;
  }
  return found;
}

static void note_locked(struct he_lookup *l, int family)
{
  bool all = true;
  for(int f = 0; f < HE_FAMILIES; f++) {
    l->asked[f] = l->asked[f] || family < 0 || family == f;
    all = all && (l->asked[f] || !l->config.race.allowed[f]);
  }
  if(all || !l->config.apart)
    remove_locked(l);
}

struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family)
{
  struct he_lookup *l;
  bool doubt = false;
  pthread_mutex_lock(&lock);
  l = find_locked(host, port, family, true, &doubt);
  if(!l)
    l = find_locked(host, port, family, false, &doubt);
  if(l) {
    note_locked(l, family);
    if(!doubt)
      he_lookup_ref(l);
  }
  pthread_mutex_unlock(&lock);
  return doubt ? NULL : l;
}
