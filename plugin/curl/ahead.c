/* SPDX-License-Identifier: MIT */
/* ahead.c - only a known handle races ahead: curl-he has seen which device,
 * address, proxy and family libcurl was told to use for it. */
#include "curl/ahead.h"
#include "base/clock.h"
#include "curl/doubt.h"
#include "curl/ech.h"
#include "curl/getinfo.h"
#include "curl/known.h"
#include "curl/limits.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/races.h"
#include "curl/settled.h"
#include "curl/targets.h"
#include "curl/tracing.h"
#include "history/history.h"
#include "options/resolvers.h"
#include "resolve/svcb.h"
#include "net/racer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void watch(const struct he_lookup *l, const struct he_step *s,
                  const struct he_addr *local)
{
  const struct he_lookup_config *c = he_lookup_config(l);
  const struct he_trail_race r = he_lookup_race(l);
  he_step_tell(s, &r, local, c->owner, &c->watch_fn, c->watch_data);
}

/* Which history the race asks and tells, and the delay that it has learned. */
static void remember(struct he_handle *h, const struct he_peer *p,
                     struct he_lookup_config *c)
{
  const struct he_outlook *o = he_outlook_of(h, p);
  if(!o || c->app)   /* the application's sockets may be bound, or marked */
    return;
  c->recall = he_context_recall(h->he);
  c->ask = p->ask;
  /* TLS with the host says nothing of who answers at a proxy's address */
  c->ask.authenticated = c->ask.authenticated && !h->performing.afresh &&
                         !he_doubt_led_away(h, p);
  c->sample = !o->measured;
  c->keeps_delay = he_settled_option(h, p->host, HE_OPT_DELAY_MS) != 0;
  c->calm = o->calm ? p->epoch : 0;
  he_pace(&c->race, o->delay, o->from);
  if(!c->keeps_delay)
    c->why = he_settled_why(o->from);
}

/* For as long as libcurl itself would believe an answer. */
static he_time_ns believed(const struct he_handle *h)
{
  const long s = he_handle_declared(h)->dns_cache_timeout_s;
  return s >= 0 && s < 60 ? HE_MS(1000 * s) : HE_MS(60000);
}

/* What libcurl speaks over TLS and TCP. */
static unsigned alpn_of(const struct he_declared *d)
{
  switch(d->http_version) {
  case CURL_HTTP_VERSION_1_0:
  case CURL_HTTP_VERSION_1_1:
    return HE_ALPN_HTTP11;
  case CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE:
    return HE_ALPN_H2;
  default:
    return HE_ALPN_HTTP11 | HE_ALPN_H2;
  }
}

/* Are HTTPS records to be asked for? The system's resolver cannot be. They may
   lead anywhere, so TLS has to prove who is there. */
static void want_records(struct he_handle *h, const struct he_peer *p,
                         struct he_lookup_https *out)
{
  const long resolver = he_settled_option(h, p->host, HE_OPT_RESOLVER);
  if(!he_resolvers_upstreams(resolver) || !p->is_name ||
     !he_settled_option(h, p->host, HE_OPT_HTTPS_RECORDS) ||
     !he_outlook_authenticated(h, p) || he_doubt_led_away(h, p))
    return;
  out->resolver = resolver;
  out->host = p->host;
  out->port = p->port;
  out->alpn = alpn_of(he_handle_declared(h));
  out->ech = he_ech_may_set(h);
}

/* `c`: whose call it is. NULL without memory, and where the context is
   gone. */
static struct he_lookup *new_lookup(struct he_handle *h,
                                    const struct he_peer *p,
                                    struct he_lookup_config *c)
{
  struct he_tracer tracer;
  struct he_racer *racer = he_settled_config(h, p->host, &c->race, &tracer);
  struct he_lookup *l = NULL;
  if(!racer)
    return NULL;
  c->netns = h->netns ? h->netns : he_netns_here();
  c->blocking = he_racer_elsewhere(racer, c->netns);
  c->resolver = he_settled_resolver(h, p->host);
  if(!c->blocking)
    c->resolver = he_handle_resolver(h, c->resolver);
  want_records(h, p, &c->https);
  c->keeps = believed(h);
  c->nat64 = he_settled_option(h, p->host, HE_OPT_NAT64) != 0;
  c->passes_over = !he_quirk(HE_QUIRK_SLEEPS_ON);
  he_limits_begin(h);
  c->deadline = he_limits_deadline(h);
  c->multi = h->record ? h->record->multi : NULL;
  if(he_settled_traced(h, &tracer, &c->watch_fn, &c->watch_data))
    c->watcher = watch;
  c->trail = he_tracing_trail(h->he);
  c->tally = h->he->tally;
  if(c->watcher || c->trail)
    c->network = he_tracing_network(h->he);
  if(h->settled.options.value[HE_OPT_DELAY_MS])
    c->why = HE_DELAY_RULE;
  if(c->names_only)
    l = he_lookup_new(racer, c);
  else if(he_apps_of(h, racer, &c->app)) {
    remember(h, p, c);
    l = he_lookup_new(racer, c);
  }
  he_trail_unref(c->trail);
  he_app_unref(c->app);
  he_racer_unref(racer);
  return l;
}

