/* SPDX-License-Identifier: MIT */
#ifndef HE_CONTEXT_H
#define HE_CONTEXT_H
/* context.h - a CURLHE: options, its handles, and which names libcurl has
 * resolved by itself of late. */
#include "historian/keeper.h"
#include "curl/libcurl.h"
#include "historian/recall.h"
#include "net/racer.h"
#include "options/rules.h"

#include <curl_he/curl_he.h>
#include <pthread.h>

struct he_handle;

/* The address that libcurl tried first when it had resolved a name. */
struct he_first {
  uint32_t addr;         /* a hash, its lowest bit the family; 0: none */
  uint32_t lookup_us;    /* how long the resolving took; HE_LOOKUP_CERTAIN */
};
#define HE_LOOKUP_CERTAIN UINT32_MAX   /* it was the host's name, surely */
#define HE_FIRSTS 4

/* A name that libcurl asked its resolver for: evidence that a connect to one
   of its addresses is not one that the application has steered elsewhere. What
   is found in libcurl's cache later begins with the same address as when it
   was put there: else something else was put in its place. Each cache has its
   own answer, hence some firsts. */
struct he_sighting {
  uint64_t name;         /* he_sighting_name() */
  he_time_ns at;
  struct he_first firsts[HE_FIRSTS];   /* the newest first */
  bool partial;          /* libcurl was given these many addresses: */
  size_t listed[HE_FAMILIES];
};
#define HE_SIGHTINGS 256
#define HE_LOOKUPS 8

/* A hash of host (in any case) and port; never 0. */
uint64_t he_sighting_name(const char *host, uint16_t port);

struct he_tracer {
  curl_he_trace_callback fn;
  void *data;
};

/* Who has set options, the narrowest scope first. Within each the rules for a
   host come before what is for every host. */
enum he_source {
  HE_SOURCE_PROGRAM,          /* curl_he_host_setopt(), curl_he_setopt() */
  HE_SOURCE_ENVIRONMENT,      /* CURL_HE_OPTIONS */
  HE_SOURCE_FILE              /* the configuration file */
};
#define HE_SOURCES 3

/* Its handles have references: a callback that runs on another thread while
   curl_he_free() is called still finds its options. */
struct CURLHE {
  uint32_t magic;
  unsigned refs;              /* atomic */
  /* what follows is guarded by he_contexts_lock */
  struct he_racer *racer;     /* NULL once the context was freed */
  struct he_rules rules[HE_SOURCES];  /* he_context_rules_changed() */
  bool names_hosts;           /* do rules? Read without the lock: atomic */
  CURLHEcode config_code;     /* of the last curl_he_load_config() */
  char config_error[CURL_HE_ERROR_SIZE];
  struct he_tracer tracer;
  struct he_sighting seen[HE_SIGHTINGS];
  uint32_t lookups_us[HE_LOOKUPS];   /* how long the last ones took */
  unsigned lookups;                  /* counted */
  struct he_handle *handles;  /* guarded by the registry's lock (handle.c) */
  struct he_recall *recall;   /* what its connects taught; never NULL, the
                                 same as long as the context lives */
  struct he_keeper *keeper;   /* under he_contexts_lock; NULL once freed */
  char *history_file;         /* likewise; NULL: none */
};

/* One for all contexts, so that it can be held across fork(). Nothing that
   takes long is done under it. */
extern pthread_mutex_t he_contexts_lock;

/* NULL: the default context. NULL with a foreign pointer. */
CURLHE *he_context_check(CURLHE *he);

/* The default context, with a reference, where there is one. */
CURLHE *he_context_if_default(void);

/* What the context's options come to for a host, as the URL has it; NULL: for
   no host in particular. Some are unset. */
void he_context_options(CURLHE *he, const char *host, struct he_options *out);
/* Counts the changes of options, of any scope, in this process; never 0. */
uint64_t he_options_generation(void);
void he_options_changed(void);   /* after the change */
/* Under the lock, after a change of its rules; he_options_changed() follows. */
void he_context_rules_changed(CURLHE *he);
/* One of them, or its default. */
long he_context_option(CURLHE *he, const char *host, enum he_option which);
/* Does any rule name a host? */
bool he_context_has_hosts(CURLHE *he);

/* Its history, as long as there is a reference to the context. */
struct he_recall *he_context_recall(CURLHE *he);

void he_context_ref(CURLHE *he);
void he_context_unref(CURLHE *he);

/* The racer to use now, by he_racer_ref(): a new one in a child of fork().
   NULL once the context was freed. */
struct he_racer *he_context_racer(CURLHE *he);
struct he_racer *he_context_racer_locked(CURLHE *he);   /* he_contexts_lock */

/* The keeper to use now, with a reference, as with the racer; NULL once the
   context was freed. */
struct he_keeper *he_context_keeper(CURLHE *he);

/* libcurl's own DNS cache keeps a name for this long unless told otherwise;
   an answer older than that was not libcurl's own. */
#define HE_SIGHTING_LIFE HE_MS(60000)
/* `listed`: that many addresses of each family is what libcurl has in its
   cache from now on, for it was given them; NULL: all that the name has. */
void he_context_saw(CURLHE *he, uint64_t name, he_time_ns now,
                    const size_t *listed);
bool he_context_has_seen(CURLHE *he, uint64_t name, he_time_ns now,
                         struct he_sighting *out);
/* What libcurl tries first, now that it has resolved the name. */
void he_context_tries(CURLHE *he, uint64_t name, const struct he_addr *first,
                      uint32_t lookup_us);

/* How long libcurl's resolver takes, ms: the longest of the last few times, a
   guess before the first. */
long he_context_lookup_ms(CURLHE *he);

/* What was seen of this name is not what a handle connects to. */
void he_context_forget(CURLHE *he, uint64_t name);

/* Is this one that libcurl tried first? Then *lookup_us is set. */
bool he_sighting_begins(const struct he_sighting *s,
                        const struct he_addr *first, uint32_t *lookup_us);
/* Has it begun with an address of this family, as far as is known? */
bool he_sighting_family(const struct he_sighting *s, enum he_family f);

#endif
