/* SPDX-License-Identifier: MIT */
/* tracing.c - a context has one sink, or none, which is asked first. */
#include "curl/tracing.h"
#include "base/clock.h"
#include "curl/libcurl.h"
#include "trace/stamp.h"

#include <stdlib.h>
#include <string.h>

/* How long the end of a process waits for lines that are not written yet. */
#define LAST_LINES HE_MS(50)

/* The racer's thread may be about to tell the end of a race. */
#define LAST_STEPS HE_MS(10)

static void at_exit(void)
{
  const struct timespec pause = { .tv_nsec = 500000 };
  const he_time_ns until = he_time_add(he_clock_now(), LAST_STEPS);
  while(he_trail_count() && he_clock_now() < until)
    nanosleep(&pause, NULL);
  he_sink_flush_all(LAST_LINES);
}

static void watch_exit(void)
{
  atexit(at_exit);
}

/* Who asks for libcurl's version may wait for the loader, whose lock another
   thread may have that waits for pthread_once(). */
static struct he_sink *open_sink(const char *path)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  he_stamp_introduce(CURL_HE_VERSION,
                     curl_version_info(CURLVERSION_NOW)->version);
  pthread_once(&once, watch_exit);
  return he_sink_get(path);
}

/* With a reference; NULL: none. */
static struct he_sink *sink_of(CURLHE *he)
{
  struct he_sink *s;
  if(!__atomic_load_n(&he->sink, __ATOMIC_ACQUIRE))
    return NULL;
  pthread_mutex_lock(&he_contexts_lock);
  s = he->sink;
  if(s)
    he_sink_ref(s);
  pthread_mutex_unlock(&he_contexts_lock);
  return s;
}

/* -- which file -- */

/* What a file's name leads to. */
struct opened {
  char *name;                 /* "": no file */
  struct he_sink *sink;
};

static bool open_file(const char *path, struct opened *o)
{
  o->name = strdup(path);
  o->sink = o->name && *path ? open_sink(path) : NULL;
  return o->name && (!*path || o->sink);
}

static void close_file(struct opened *o)
{
  he_sink_unref(o->sink);
  free(o->name);
}

/* *o is what was used before. */
static void exchange_locked(CURLHE *he, struct opened *o)
{
  const struct opened old = { he->trace_file, he->sink };
  he->trace_file = o->name;
  __atomic_store_n(&he->sink, o->sink, __ATOMIC_RELEASE);
  *o = old;
}

/* The word of the program, or that of the variable, for the program may take
   the place of that alone. */
static CURLHEcode set(CURLHE *he, const char *path)
{
  struct opened o;
  char *word = strdup(path);
  const bool ok = open_file(path, &o) && word;
  if(ok) {
    pthread_mutex_lock(&he_contexts_lock);
    word = he_rules_exchange_file(&he->rules[HE_SOURCE_PROGRAM],
                                  HE_OPT_TRACE_FILE, word);
    exchange_locked(he, &o);
    pthread_mutex_unlock(&he_contexts_lock);
  }
  close_file(&o);
  free(word);
  return ok ? CURL_HE_OK : CURL_HE_NO_MEMORY;
}

void he_tracing_begin(CURLHE *he)
{
  const char *path = secure_getenv("CURL_HE_TRACE");
  struct he_sink *s = path && !set(he, path) ? sink_of(he) : NULL;
  if(s && !he_sink_is_stderr(s))
    he_sink_complain(s, "CURL_HE_TRACE");
  he_sink_unref(s);
}

CURLHEcode he_tracing_set(CURLHE *he, const char *path)
{
  CURLHEcode code;
  if(!path)
    path = "";
  if(strlen(path) >= HE_SINK_PATH)
    return CURL_HE_BAD_OPTION;
  code = set(he, path);
  if(!code)
    he_tracing_heed(he);
  return code;
}

/* A copy of the file's name; *is_used: it is the one that is used. */
static char *said(CURLHE *he, bool *is_used)
{
  const char *now, *used;
  char *copy;
  pthread_mutex_lock(&he_contexts_lock);
  now = he_context_file_locked(he, HE_OPT_TRACE_FILE);
  used = he->trace_file ? he->trace_file : "";
  *is_used = !strcmp(now, used);
  copy = strdup(now);
  pthread_mutex_unlock(&he_contexts_lock);
  return copy;
}

/* A sink is not made under the lock: meanwhile the program may name another
   file. */
bool he_tracing_follow(CURLHE *he)
{
  bool ok = true, is_used = false;
  while(ok && !is_used) {
    struct opened o;
    char *path = said(he, &is_used);
    ok = path != NULL;
    if(ok && !is_used) {
      ok = open_file(path, &o);
      if(ok) {
        pthread_mutex_lock(&he_contexts_lock);
        if(!strcmp(path, he_context_file_locked(he, HE_OPT_TRACE_FILE)))
          exchange_locked(he, &o);
        pthread_mutex_unlock(&he_contexts_lock);
      }
      close_file(&o);
    }
    free(path);
  }
  return ok;
}

void he_tracing_limit(CURLHE *he)
{
  struct he_sink *s = sink_of(he);
  struct he_options o;
  if(!s)
    return;
  he_context_options(he, NULL, &o);
  he_sink_limit(s, (uint64_t)he_options_get(&o, NULL, HE_OPT_TRACE_SIZE) <<
                20);
  he_sink_unref(s);
}

void he_tracing_heed(CURLHE *he)
{
  struct he_sink *s = sink_of(he);
  char error[CURL_HE_ERROR_SIZE];
  if(!s)
    return;
  he_tracing_limit(he);
  pthread_mutex_lock(&he_contexts_lock);
  memcpy(error, he->config_error, sizeof(error));
  pthread_mutex_unlock(&he_contexts_lock);
  if(*error)
    he_trail_mistake(s, error);
  he_sink_unref(s);
}

bool he_tracing_trouble(CURLHE *he, char why[HE_SINK_WHY])
{
  struct he_sink *s = sink_of(he);
  *why = 0;
  if(s)
    he_sink_trouble(s, why);
  he_sink_unref(s);
  return *why;
}

uint64_t he_tracing_network(CURLHE *he)
{
  uint64_t network;
  he_recall_open(he->recall, &network);
  he_recall_close(he->recall, false);
  return network;
}

struct he_trail *he_tracing_trail(CURLHE *he)
{
  struct he_sink *s = sink_of(he);
  struct he_trail *t;
  if(!s)
    return NULL;
  t = he_sink_takes(s) ? he_trail_new(s) : NULL;
  he_sink_unref(s);
  return t;
}
