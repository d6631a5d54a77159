/* SPDX-License-Identifier: MIT */
#include "curl/outlook.h"
#include "base/clock.h"
#include "curl/asks.h"
#include "curl/settled.h"

#include <string.h>
#include <strings.h>

/* An outlook is believed for this long: a connect asks for it three times. */
#define LIFE HE_MS(1000)

const char *he_outlook_elsewhere(struct he_handle *h)
{
  struct he_racer *r = he_context_racer(h->he);
  const bool yes = r && he_racer_elsewhere(r, h->netns);
  he_racer_unref(r);
  return yes ? "the thread is in another network namespace than curl-he's" :
         NULL;
}

/* The history to ask and to teach; NULL where CURLHEOPT_HISTORY is 0 for this
   host, or without memory. */
static struct he_recall *recall_of(struct he_handle *h,
                                   const struct he_peer *p)
{
  if(!p->is_name || !he_settled_option(h, p->host, HE_OPT_HISTORY) ||
     he_outlook_elsewhere(h))
    return NULL;
  return he_context_recall(h->he);
}

bool he_outlook_authenticated(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return !strcasecmp(p->scheme, "https") && d->verify_peer && d->verify_host;
}

/* May libcurl surely use both families? The option FAMILIES is libcurl's, too
   (he_apply_families()). */
static bool may_use_both(struct he_handle *h)
{
  const long told = he_handle_declared(h)->ipresolve;
  return h->options.value[HE_OPT_FAMILIES] == CURL_HE_FAMILIES_ANY ||
         (h->known && !h->confined &&
          (told < 0 || told == CURL_IPRESOLVE_WHATEVER));
}

/* How this handle asks about its peer. */
static void fill_ask(struct he_handle *h, const struct he_peer *p,
                     struct he_recall_ask *out)
{
  const struct he_settled *s = he_settled_for(h, p->host);
  he_asks_fill(out, p->host, p->port, &s->options, &s->race);
  out->authenticated = he_outlook_authenticated(h, p);
  out->both = may_use_both(h);
}

const struct he_outlook *he_outlook_of(struct he_handle *h,
                                       const struct he_peer *p)
{
  struct he_peer *mine = &h->peer;
  struct he_recall *r = p == mine ? recall_of(h, p) : NULL;
  struct he_recall_ask ask;
  he_time_ns now;
  uint64_t epoch;
  if(!r)
    return NULL;
  he_recall_want(r);
  epoch = he_recall_epoch(r);
  now = he_clock_now();
  fill_ask(h, p, &ask);
  if(mine->epoch == epoch && now - mine->asked < LIFE &&
     !memcmp(&mine->ask, &ask, sizeof(ask)))
    return &mine->outlook;
  mine->ask = ask;
  mine->epoch = epoch;
  mine->asked = now;
  he_recall_outlook(r, &mine->ask, &mine->outlook, now);
  return &mine->outlook;
}

void he_outlook_delivered(struct he_handle *h)
{
  struct he_connect *c = he_tasks_race(&h->tasks);
  long redirects = 0;
  curl_off_t completed = 0;
  if(c && he_connect_config(c)->wary && he_connect_config(c)->tls) {
    curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_COUNT, &redirects);
    curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &completed);
    if(completed && !redirects)   /* else: of which connection? */
      he_connect_tls(c, true);
  }
  he_connect_unref(c);
}
