/* SPDX-License-Identifier: MIT */
/* history_file.c - the option, and what is written when the process ends. */
#include "curl/history_file.h"
#include "curl/default.h"
#include "historian/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How long the end of a process waits for what is not written yet. */
#define LAST_WRITE HE_MS(50)

/* A program that never frees the default context: what it has learned last
   would be lost. */
static void at_exit(void)
{
  CURLHE *he = he_default_if_any();
  struct he_keeper *k = NULL;
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

/* A copy of what the option says; NULL: no file. */
static CURLHEcode read_path(const char *said, char **out)
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
  CURLHEcode code = read_path(said, &path);
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
