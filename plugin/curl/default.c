/* SPDX-License-Identifier: MIT */
/* default.c - contexts as an application makes and frees them, and the one of
 * those that name none. */
#include "curl/default.h"
#include "base/forks.h"
#include "curl/handle.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static CURLHE *default_context;

CURLHE *curl_he_init(void)
{
  return he_context_new();
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
  curl_he_free(mine);
  return he;
}

CURLHE *he_default_if_any(void)
{
  CURLHE *he;
  pthread_mutex_lock(&lock);
  he = default_context;
  if(he)
    he_context_ref(he);
  pthread_mutex_unlock(&lock);
  return he;
}

CURLHE *he_default_check(CURLHE *he)
{
  if(!he)
    return curl_he_default();
  return he_context_is(he) ? he : NULL;
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
