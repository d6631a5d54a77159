/* SPDX-License-Identifier: MIT */
/* context.c - contexts: their life, their options, their history. */
#include "curl/context.h"
#include "base/clock.h"
#include "base/forks.h"
#include "curl/doh.h"
#include "resolve/chosen.h"
#include "resolve/gai.h"
#include "resolve/prefix64.h"
#include "resolve/resolver.h"
#include "upstream/tls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MAGIC 0x43754845u

pthread_mutex_t he_contexts_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t random_seed(void)
{
  uint64_t seed = 0;
  if(getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
    seed = (uint64_t)he_clock_now();
  return seed;
}

CURLHE *he_context_new(void)
{
  CURLHE *he = calloc(1, sizeof(*he));
  struct he_history_limits limits;
  if(!he)
    return NULL;
#ifdef HE_OPENSSL
  he_upstream_tls_register();
#endif
  he_history_limits_usual(&limits);
  limits.seed = random_seed();
  he->recall = he_recall_new(&limits);
  he->tally = he_tally_new();
  he->racer = he->recall && he->tally ? he_racer_get() : NULL;
  he->keeper = he->racer ? he_keeper_new(he->racer, he->recall) : NULL;
  if(!he->keeper) {
    he_racer_put(he->racer);
    he_recall_unref(he->recall);
    he_tally_unref(he->tally);
    free(he);
    return NULL;
  }
  he_fork_hold(HE_FORK_CONTEXTS, &he_contexts_lock);
  he_doh_register();
  /* callbacks know gai.conf and do not read it */
  he_policy_unref(he_gai_policy());
  he->magic = MAGIC;
  he->refs = 1;
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_init(&he->rules[i]);
  he_sightings_init(&he->sightings);
  return he;
}

bool he_context_is(const CURLHE *he)
{
  return he->magic == MAGIC;
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

bool he_context_any(CURLHE *he, enum he_option which)
{
  bool any = false;
  pthread_mutex_lock(&he_contexts_lock);
  for(int i = 0; i < HE_SOURCES && !any; i++)
    any = he_rules_any(&he->rules[i], which);
  pthread_mutex_unlock(&he_contexts_lock);
  return any;
}

const char *he_context_file_locked(const CURLHE *he, enum he_option which)
{
  const char *said = NULL;
  for(int i = 0; !said && i < HE_SOURCES; i++)
    said = he_rules_file(&he->rules[i], which);
  return said ? said : "";
}

/* What the environment says beats the file. */
static bool says_off(const struct he_config *c)
{
  const enum he_config_program variable = c->program[HE_SOURCE_ENVIRONMENT];
  return (variable == HE_PROGRAM_UNSAID ? c->program[HE_SOURCE_FILE] :
          variable) == HE_PROGRAM_OFF;
}

void he_context_configure(CURLHE *he, struct he_config *c)
{
  pthread_mutex_lock(&he_contexts_lock);
  for(int i = 0; i < HE_SOURCES; i++) {
    struct he_rules old = he->rules[i];
    if(c->read[i]) {
      he->rules[i] = c->rules[i];
      c->rules[i] = old;
    }
  }
  he->off = says_off(c);
  he->config_code = c->code;
  memcpy(he->config_error, c->error, sizeof(c->error));
  pthread_mutex_unlock(&he_contexts_lock);
  he_options_changed();
  he_context_limit_history(he);
}

bool he_context_off(CURLHE *he)
{
  bool off;
  pthread_mutex_lock(&he_contexts_lock);
  off = he->off;
  pthread_mutex_unlock(&he_contexts_lock);
  return off;
}

bool he_context_has_hosts(CURLHE *he)
{
  bool any = false;
  pthread_mutex_lock(&he_contexts_lock);
  for(int i = 0; i < HE_SOURCES; i++)
    any = any || he->rules[i].n;
  pthread_mutex_unlock(&he_contexts_lock);
  return any;
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
  he_tally_unref(he->tally);
  he_sink_unref(he->sink);
  free(he->history_file);
  free(he->trace_file);
  free(he);
}

struct he_recall *he_context_recall(CURLHE *he)
{
  return he->recall;
}

bool he_context_has_learned(CURLHE *he)
{
  return he_recall_epoch(he->recall) != 1;
}

/* A child of fork(): what the former keeper had is the parent's. */
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

void he_context_limit_history(CURLHE *he)
{
  struct he_history_limits limits;
  struct he_options o;
  he_context_options(he, NULL, &o);
  he_history_limits_usual(&limits);
  limits.seed = random_seed();
  limits.max_hosts = (unsigned)he_options_get(&o, NULL, HE_OPT_HISTORY_SIZE);
  limits.verdict_age =
    HE_MS(1000) * he_options_get(&o, NULL, HE_OPT_HISTORY_VERDICT_S);
  limits.times_age =
    HE_MS(1000) * he_options_get(&o, NULL, HE_OPT_HISTORY_TIMES_S);
  if(!he_recall_limit(he->recall, &limits))
    return;
  pthread_mutex_lock(&he_contexts_lock);
  if(he->history_file)
    he_keeper_store(he->keeper, he->history_file);
  pthread_mutex_unlock(&he_contexts_lock);
}

/* How long a new record may hold up whoever frees a context. */
#define LAST_WRITE HE_MS(100)

void he_context_end(CURLHE *he)
{
  struct he_racer *racer;
  struct he_keeper *keeper;
  pthread_mutex_lock(&he_contexts_lock);
  racer = he->racer;
  he->racer = NULL;
  keeper = he->keeper;
  he->keeper = NULL;
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_end(keeper, LAST_WRITE);
  he_keeper_unref(keeper);
  if(he_racer_put(racer)) {
    he_doh_join();
    he_prefix64_flush();
    he_resolver_shared_flush();
    he_chosen_flush();
  }
  he_context_unref(he);
}
