/* SPDX-License-Identifier: MIT */
/* history.c - learns from outcomes and answers.
 *
 * One outcome is counted in three places: for its address, for its family at
 * this host, and for its family on this network.
 *
 *   address  handshake times (RFC 6298 sections 2 and 3) and points against it
 *            (track.h): 4 are a verdict, a lost SYN is 2, so that one loss
 *            never turns anything, and two do with no success in between.
 *   family   the same of all its addresses together: a host that answers with
 *            other addresses each time profits, too. An address that connected
 *            within verdict_age and has not failed since is judged by itself.
 *   network  three hosts of different names and addresses whose family is bad,
 *            and none that has connected since the first of them: then a host
 *            never seen before starts with the other family (HE_RANK_DOUBTED).
 *            One success anywhere refutes it. So a host that alone is dead
 *            leaves IPv6 alone.
 *
 * When silence is too long: an attempt without an answer counts only when it
 * was pending for longer than SRTT + 4 * RTTVAR of its address (where that is
 * not known: its connection attempt delay, at least 50 ms), and for longer
 * than the winner's own handshake took. So the loser of a race between two
 * slow addresses is not blamed. An attempt that had begun before the address
 * was last seen to work is not either, and attempts that overlap count once.
 *
 * How verdicts end: a request's connect ends one at once. Before that a probe
 * in the background puts it on probation (probe.c): the address is back in its
 * place, and is bad again with the next lost SYN, or good with the next
 * connect. And two points lapse with each verdict_age.
 *
 * TLS that never completes cannot be probed by a connect; its verdict is ended
 * by a delivery, or lapses. */
#include "history/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define YEAR HE_MS(365 * 86400000LL)

void he_history_limits_usual(struct he_history_limits *l)
{
  *l = (struct he_history_limits){ .max_hosts = 4096, .max_networks = 64,
                                   .verdict_age = HE_MS(600000),
                                   .times_age = HE_MS(86400000) };
}

struct he_history *he_history_new(const struct he_history_limits *l)
{
  struct he_history *h = calloc(1, sizeof(*h));
  unsigned buckets = 1;
  assert(l->max_hosts && l->max_networks);
  assert(l->verdict_age > 0 && l->verdict_age <= YEAR);
  assert(l->times_age > 0 && l->times_age <= YEAR);
  if(!h)
    return NULL;
  h->limits = *l;
  h->used.prev = h->used.next = &h->used;
  h->dirty.prev = h->dirty.next = &h->dirty;
  h->probe_free = HE_LONG_AGO;
  while(buckets < l->max_hosts)
    buckets *= 2;
  h->buckets = buckets;
  h->bucket = calloc(buckets, sizeof(*h->bucket));
  h->network = calloc(l->max_networks, sizeof(*h->network));
  if(!h->bucket || !h->network) {
    he_history_free(h);
    return NULL;
  }
  return h;
}

void he_history_free(struct he_history *h)
{
  if(!h)
    return;
  while(h->hosts)
    he_host_free(h, (struct he_host *)(void *)h->used.next);
  free(h->bucket);
  he_timers_free(&h->probes);
  free(h->network);
  free(h);
}

size_t he_history_hosts(const struct he_history *h)
{
  return h->hosts;
}

bool he_history_has(const struct he_history *h, uint64_t network,
                    const char *host)
{
  return host ? he_host_named(h, network, host) != NULL :
                he_network_find(h, network) != NULL;
}

/* -- outcomes ----------------------------------------------------------- */

static bool sane(const struct he_outcome *o, he_time_ns now)
{
  return (o->addr.family == HE_IPV6 || o->addr.family == HE_IPV4) &&
         now >= 0 && o->handshake >= 0 && o->winner >= 0 && o->delay >= 0 &&
         o->pending >= 0 && o->pending <= YEAR;
}

/* A refusal is its host's own affair. */
static void tell_network(struct he_history *h, const struct he_host *host,
                         const struct he_finding *f, enum he_family family,
                         he_time_ns now)
{
  const struct he_charge *charge = host->family[family].track.charge;
  struct he_network *network = he_network_get(h, host->network);
  struct he_network_family *n = &network->family[family];
  enum he_network_charge c = HE_NETWORK_SILENT;
  switch(f->what) {
  case HE_FIND_NOTHING:
    return;
  case HE_FIND_CONNECTED:
    he_network_refute(n, HE_NETWORK_SILENT, now);
    if(f->sample)
      he_estimate_add(&n->rtt, f->sample, now);
    break;
  case HE_FIND_DELIVERED:
    he_network_refute(n, HE_NETWORK_TLS, now);
    break;
  case HE_FIND_AGAINST:
    if(f->kind == HE_CHARGE_REFUSED ||
       he_charge_points(&charge[f->kind], he_present(h, now)) < HE_POINTS_BAD)
      return;
    if(f->kind == HE_CHARGE_TLS)
      c = HE_NETWORK_TLS;
    he_network_testify(n, c, (struct he_witness){ host->name_hash, f->by,
                                                  now });
    break;
  }
  network->dirty = true;
}

