/* SPDX-License-Identifier: MIT */
/* default.c - contexts as an application makes, configures and frees them, and
 * the one of those that name none. */
#include "curl/default.h"
#include "base/forks.h"
#include "curl/handle.h"
#include "curl/tracing.h"
#include "historian/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static CURLHE *default_context;

CURLHE *curl_he_init(void)
{
  CURLHE *he = he_context_new();
  if(he)
    he_tracing_begin(he);
  return he;
}

/* Reading the configuration may block, so no lock is held: where two threads
   are the first, one's context is thrown away. */
CURLHE *curl_he_default(void)
{
  CURLHE *he, *mine;
  struct he_config c;
  pthread_mutex_lock(&lock);
  he = default_context;
  pthread_mutex_unlock(&lock);
  if(he)
    return he;
  mine = curl_he_init();
  if(!mine)
    return NULL;
  he_fork_hold(HE_FORK_DEFAULT, &lock);
  he_config_read(&c, NULL);
  he_context_configure(mine, &c);
  he_config_free(&c);
  pthread_mutex_lock(&lock);
  if(!default_context) {
    default_context = mine;
    mine = NULL;
  }
  he = default_context;
  pthread_mutex_unlock(&lock);
  if(!mine)
    he_tracing_heed(he);
  curl_he_free(mine);
  return he;
}

CURLHEcode he_default_find(CURLHE *context, CURLHE **he)
{
  *he = context ? context : curl_he_default();
  if(!*he)
    return CURL_HE_NO_MEMORY;
  return he_context_is(*he) ? CURL_HE_OK : CURL_HE_BAD_POINTER;
}

void curl_he_free(CURLHE *he)
{
  if(!he || !he_context_is(he))
    return;
  pthread_mutex_lock(&lock);
  if(he == default_context)
    default_context = NULL;
  pthread_mutex_unlock(&lock);
  he->magic = 0;
  he_handles_forget(he);
  he_context_end(he);
}

/* -- the configuration -- */

void he_default_say(char *errbuf, size_t size, const char *text)
{
  if(errbuf && size)
    snprintf(errbuf, size, "%s", text);
}

CURLHEcode curl_he_load_config(CURLHE *context, const char *path,
                               char *errbuf, size_t size)
{
  struct he_config c;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  he_default_say(errbuf, size, "");
  if(code)
    return code;
  he_config_read(&c, path);
  he_context_configure(he, &c);
  he_config_free(&c);
  he_tracing_heed(he);
  he_default_say(errbuf, size, c.error);
  return c.code;
}

CURLHEcode curl_he_config_error(CURLHE *context, char *errbuf, size_t size)
{
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  he_default_say(errbuf, size, "");
  if(code)
    return code;
  pthread_mutex_lock(&he_contexts_lock);
  code = he->config_code;
  he_default_say(errbuf, size, he->config_error);
  pthread_mutex_unlock(&he_contexts_lock);
  return code;
}

/* -- its trace -- */

CURLHEcode curl_he_trace_error(CURLHE *context, char *errbuf, size_t size)
{
  char why[HE_SINK_WHY] = "";
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(!code && he_tracing_trouble(he, why))
    code = CURL_HE_BAD_TRACE;
  he_default_say(errbuf, size, why);
  return code;
}

/* -- the file of its history -- */

/* How long the end of a process waits for what is not written yet. */
#define LAST_WRITE HE_MS(50)

/* A program that never frees the default context: what it has learned last
   would be lost. */
static void at_exit(void)
{
  struct he_keeper *k = NULL;
  CURLHE *he;
  pthread_mutex_lock(&lock);
  he = default_context;
  if(he)
    he_context_ref(he);
  pthread_mutex_unlock(&lock);
  if(!he)
    return;
  pthread_mutex_lock(&he_contexts_lock);
  if(he->history_file)
    k = he->keeper;
  he_keeper_ref(k);
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_flush(k, LAST_WRITE);
  he_keeper_unref(k);
  he_context_unref(he);
}

static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

static void watch_exit(void)
{
  atexit(at_exit);
}

CURLHEcode he_history_path(const char *said, char **out)
{
  char path[PATH_MAX];
  *out = NULL;
  if(!said || !*said)
    return CURL_HE_OK;
  if(!strcmp(said, CURL_HE_HISTORY_DEFAULT)) {
    if(!he_file_default_path(path, sizeof(path)))
      return CURL_HE_BAD_HISTORY;
    said = path;
  }
  if(strlen(said) >= PATH_MAX)
    return CURL_HE_BAD_OPTION;
  *out = strdup(said);
  return *out ? CURL_HE_OK : CURL_HE_NO_MEMORY;
}

CURLHEcode he_history_file_set(CURLHE *he, const char *said)
{
  struct he_keeper *k;
  char *path;
  CURLHEcode code = he_history_path(said, &path);
  bool changed;
  if(code)
    return code;
  pthread_once(&exit_once, watch_exit);
  k = he_context_keeper(he);
  pthread_mutex_lock(&he_contexts_lock);
  changed = path || he->history_file;
  if(changed && !he_keeper_store(k, path))
    code = CURL_HE_NO_MEMORY;
  else {
    char *old = he->history_file;
    he->history_file = path;
    path = old;
  }
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_unref(k);
  free(path);
  return code;
}
