/* SPDX-License-Identifier: MIT */
/* recall_ask.c - a connect's questions to the history.
 *
 * A verdict (he_rank) changes the order of addresses. A doubt, one SYN lost by
 * an address that has never connected, is no verdict: it changes no family's
 * place. But where another address is known to work that one is tried 10 ms
 * later, and not a delay: whether the SYN was lost or the path is dead then
 * costs one more SYN, and no time. One that has connected before is not
 * doubted for one loss: with 10 ms between them a family that is a little
 * farther away would lose its place by the back door. */
#include "historian/recall.h"

#include <string.h>

#define KNOWN HE_HISTORY_ADDRS
/* libcurl itself believes an answer for this long, whatever its TTL. */
#define MINUTE HE_MS(60000)
#define SECOND HE_MS(1000)

struct known {
  size_t n;
  bool maybe[HE_FAMILIES];              /* allowed, none known, and it was not
                                           answered that there is none */
  struct he_remembered from[KNOWN];     /* as they were found */
  struct he_candidate list[KNOWN + 1];  /* in learned order */
  struct he_advice advice[KNOWN + 1];
};

static struct he_advice_rules rules_of(const struct he_recall_ask *ask)
{
  struct he_advice_rules r = { .keep_families = ask->keep_families };
  r.leeway = HE_MS(ask->leeway_ms);
  r.min_delay = HE_MS(ask->min_delay_ms);
  r.max_delay = HE_MS(ask->max_delay_ms);
  r.first_delay = HE_MS(ask->first_delay_ms);
  return r;
}

static void add(struct known *k, const struct he_recall_ask *ask,
                const struct he_addr *a)
{
  struct he_candidate *c = &k->list[k->n++];
  memset(c, 0, sizeof(*c));
  c->addr = *a;
  c->addr.port = ask->port;
}

/* What is known of the host, and of `extra` as well; `alone`: of that only
   where there is nothing else. */
static void look_up(struct he_history *h, uint64_t network,
                    const struct he_recall_ask *ask,
                    const struct he_addr *extra, bool alone, struct known *k,
                    he_time_ns now)
{
  const struct he_advice_rules rules = rules_of(ask);
  const size_t n = he_history_known(h, network, ask->host, k->from, KNOWN,
                                    now);
  bool has = false;
  k->n = 0;
  for(int f = 0; f < HE_FAMILIES; f++)
    k->maybe[f] = ask->allowed[f] &&
      !he_history_answered(h, network, ask->host, (enum he_family)f, true,
                           now);
  for(size_t i = n; i < KNOWN; i++)
    k->from[i].age = HE_NEVER;
  for(size_t i = 0; i < n; i++) {
    const struct he_addr *a = &k->from[i].addr;
    if(!ask->allowed[a->family])
      continue;
    k->maybe[a->family] = false;
    add(k, ask, a);
    has = has || he_addr_equal(&k->list[k->n - 1].addr, extra);
  }
  if(alone ? !k->n : !has)
    add(k, ask, extra);
  he_history_advise(h, network, ask->host, &rules, k->list, k->n,
                    k->advice, now);
  he_advice_hedge(k->list, k->advice, k->n);
}

static bool is_well(const struct he_advice *a)
{
  return a->rank == HE_RANK_GOOD && !a->doubtful;
}

/* Is p to be preferred to a? It has to be known to work, but for where TLS
   never completes anything else is as good. */
static bool beats(const struct he_advice *p, const struct he_advice *a)
{
  if(p->rank < a->rank)
    return p->proven || a->lures;
  return p->rank == a->rank && p->proven && a->doubtful;
}

static he_time_ns age_of(const struct known *k, const struct he_addr *a)
{
  for(size_t i = 0; i < KNOWN; i++) {
    struct he_addr b = k->from[i].addr;
    b.port = a->port;
    if(k->from[i].age != HE_NEVER && he_addr_equal(&b, a))
      return k->from[i].age;
  }
  return HE_NEVER;
}

/* May `other` be connected to where libcurl asked for `a`? */
static bool replaces(const struct known *k, const struct he_recall_ask *ask,
                     size_t other, const struct he_addr *a,
                     const struct he_advice *mine)
{
  const struct he_addr *b = &k->list[other].addr;
  const he_time_ns age = age_of(k, b);
  return (age < MINUTE || (age != HE_NEVER && ask->authenticated)) &&
         (b->family == a->family ||
          (ask->both && k->advice[other].rank < mine->rank));
}

/* -- before any address is known -- */