static he_time_ns usual_time(const struct he_history *h,
                             const struct he_host *host,
                             const struct he_known *known, he_time_ns now)
{
  const struct he_estimate *e = &known->track.rtt;
  if(!he_estimate_fresh(e, now, h->limits.times_age))
    e = &host->family[known->addr.family].track.rtt;
  return he_estimate_fresh(e, now, h->limits.times_age) ?
         he_estimate_upper(e) : 0;
}

bool he_history_learn(struct he_history *h, uint64_t network, const char *host,
                      const struct he_outcome *o, he_time_ns now)
{
  const struct he_present p = he_present(h, now);
  struct he_host_family *family;
  struct he_known *known;
  struct he_finding f;
  struct he_name name;
  struct he_host *at;
  if(!he_name_set(&name, host))
    return false;
  if(!sane(o, now))
    return true;
  at = he_host_get(h, network, &name);
  known = at ? he_known_get(at, &o->addr) : NULL;
  if(!known)
    return false;
  f = he_track_judge(o, usual_time(h, at, known, now), now);
  he_track_add(&known->track, &f, f.points, p);
  f.by = he_addr_tag(&known->addr);
  family = &at->family[o->addr.family];
  he_track_add(&family->track, &f, f.family_points, p);
  tell_network(h, at, &f, (enum he_family)o->addr.family, now);
  at->port = o->addr.port;
  if(o->probe)
    he_probe_over(h, at, (enum he_family)o->addr.family, now);
  else {
    he_host_use(h, at, now);
    he_probe_plan(h, at, (enum he_family)o->addr.family,
                  now + HE_PROBE_FIRST, now);
    if(he_age(known->track.good_at, now) < p.verdict_age &&
       he_track_verdict(&known->track, HE_CHARGE_SILENT, 0, p))
      he_probe_hurry(h, at, (enum he_family)o->addr.family, now);
  }
  he_host_dirty(h, at);
  return true;
}

/* -- answers ------------------------------------------------------------ */

/* Notes what the answer gives; what it no longer gives keeps an older time. */
static void note_answer(struct he_host *at, enum he_family f,
                        const struct he_addr *list, size_t n, uint32_t ttl,
                        he_time_ns now)
{
  uint8_t place = 0;
  for(unsigned i = 0; i < at->n; i++)
    if(at->known[i].addr.family == f && at->known[i].answered >= now)
      at->known[i].answered = now - 1;
  for(size_t i = 0; i < n && place < HE_FAMILY_ADDRS; i++) {
    struct he_known *k;
    if(list[i].family != f)
      continue;
    k = he_known_get(at, &list[i]);
    if(!k || k->answered == now)
      continue;                    /* twice in the answer */
    k->answered = now;
    k->ttl = ttl;
    k->place = place++;
  }
  at->family[f].answered = now;
}

bool he_history_answer(struct he_history *h, uint64_t network,
                       const char *host, enum he_family f,
                       const struct he_addr *list, size_t n, uint32_t ttl,
                       he_time_ns now)
{
  struct he_name name;
  struct he_host *at;
  if(!he_name_set(&name, host))
    return false;
  at = he_host_get(h, network, &name);
  if(!at || !he_known_reserve(at, n < HE_HISTORY_ADDRS ? n :
                                  HE_HISTORY_ADDRS))
    return false;
  note_answer(at, f, list, n, ttl, now);
  he_host_use(h, at, now);
  he_host_dirty(h, at);
  return true;
}

bool he_history_unanswered(struct he_history *h, uint64_t network,
                           const char *host, enum he_family f,
                           he_time_ns now)
{
  return he_history_answered(h, network, host, f, true, now) ||
         he_history_answer(h, network, host, f, NULL, 0, 0, now);
}

static bool offered(const struct he_history *h, const struct he_host *host,
                    const struct he_known *k, bool authenticated,
                    struct he_remembered *out, he_time_ns now)
{
  he_time_ns age = he_age(k->answered, now);
  if(age >= h->limits.times_age ||
     k->answered != host->family[k->addr.family].answered)
    return false;
  *out = (struct he_remembered){ k->addr, age, k->ttl,
                                 age / HE_MS(1000) < k->ttl };
  return out->fresh || authenticated;
}

/* Those of a family as they were answered: how many there are; writes at most
   `max`. */
