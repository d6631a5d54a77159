/* SPDX-License-Identifier: MIT */
/* kept.c - a table of places; what comes to a place that is taken, replaces. */
#include "resolve/kept.h"
#include "base/forks.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLACES 256u
#define HOST_MOST 256         /* a zero and a last dot included */

struct kept {
  he_time_ns at, until;
  enum he_family family;
  uint16_t port;
  char host[HOST_MOST];
  size_t n;
  struct he_candidate list[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *places[PLACES];

static struct kept **place_of(const char *host, uint16_t port,
                              enum he_family f)
{
  uint64_t h = he_hash(HE_HASH_BEGIN, &port, sizeof(port));
  h = he_hash_name(h, host, strlen(host));
  h += f;
  return &places[(h ^ h >> 32) % PLACES];
}

static he_time_ns validity(const struct he_candidate *c)
{
  const he_time_ns told = HE_MS(1000 * c->lasts);
  return c->lasts && told < HE_KEPT_MOST ? told : HE_KEPT_MOST;
}

void he_kept_put(const char *host, uint16_t port, enum he_family f,
                 const struct he_candidate *list, size_t n, he_time_ns now)
{
  const size_t len = strlen(host) + 1, size = n * sizeof(*list);
  struct kept *k = len <= HOST_MOST ? malloc(sizeof(*k) + size) : NULL;
  struct kept **at;
  if(!k)
    return;
  memcpy(k->list, list, size);
  memcpy(k->host, host, len);
  k->n = n;
  k->at = now;
  k->until = he_time_add(now, validity(list));
  k->family = f;
  k->port = port;
  he_fork_hold(HE_FORK_KEPT, &lock);
  pthread_mutex_lock(&lock);
  at = place_of(host, port, f);
  free(*at);
  *at = k;
  pthread_mutex_unlock(&lock);
}

struct he_candidate *he_kept_get(const char *host, uint16_t port,
                                 enum he_family f, he_time_ns most,
                                 size_t *n, he_time_ns now)
{
  struct he_candidate *copy = NULL;
  struct kept *k;
  *n = 0;
  /* here, since a late answer is kept with a lock of its resolver's held: that
     of a fork() is not to be waited for then */
  he_fork_hold(HE_FORK_KEPT, &lock);
  pthread_mutex_lock(&lock);
  k = *place_of(host, port, f);
  if(k && k->until > now && k->family == f && k->port == port &&
     now - k->at < most && !strcasecmp(k->host, host)) {
    copy = malloc(k->n * sizeof(*copy));
    if(copy) {
      memcpy(copy, k->list, k->n * sizeof(*copy));
      *n = k->n;
    }
  }
  pthread_mutex_unlock(&lock);
  return copy;
}

void he_kept_forget(void)
{
  pthread_mutex_lock(&lock);
  for(unsigned i = 0; i < PLACES; i++) {
    free(places[i]);
    places[i] = NULL;
  }
  pthread_mutex_unlock(&lock);
}
