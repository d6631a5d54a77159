/* SPDX-License-Identifier: MIT */
/* settled.c - computed once, and again where the URL or an option of any scope
 * has changed. */
#include "curl/settled.h"
#include "curl/libcurl.h"
#include "resolve/chosen.h"

#include <string.h>

const struct he_peer *he_settled_peer(struct he_handle *h)
{
  char *url = NULL;
  if(curl_easy_getinfo(h->easy, CURLINFO_EFFECTIVE_URL, &url) || !url || !*url)
    return NULL;
  if(!h->peer.url || strcmp(h->peer.url, url)) {
    he_peer_free(&h->peer);
    if(h->settled.host)       /* that was the former peer's */
      h->settled.generation = 0;
    if(!he_peer_read(&h->peer, url))
      return NULL;
  }
  return &h->peer;
}

/* Kept for the host of the current URL, or for all hosts, until an option
   changes anywhere. */
static void settle(struct he_handle *h, const char *host,
                   struct he_settled *out)
{
  struct he_options wide;
  out->generation = he_options_generation();
  out->host = host;
  he_context_options(h->he, host, &wide);
  for(int i = 0; i < HE_OPTIONS; i++)
    out->options.value[i] = he_options_get(&h->options, &wide,
                                           (enum he_option)i);
  he_options_race(&out->options, &out->race);
}

const struct he_settled *he_settled_for(struct he_handle *h,
                                        const char *host)
{
  struct he_settled *s = &h->settled;
  if(host && !he_context_has_hosts(h->he))
    host = NULL;              /* the same for all */
  if(s->host != host || s->generation != he_options_generation())
    settle(h, host, s);
  if(host && host != h->peer.host)
    s->generation = 0;        /* another name may come to lie at this address */
  return s;
}

struct he_racer *he_settled_config(struct he_handle *h, const char *host,
                                   struct he_race_config *out,
                                   struct he_tracer *tracer)
{
  struct he_racer *racer;
  *out = he_settled_for(h, host)->race;
  pthread_mutex_lock(&he_contexts_lock);
  *tracer = h->tracer.fn ? h->tracer : h->he->tracer;
  racer = he_context_racer_locked(h->he);
  pthread_mutex_unlock(&he_contexts_lock);
  return racer;
}

long he_settled_option(struct he_handle *h, const char *host,
                       enum he_option which)
{
  return he_settled_for(h, host)->options.value[which];
}

const struct he_resolver *he_settled_resolver(struct he_handle *h,
                                              const char *host)
{
  return he_chosen(he_settled_option(h, host, HE_OPT_RESOLVER));
}

enum he_delay_why he_settled_why(enum he_pace_from from)
{
  switch(from) {
  case HE_PACE_COLD:
    break;
  case HE_PACE_NETWORK:
    return HE_DELAY_NETWORK;
  case HE_PACE_HOST:
    return HE_DELAY_LEARNED;
  }
  return HE_DELAY_COLD;
}

const char *he_settled_rule_host(struct he_handle *h)
{
  const struct he_peer *p = he_context_has_hosts(h->he) ? he_settled_peer(h) :
                            NULL;
  return p ? p->host : NULL;
}

bool he_settled_traced(struct he_handle *h, const struct he_tracer *tracer,
                       void **fn, void **data)
{
  if(!tracer->fn)
    return false;
  h->traced = true;
  memcpy(fn, &tracer->fn, sizeof(*fn));
  *data = tracer->data;
  return true;
}

/* -- the application's socket callbacks -- */

bool he_apps_racer_calls(struct he_handle *h)
{
  if(he_handle_declared(h)->unshared &&
     h->options.value[HE_OPT_RACER_CALLBACKS] != 1)
    return false;
  return he_settled_option(h, h->peer.host, HE_OPT_RACER_CALLBACKS) != 0;
}

bool he_apps_of(struct he_handle *h, struct he_racer *r,
                struct he_app **out)
{
  const struct he_declared *d = he_handle_declared(h);
  struct he_app *app;
  *out = NULL;
  if(!(d->opensocket || d->sockopt) || !he_apps_racer_calls(h))
    return true;
  app = he_tasks_app(&h->tasks);
  if(!app) {
    app = he_app_new(d, r);
    if(!app)
      return false;
    if(!he_tasks_keep_app(&h->tasks, app))
      he_app_shut(app);   /* The context was freed meanwhile. Nobody would shut
                             it later. */
  }
  *out = app;
  return true;
}
