/* SPDX-License-Identifier: MIT */
/* ahead.c - only a known handle races ahead: of that one it is sure which
 * device, address, proxy and family libcurl was told to use. */
#include "glue/ahead.h"
#include "base/clock.h"
#include "engine/netns.h"
#include "glue/known.h"
#include "glue/memory.h"
#include "glue/races.h"
#include "glue/report.h"
#include "glue/targets.h"
#include "policy/pace.h"

#include <stdlib.h>
#include <string.h>

/* libcurl asks for each family by a call of its own. */
#define LOOKS_UP_APART 0x081400
/* libcurl's own limit, where the application has set none. */
#define CONNECT_TIMEOUT HE_MS(300000)

/* TCP Fast Open: libcurl connects with the first data, not before. */
bool he_handle_races_ahead(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return h->known && he_lookup_in_effect() &&
         he_handle_option(h, p->host, HE_OPT_LOOKUP) && !d->interface &&
         !d->localport && !d->doh && !d->unix_socket && !d->tcp_fastopen &&
         !(d->opensocket && !he_handle_racer_calls(h));
}

static he_time_ns earlier(he_time_ns a, he_time_ns b)
{
  return a < b ? a : b;
}

static he_time_ns as_time(long ms)
{
  return ms < HE_NEVER / HE_MS(1) ? HE_MS(ms) : HE_NEVER;
}

/* When libcurl gives the transfer up. */
static he_time_ns deadline(const struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  he_time_ns until = he_time_add(h->connects_since, d->connecttimeout_ms ?
                                 as_time(d->connecttimeout_ms) :
                                 CONNECT_TIMEOUT);
  if(d->timeout_ms)
    until = earlier(until, he_time_add(h->transfers_since,
                                       as_time(d->timeout_ms)));
  return until;
}

/* The limit of a whole transfer began before, with its first connect. */
static void note_begin(struct he_handle *h)
{
  const he_time_ns now = he_clock_now();
  curl_off_t spent_us = 0;
  curl_easy_getinfo(h->easy, CURLINFO_TOTAL_TIME_T, &spent_us);
  h->connects_since = now;
  h->transfers_since = now > spent_us * 1000 ? now - spent_us * 1000 : 0;
}

void he_handle_limits(struct he_handle *h)
{
  struct he_lookup *l = he_handle_lookup(h);
  if(l)
    he_lookup_limit(l, deadline(h));
  he_lookup_unref(l);
}

/* the step of a lookup as the public one */
static void watch(const struct he_lookup *l, const struct he_step *s)
{
  const struct he_lookup_config *c = he_lookup_config(l);
  struct curl_he_step out;
  char address[HE_ADDR_TEXT];
  curl_he_trace_callback fn;
  uint16_t port;
  he_time_ns began;
  const char *host = he_lookup_host(l, &port, &began);
  he_step_publish(s, &out, address);
  memcpy(&fn, &c->watch_fn, sizeof(fn));
  fn(c->owner, host, port, &out, c->watch_data);
}

static void be_watched(struct he_handle *h, const struct he_tracer *tracer,
                       struct he_lookup_config *c)
{
  if(!tracer->fn)
    return;
  h->traced = true;
  c->watcher = watch;
  memcpy(&c->watch_fn, &tracer->fn, sizeof(c->watch_fn));
  c->watch_data = tracer->data;
}

/* Its delay, where history knows the host; whom to ask and to tell. */
static void remember(struct he_handle *h, const struct he_peer *p,
                     struct he_lookup_config *c)
{
  const struct he_outlook *o = he_handle_outlook(h, p);
  if(!o || c->app)   /* its sockets may be bound, or marked */
    return;
  c->recall = he_context_recall(h->he);
  c->ask = p->ask;
  c->sample = !o->measured;
  he_pace(&c->race, o->delay, o->from);
}