static size_t offers(const struct he_history *h, const struct he_host *at,
                     int f, bool authenticated, struct he_remembered *out,
                     size_t max, he_time_ns now)
{
  struct he_remembered one;
  size_t n = 0;
  for(unsigned place = 0; place < HE_FAMILY_ADDRS; place++)
    for(unsigned i = 0; i < at->n; i++) {
      const struct he_known *k = &at->known[i];
      if(k->addr.family != f || k->place != place ||
         !offered(h, at, k, authenticated, &one, now))
        continue;
      if(n < max)
        out[n] = one;
      n++;
    }
  return n;
}

size_t he_history_addresses(const struct he_history *h, uint64_t network,
                            const char *host, bool authenticated,
                            struct he_remembered *out, size_t max,
                            he_time_ns now)
{
  const struct he_host *at = he_host_named(h, network, host);
  size_t n = 0;
  for(int f = 0; at && f < HE_FAMILIES; f++) {
    const size_t had = n < max ? n : max;
    n += offers(h, at, f, authenticated, out + had, max - had, now);
  }
  return n;
}

bool he_history_answered(const struct he_history *h, uint64_t network,
                         const char *host, enum he_family f,
                         bool authenticated, he_time_ns now)
{
  const struct he_host *at = he_host_named(h, network, host);
  struct he_remembered one;
  if(!at || he_age(at->family[f].answered, now) >= h->limits.times_age)
    return false;
  for(unsigned i = 0; !authenticated && i < at->n; i++) {
    if(at->known[i].addr.family == f &&
       offered(h, at, &at->known[i], false, &one, now))
      return true;
  }
  return authenticated;
}

size_t he_history_known(const struct he_history *h, uint64_t network,
                        const char *host, struct he_remembered *out,
                        size_t max, he_time_ns now)
{
  const struct he_host *at = he_host_named(h, network, host);
  struct he_remembered one;
  size_t n = 0;
  for(int f = 0; at && f < HE_FAMILIES; f++) {
    n += offers(h, at, f, true, out + n, max - n, now);
    for(unsigned i = 0; i < at->n && n < max; i++) {
      const struct he_known *k = &at->known[i];
      if(k->addr.family == f && !offered(h, at, k, true, &one, now) &&
         he_age(k->track.at, now) < h->limits.times_age)
        out[n++] = (struct he_remembered){ k->addr, HE_NEVER, 0, false };
    }
    n = n < max ? n : max;
  }
  return n;
}

he_time_ns he_history_measured(const struct he_history *h, uint64_t network,
                               const char *host, he_time_ns now)
{
  const struct he_host *at = he_host_named(h, network, host);
  he_time_ns age = HE_NEVER;
  for(int f = 0; at && f < HE_FAMILIES; f++) {
    he_time_ns mine = he_age(at->family[f].track.rtt.at, now);
    age = mine < age ? mine : age;
  }
  return age;
}

/* -- looking and forgetting --------------------------------------------- */

size_t he_history_foreach(const struct he_history *h,
                          bool (*see)(const struct he_history_view *v,
                                      void *data),
                          void *data, he_time_ns now)
{
  size_t seen = 0;
  const struct he_link *l;
  for(l = h->used.next; l != &h->used; l = l->next) {
    const struct he_host *host = (const struct he_host *)(const void *)l;
    const struct he_network *n = he_network_find(h, host->network);
    for(unsigned i = 0; i < host->n; i++) {
      const struct he_known *k = &host->known[i];
      const struct he_track *t = &k->track;
      struct he_history_view v = {
        .network = host->network, .host = host->name, .addr = k->addr,
        .srtt = he_estimate_srtt(&t->rtt),
        .rttvar = he_estimate_rttvar(&t->rtt), .unused = he_age(t->at, now),
        .successes = t->successes, .failures = t->failures,
        .losses = t->losses,
        .rank = he_rank_of(host, n, k, (enum he_family)k->addr.family, 0,
                           he_present(h, now)) };
      seen++;
      if(!see(&v, data))
        return seen;
    }
  }
  return seen;
}

size_t he_hosts_forget(struct he_history *h, const uint64_t *network,
                       const uint64_t *name_hash)
{
  size_t forgotten = 0;
  struct he_link *next;
  for(struct he_link *l = h->used.next; l != &h->used; l = next) {
    struct he_host *at = (struct he_host *)(void *)l;
    next = l->next;
    if((!network || at->network == *network) &&
       (!name_hash || at->name_hash == *name_hash)) {
      he_host_free(h, at);
      forgotten++;
    }
  }
  for(unsigned i = 0; !name_hash && i < h->limits.max_networks; i++)
    if(!network || h->network[i].id == *network)
      memset(&h->network[i], 0, sizeof(h->network[i]));
  return forgotten;
}

size_t he_history_forget(struct he_history *h, const uint64_t *network,
                         const char *host)
{
  struct he_name name;
  if(host && !he_name_set(&name, host))
    return 0;
  return he_hosts_forget(h, network, host ? &name.hash : NULL);
}