/* IPv4 works, and of IPv6 nothing does, as far as is known. *instead: so it
   may take IPv6's place. */
static bool only_ipv4(const struct known *k, const struct he_recall_ask *ask,
                      bool *instead)
{
  size_t six = k->n;
  bool untried = false;
  for(size_t i = 0; i < k->n; i++) {
    const struct he_advice *a = &k->advice[i];
    if(k->list[i].addr.family != HE_IPV6)
      continue;
    if(a->proven && a->rank == HE_RANK_GOOD)
      return false;
    if(is_well(a))
      untried = true;
    else if(six == k->n)
      six = i;
  }
  /* whose turn it is before IPv4's, unless that is known to work */
  if(six < k->n && k->advice[six].lures && untried)
    return false;
  for(size_t i = 0; i < k->n && six < k->n; i++) {
    if(k->list[i].addr.family == HE_IPV4 &&
       beats(&k->advice[i], &k->advice[six])) {
      *instead = replaces(k, ask, i, &k->list[six].addr, &k->advice[six]);
      return true;
    }
  }
  return six < k->n && k->advice[six].lures && k->maybe[HE_IPV4];
}

void he_recall_outlook(struct he_recall *r, const struct he_recall_ask *ask,
                       struct he_outlook *out, he_time_ns now)
{
  struct known k;
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  struct he_addr any = { .family = HE_IPV6 };
  if(!ask->allowed[HE_IPV6])
    any.family = HE_IPV4;
  any.port = ask->port;
  look_up(h, network, ask, &any, true, &k, now);
  out->measured = he_history_measured(h, network, ask->host, now) < SECOND;
  he_recall_close(r, false);
  out->delay = k.advice[0].delay;
  out->from = k.advice[0].from;
  out->wary = false;
  for(size_t i = 0; i < k.n; i++) {
    out->wary = out->wary || !is_well(&k.advice[i]);
    /* two losses are a verdict, unless what connected in between is told */
    out->measured = out->measured && !k.advice[i].charged;
  }
  out->calm = !out->wary && !k.maybe[HE_IPV6] && !k.maybe[HE_IPV4];
  out->instead = false;
  out->hasten = out->wary && !ask->keep_families &&
                only_ipv4(&k, ask, &out->instead);
}

/* -- of one address -- */

static const struct he_advice *advice_of(const struct known *k,
                                         const struct he_addr *a)
{
  for(size_t i = 0; i < k->n; i++) {
    if(he_addr_equal(&k->list[i].addr, a))
      return &k->advice[i];
  }
  return NULL;
}

/* As many as are kept: an answer may have had more. */
#define KEPT (HE_HISTORY_ADDRS / HE_FAMILIES)

/* Does the last answer, of the last minute, have addresses of its family, and
   not `a`? */
static bool is_gone(const struct known *k, const struct he_addr *a)
{
  size_t n = 0;
  for(size_t i = 0; i < KNOWN; i++)
    n += k->from[i].age < MINUTE && k->from[i].addr.family == a->family;
  return n && n < KEPT && age_of(k, a) == HE_NEVER;
}

/* The first of its family that the last answer has, and that works as far as is
   known; or NULL. */
static const struct he_addr *present(const struct known *k,
                                     const struct he_addr *a)
{
  for(size_t i = 0; i < k->n; i++) {
    const struct he_addr *b = &k->list[i].addr;
    if(b->family == a->family && age_of(k, b) < MINUTE &&
       is_well(&k->advice[i]))
      return b;
  }
  return NULL;
}

bool he_recall_suspects(struct he_recall *r, const struct he_recall_ask *ask,
                        const struct he_addr *a, struct he_suspicion *out,
                        he_time_ns now)
{
  struct known k;
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  const enum he_family f = (enum he_family)a->family;
  const struct he_addr *now_there = NULL;
  const struct he_advice *mine;
  bool yes;
  look_up(h, network, ask, a, false, &k, now);
  he_recall_close(r, false);
  memset(out, 0, sizeof(*out));
  if(ask->certain && is_gone(&k, a))
    now_there = present(&k, a);
  if(now_there) {
    out->instead = true;
    out->better = *now_there;
    return true;
  }
  mine = advice_of(&k, a);
  if(!mine || is_well(mine))
    return false;
  yes = mine->lures && !ask->keep_families && k.maybe[he_other_family(f)];
  for(size_t i = 0; i < k.n && !out->instead; i++) {
    if(!beats(&k.advice[i], mine) ||
       (ask->keep_families && k.list[i].addr.family != a->family))
      continue;
    yes = true;
    out->instead = replaces(&k, ask, i, a, mine);
    if(out->instead)
      out->better = k.list[i].addr;
  }
  return yes;
}

