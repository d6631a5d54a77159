/* SPDX-License-Identifier: MIT */
/* kept.c - a table of places; what comes to a place that is taken, replaces. */
#include "resolve/kept.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLACES 256u

struct kept {
  struct he_candidate *list;
  size_t n;
  he_time_ns at, until;
  enum he_family family;
  uint16_t port;
  char host[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *places[PLACES];
static unsigned count;        /* atomic to read: mostly there is nothing */

static struct kept **place_of(const char *host, uint16_t port,
                              enum he_family f)
{
  uint64_t h = he_hash(HE_HASH_BEGIN, &port, sizeof(port));
  h = he_hash_name(h, host, strlen(host));
  h += f;
  return &places[(h ^ h >> 32) % PLACES];
}

static void empty(struct kept **at)
{
  if(*at) {
    free((*at)->list);
    free(*at);
    *at = NULL;
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED);
  }
}

static struct he_candidate *copy_of(const struct he_candidate *list, size_t n)
{
  struct he_candidate *copy = malloc(n * sizeof(*copy));
  if(copy)
    memcpy(copy, list, n * sizeof(*copy));
  return copy;
}

static he_time_ns validity(const struct he_candidate *c)
{
  const he_time_ns told = HE_MS(1000 * c->lasts);
  return c->lasts && told < HE_KEPT_MOST ? told : HE_KEPT_MOST;
}

void he_kept_put(const char *host, uint16_t port, enum he_family f,
                 const struct he_candidate *list, size_t n, he_time_ns now)
{
  const size_t len = strlen(host) + 1;
  struct kept *k = calloc(1, sizeof(*k) + len);
  struct kept **at;
  if(!k)
    return;
  k->list = copy_of(list, n);
  if(!k->list) {
    free(k);
    return;
  }
  k->n = n;
  k->at = now;
  k->until = he_time_add(now, validity(list));
  k->family = f;
  k->port = port;
  memcpy(k->host, host, len);
  pthread_mutex_lock(&lock);
  at = place_of(host, port, f);
  empty(at);
  *at = k;
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&lock);
}

struct he_candidate *he_kept_get(const char *host, uint16_t port,
                                 enum he_family f, he_time_ns most,
                                 size_t *n, he_time_ns now)
{
  struct he_candidate *copy = NULL;
  struct kept **at, *k;
  *n = 0;
  if(!__atomic_load_n(&count, __ATOMIC_RELAXED))
    return NULL;
  pthread_mutex_lock(&lock);
  at = place_of(host, port, f);
  k = *at;
  if(k && k->until <= now)
    empty(at);
  else if(k && k->family == f && k->port == port && now - k->at < most &&
          !strcasecmp(k->host, host)) {
    copy = copy_of(k->list, k->n);
    *n = copy ? k->n : 0;
  }
  pthread_mutex_unlock(&lock);
  return copy;
}

void he_kept_forget(void)
{
  pthread_mutex_lock(&lock);
  for(unsigned i = 0; i < PLACES; i++)
    empty(&places[i]);
  pthread_mutex_unlock(&lock);
}

void he_kept_before_fork(void)
{
  pthread_mutex_lock(&lock);
}

void he_kept_after_fork(void)
{
  pthread_mutex_unlock(&lock);
}
