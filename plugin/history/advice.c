/* SPDX-License-Identifier: MIT */
/* advice.c - what is known, turned into an order and delays.
 *
 * The rank is all that moves an address: those of equal rank stay in the
 * system's order, so that IPv6 goes first unless it fails or costs too much.
 *
 * Too much is more than the leeway over the best address: its SRTT less
 * RTTVAR, since a first sample (where RTTVAR is half of it) is often high by
 * chance, and an address that goes later is no longer measured by requests.
 *
 * The delay after an address is SRTT + 4 * RTTVAR, and SRTT + SRTT / 4 at
 * least: of the address, else its family at this host, else the other family
 * there, else its family on this network. The network's times are those of
 * hosts near and far. So the caller is told which of them a delay is from: the
 * host's own is fixed, the network's is the first of a schedule. */
#include "history/memory.h"

void he_advice_rules_usual(struct he_advice_rules *r)
{
  *r = (struct he_advice_rules){ .leeway = HE_MS(50), .min_delay = HE_MS(50),
                                 .max_delay = HE_MS(2000),
                                 .first_delay = HE_MS(150) };
}

/* What the advice is about. */
struct asked {
  struct he_history *h;
  struct he_host *host;             /* or NULL */
  const struct he_network *network;
  const struct he_advice_rules *rules;
  struct he_present p;
};

static const struct he_estimate *measured(const struct asked *q,
                                          const struct he_estimate *e)
{
  return he_estimate_fresh(e, q->p.now, q->h->limits.times_age) ? e : NULL;
}

/* The address's own times, else its family's at this host; NULL: none */
static const struct he_estimate *times_of(const struct asked *q,
                                          const struct he_known *known,
                                          enum he_family f)
{
  const struct he_estimate *e = known ? measured(q, &known->track.rtt) : NULL;
  if(!e && q->host)
    e = measured(q, &q->host->family[f].track.rtt);
  return e;
}

/* RTTVAR follows the last few samples. After some that happen to agree,
   4 * RTTVAR is less than what queues add now and then, and 24 connects in
   1,000 send a second SYN to a healthy host (bench --share). A quarter of
   SRTT makes that less than one. */
static he_time_ns time_to_answer(const struct he_estimate *e)
{
  const he_time_ns upper = he_estimate_upper(e);
  const he_time_ns least = he_estimate_srtt(e) + he_estimate_srtt(e) / 4;
  return upper > least ? upper : least;
}

/* The hosts of a network are near and far: their spread says little of one that
   was never seen. So the wait for that one is half as long again as their mean
   at the most: a dead address costs no more than libcurl alone would wait. */
static he_time_ns network_to_answer(const struct he_estimate *e)
{
  const he_time_ns most = he_estimate_srtt(e) + he_estimate_srtt(e) / 2;
  const he_time_ns usual = time_to_answer(e);
  return usual < most ? usual : most;
}

static void find_delay(const struct asked *q, const struct he_known *known,
                       enum he_family f, struct he_advice *a)
{
  const struct he_estimate *e = times_of(q, known, f);
  a->from = HE_PACE_HOST;
  if(!e)
    e = times_of(q, NULL, he_other_family(f));
  if(!e && q->network) {
    a->from = HE_PACE_NETWORK;
    e = measured(q, &q->network->family[f].rtt);
  }
  if(!e)
    a->from = HE_PACE_COLD;
  a->delay = !e ? q->rules->first_delay :
             a->from == HE_PACE_NETWORK ? network_to_answer(e) :
             time_to_answer(e);
  if(a->delay < q->rules->min_delay)
    a->delay = q->rules->min_delay;
  if(a->delay > q->rules->max_delay)
    a->delay = q->rules->max_delay;
}

/* The least time that an address takes, of its family or (keep_families false)
   of both; HE_NEVER: none was measured */
static void best_times(const struct asked *q, const struct he_candidate *list,
                       const struct he_advice *advice, size_t n,
                       he_time_ns best[HE_FAMILIES])
{
  best[HE_IPV6] = best[HE_IPV4] = HE_NEVER;
  for(size_t i = 0; i < n; i++) {
    enum he_family f = (enum he_family)list[i].addr.family;
    const struct he_estimate *e =
      times_of(q, he_known_find(q->host, &list[i].addr), f);
    if(e && advice[i].rank != HE_RANK_BAD && he_estimate_srtt(e) < best[f])
      best[f] = he_estimate_srtt(e);
  }
  for(int f = 0; f < HE_FAMILIES && !q->rules->keep_families; f++)
    if(best[!f] < best[f])
      best[f] = best[!f];
}

static void find_slow(const struct asked *q, const struct he_candidate *list,
                      struct he_advice *advice, size_t n)
{
  he_time_ns best[HE_FAMILIES];
  best_times(q, list, advice, n, best);
  for(size_t i = 0; i < n; i++) {
    enum he_family f = (enum he_family)list[i].addr.family;
    struct he_known *k = he_known_find(q->host, &list[i].addr);
    const struct he_estimate *e = times_of(q, k, f);
    bool slow = e && best[f] != HE_NEVER &&
                he_estimate_srtt(e) - he_estimate_rttvar(e) >
                he_time_add(best[f], q->rules->leeway);
    if(slow && advice[i].rank == HE_RANK_GOOD)
      advice[i].rank = HE_RANK_SLOW;
    if(k)
      k->slow = slow;
  }
}

static bool silent(const struct he_track *t, struct he_present p)
{
  return t && he_charge_points(&t->charge[HE_CHARGE_SILENT], p);
}

