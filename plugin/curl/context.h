/* SPDX-License-Identifier: MIT */
#ifndef HE_CONTEXT_H
#define HE_CONTEXT_H
/* context.h - a CURLHE: options, its handles, its history, and which names
 * libcurl has resolved by itself of late. */
#include "connect/tally.h"
#include "curl/config.h"
#include "curl/sightings.h"
#include "historian/keeper.h"
#include "historian/recall.h"
#include "net/racer.h"
#include "options/rules.h"
#include "trace/sink.h"

#include <curl_he/curl_he.h>
#include <pthread.h>

struct he_handle;

struct he_tracer {
  curl_he_trace_callback fn;
  void *data;
};

/* Its handles have references: a callback that runs on another thread while
   curl_he_free() is called still finds its options. */
struct CURLHE {
  uint32_t magic;
  unsigned refs;              /* atomic */
  /* what follows is guarded by he_contexts_lock */
  struct he_racer *racer;     /* NULL once the context was freed */
  struct he_rules rules[HE_SOURCES];  /* he_options_changed() */
  bool off;                   /* for this program, says the configuration */
  CURLHEcode config_code;     /* of the last curl_he_load_config() */
  char config_error[CURL_HE_ERROR_SIZE];
  struct he_tracer tracer;
  struct he_handle *handles;  /* guarded by the registry's lock (handle.c) */
  struct he_recall *recall;   /* what its connects taught; never NULL, the
                                 same as long as the context lives */
  struct he_tally *tally;     /* likewise */
  struct he_keeper *keeper;   /* under he_contexts_lock; NULL once freed */
  /* what is used now of what the rules say; likewise. NULL: none */
  char *history_file;
  char *trace_file;
  struct he_sink *sink;       /* to that (tracing.h); atomic, too */
  struct he_sightings sightings;      /* with a lock of their own */
};

/* One lock for all contexts, so that fork() can hold it. Nobody who holds it
   does what takes long. */
extern pthread_mutex_t he_contexts_lock;

/* A new one, with a reference, the caller's; NULL without memory. It has the
   default options, and no file for its history. */
CURLHE *he_context_new(void);
/* Its last handle is gone: ends what runs for it, and takes the caller's
   reference. Waits a little for its history's file to be written. */
void he_context_end(CURLHE *he);
/* No: a foreign pointer, or one whose end has begun. */
bool he_context_is(const CURLHE *he);

void he_context_ref(CURLHE *he);
void he_context_unref(CURLHE *he);

/* What the context's options come to for a host, as the URL has it; NULL: for
   no host in particular. Some are unset. */
void he_context_options(CURLHE *he, const char *host, struct he_options *out);
/* Does any source say something of this option, for any host, other than 0? */
bool he_context_any(CURLHE *he, enum he_option which);
/* The file that the narrowest source names; "": none. he_contexts_lock is
   held. */
const char *he_context_file_locked(const CURLHE *he, enum he_option which);
/* Counts the changes of options, of any scope, in this process; never 0. */
uint64_t he_options_generation(void);
void he_options_changed(void);   /* after the change */
/* Exchanges its rules for those that were read. Files are not used yet: see
   he_files_begin(). */
void he_context_configure(CURLHE *he, struct he_config *c);
/* Does the configuration that was read last say "program NAME off" of this
   program, and nothing that beats it? */
bool he_context_off(CURLHE *he);
/* Does any rule name a host? */
bool he_context_has_hosts(CURLHE *he);
/* CURLHEOPT_HISTORY_SIZE, _VERDICT_S and _TIMES_S are others now. Heeded by a
   history that has nothing in it yet. */
void he_context_limit_history(CURLHE *he);

/* Its history, as long as there is a reference to the context. */
struct he_recall *he_context_recall(CURLHE *he);
/* Has anything been learned? */
bool he_context_has_learned(CURLHE *he);

/* The racer to use now, by he_racer_ref(): a new one in a child of fork().
   NULL once the context was freed. */
struct he_racer *he_context_racer(CURLHE *he);
struct he_racer *he_context_racer_locked(CURLHE *he);   /* he_contexts_lock */

/* The keeper to use now, with a reference, as with the racer; NULL once the
   context was freed. */
struct he_keeper *he_context_keeper(CURLHE *he);

#endif