bool he_recall_remembered(struct he_recall *r,
                          const struct he_recall_ask *ask, enum he_family f,
                          struct he_candidate *list, size_t max, size_t *n,
                          he_time_ns now)
{
  struct he_remembered known[HE_HISTORY_ADDRS];
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  const bool yes = ask->authenticated &&
                   he_history_answered(h, network, ask->host, f, true, now);
  const size_t count = !yes ? 0 :
    he_history_addresses(h, network, ask->host, true, known,
                         HE_HISTORY_ADDRS, now);
  he_recall_close(r, false);
  *n = 0;
  for(size_t i = 0; i < count && *n < max; i++) {
    if(known[i].addr.family != f)
      continue;
    memset(&list[*n], 0, sizeof(*list));
    list[*n].lasts = known[i].fresh ? 1 : 0;
    list[*n].addr = known[i].addr;
    list[(*n)++].addr.port = ask->port;
  }
  return yes;
}

/* -- of a list -- */

#define LIST 128

/* Undoes the interleaving: the first one's family goes first. */
static void by_family(const struct he_candidate *list, size_t n,
                      struct he_candidate *out)
{
  size_t used = 0;
  for(int turn = 0; turn < HE_FAMILIES; turn++) {
    for(size_t i = 0; i < n; i++) {
      if((list[i].addr.family != list[0].addr.family) == turn)
        out[used++] = list[i];
    }
  }
}

static void advise(struct he_recall *r, const struct he_recall_ask *ask,
                   struct he_candidate *list, size_t n,
                   struct he_advice *advice, he_time_ns now)
{
  const struct he_advice_rules rules = rules_of(ask);
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  he_history_advise(h, network, ask->host, &rules, list, n, advice, now);
  he_recall_close(r, false);
}

bool he_recall_sort(struct he_recall *r, const struct he_recall_ask *ask,
                    struct he_candidate *list, size_t n, he_time_ns now)
{
  struct he_candidate sorted[LIST];
  struct he_advice advice[LIST];
  bool well = true;
  n = n < LIST ? n : LIST;
  by_family(list, n, sorted);
  advise(r, ask, sorted, n, advice, now);
  for(size_t i = 0; i < n && well; i++)
    well = is_well(&advice[i]);
  if(well)
    return false;
  he_advice_hedge(sorted, advice, n);
  he_advice_interleave(sorted, advice, n, ask->first_count);
  memcpy(list, sorted, n * sizeof(*list));
  return true;
}

size_t he_recall_proven(struct he_recall *r, const struct he_recall_ask *ask,
                        const struct he_candidate *list, size_t n,
                        he_time_ns now)
{
  struct he_candidate copy[LIST];
  struct he_advice advice[LIST];
  size_t found = n;
  if(!n || n > LIST)
    return n;
  memcpy(copy, list, n * sizeof(*list));
  advise(r, ask, copy, n, advice, now);
  for(size_t i = 0; i < n && found == n; i++) {
    for(size_t j = 0; advice[i].proven && j < n && found == n; j++) {
      if(he_addr_equal(&list[j].addr, &copy[i].addr))
        found = j;
    }
  }
  return found;
}

/* -- for somebody who only looks -- */

size_t he_recall_foresee(struct he_recall *r, uint64_t network,
                         const struct he_recall_ask *ask,
                         enum he_family first, struct he_turn_ahead *out,
                         size_t max, he_time_ns now)
{
  const struct he_advice_rules rules = rules_of(ask);
  struct known k = { .n = 0 };
  uint64_t here;
  struct he_history *h = he_recall_open(r, &here);
  const size_t n = he_history_known(h, network, ask->host, k.from, KNOWN,
                                    now);
  for(int turn = 0; turn < HE_FAMILIES; turn++) {
    for(size_t i = 0; i < n; i++) {
      const struct he_addr *a = &k.from[i].addr;
      if(ask->allowed[a->family] && (a->family != first) == turn)
        add(&k, ask, a);
    }
  }
  he_history_foresee(h, network, ask->host, &rules, k.list, k.n, k.advice,
                     now);
  he_recall_close(r, false);
  he_advice_hedge(k.list, k.advice, k.n);
  he_advice_interleave(k.list, k.advice, k.n, ask->first_count);
  for(size_t i = 0; i < k.n && i < max; i++)
    out[i] = (struct he_turn_ahead){ k.list[i].addr, k.advice[i] };
  return k.n < max ? k.n : max;
}
