/* SPDX-License-Identifier: MIT */
/* sightings.c - a table by the hash of the name; a later name takes the place
 * of an earlier one. One lock for all. */
#include "curl/sightings.h"
#include "base/forks.h"
#include "base/hash.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void he_sightings_init(struct he_sightings *all)
{
  memset(all, 0, sizeof(*all));
  he_fork_hold(HE_FORK_SIGHTINGS, &lock);
}

uint64_t he_sighting_name(const char *host, uint16_t port)
{
  uint64_t h = he_hash_name(HE_HASH_BEGIN, host, strlen(host));
  h = he_hash(h, &port, sizeof(port));
  return h ? h : 1;
}

void he_sightings_add(struct he_sightings *all, uint64_t name, he_time_ns now,
                      const size_t *listed)
{
  struct he_sighting *s = &all->seen[name % HE_SIGHTINGS];
  pthread_mutex_lock(&lock);
  if(s->name != name || now - s->at >= HE_SIGHTING_LIFE)
    memset(s->firsts, 0, sizeof(s->firsts));
  s->name = name;
  s->at = now;
  s->partial = listed != NULL;
  for(int f = 0; listed && f < HE_FAMILIES; f++)
    s->listed[f] = listed[f];
  pthread_mutex_unlock(&lock);
}

bool he_sightings_find(struct he_sightings *all, uint64_t name, he_time_ns now,
                       struct he_sighting *out)
{
  const struct he_sighting *s = &all->seen[name % HE_SIGHTINGS];
  bool yes;
  pthread_mutex_lock(&lock);
  yes = s->name == name && now - s->at < HE_SIGHTING_LIFE;
  if(yes)
    *out = *s;
  pthread_mutex_unlock(&lock);
  return yes;
}

/* never 0 */
static uint32_t address_hash(const struct he_addr *a)
{
  return (uint32_t)he_hash_mix(he_hash(HE_HASH_BEGIN, a->ip,
                                       sizeof(a->ip))) | 1u;
}

void he_sightings_tries(struct he_sightings *all, uint64_t name,
                        const struct he_addr *first, uint32_t lookup_us)
{
  struct he_sighting *s = &all->seen[name % HE_SIGHTINGS];
  uint32_t addr = address_hash(first);
  size_t i = 0;
  pthread_mutex_lock(&lock);
  if(s->name == name) {
    while(i < HE_FIRSTS - 1 && s->firsts[i].addr != addr)
      i++;
    memmove(&s->firsts[1], &s->firsts[0], i * sizeof(*s->firsts));
    s->firsts[0].addr = addr;
    s->firsts[0].lookup_us = lookup_us;
  }
  pthread_mutex_unlock(&lock);
}

void he_sightings_forget(struct he_sightings *all, uint64_t name)
{
  struct he_sighting *s = &all->seen[name % HE_SIGHTINGS];
  pthread_mutex_lock(&lock);
  if(s->name == name)
    s->name = 0;
  pthread_mutex_unlock(&lock);
}

bool he_sighting_begins(const struct he_sighting *s,
                        const struct he_addr *first, uint32_t *lookup_us)
{
  uint32_t addr = address_hash(first);
  for(size_t i = 0; i < HE_FIRSTS; i++) {
    if(s->firsts[i].addr == addr) {
      *lookup_us = s->firsts[i].lookup_us;
      return true;
    }
  }
  return false;
}
