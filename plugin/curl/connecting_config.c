/* SPDX-License-Identifier: MIT */
#include "curl/connecting.h"
#include "base/clock.h"
#include "curl/asks.h"
#include "curl/gate.h"
#include "curl/getinfo.h"
#include "curl/settled.h"
#include "curl/tracing.h"
#include "race/ports.h"
#include "resolve/chosen.h"

#include <stdlib.h>
#include <string.h>

/* -- where to -- */

static bool is_literal(const char *host, struct he_addr *a)
{
  const size_t n = host ? strlen(host) : 0;
  char bare[HE_ADDR_TEXT];
  if(n > 2 && n < sizeof(bare) && host[0] == '[' && host[n - 1] == ']') {
    memcpy(bare, host + 1, n - 2);
    bare[n - 2] = 0;
    return he_addr_parse(a, bare);
  }
  return host && he_addr_parse(a, host);
}

static bool has(const struct he_dial_config *c, const struct he_addr *a)
{
  for(size_t i = 0; i < c->n; i++) {
    if(he_addr_equal(&c->list[i], a))
      return true;
  }
  return false;
}

/* The addresses that are told, each at each port, once; those of a literal,
   too. Of too many the last ones are left out, at every port alike. */
static CURLHEcode list(const struct CURLHErace *r,
                       const struct he_addr *literal,
                       struct he_dial_config *out)
{
  const struct he_addr *from = r->list ? r->list : literal;
  const size_t n = r->list ? r->list_count : 1;
  const size_t times = out->port_count ? out->port_count : 1;
  const size_t most = HE_RACE_MAX_ADDRS / times;
  struct he_addr *all = calloc(n * times, sizeof(*all));
  if(!all)
    return CURL_HE_NO_MEMORY;
  out->list = all;
  for(size_t p = 0; p < times; p++) {
    size_t of[HE_FAMILIES] = { 0, 0 };
    for(size_t i = 0; i < n; i++) {
      struct he_addr a = from[i];
      if(out->port_count)
        a.port = out->ports[p];
      if(has(out, &a) || of[a.family]++ >= most)
        continue;
      if(!a.port)
        return CURL_HE_BAD_POINTER;
      all[out->n++] = a;
    }
  }
  return CURL_HE_OK;
}

static CURLHEcode destination(const struct CURLHErace *r, const char *host,
                              const unsigned short *ports, size_t count,
                              struct he_dial_config *out)
{
  struct he_addr literal;
  const bool known = r->list || is_literal(host, &literal);
  if((!host || !*host) && !r->list)
    return CURL_HE_BAD_POINTER;
  if(count > HE_PORTS_MAX || (count && !ports) || (!count && !r->list))
    return CURL_HE_BAD_POINTER;
  for(size_t i = 0; i < count; i++) {
    if(!ports[i])
      return CURL_HE_BAD_POINTER;
    out->ports[i] = ports[i];
  }
  out->port_count = count;
  out->host = host;
  return known ? list(r, &literal, out) : CURL_HE_OK;
}

/* -- how -- */

static void watch(const struct he_lookup *l, const struct he_step *s,
                  const struct he_addr *local)
{
  const struct he_lookup_config *c = he_lookup_config(l);
  const struct he_trail_race r = he_lookup_race(l);
  he_step_tell(s, &r, local, NULL, &c->watch_fn, c->watch_data);
}

/* What the history has to say of the host: a name that is asked for as
   everybody asks, from where everybody sends. */
