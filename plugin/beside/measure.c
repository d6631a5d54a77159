/* SPDX-License-Identifier: MIT */
/* measure.c - as in a lookup (lookup/measure.c), but that libcurl had the
 * addresses when it began, and that their order is the one in which they were
 * tried. */
#include "beside/own.h"

#include <stdlib.h>

#define SILENCE HE_MS(250)

static struct he_replay_way way_of(const struct he_try *t,
                                   const struct he_try *winner,
                                   he_time_ns now)
{
  const he_time_ns quick = winner->ended - winner->started;
  const he_time_ns ran = (t->ended ? t->ended : now) - t->started;
  struct he_replay_way w = { .addr = t->addr, .has_source = true,
                             .does = HE_REPLAY_CONNECTS, .took = quick };
  if(t->fate == HE_FATE_FAILED && !t->provoked) {
    w.does = HE_REPLAY_FAILS;
    w.took = ran;
  }
  else if(t != winner && (ran >= SILENCE || ran >= 3 * quick))
    w.does = HE_REPLAY_SILENT;
  return w;
}

static size_t count(const struct he_beside_race *r)
{
  size_t n = 0;
  for(const struct he_beside_try *t = r->tries; t; t = t->next)
    n++;
  return n;
}

static he_time_ns replayed(const struct he_beside *b,
                           const struct he_try *winner, size_t tried,
                           he_time_ns now)
{
  struct he_replay r = { .policy = b->c.config.race.policy,
                         .preference = b->c.config.race.preference };
  struct he_replay_way *ways = calloc(tried, sizeof(*ways));
  size_t at = tried;
  he_time_ns alone;
  if(!ways)
    return HE_NEVER;
  for(const struct he_beside_try *t = b->race->tries; t && at; t = t->next)
    ways[--at] = way_of(&t->a, winner, now);   /* newest first */
  for(int f = 0; f < HE_FAMILIES; f++)
    r.answered[f] = b->c.config.race.allowed[f] ? 0 : HE_NEVER;
  r.ways = ways;
  r.n = tried;
  alone = he_replay(&r);
  free(ways);
  return alone;
}

void he_try_measure(struct he_beside *b, const struct he_beside_try *winner,
                    he_time_ns now)
{
  const size_t tried = count(b->race);
  he_time_ns began, took;
  if(!winner || !b->c.config.tally || b->c.config.aside)
    return;
  began = winner->a.started;
  for(const struct he_beside_try *t = b->race->tries; t; t = t->next)
    began = t->a.started < began ? t->a.started : began;
  took = winner->a.ended - began;
  he_tally_compare(b->c.config.tally, took, tried == 1 ? took :
                   replayed(b, &winner->a, tried, now));
}
