/* SPDX-License-Identifier: MIT */
/* default.c - contexts as an application makes, configures and frees them, and
 * the one of those that name none. */
#include "curl/default.h"
#include "base/forks.h"
#include "curl/files.h"
#include "curl/handle.h"
#include "curl/tracing.h"

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

/* *c: what came of it. Its rules are the context's. */
static void read_config(CURLHE *he, const char *path, struct he_config *c)
{
  he_config_read(c, path);
  he_context_configure(he, c);
  he_config_free(c);
}

/* Then uses the files that it names. */
static void begin_files(CURLHE *he, struct he_config *c)
{
  if(he_files_begin(he) || c->code)
    return;
  c->code = CURL_HE_NO_MEMORY;
  snprintf(c->error, sizeof(c->error), "%s", curl_he_strerror(c->code));
  pthread_mutex_lock(&he_contexts_lock);
  he->config_code = c->code;
  memcpy(he->config_error, c->error, sizeof(c->error));
  pthread_mutex_unlock(&he_contexts_lock);
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
  read_config(mine, NULL, &c);
  pthread_mutex_lock(&lock);
  if(!default_context) {
    default_context = mine;
    mine = NULL;
  }
  he = default_context;
  pthread_mutex_unlock(&lock);
  pthread_once(&exit_once, watch_exit);
  if(!mine)
    begin_files(he, &c);
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
  read_config(he, path, &c);
  begin_files(he, &c);
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

/* CURL_HE_OPTIONS beats the file; what the program sets is in neither. */
CURLHEcode curl_he_config_file(CURLHE *context, CURLHEoption option,
                               char *path, size_t size)
{
  const char *said = NULL;
  enum he_option which;
  int place;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  he_default_say(path, size, "");
  if(code)
    return code;
  if(!path)
    return CURL_HE_BAD_POINTER;
  if(!he_option_find((int)option, &which) || !he_option_file(which, &place))
    return CURL_HE_UNKNOWN_OPTION;
  pthread_mutex_lock(&he_contexts_lock);
  for(int i = HE_SOURCE_ENVIRONMENT; !said && i < HE_SOURCES; i++)
    said = he_rules_file(&he->rules[i], which);
  if(said && strlen(said) >= size)
    code = CURL_HE_BAD_POINTER;
  else
    he_default_say(path, size, said ? said : "");
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