/* NULL without memory, and where the context is gone. */
static struct he_lookup *new_lookup(struct he_handle *h,
                                    const struct he_peer *p,
                                    const struct he_targets *t)
{
  struct he_lookup_config c = { .resolver = &he_resolver_shared };
  struct he_tracer tracer;
  struct he_racer *racer = he_handle_config(h, p->host, &c.race, &tracer);
  struct he_lookup *l = NULL;
  if(!racer)
    return NULL;
  c.blocking = he_racer_elsewhere(racer);
  c.netns = he_netns_here();
  c.owner = h->easy;
  c.apart = he_libcurl_version() >= LOOKS_UP_APART;
  note_begin(h);
  c.deadline = deadline(h);
  c.multi = h->record ? h->record->multi : NULL;
  memcpy(c.names, t->names, sizeof(c.names));
  c.name_count = t->count;
  c.any_name = t->any;
  be_watched(h, &tracer, &c);
  if(he_handle_app(h, racer, &c.app)) {
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

void he_handle_leave_names(struct he_handle *h)
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

void he_handle_expect(struct he_handle *h, const struct he_peer *p)
{
  struct he_lookup *l = NULL;
  struct he_targets t;
  he_handle_leave_names(h);
  h->passed = false;
  if(he_handle_races_ahead(h, p)) {
    he_targets_find(h, p, &t);
    if((t.count || t.any) && !(t.others_follow && has_connected(h)))
      l = new_lookup(h, p, &t);
    he_targets_free(&t);
  }
  if(l || h->lookup)
    he_handle_set_lookup(h, l);
}

/* -- what came of it -- */

static const char all_failed[] =
  "every address has failed, and libcurl tries once more by itself";

/* A job that goes on where the lookup ended. */
static struct he_job *job_after(struct he_handle *h, struct he_lookup *l,
                                const struct he_lookup_result *r)
{
  const struct he_peer *mine = he_peer_of(h);
  const char *doubt = NULL;
  struct he_peer p;
  he_time_ns began;
  struct he_step *steps;
  struct he_job *j;
  size_t n;
  if(!mine)
    return NULL;
  p = *mine;
  p.host = (char *)he_lookup_host(l, &p.port, &began);
  if(r->state == HE_LOOKUP_LOST)
    doubt = all_failed;
  else if(r->state == HE_LOOKUP_LEFT && he_handle_elsewhere(h))
    doubt = he_elsewhere;
  j = he_handle_new_job(h, p.port == mine->port &&
                        !strcmp(p.host, mine->host) ? mine : &p, doubt, 0,
                        false, false);
  if(!j)
    return NULL;
  steps = he_lookup_steps(l, &n);
  he_job_goes_on(j, steps, steps ? n : 0, began,
                 r->state == HE_LOOKUP_LEFT ? (unsigned)r->count : 0);
  return j;
}

static void close_all(struct he_lookup *l, const struct he_lookup_result *r)
{
  for(size_t i = 0; i < r->count; i++)
    he_lookup_close(l, &r->tries[i]);
}

static void hand_on(struct he_job *j, struct he_lookup *l,
                    struct he_lookup_result *r, struct he_addr *addr,
                    curl_socket_t *fd)
{
  if(r->state == HE_LOOKUP_WON) {
    *addr = r->tries[0].addr;
    *fd = he_lookup_give(&r->tries[0]);
    he_job_won(j, *fd, addr);
    return;
  }
  if(he_job_config(j)->aside)   /* nobody would hand its winner over */
    close_all(l, r);
  for(size_t i = 0; i < r->count && !he_job_config(j)->aside; i++)
    he_job_adopt(j, r->tries[i].fd, r->tries[i].apps, &r->tries[i].addr,
                 r->tries[i].started);
}

bool he_handle_looked_up(struct he_handle *h, struct he_addr *addr,
                         struct he_job **job, curl_socket_t *fd)
{
  struct he_lookup *l = he_handle_lookup(h);
  struct he_lookup_result r;
  bool yes = l && he_lookup_take(l, addr->port, &r);
  h->passed = l && !yes;
  *job = NULL;
  if(yes && r.state == HE_LOOKUP_YIELDED) {   /* as if it had not raced */
    he_handle_set_lookup(h, NULL);
    yes = false;
  }
  if(yes) {
    struct he_job *j = job_after(h, l, &r);
    if(j) {
      he_job_ref(j);
      he_handle_set_job(h, j);
      hand_on(j, l, &r, addr, fd);
    }
    else
      close_all(l, &r);
    *job = j;
    if(he_lookup_partial(l))
      leave_no_name(h);
    he_handle_set_lookup(h, NULL);
  }
  he_lookup_unref(l);
  return yes;
}
