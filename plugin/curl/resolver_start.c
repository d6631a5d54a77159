/* SPDX-License-Identifier: MIT */
/* resolver_start.c - libcurl is about to look a name up. */
#include "base/clock.h"
#include "curl/ahead.h"
#include "curl/callbacks.h"
#include "curl/doubt.h"
#include "curl/hetimer.h"
#include "curl/libcurl.h"
#include "curl/outlook.h"
#include "curl/races.h"
#include "curl/sent.h"
#include "curl/settled.h"
#include "curl/targets.h"
#include "net/racer.h"

#include <string.h>

/* A race that this question begins, in place of the last one. */
static bool begin_race(struct he_handle *h, const struct he_peer *p,
                       const struct he_begun *begun)
{
  struct he_connect *c = he_races_new(h, p, begun);
  if(c)
    he_tasks_set_race(&h->tasks, c);
  return c != NULL;
}

/* curl_he_perform() waits to know whether this transfer needs a name resolved,
   and which: it needs this one. Later questions, for an FTP data connection's
   address say, come when commands were sent: curl-he leaves those alone. */
static bool take_over(struct he_handle *h, const struct he_peer *p)
{
  return h->performing.veto == HE_VETO_ARMED &&
         !he_sent_past_lookup(h->easy) && !he_sent_maybe(h) &&
         !he_doubt_of(h, p, p->port) &&
         begin_race(h, p, &(struct he_begun){ .attended = true });
}

/* Has libcurl the host's addresses from curl_he_perform(), and asks for a name
   all the same? Then it is another name, by CURLOPT_CONNECT_TO for instance, or
   CURLOPT_IPRESOLVE is set and the addresses are of the wrong family. If so
   curl-he stands aside. */
static bool gone_elsewhere(struct he_handle *h, const struct he_peer *p)
{
  struct he_connect *c = h->performing.given ? he_tasks_race(&h->tasks) : NULL;
  const bool yes = c && he_races_to(c, p) && !he_sent_maybe(h);
  he_connect_unref(c);
  if(yes) {
    h->performing.given = false;
    h->performing.elsewhere = true;
    he_sightings_forget(&h->he->sightings, p->sighting);
    begin_race(h, p, &(struct he_begun){
      .doubt = "libcurl does not want the addresses it was given" });
  }
  return yes;
}

static void let_ask(struct he_handle *h, const struct he_peer *p)
{
  if(!gone_elsewhere(h, p)) {
    h->asked_at = he_clock_now();
    he_sightings_add(&h->he->sightings, p->sighting, h->asked_at, NULL);
  }
  he_ahead_expect(h, p);
}

static bool is_literal(const char *host)
{
  struct he_addr a;
  return *host == '[' || he_addr_parse(&a, host);
}

/* May libcurl be about to look up a name, and not only addresses? What SOCKS4
   and SOCKS5 proxies are to reach is looked up once they are connected. */
static bool looks_up_a_name(struct he_handle *h, const struct he_peer *p)
{
  struct he_targets t;
  bool yes;
  he_targets_find(h, p, &t);
  if(t.others_follow && (!h->record || h->record->connected))
    he_targets_beyond(h, p, &t);
  yes = t.any;
  for(size_t i = 0; i < t.count; i++)
    yes = yes || !is_literal(t.names[i].host);
  he_targets_free(&t);
  return yes;
}

/* Does a lookup of curl-he's take libcurl's call? A libcurl with c-ares sends
   questions of its own. */
static bool is_taken(struct he_handle *h)
{
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  he_lookup_unref(l);
  return l && !curl_version_info(CURLVERSION_NOW)->ares;
}

/* The address of an FTP data connection comes from the server, or is the
   control connection's. */
static bool is_data_connection(struct he_handle *h, const struct he_peer *p)
{
  return !strncmp(p->scheme, "ftp", 3) && he_sent_maybe(h);
}

/* Another resolver is configured, and the question would go to the system's,
   which is not to hear of it. */
static bool would_leak(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  if(he_settled_resolver(h, p->host) == &he_resolver_shared || d->doh ||
     d->unix_socket || is_data_connection(h, p) || is_taken(h) ||
     !looks_up_a_name(h, p))
    return false;
  begin_race(h, p, &(struct he_begun){
    .doubt = "the question would go to the system's resolver, and another one "
             "is configured" });
  return true;
}

/* Whom libcurl goes to is not known: its URL is none that curl-he can read, or
   there is no memory. Any resolver that is configured could be the host's. */
static bool could_leak(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  return !d->doh && !d->unix_socket &&
         he_context_any(h->he, HE_OPT_RESOLVER);
}

/* What other processes have learned of this host, for the HE timer. */
static void read_up(struct he_handle *h, const struct he_peer *p)
{
  if(he_recall_pending(he_context_recall(h->he)))
    he_outlook_of(h, p);   /* waits for 1 ms at most */
}

int he_on_resolver_start(void *resolver, void *reserved, void *number)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  const struct he_declared *d;
  const struct he_peer *peer;
  int veto = 0;
  if(!h)
    return 0;
  d = he_handle_declared(h);
  h->figures = false;
  if(d->resolver_start)
    veto = d->resolver_start(resolver, reserved, d->resolver_start_data);
  peer = veto ? NULL : he_settled_peer(h);
  if(peer) {
    h->netns = he_netns_here();
    read_up(h, peer);
    he_hetimer_begin(h, true);
    veto = take_over(h, peer);
    if(veto)
      h->performing.veto = HE_VETO_DONE;
    else {
      let_ask(h, peer);
      veto = would_leak(h, peer);
    }
    h->netns = 0;
  }
  else if(!veto)
    veto = could_leak(h);
  he_handle_put(h);
  return veto;
}