/* For the call that libcurl is about to make. */
static struct he_lookup *expected(struct he_handle *h,
                                  const struct he_peer *p,
                                  const struct he_targets *t,
                                  bool names_only)
{
  struct he_lookup_config c = { .owner = h->easy, .names_only = names_only };
  c.apart = he_quirk(HE_QUIRK_LOOKS_UP_APART);
  memcpy(c.names, t->names, sizeof(c.names));
  c.name_count = t->count;
  c.any_name = t->any;
  return new_lookup(h, p, &c);
}

struct he_lookup *he_ahead_alone(struct he_handle *h, const struct he_peer *p,
                                 bool (*wanted)(void *arg), void *arg)
{
  struct he_lookup_config c = { .owner = h->easy, .own_thread = true };
  he_ech_forget(h);
  c.wanted = wanted;
  c.wanted_arg = arg;
  return new_lookup(h, p, &c);
}

/* libcurl keeps what its lookup returned for a minute. A list that lacks a
   family, because its answer was late, is not to be believed that long. So the
   transfer that got it leaves no name in its cache: libcurl looks at the
   option when the transfer ends, and drops what is older. */
static void leave_no_name(struct he_handle *h)
{
  h->leaves_no_name = true;
  curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
}

void he_ahead_leave_names(struct he_handle *h)
{
  if(h->leaves_no_name)
    curl_easy_setopt(h->easy, CURLOPT_DNS_CACHE_TIMEOUT,
                     he_handle_declared(h)->dns_cache_timeout_s);
  h->leaves_no_name = false;
}

void he_ahead_expect(struct he_handle *h, const struct he_peer *p)
{
  struct he_lookup *l = NULL;
  struct he_targets t;
  bool races;
  he_ahead_leave_names(h);
  he_refused_free(h->tasks.refused);
  h->tasks.refused = NULL;
  h->passed = false;
  he_ech_forget(h);
  races = he_doubt_races_ahead(h, p);
  if(races || he_doubt_answers(h, p)) {
    he_targets_find(h, p, &t);
    /* `connected`: since the handle joined its multi handle */
    if((t.count || t.any) && !(t.others_follow && h->record->connected))
      l = expected(h, p, &t, !races);
    he_targets_free(&t);
  }
  if(l || h->tasks.lookup)
    he_tasks_set_lookup(&h->tasks, l);
}

/* -- what came of it -- */

/* A connect that goes on where the lookup ended. With what libcurl asks for now
   it will begin as long as its cache has the name. */
static struct he_connect *race_after(struct he_handle *h, struct he_lookup *l,
                                     const struct he_lookup_result *r,
                                     const struct he_addr *offered)
{
  const struct he_peer *mine = he_settled_peer(h);
  struct he_begun begun = { .trail = he_lookup_config(l)->trail };
  struct he_peer p;
  he_time_ns began;
  struct he_step *steps;
  struct he_connect *race;
  size_t n;
  if(!mine)
    return NULL;
  p = *mine;
  p.host = (char *)he_lookup_host(l, &p.port, &began);
  if(r->state == HE_LOOKUP_LOST)
    begun.doubt = r->why;
  else if(he_lookup_led(l))
    begun.doubt = "HTTPS records led elsewhere than to the host's own "
                  "addresses and port";
  else if(r->state == HE_LOOKUP_LEFT && he_lookup_relies(l))
    begun.doubt = HE_ECH_RELIES;
  else if(r->state == HE_LOOKUP_LEFT)
    begun.doubt = he_outlook_elsewhere(h);
  if(p.port == mine->port && !strcasecmp(p.host, mine->host)) {
    if(!he_lookup_config(l)->own_thread)   /* libcurl has no address of it */
      he_sightings_tries(&h->he->sightings, p.sighting, offered,
                         HE_LOOKUP_CERTAIN);
    race = he_races_new(h, mine, &begun);
  }
  else
    race = he_races_new(h, &p, &begun);
  if(!race)
    return NULL;
  steps = he_lookup_steps(l, &n);
  he_connect_goes_on(race, steps, steps ? n : 0, began,
                     r->state == HE_LOOKUP_LEFT ? (unsigned)r->count : 0);
  return race;
}

