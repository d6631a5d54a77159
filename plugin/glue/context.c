/* SPDX-License-Identifier: MIT */
/* context.c - contexts: their life, their options, what they saw resolved. */
#include "glue/context.h"
#include "glue/handle.h"

#include <stdlib.h>

#define MAGIC 0x43754845u

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static CURLHE *default_context;
pthread_mutex_t he_contexts_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

/* Handlers run in the reverse order of their registration, which is the order
   of locks: these after the racer's. */
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

static void watch_forks(void)
{
  pthread_atfork(before_fork, after_fork, after_fork);
}

CURLHE *curl_he_init(void)
{
  CURLHE *he = calloc(1, sizeof(*he));
  if(!he)
    return NULL;
  he->racer = he_racer_get();
  if(!he->racer) {
    free(he);
    return NULL;
  }
  pthread_once(&fork_once, watch_forks);
  he->magic = MAGIC;
  he->refs = 1;
  he_options_clear(&he->options);
  return he;
}

CURLHE *curl_he_default(void)
{
  CURLHE *he;
  pthread_mutex_lock(&default_lock);
  if(!default_context)
    default_context = curl_he_init();
  he = default_context;
  pthread_mutex_unlock(&default_lock);
  return he;
}

void he_context_ref(CURLHE *he)
{
  __atomic_add_fetch(&he->refs, 1, __ATOMIC_RELAXED);
}

void he_context_unref(CURLHE *he)
{
  if(!__atomic_sub_fetch(&he->refs, 1, __ATOMIC_ACQ_REL))
    free(he);
}

void curl_he_free(CURLHE *he)
{
  struct he_racer *racer;
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
  pthread_mutex_unlock(&he_contexts_lock);
  he_racer_put(racer);
  he_context_unref(he);
}

CURLHE *he_context_check(CURLHE *he)
{
  if(!he)
    return curl_he_default();
  return he->magic == MAGIC ? he : NULL;
}

struct he_racer *he_context_racer_locked(CURLHE *he)
{
  if(he->racer && !he_racer_alive(he->racer)) {
    struct he_racer *mine = he_racer_get();
    if(mine) {
      he_racer_put(he->racer);
      he->racer = mine;
    }
  }
  if(he->racer)
    he_racer_ref(he->racer);
  return he->racer;
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
