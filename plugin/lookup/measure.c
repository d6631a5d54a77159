/* SPDX-License-Identifier: MIT */
/* measure.c - the race is played through again, as a client of RFC 8305 that
 * remembers nothing would have run it (race/replay.h). Each address does what
 * it did; one that was not tried is silent where the history holds something
 * against it, and connects as quickly as the winner did elsewhere: nothing is
 * counted as saved that is not known. */
#include "lookup/drive.h"

#include <stdlib.h>

/* An attempt of which nothing was heard for so long is a silent one. */
#define SILENCE HE_MS(250)

static const struct he_try *try_to(const struct he_drive *d,
                                   const struct he_addr *a)
{
  for(unsigned i = 0; i < d->count; i++) {
    if(he_addr_equal(&d->tries[i].addr, a))
      return &d->tries[i];
  }
  return NULL;
}

static bool was_silent(const struct he_try *t, he_time_ns quick,
                       he_time_ns now)
{
  const he_time_ns ran = (t->ended ? t->ended : now) - t->started;
  return ran >= SILENCE || ran >= 3 * quick;
}

static bool is_suspect(struct he_drive *d, const struct he_addr *a,
                       he_time_ns now)
{
  struct he_lookup *l = d->l;
  struct he_suspicion s;
  return !he_drive_is_calm(d) &&
         he_recall_suspects(l->config.recall, &l->config.ask, a, &s, now);
}

static struct he_replay_way way_to(struct he_drive *d,
                                   const struct he_candidate *c,
                                   he_time_ns now)
{
  const he_time_ns quick = d->winner->ended - d->winner->started;
  const struct he_try *t = try_to(d, &c->addr);
  struct he_replay_way w = { .addr = c->addr, .has_source = c->has_source,
                             .does = HE_REPLAY_CONNECTS, .took = quick };
  if(!t)
    w.does = is_suspect(d, &c->addr, now) ? HE_REPLAY_SILENT :
             HE_REPLAY_CONNECTS;
  else if(t->fate == HE_FATE_FAILED) {
    w.does = HE_REPLAY_FAILS;
    w.took = t->ended - t->started;
  }
  else if(t != d->winner && was_silent(t, quick, now))
    w.does = HE_REPLAY_SILENT;
  return w;
}

/* When the family was answered. What the race did not wait for came no sooner
   than the race's end. */
static he_time_ns answered(const struct he_drive *d, enum he_family f,
                           he_time_ns end)
{
  const struct he_trace *all = &d->l->trace;
  if(!d->l->config.race.allowed[f])
    return HE_NEVER;
  for(size_t i = 0; i < all->count; i++) {
    const struct he_step *s = &all->steps[i];
    if(s->kind == HE_STEP_ANSWER && s->family == f)
      return (he_time_ns)s->at_us * 1000;
    if(s->kind == HE_STEP_REMEMBERED && s->family == f &&
       s->origin == HE_ORIGIN_CACHE)
      return 0;
  }
  return end;
}

static he_time_ns replayed(struct he_drive *d, he_time_ns took,
                           he_time_ns now)
{
  struct he_lookup *l = d->l;
  struct he_replay r = { .policy = l->config.race.policy,
                         .preference = l->config.race.preference };
  struct he_replay_way *ways = calloc(he_lookup_addresses(l) + 1,
                                      sizeof(*ways));
  he_time_ns alone;
  if(!ways)
    return HE_NEVER;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_lookup_answer *a = he_lookup_known(l, (enum he_family)f);
    for(size_t i = 0; i < a->n; i++)
      ways[r.n++] = way_to(d, &a->list[i], now);
    r.answered[f] = answered(d, (enum he_family)f, took);
  }
  r.ways = ways;
  alone = he_replay(&r);
  free(ways);
  return alone;
}

/* One attempt, to the address that goes first in the system's order: as anybody
   would have done it. */
static bool is_plain(struct he_drive *d)
{
  struct he_lookup *l = d->l;
  const enum he_family f = (enum he_family)d->winner->addr.family;
  const struct he_lookup_answer *a = he_lookup_known(l, f);
  return d->count == 1 && a->n &&
         he_addr_equal(&a->list[0].addr, &d->winner->addr) &&
         (f == he_order_first(l->config.race.policy,
                              l->config.race.preference) ||
          !he_lookup_known(l, he_other_family(f))->n);
}

void he_drive_measure(struct he_drive *d, he_time_ns now)
{
  he_time_ns took;
  if(!d->winner || !d->l->config.tally || he_services_leads(d->services))
    return;
  took = d->winner->ended - d->l->began;
  he_tally_compare(d->l->config.tally, took, is_plain(d) ? took :
                   replayed(d, took, now));
}