static void close_all(struct he_lookup *l, const struct he_lookup_result *r)
{
  for(size_t i = 0; i < r->count; i++)
    he_lookup_close(l, &r->tries[i]);
}

/* A connection over which nothing ever comes back is not waited for, where
   there is another address and this call may go on with that. */
static void watch_silence(struct he_handle *h, struct he_lookup *l, int fd)
{
  const struct he_peer *p = he_settled_peer(h);
  struct he_racer *r;
  if(!h->performing.again || !p || !p->is_tls || he_lookup_led(l) ||
     he_lookup_addresses(l) < 2 || !he_lookup_config(l)->recall ||
     he_doubt_led_away(h, p))
    return;
  r = he_context_racer(h->he);
  if(r) {
    he_silence_free(h->performing.silence);
    h->performing.silence = he_silence_new(r, fd);
    he_racer_unref(r);
  }
}

static void hand_on(struct he_handle *h, struct he_lookup *l,
                    struct he_connect *race, struct he_lookup_result *r,
                    struct he_addr *addr, curl_socket_t *fd)
{
  if(r->state == HE_LOOKUP_WON) {
    *fd = he_lookup_give(&r->tries[0]);
    he_connect_won(race, *fd, &r->tries[0].addr);
    *addr = *he_try_peer(&r->tries[0]);
    he_ech_set(h, &r->tries[0].addr);
    watch_silence(h, l, *fd);
    return;
  }
  if(r->state == HE_LOOKUP_LOST) {
    h->tasks.refused = he_refused_new(l, r);
    return;
  }
  if(he_connect_config(race)->aside)   /* nobody would hand its winner over */
    close_all(l, r);
  for(size_t i = 0; i < r->count && !he_connect_config(race)->aside; i++)
    he_connect_adopt(race, r->tries[i].fd, r->tries[i].apps, &r->tries[i].addr,
                     r->tries[i].started);
}

bool he_ahead_looked_up(struct he_handle *h, struct he_addr *addr,
                        struct he_connect **connect, curl_socket_t *fd)
{
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct he_lookup_result r;
  const bool taken = l && he_lookup_take(l, addr->port, &r);
  /* one that made room is as if it had not raced */
  const bool raced = taken && (r.state != HE_LOOKUP_LEFT || r.count);
  h->passed = l && !taken;
  if(taken)
    he_ech_keep(h, l);
  *connect = raced ? race_after(h, l, &r, addr) : NULL;
  if(*connect) {
    he_connect_ref(*connect);
    he_tasks_set_race(&h->tasks, *connect);
    hand_on(h, l, *connect, &r, addr, fd);
  }
  else if(raced)
    close_all(l, &r);
  if(raced && he_lookup_partial(l))
    leave_no_name(h);
  if(taken)
    he_tasks_set_lookup(&h->tasks, NULL);
  he_lookup_unref(l);
  return raced;
}

/* One that still ran when its time was up, with libcurl's, is over. */
bool he_ahead_take(struct he_handle *h, struct he_lookup *l,
                   const struct he_addr *asked, struct he_stood *out)
{
  struct he_lookup_result r;
  if(!he_lookup_take(l, asked->port, &r))
    return false;
  he_ech_keep(h, l);
  out->connect = race_after(h, l, &r, asked);
  if(out->connect) {
    he_connect_ref(out->connect);
    he_tasks_set_race(&h->tasks, out->connect);
  }
  if(r.count == 1 && r.state != HE_LOOKUP_LEFT && out->connect) {
    out->addr = *he_try_peer(&r.tries[0]);
    out->fd = he_lookup_give(&r.tries[0]);
    out->refused = r.state == HE_LOOKUP_LOST;
    if(!out->refused) {
      he_connect_won(out->connect, out->fd, &r.tries[0].addr);
      he_ech_set(h, &r.tries[0].addr);
    }
  }
  else
    close_all(l, &r);
  he_tasks_set_lookup(&h->tasks, NULL);
  return true;
}
