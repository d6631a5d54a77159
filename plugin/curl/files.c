/* SPDX-License-Identifier: MIT */
/* files.c - a file has a name by the rules, and a name that is used. The latter
 * follows the former under the contexts' lock, so that of two threads that name
 * files the last one is heeded. */
#include "curl/files.h"
#include "curl/tracing.h"
#include "historian/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool preloaded;        /* atomic */

void he_files_preloaded(void)
{
  __atomic_store_n(&preloaded, true, __ATOMIC_RELEASE);
}

/* -- the history -- */

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

/* Takes over the path; NULL: no file. On failure *path is the caller's still,
   else it is what was used before. */
static bool use_locked(CURLHE *he, struct he_keeper *k, char **path)
{
  char *old = he->history_file;
  if((*path || old) && !he_keeper_store(k, *path))
    return false;
  he->history_file = *path;
  *path = old;
  return true;
}

CURLHEcode he_history_file_set(CURLHE *he, const char *said)
{
  struct he_keeper *k;
  char *path, *word;
  CURLHEcode code = he_history_path(said, &path);
  if(code)
    return code;
  word = strdup(path ? path : "");
  k = he_context_keeper(he);
  pthread_mutex_lock(&he_contexts_lock);
  if(word && use_locked(he, k, &path))
    word = he_rules_exchange_file(&he->rules[HE_SOURCE_PROGRAM],
                                  HE_OPT_HISTORY_FILE, word);
  else
    code = CURL_HE_NO_MEMORY;
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_unref(k);
  free(word);
  free(path);
  return code;
}

static bool is_used_locked(const CURLHE *he, const char *said)
{
  return !strcmp(said, he->history_file ? he->history_file : "");
}

static bool follow_history(CURLHE *he)
{
  struct he_keeper *k = he_context_keeper(he);
  const char *said;
  char *path = NULL;
  bool ok = true;
  pthread_mutex_lock(&he_contexts_lock);
  said = he_context_file_locked(he, HE_OPT_HISTORY_FILE);
  if(!is_used_locked(he, said)) {
    path = *said ? strdup(said) : NULL;
    ok = (!*said || path) && use_locked(he, k, &path);
  }
  pthread_mutex_unlock(&he_contexts_lock);
  he_keeper_unref(k);
  free(path);
  return ok;
}

/* -- all files -- */

bool he_files_begin(CURLHE *he)
{
  bool ok = true;
  if(!__atomic_load_n(&preloaded, __ATOMIC_ACQUIRE) || !he_context_off(he)) {
    ok = follow_history(he);
    ok = he_tracing_follow(he) && ok;
  }
  he_tracing_heed(he);
  return ok;
}
