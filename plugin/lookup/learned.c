/* SPDX-License-Identifier: MIT */
/* learned.c - what earlier and concurrent connects measured orders the
 * addresses, and starts the one that works early. No address is removed. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "lookup/expected.h"

#include <limits.h>
#include <stdlib.h>

static void give_turns(struct he_lookup_answer *a,
                       const struct he_candidate *order, size_t n)
{
  for(size_t i = 0; i < a->n; i++) {
    a->list[i].turn = 0;
    for(size_t j = 0; j < n && j < UINT8_MAX && !a->list[i].turn; j++) {
      if(he_addr_equal(&a->list[i].addr, &order[j].addr))
        a->list[i].turn = (uint8_t)(j + 1);
    }
  }
}

/* Most connects go to a host of which nothing bad is known: there is no more to
   be asked then, until something is learned. */
bool he_drive_is_calm(const struct he_drive *d)
{
  const struct he_lookup_config *c = &d->l->config;
  return !c->recall || (c->calm && c->calm == he_recall_epoch(c->recall));
}

/* Several ports are tried in their order. */
static bool has_ports(const struct he_drive *d)
{
  const struct he_lookup_plan *p = d->l->config.plan;
  return p && p->port_count > 1;
}

/* Has somebody another order than that of the resolver and the families? Then
   `all` is in it. */
static bool reorder(struct he_drive *d, bool calm, struct he_candidate *all,
                    size_t n, he_time_ns now)
{
  struct he_lookup *l = d->l;
  if(!calm && he_recall_sort(l->config.recall, &l->config.ask, all, n, now))
    return true;
  if(!has_ports(d))
    return false;
  he_ports_order(all, n, l->config.plan->ports, l->config.plan->port_count,
                 l->config.race.first_family_count);
  return true;
}

enum he_family he_drive_sort(struct he_drive *d, he_time_ns now)
{
  static const bool both[HE_FAMILIES] = { true, true };
  struct he_lookup *l = d->l;
  struct he_event ev = { .kind = HE_EV_ORDER };
  const bool calm = he_drive_is_calm(d);
  struct he_candidate *all;
  if(calm && d->unheard[HE_IPV6] != d->unheard[HE_IPV4] && !has_ports(d))
    return d->unheard[HE_IPV6] ? HE_IPV6 : HE_IPV4;
  if(!calm) {
    d->epoch = he_recall_epoch(l->config.recall);
    d->advised = UINT_MAX;
  }
  all = he_lookup_all(l, both, l->config.race.preference, &ev.n);
  if(all && reorder(d, calm, all, ev.n, now)) {
    give_turns(he_lookup_known(l, HE_IPV6), all, ev.n);
    give_turns(he_lookup_known(l, HE_IPV4), all, ev.n);
    ev.list = all;
    he_race_handle(d->race, now, &ev);
  }
  d->best = all ? all[0].addr : (struct he_addr){ .family = HE_IPV6 };
  free(all);
  return (enum he_family)d->best.family;
}

/* All that is known is this family's answer. */
static bool is_worse(struct he_drive *d, enum he_family f, he_time_ns now)
{
  struct he_lookup *l = d->l;
  struct he_suspicion s;
  return l->answers[f].n && !he_drive_is_calm(d) &&
         he_recall_suspects(l->config.recall, &l->config.ask, &d->best, &s,
                            now) &&
         !(s.instead && s.better.family == f);
}

bool he_drive_holds(struct he_drive *d, he_time_ns now)
{
  const enum he_family f = d->unheard[HE_IPV6] ? HE_IPV6 : HE_IPV4;
  const enum he_family other = he_other_family(f);
  const bool alone = !d->l->answers[other].there &&
                     !d->l->remembered[other].there &&
                     d->l->config.race.allowed[other];
  if(alone && d->hold_until == HE_NEVER &&
     (he_expected_crowded(d->l) <= now || is_worse(d, f, now)))
    d->hold_until = he_time_add(now, d->l->config.race.resolution_delay);
  if(alone && d->hold_until != HE_NEVER && d->hold_until > now)
    return true;
  d->hold_until = HE_NEVER;
  return false;
}

/* Is something held against each attempt that runs? */
static bool all_suspect(struct he_drive *d, he_time_ns now)
{
  struct he_lookup *l = d->l;
  struct he_suspicion s;
  for(unsigned i = 0; i < d->count; i++) {
    if(!d->tries[i].fate &&
       !he_recall_suspects(l->config.recall, &l->config.ask,
                           &d->tries[i].addr, &s, now))
      return false;
  }
  return d->running > 0;
}

/* A doubt is no verdict, but it is hedged: what is known to work is tried 10 ms
   later, not a delay. */
static void hasten(struct he_drive *d, he_time_ns now)
{
  struct he_candidate list[2 * HE_RACE_MAX_ADDRS];
  struct he_event next = { .kind = HE_EV_NEXT };
  struct he_lookup *l = d->l;
  size_t n, at;
  if(l->config.keeps_delay || !all_suspect(d, now))
    return;
  n = he_race_untried(d->race, list, 2 * HE_RACE_MAX_ADDRS);
  if(n > 2 * HE_RACE_MAX_ADDRS)
    n = 2 * HE_RACE_MAX_ADDRS;
  at = he_recall_proven(l->config.recall, &l->config.ask, list, n, now);
  if(at == n)
    return;
  next.addr = list[at].addr;
  he_race_handle(d->race, now, &next);
}

void he_drive_advise(struct he_drive *d, he_time_ns now)
{
  if(he_drive_is_calm(d))
    return;
  if(d->epoch != he_recall_epoch(d->l->config.recall))
    he_drive_sort(d, now);
  if(d->count != d->advised)
    hasten(d, now);
  d->advised = d->count;
}
