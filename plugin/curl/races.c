/* SPDX-License-Identifier: MIT */
/* races.c - what a handle's options, its peer and its context's history come to
 * for one race: the configuration of a connect. */
#include "curl/races.h"
#include "curl/doubt.h"
#include "curl/getinfo.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "curl/tracing.h"
#include "resolve/gai.h"

#include <string.h>

static void watch(const struct he_connect *race, const struct he_step *s,
                  const struct he_addr *local)
{
  const struct he_connect_config *c = he_connect_config(race);
  const struct he_trail_race r = he_connect_race(race);
  he_step_tell(s, &r, local, c->owner, &c->watch_fn, c->watch_data);
}

/* How long libcurl's first attempt may take before anything is done about it:
   long enough that a healthy path is left alone, and that the racer's thread
   does not wake up for each of many quick connects; short enough that addresses
   are there when the attempt delay is over. */
static he_time_ns look_after(he_time_ns delay)
{
  if(delay > HE_MS(150))
    return delay - HE_MS(65);
  return delay > HE_MS(100) ? HE_MS(85) : delay / 20 * 17;
}

/* What history is to be asked and told, and the delay that it has learned. */
static void remember(struct he_handle *h, const struct he_peer *p,
                     struct he_connect_config *c)
{
  const struct he_outlook *o = he_outlook_of(h, p);
  if(!o)
    return;
  c->recall = he_context_recall(h->he);
  c->ask = p->ask;
  c->ask.authenticated = c->ask.authenticated && !h->performing.afresh;
  c->wary = o->wary;
  c->sample = !o->measured;
  c->tls = p->is_tls;
  if(!h->settled.options.value[HE_OPT_DELAY_MS]) {
    c->race.attempt_delay = o->delay;
    c->why = he_settled_why(o->from);
  }
}

/* What libcurl does by itself in this connect. */
static void fill_libcurls(const struct he_begun *b,
                          struct he_connect_config *c)
{
  c->libcurl_races = he_quirk(HE_QUIRK_RACES) && !b->partial;
  c->libcurl_begins_with_ipv6 = he_quirk(HE_QUIRK_BEGINS_WITH_IPV6);
  c->look_after = look_after(c->race.attempt_delay);
  c->race.beside = true;
  c->race.native_grace = HE_MS(25);
  c->race.passive = c->libcurl_races && !b->attended;
}

struct he_connect *he_races_new(struct he_handle *h, const struct he_peer *p,
                                const struct he_begun *b)
{
  struct he_connect_config c = {
    .resolver = he_handle_resolver(h, he_settled_resolver(h, p->host))
  };
  struct he_tracer tracer;
  /* settles what h->settled says for this host */
  struct he_racer *racer = he_settled_config(h, p->host, &c.race, &tracer);
  struct he_connect *race = NULL;
  if(!racer)
    return NULL;
  if(h->settled.options.value[HE_OPT_DELAY_MS])
    c.why = HE_DELAY_RULE;
  if(!b->doubt)
    remember(h, p, &c);
  fill_libcurls(b, &c);
  /* no file is looked at here: curl_he_init(), each perform and each answer
     of the resolver do that */
  c.race.policy = he_gai_known();
  c.host = p->host;
  c.port = p->port;
  c.lookup = b->lookup;
  c.attended = b->attended;
  c.confirm = !b->attended;
  c.certain = !b->doubt && !b->lookup && !b->attended &&
              he_doubt_races_ahead(h, p);
  c.restarts = c.certain && h->performing.again;
  c.ask.certain = c.certain;
  c.aside = b->doubt;
  c.owner = h->easy;
  c.nat64 = h->settled.options.value[HE_OPT_NAT64];
  if(h->settled.options.value[HE_OPT_HISTORY])
    c.realm = h->he;
  if(he_settled_traced(h, &tracer, &c.watch_fn, &c.watch_data))
    c.watcher = watch;
  c.trail = b->trail ? b->trail : he_tracing_trail(h->he);
  c.tally = h->he->tally;
  if(c.watcher || c.trail)
    c.network = he_tracing_network(h->he);
  if(b->doubt || he_apps_of(h, racer, &c.app))
    race = he_connect_new(racer, &c);
  he_policy_unref(c.race.policy);
  he_app_unref(c.app);
  if(!b->trail)
    he_trail_unref(c.trail);
  he_racer_unref(racer);
  return race;
}

bool he_races_to(const struct he_connect *race, const struct he_peer *p)
{
  const struct he_connect_config *c = he_connect_config(race);
  return c->port == p->port && !strcmp(c->host, p->host);
}
