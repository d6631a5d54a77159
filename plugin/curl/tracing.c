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

static void begin_process(void)
{
  he_stamp_introduce(CURL_HE_VERSION,
                     curl_version_info(CURLVERSION_NOW)->version);
  atexit(at_exit);
}

static struct he_sink *open_sink(const char *path)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, begin_process);
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

/* Takes over the reference. */
static void use(CURLHE *he, struct he_sink *s)
{
  struct he_sink *old;
  pthread_mutex_lock(&he_contexts_lock);
  old = he->sink;
  __atomic_store_n(&he->sink, s, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&he_contexts_lock);
  he_sink_unref(old);
}

void he_tracing_begin(CURLHE *he)
{
  const char *path = secure_getenv("CURL_HE_TRACE");
  struct he_sink *s = path && *path ? open_sink(path) : NULL;
  if(!s)
    return;
  if(!he_sink_is_stderr(s))
    he_sink_complain(s, "CURL_HE_TRACE");
  use(he, s);
}

CURLHEcode he_tracing_set(CURLHE *he, const char *path)
{
  struct he_sink *s = NULL;
  if(path && *path) {
    if(strlen(path) >= HE_SINK_PATH)
      return CURL_HE_BAD_OPTION;
    s = open_sink(path);
    if(!s)
      return CURL_HE_NO_MEMORY;
  }
  use(he, s);
  he_tracing_heed(he);
  return CURL_HE_OK;
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