static void remember(struct CURLHErace *r, const struct he_options *o,
                     struct he_dial_config *out)
{
  struct he_addr a;
  struct he_outlook look;
  if(!out->host || is_literal(out->host, &a) || out->app || out->blocking ||
     out->has_local[HE_IPV6] || out->has_local[HE_IPV4] ||
     !o->value[HE_OPT_HISTORY])
    return;
  out->recall = he_context_recall(r->he);
  he_recall_want(out->recall);
  he_asks_fill(&out->ask, out->host,
               out->port_count ? out->ports[0] : out->list[0].port, o,
               &out->race);
  out->calm = he_recall_epoch(out->recall);
  he_recall_outlook(out->recall, &out->ask, &look, he_clock_now());
  out->sample = !look.measured;
  out->keeps_delay = o->value[HE_OPT_DELAY_MS] != 0;
  out->calm = look.calm ? out->calm : 0;
  he_pace(&out->race, look.delay, look.from);
  if(!out->keeps_delay)
    out->why = he_settled_why(look.from);
}

/* Nobody else would try what is left: each address gets its attempt. */
static void widen(const struct he_options *said, struct he_race_config *race)
{
  if(he_options_said(said, HE_OPT_MAX_ATTEMPTS) == HE_UNSET)
    race->max_attempts = 2 * HE_RACE_MAX_ADDRS;
}

static void settle(struct CURLHErace *r, const char *host,
                   struct he_options *o, struct he_dial_config *out)
{
  struct he_options wide, said = r->options;
  he_context_options(r->he, host, &wide);
  he_options_fill(&said, &wide);
  for(int i = 0; i < HE_OPTIONS; i++)
    o->value[i] = he_options_get(&r->options, &wide, (enum he_option)i);
  he_options_race(o, &out->race);
  widen(&said, &out->race);
  out->resolver = he_chosen(o->value[HE_OPT_RESOLVER]);
  out->nat64 = o->value[HE_OPT_NAT64] != 0;
  memcpy(out->has_local, r->has_local, sizeof(out->has_local));
  memcpy(out->local, r->local, sizeof(out->local));
  if(o->value[HE_OPT_DELAY_MS])
    out->why = HE_DELAY_RULE;
}

static void observe(struct CURLHErace *r, const struct he_tracer *t,
                    struct he_dial_config *out)
{
  if(t->fn) {
    out->watcher = watch;
    memcpy(&out->watch_fn, &t->fn, sizeof(t->fn));
    out->watch_data = t->data;
  }
  out->trail = he_tracing_trail(r->he);
  out->tally = r->he->tally;
  if(out->watcher || out->trail)
    out->network = he_tracing_network(r->he);
}

/* The application's callbacks as they are now, in the place of those of the
   last race, which is over. False without memory. */
static bool use_sockets(struct CURLHErace *r, struct he_dial_config *out)
{
  const struct he_declared *d = &r->sockets;
  he_app_unref(r->app);
  r->app = NULL;
  if(!d->opensocket && !d->sockopt && !d->closesocket)
    return true;
  r->app = he_app_new(d, out->racer);
  out->app = r->app;
  return r->app;
}

CURLHEcode he_connecting_config(struct CURLHErace *r, const char *host,
                                const unsigned short *ports, size_t count,
                                struct he_dial_config *out)
{
  struct he_options o;
  struct he_tracer tracer;
  struct he_racer *racer;
  CURLHEcode code;
  pthread_mutex_lock(&he_contexts_lock);
  tracer = r->tracer.fn ? r->tracer : r->he->tracer;
  racer = he_context_racer_locked(r->he);
  pthread_mutex_unlock(&he_contexts_lock);
  he_dial_defaults(out, racer);
  if(!racer)                  /* its context is gone */
    return CURL_HE_BAD_POINTER;
  code = destination(r, host, ports, count, out);
  if(code)
    return code;
  if(!use_sockets(r, out))
    return CURL_HE_NO_MEMORY;
  settle(r, host, &o, out);
  out->blocking = he_racer_elsewhere(racer, he_netns_here());
  remember(r, &o, out);
  observe(r, &tracer, out);
  return CURL_HE_OK;
}

void he_connecting_config_free(struct he_dial_config *c)
{
  he_trail_unref(c->trail);
  free((void *)c->list);
  he_racer_unref(c->racer);
}