/* More than the rank says, which only a verdict changes. */
static void evidence(const struct asked *q, const struct he_known *k,
                     enum he_family f, uint16_t port, struct he_advice *a)
{
  const struct he_track *own = k ? &k->track : NULL;
  const struct he_track *all = q->host ? &q->host->family[f].track : NULL;
  bool lost, worked;
  a->doubtful = a->proven = false;
  a->charged = silent(own, q->p) || silent(all, q->p);
  /* what is bad and reachable is so for its TLS */
  a->lures = a->rank == HE_RANK_BAD &&
             !(own && he_track_unreachable(own, port, q->p)) &&
             !he_track_unreachable(all, port, q->p);
  if(!k || a->rank == HE_RANK_BAD)
    return;
  lost = he_track_doubtful(own, q->p);
  worked = he_age(own->good_at, q->p.now) < q->h->limits.times_age;
  a->doubtful = lost && !worked;
  a->proven = worked && !lost;
}

static void swap(struct he_candidate *list, struct he_advice *advice, size_t i,
                 size_t j)
{
  struct he_candidate c = list[i];
  struct he_advice a = advice[i];
  list[i] = list[j];
  list[j] = c;
  advice[i] = advice[j];
  advice[j] = a;
}

static int place_of(const struct he_advice *a, bool hedge)
{
  return 2 * (int)a->rank + (hedge && a->doubtful);
}

/* Insertion, hence stable. With `keep` each place keeps its family. */
static void sort(struct he_candidate *list, struct he_advice *advice, size_t n,
                 bool keep, bool hedge)
{
  for(size_t i = 1; i < n; i++) {
    size_t at = i;
    for(size_t j = i; j-- > 0;) {
      if(keep && list[j].addr.family != list[at].addr.family)
        continue;
      if(place_of(&advice[j], hedge) <= place_of(&advice[at], hedge))
        break;
      swap(list, advice, j, at);
      at = j;
    }
  }
}

/* What goes later now has to be tested again, or it would do so for ever. */
static void plan_probes(const struct asked *q, const struct he_candidate *list,
                        const struct he_advice *advice, size_t n)
{
  bool late[HE_FAMILIES] = { false, false };
  for(size_t i = 0; i < n; i++)
    if(advice[i].rank != HE_RANK_GOOD)
      late[list[i].addr.family] = true;
  for(int f = 0; f < HE_FAMILIES; f++)
    if(late[f])
      he_probe_plan(q->h, q->host, (enum he_family)f, q->p.now, q->p.now);
}

void he_history_foresee(struct he_history *h, uint64_t network,
                        const char *host, const struct he_advice_rules *rules,
                        struct he_candidate *list, size_t n,
                        struct he_advice *advice, he_time_ns now)
{
  const struct he_network *net = he_network_find(h, network);
  const struct asked q = { h, he_host_named(h, network, host), net, rules,
                           he_present(h, now) };
  for(size_t i = 0; i < n; i++) {
    const struct he_addr *a = &list[i].addr;
    enum he_family f = (enum he_family)a->family;
    const struct he_known *k = q.host ? he_known_find(q.host, a) : NULL;
    advice[i].rank = he_rank_of(q.host, net, k, f, a->port, q.p);
    find_delay(&q, k, f, &advice[i]);
    evidence(&q, k, f, a->port, &advice[i]);
  }
  if(q.host)
    find_slow(&q, list, advice, n);
  sort(list, advice, n, rules->keep_families, false);
}

void he_history_advise(struct he_history *h, uint64_t network,
                       const char *host, const struct he_advice_rules *rules,
                       struct he_candidate *list, size_t n,
                       struct he_advice *advice, he_time_ns now)
{
  const struct asked q = { h, he_host_named(h, network, host), NULL, rules,
                           he_present(h, now) };
  he_history_foresee(h, network, host, rules, list, n, advice, now);
  if(!q.host)
    return;
  he_host_use(h, q.host, now);
  if(n)
    q.host->port = list[0].addr.port;
  plan_probes(&q, list, advice, n);
}

void he_advice_hedge(struct he_candidate *list, struct he_advice *advice,
                     size_t n)
{
  sort(list, advice, n, true, true);
}

static void interleave_rank(struct he_candidate *list,
                            struct he_advice *advice, size_t n,
                            unsigned first_count)
{
  enum he_family want = (enum he_family)list[0].addr.family;
  unsigned more = first_count;
  for(size_t i = 0; i < n; i++) {
    size_t j = i;
    while(j < n && list[j].addr.family != want)
      j++;
    if(j == n)
      return;      /* what is left is of one family, and in its order */
    for(; j > i; j--)
      swap(list, advice, j, j - 1);
    if(more > 1)
      more--;
    else
      want = he_other_family(want);
  }
}

void he_advice_interleave(struct he_candidate *list, struct he_advice *advice,
                          size_t n, unsigned first_count)
{
  size_t end;
  for(size_t from = 0; from < n; from = end) {
    for(end = from + 1; end < n && advice[end].rank == advice[from].rank;)
      end++;
    interleave_rank(list + from, advice + from, end - from,
                    from ? 1 : first_count);
  }
}

void he_pace(struct he_race_config *c, he_time_ns delay,
             enum he_pace_from from)
{
  if(!c->first_delay)
    return;
  switch(from) {
  case HE_PACE_COLD:
    break;
  case HE_PACE_NETWORK:
    c->first_delay = delay;
    if(c->attempt_delay < delay)
      c->attempt_delay = delay;
    break;
  case HE_PACE_HOST:
    c->first_delay = 0;
    c->attempt_delay = delay;
    break;
  }
}
