/* SPDX-License-Identifier: MIT */
/* ahead.c - only a known handle races ahead: curl-he has seen which device,
 * address, proxy and family libcurl was told to use for it. */
#include "curl/ahead.h"
#include "base/clock.h"
#include "curl/apps.h"
#include "curl/doubt.h"
#include "curl/known.h"
#include "curl/limits.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/races.h"
#include "curl/report.h"
#include "curl/settled.h"
#include "curl/targets.h"
#include "history/history.h"
#include "net/racer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void watch(const struct he_lookup *l, const struct he_step *s)
{
  const struct he_lookup_config *c = he_lookup_config(l);
  uint16_t port;
  he_time_ns began;
  const char *host = he_lookup_host(l, &port, &began);
  he_step_tell(s, &c->watch_fn, c->owner, host, port, c->watch_data);
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
}

/* For as long as libcurl itself would believe an answer. */
static he_time_ns believed(const struct he_handle *h)
{
  const long s = he_handle_declared(h)->dns_cache_timeout_s;
  return s >= 0 && s < 60 ? HE_MS(1000 * s) : HE_MS(60000);
}

/* NULL without memory, and where the context is gone. */
static struct he_lookup *new_lookup(struct he_handle *h,
                                    const struct he_peer *p,
                                    const struct he_targets *t)
{
  struct he_lookup_config c = { .resolver = &he_resolver_shared };
  struct he_tracer tracer;
  struct he_racer *racer = he_settled_config(h, p->host, &c.race, &tracer);
  struct he_lookup *l = NULL;
  if(!racer)
    return NULL;
  c.netns = h->netns ? h->netns : he_netns_here();
  c.blocking = he_racer_elsewhere(racer, c.netns);
  c.owner = h->easy;
  c.apart = he_quirk(HE_QUIRK_LOOKS_UP_APART);
  c.keeps = believed(h);
  c.passes_over = he_refused_passes_over();
  he_limits_begin(h);
  c.deadline = he_limits_deadline(h);
  c.multi = h->record ? h->record->multi : NULL;
  memcpy(c.names, t->names, sizeof(c.names));
  c.name_count = t->count;
  c.any_name = t->any;
  if(he_settled_traced(h, &tracer, &c.watch_fn, &c.watch_data))
    c.watcher = watch;
  if(he_apps_of(h, racer, &c.app)) {
    remember(h, p, &c);
    l = he_lookup_new(racer, &c);
  }
  he_app_unref(c.app);
  he_racer_unref(racer);
  return l;
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

/* Since it joined its multi handle it has asked for a socket. */
static bool has_connected(const struct he_handle *h)
{
  return h->record && h->record->connected;
}

void he_ahead_expect(struct he_handle *h, const struct he_peer *p)
{
  struct he_lookup *l = NULL;
  struct he_targets t;
  he_ahead_leave_names(h);
  he_refused_free(h->tasks.refused);
  h->tasks.refused = NULL;
  h->passed = false;
  if(he_doubt_races_ahead(h, p)) {
    he_targets_find(h, p, &t);
    if((t.count || t.any) && !(t.others_follow && has_connected(h)))
      l = new_lookup(h, p, &t);
    he_targets_free(&t);
  }
  if(l || h->tasks.lookup)
    he_tasks_set_lookup(&h->tasks, l);
}

/* -- what came of it -- */

/* With the outlook that the lookup began with: what was learned since then is
   of this very connect, and for the next one to ask about. */
static struct he_connect *new_race(struct he_handle *h, const struct he_peer *p,
                                  const char *doubt)
{
  const struct he_recall *recall = he_context_recall(h->he);
  const uint64_t epoch = h->peer.epoch;
  struct he_connect *race;
  if(epoch && recall)
    h->peer.epoch = he_recall_epoch(recall);
  race = he_races_new(h, p, &(struct he_begun){ .doubt = doubt });
  h->peer.epoch = epoch;
  return race;
}

/* A connect that goes on where the lookup ended. */
static struct he_connect *race_after(struct he_handle *h, struct he_lookup *l,
                                    const struct he_lookup_result *r)
{
  const struct he_peer *mine = he_settled_peer(h);
  const char *doubt;
  struct he_peer p;
  he_time_ns began;
  struct he_step *steps;
  struct he_connect *race;
  size_t n;
  if(!mine)
    return NULL;
  p = *mine;
  p.host = (char *)he_lookup_host(l, &p.port, &began);
  doubt = r->state == HE_LOOKUP_LOST ? r->why : NULL;
  if(r->state == HE_LOOKUP_LEFT && he_outlook_elsewhere(h))
    doubt = he_doubt_elsewhere;
  race = new_race(h, p.port == mine->port && !strcmp(p.host, mine->host) ?
                  mine : &p, doubt);
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
  if(!h->performing.again || !p || !p->is_tls || he_lookup_addresses(l) < 2 ||
     !he_lookup_config(l)->recall || he_doubt_led_away(h, p))
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
    *addr = r->tries[0].addr;
    *fd = he_lookup_give(&r->tries[0]);
    he_connect_won(race, *fd, addr);
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

/* What libcurl begins with, and will begin with as long as its cache has the
   name. */
static void note_first(struct he_handle *h, const struct he_lookup *l,
                       const struct he_addr *offered)
{
  const struct he_peer *p = he_settled_peer(h);
  he_time_ns began;
  uint16_t port;
  const char *host = he_lookup_host(l, &port, &began);
  if(p && port == p->port && !strcasecmp(host, p->host))
    he_sightings_tries(&h->he->sightings, p->sighting, offered,
                       HE_LOOKUP_CERTAIN);
}

bool he_ahead_looked_up(struct he_handle *h, struct he_addr *addr,
                        struct he_connect **connect, curl_socket_t *fd)
{
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct he_lookup_result r;
  bool yes = l && he_lookup_take(l, addr->port, &r);
  h->passed = l && !yes;
  *connect = NULL;
  if(yes && r.state == HE_LOOKUP_YIELDED) {   /* as if it had not raced */
    he_tasks_set_lookup(&h->tasks, NULL);
    yes = false;
  }
  if(yes) {
    struct he_connect *race;
    note_first(h, l, addr);
    race = race_after(h, l, &r);
    if(race) {
      he_connect_ref(race);
      he_tasks_set_race(&h->tasks, race);
      hand_on(h, l, race, &r, addr, fd);
    }
    else
      close_all(l, &r);
    *connect = race;
    if(he_lookup_partial(l))
      leave_no_name(h);
    he_tasks_set_lookup(&h->tasks, NULL);
  }
  he_lookup_unref(l);
  return yes;
}
