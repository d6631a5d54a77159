/* SPDX-License-Identifier: MIT */
/* context.c - contexts: their life, their options, what they saw resolved. */
#include "base/clock.h"
#include "base/forks.h"
#include "curl/config.h"
#include "curl/handle.h"
#include "curl/history.h"
#include "resolve/gai.h"
#include "resolve/resolver.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0x43754845u

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static CURLHE *default_context;
pthread_mutex_t he_contexts_lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
  pthread_mutex_lock(&default_lock);
  pthread_mutex_lock(&he_contexts_lock);
}

static void after_fork(void)
{
  pthread_mutex_unlock(&he_contexts_lock);
  pthread_mutex_unlock(&default_lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork, after_fork
};

CURLHE *curl_he_init(void)
{
  CURLHE *he = calloc(1, sizeof(*he));
  struct he_history_limits limits;
  if(!he)
    return NULL;
  he_history_limits_usual(&limits);
  limits.seed = he_history_seed();
  he->recall = he_recall_new(&limits);
  he->racer = he->recall ? he_racer_get() : NULL;
  he->keeper = he->racer ? he_keeper_new(he->racer, he->recall) : NULL;
  if(!he->keeper) {
    he_racer_put(he->racer);
    he_recall_unref(he->recall);
    free(he);
    return NULL;
  }
  he_fork_watch(HE_FORK_CONTEXTS, &forks);
  /* callbacks know gai.conf and do not read it */
  he_policy_unref(he_gai_policy());
  he->magic = MAGIC;
  he->refs = 1;
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_init(&he->rules[i]);
  return he;
}

/* Reading the configuration may block, so no lock is held: where two threads
   are the first, one's context is thrown away. */
CURLHE *curl_he_default(void)
{
  CURLHE *he, *mine;
  pthread_mutex_lock(&default_lock);
  he = default_context;
  pthread_mutex_unlock(&default_lock);
  if(he)
    return he;
  mine = curl_he_init();
  if(!mine)
    return NULL;
  he_config_environment(mine);
  pthread_mutex_lock(&default_lock);
  if(!default_context) {
    default_context = mine;
    mine = NULL;
  }
  he = default_context;
  pthread_mutex_unlock(&default_lock);
  curl_he_free(mine);
  return he;
}

CURLHE *he_context_if_default(void)
{
  CURLHE *he;
  pthread_mutex_lock(&default_lock);
  he = default_context;
  if(he)
    he_context_ref(he);
  pthread_mutex_unlock(&default_lock);
  return he;
}

static uint64_t generation = 1;

uint64_t he_options_generation(void)
{
  return __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
}

void he_options_changed(void)
{
  __atomic_add_fetch(&generation, 1, __ATOMIC_ACQ_REL);
}

void he_context_options(CURLHE *he, const char *host, struct he_options *out)
{
  he_options_clear(out);
  pthread_mutex_lock(&he_contexts_lock);
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_fill(&he->rules[i], host, out);
  pthread_mutex_unlock(&he_contexts_lock);
}

long he_context_option(CURLHE *he, const char *host, enum he_option which)
{
  struct he_options o;
  he_context_options(he, host, &o);
  return he_options_get(&o, NULL, which);
}

void he_context_rules_changed(CURLHE *he)
{
  bool any = false;
  for(int i = 0; i < HE_SOURCES; i++)
    any = any || he->rules[i].n;
  __atomic_store_n(&he->names_hosts, any, __ATOMIC_RELEASE);
}

bool he_context_has_hosts(CURLHE *he)
{
  return __atomic_load_n(&he->names_hosts, __ATOMIC_ACQUIRE);
}

void he_context_ref(CURLHE *he)
{
  __atomic_add_fetch(&he->refs, 1, __ATOMIC_RELAXED);
}

void he_context_unref(CURLHE *he)
{
  if(__atomic_sub_fetch(&he->refs, 1, __ATOMIC_ACQ_REL))
    return;
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_free(&he->rules[i]);
  he_recall_unref(he->recall);
  free(he->history_file);
  free(he);
}

struct he_recall *he_context_recall(CURLHE *he)
{
  return he->recall;
}

/* How long a new record may hold up whoever frees a context. */
#define LAST_WRITE HE_MS(100)


void curl_he_free(CURLHE *he)
{
  struct he_racer *racer;
  struct he_keeper *keeper;
  if(!he || he->magic != MAGIC)
    return;
  pthread_mutex_lock(&default_lock);
  if(he == default_context)
    default_context = NULL;
  pthread_mutex_unlock(&default_lock);
  he->magic = 0;
  he_handles_forget(he);
  pthread_mutex_lock(&he_contexts_lock);
  racer = he->racer;
  he->racer = NULL;
  keeper = he->keeper;
  he->keeper = NULL;
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_end(keeper, LAST_WRITE);
  he_keeper_unref(keeper);
  if(he_racer_put(racer))
    he_resolver_shared_flush();
  he_context_unref(he);
}

CURLHE *he_context_check(CURLHE *he)
{
  if(!he)
    return curl_he_default();
  return he->magic == MAGIC ? he : NULL;
}

/* What the former one had is the parent's. */
static void keep_on_locked(CURLHE *he)
{
  struct he_keeper *k = he_keeper_new(he->racer, he->recall);
  if(!k)
    he_recall_serve(he->recall, NULL, NULL);
  he_keeper_unref(he->keeper);
  he->keeper = k;
  if(he->history_file)
    he_keeper_store(k, he->history_file);
}

struct he_racer *he_context_racer_locked(CURLHE *he)
{
  if(he->racer && !he_racer_alive(he->racer)) {
    struct he_racer *mine = he_racer_get();
    if(mine) {
      he_racer_put(he->racer);
      he->racer = mine;
      keep_on_locked(he);
    }
  }
  if(he->racer)
    he_racer_ref(he->racer);
  return he->racer;
}

struct he_keeper *he_context_keeper(CURLHE *he)
{
  struct he_keeper *k;
  pthread_mutex_lock(&he_contexts_lock);
  he_racer_unref(he_context_racer_locked(he));
  k = he->keeper;
  he_keeper_ref(k);
  pthread_mutex_unlock(&he_contexts_lock);
  return k;
}

struct he_racer *he_context_racer(CURLHE *he)
{
  struct he_racer *r;
  pthread_mutex_lock(&he_contexts_lock);
  r = he_context_racer_locked(he);
  pthread_mutex_unlock(&he_contexts_lock);
  return r;
}

/* FNV-1a over the host in lower case and the port */
uint64_t he_sighting_name(const char *host, uint16_t port)
{
  uint64_t h = 14695981039346656037u;
  for(; *host; host++) {
    unsigned char c = (unsigned char)*host;
    if(c >= 'A' && c <= 'Z')
      c |= 0x20;
    h = (h ^ c) * 1099511628211u;
  }
  h = (h ^ port) * 1099511628211u;
  return h ? h : 1;
}

void he_context_saw(CURLHE *he, uint64_t name, he_time_ns now,
                    const size_t *listed)
{
  struct he_sighting *s = &he->seen[name % HE_SIGHTINGS];
  pthread_mutex_lock(&he_contexts_lock);
  if(s->name != name || now - s->at >= HE_SIGHTING_LIFE)
    memset(s->firsts, 0, sizeof(s->firsts));
  s->name = name;
  s->at = now;
  s->partial = listed != NULL;
  for(int f = 0; listed && f < HE_FAMILIES; f++)
    s->listed[f] = listed[f];
  pthread_mutex_unlock(&he_contexts_lock);
}

bool he_context_has_seen(CURLHE *he, uint64_t name, he_time_ns now,
                         struct he_sighting *out)
{
  const struct he_sighting *s = &he->seen[name % HE_SIGHTINGS];
  bool yes;
  pthread_mutex_lock(&he_contexts_lock);
  yes = s->name == name && now - s->at < HE_SIGHTING_LIFE;
  if(yes)
    *out = *s;
  pthread_mutex_unlock(&he_contexts_lock);
  return yes;
}

/* the lowest bit is the family, and it is never 0 */
static uint32_t address_hash(const struct he_addr *a)
{
  uint64_t half[2], h;
  memcpy(half, a->ip, sizeof(half));
  h = (half[0] ^ half[1] * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
  return ((uint32_t)(h >> 32) & ~3u) | 2u | (a->family == HE_IPV6);
}

void he_context_tries(CURLHE *he, uint64_t name, const struct he_addr *first,
                      uint32_t lookup_us)
{
  struct he_sighting *s = &he->seen[name % HE_SIGHTINGS];
  uint32_t addr = address_hash(first);
  size_t i = 0;
  pthread_mutex_lock(&he_contexts_lock);
  if(s->name == name) {
    while(i < HE_FIRSTS - 1 && s->firsts[i].addr != addr)
      i++;
    memmove(&s->firsts[1], &s->firsts[0], i * sizeof(*s->firsts));
    s->firsts[0].addr = addr;
    s->firsts[0].lookup_us = lookup_us;
  }
  if(lookup_us != HE_LOOKUP_CERTAIN)
    he->lookups_us[he->lookups++ % HE_LOOKUPS] = lookup_us;
  pthread_mutex_unlock(&he_contexts_lock);
}

/* Most take less. */
#define LOOKUP_GUESS_MS 50

long he_context_lookup_ms(CURLHE *he)
{
  uint32_t longest = 0;
  unsigned n;
  pthread_mutex_lock(&he_contexts_lock);
  n = he->lookups;
  for(size_t i = 0; i < HE_LOOKUPS; i++) {
    if(he->lookups_us[i] > longest)
      longest = he->lookups_us[i];
  }
  pthread_mutex_unlock(&he_contexts_lock);
  return n ? (long)(longest / 1000) : LOOKUP_GUESS_MS;
}

void he_context_forget(CURLHE *he, uint64_t name)
{
  struct he_sighting *s = &he->seen[name % HE_SIGHTINGS];
  pthread_mutex_lock(&he_contexts_lock);
  if(s->name == name)
    s->name = 0;
  pthread_mutex_unlock(&he_contexts_lock);
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

bool he_sighting_family(const struct he_sighting *s, enum he_family f)
{
  for(size_t i = 0; i < HE_FIRSTS; i++) {
    if(s->firsts[i].addr && (s->firsts[i].addr & 1) == (f == HE_IPV6))
      return true;
  }
  return false;
}
