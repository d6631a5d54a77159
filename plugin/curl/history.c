/* SPDX-License-Identifier: MIT */
/* history.c - what an application may do with what was learned. Whatever it is
 * shown it is shown as a copy, with no lock held: it may call back. */
#include "curl/history.h"
#include "base/clock.h"
#include "curl/context.h"
#include "historian/file.h"
#include "historian/shelf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a call may take for the racer's thread to do its part. */
#define PATIENCE HE_MS(200)
/* And the end of a process, for what is not written yet. */
#define LAST_WRITE HE_MS(50)

uint64_t he_history_seed(void)
{
  uint64_t seed = 0;
  if(getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
    seed = (uint64_t)he_clock_now();
  return seed;
}

static CURLHEcode find(CURLHE *context, CURLHE **out)
{
  *out = he_context_check(context);
  if(*out)
    return CURL_HE_OK;
  return context ? CURL_HE_BAD_POINTER : CURL_HE_NO_MEMORY;
}

/* -- options -- */

void he_history_set_limits(CURLHE *he)
{
  struct he_history_limits limits;
  struct he_options o;
  he_context_options(he, NULL, &o);
  he_history_limits_usual(&limits);
  limits.seed = he_history_seed();
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

/* A program that never frees the default context: what it has learned last
   would be lost. */
static void at_exit(void)
{
  CURLHE *he = he_context_if_default();
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

CURLHEcode he_history_set_file(CURLHE *he, const char *said)
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

CURLHEcode curl_he_history_error(CURLHE *context, char *errbuf, size_t size)
{
  char why[HE_RECALL_TROUBLE] = "";
  CURLHE *he;
  CURLHEcode code = find(context, &he);
  if(!code) {
    he_recall_trouble(he->recall, why);
    if(*why)
      code = CURL_HE_BAD_HISTORY;
  }
  if(errbuf && size)
    snprintf(errbuf, size, "%s", why);
  return code;
}

/* -- looking -- */

struct seen {
  struct he_history_view view;  /* host: NULL */
  char host[HE_HISTORY_HOST_MAX + 1];
};

struct copy {
  struct seen *seen;
  size_t n;
  size_t room;
  bool failed;
};

static bool copy_one(const struct he_history_view *v, void *data)
{
  struct copy *c = data;
  if(c->n == c->room) {
    size_t room = c->room ? 2 * c->room : 16;
    struct seen *more = realloc(c->seen, room * sizeof(*more));
    c->failed = !more;
    if(!more)
      return false;
    c->seen = more;
    c->room = room;
  }
  c->seen[c->n].view = *v;
  snprintf(c->seen[c->n].host, sizeof(c->seen->host), "%s", v->host);
  c->n++;
  return true;
}

static bool copy_all(CURLHE *he, struct copy *c)
{
  uint64_t network;
  struct he_history *h = he_recall_open(he->recall, &network);
  memset(c, 0, sizeof(*c));
  he_history_foreach(h, copy_one, c, he_clock_now());
  he_recall_close(he->recall, false);
  return !c->failed;
}

static long verdict_of(enum he_rank rank)
{
  switch(rank) {
  case HE_RANK_DOUBTED:
    return CURL_HE_VERDICT_DOUBTED;
  case HE_RANK_BAD:
    return CURL_HE_VERDICT_BAD;
  case HE_RANK_GOOD:
  case HE_RANK_SLOW:
    break;
  }
  return CURL_HE_VERDICT_GOOD;
}

static int show(const struct seen *s, curl_he_history_callback fn, void *data)
{
  const struct he_history_view *v = &s->view;
  char address[HE_ADDR_TEXT];
  struct curl_he_history_entry e = {
    .host = s->host,
    .address = address,
    .family = v->addr.family == HE_IPV6 ? AF_INET6 : AF_INET,
    .verdict = verdict_of(v->rank),
    .network = v->network,
    .connect_us = v->srtt / 1000,
    .deviation_us = v->rttvar / 1000,
    .age_ms = v->unused / 1000000,
    .successes = v->successes,
    .failures = v->failures,
    .losses = v->losses
  };
  he_addr_text(&v->addr, address);
  return fn(&e, data);
}

CURLHEcode curl_he_history_foreach(CURLHE *context,
                                   curl_he_history_callback fn, void *data)
{
  struct copy c;
  CURLHE *he;
  CURLHEcode code = find(context, &he);
  if(!code && !fn)
    code = CURL_HE_BAD_POINTER;
  if(code)
    return code;
  if(!copy_all(he, &c))
    code = CURL_HE_NO_MEMORY;
  for(size_t i = 0; !code && i < c.n; i++)
    if(show(&c.seen[i], fn, data))
      break;
  free(c.seen);
  return code;
}

/* -- forgetting -- */

CURLHEcode curl_he_history_forget(CURLHE *context, const char *host)
{
  uint64_t network;
  struct he_history *h;
  struct he_keeper *k;
  CURLHE *he;
  bool stored;
  CURLHEcode code = find(context, &he);
  if(code)
    return code;
  k = he_context_keeper(he);
  h = he_recall_open(he->recall, &network);
  he_history_forget(h, NULL, host);
  he_recall_close(he->recall, true);
  pthread_mutex_lock(&he_contexts_lock);
  stored = he->history_file;
  pthread_mutex_unlock(&he_contexts_lock);
  if(!he_keeper_forget(k, host, stored ? PATIENCE : 0) && stored)
    code = CURL_HE_BAD_HISTORY;
  he_keeper_unref(k);
  return code;
}

/* -- to a file and back -- */

static CURLHEcode copy(CURLHE *context, const char *path, bool out,
                       char *errbuf, size_t size)
{
  char why[HE_RECALL_TROUBLE] = "";
  CURLHE *he;
  bool ok = false;
  CURLHEcode code = find(context, &he);
  if(!code && !path)
    code = CURL_HE_BAD_POINTER;
  if(!code) {
    if(out)
      ok = he_shelf_export(he->recall, path, why);
    else if(access(path, F_OK))
      snprintf(why, sizeof(why), "there is no such file");
    else
      ok = he_shelf_import(he->recall, path, why);
    code = ok ? CURL_HE_OK : *why ? CURL_HE_BAD_HISTORY :
           CURL_HE_NO_MEMORY;
  }
  if(errbuf && size)
    snprintf(errbuf, size, "%s", why);
  return code;
}

CURLHEcode curl_he_history_save(CURLHE *context, const char *path,
                                char *errbuf, size_t size)
{
  return copy(context, path, true, errbuf, size);
}

CURLHEcode curl_he_history_load(CURLHE *context, const char *path,
                                char *errbuf, size_t size)
{
  return copy(context, path, false, errbuf, size);
}
