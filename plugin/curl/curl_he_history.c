/* SPDX-License-Identifier: MIT */
/* curl_he_history.c - what an application may do with what was learned:
 * curl_he_history_foreach() and its sisters. The application's callback gets a
 * copy, with no lock held, for it may call curl-he. */
#include "base/clock.h"
#include "curl/default.h"
#include "curl/files.h"
#include "historian/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a call may take for the racer's thread to do its part. */
#define PATIENCE HE_MS(200)

CURLHEcode curl_he_history_error(CURLHE *context, char *errbuf, size_t size)
{
  char why[HE_RECALL_TROUBLE] = "";
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(!code) {
    he_recall_trouble(he->recall, why);
    if(*why)
      code = CURL_HE_BAD_HISTORY;
  }
  he_default_say(errbuf, size, why);
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
    .age_ms = v->unused == HE_NEVER ? -1 : v->unused / 1000000,
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
  CURLHEcode code = he_default_find(context, &he);
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
  CURLHEcode code = he_default_find(context, &he);
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

static CURLHEcode copy_at(CURLHE *he, const char *path, bool out, char *why)
{
  bool ok;
  if(!out && access(path, F_OK)) {
    snprintf(why, HE_RECALL_TROUBLE, "there is no such file");
    return CURL_HE_BAD_HISTORY;
  }
  ok = out ? he_shelf_export(he->recall, path, why) :
       he_shelf_import(he->recall, path, why);
  return ok ? CURL_HE_OK : *why ? CURL_HE_BAD_HISTORY : CURL_HE_NO_MEMORY;
}

static CURLHEcode copy(CURLHE *context, const char *said, bool out,
                       char *errbuf, size_t size)
{
  char why[HE_RECALL_TROUBLE] = "";
  char *path = NULL;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(!code && !said)
    code = CURL_HE_BAD_POINTER;
  if(!code)
    code = he_history_path(said, &path);
  if(!code && path)
    code = copy_at(he, path, out, why);
  else if(code == CURL_HE_OK || code == CURL_HE_BAD_OPTION ||
          code == CURL_HE_BAD_HISTORY) {
    snprintf(why, sizeof(why), "there is no such path");
    code = CURL_HE_BAD_HISTORY;
  }
  free(path);
  he_default_say(errbuf, size, why);
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
