/* SPDX-License-Identifier: MIT */
/* replay.c - the race itself, with other delays, and a world that is known. */
#include "race/replay.h"

#include <errno.h>

#define TRIES (2 * HE_RACE_MAX_ADDRS)

struct play {
  const struct he_replay *r;
  struct he_race *race;
  he_time_ns now;
  he_time_ns ends[TRIES];     /* of attempts that run; HE_NEVER: silent */
  bool connects[TRIES];
  int n;                      /* attempts there were */
  bool answered[HE_FAMILIES];
  bool won;
};

static const struct he_replay_way *way_to(const struct he_replay *r,
                                          const struct he_addr *a)
{
  for(size_t i = 0; i < r->n; i++) {
    if(he_addr_equal(&r->ways[i].addr, a))
      return &r->ways[i];
  }
  return NULL;
}

static void start(struct play *p, const struct he_action *a)
{
  const struct he_replay_way *w = way_to(p->r, &a->addr);
  if(a->attempt >= TRIES)
    return;
  p->n = a->attempt + 1;
  p->connects[a->attempt] = w && w->does == HE_REPLAY_CONNECTS;
  p->ends[a->attempt] = !w || w->does == HE_REPLAY_SILENT ? HE_NEVER :
                        he_time_add(p->now, w->took);
}

static void handle(struct play *p, struct he_event *ev)
{
  struct he_action a;
  he_race_handle(p->race, p->now, ev);
  while(he_race_next(p->race, &a)) {
    if(a.kind == HE_ACT_CONNECT)
      start(p, &a);
    else if(a.kind == HE_ACT_WON)
      p->won = true;
  }
}

static void answer(struct play *p, enum he_family f)
{
  struct he_candidate list[HE_RACE_MAX_ADDRS];
  struct he_event ev = { .kind = HE_EV_ANSWER, .family = f, .list = list };
  for(size_t i = 0; i < p->r->n && ev.n < HE_RACE_MAX_ADDRS; i++) {
    const struct he_replay_way *w = &p->r->ways[i];
    if(w->addr.family == f)
      list[ev.n++] = (struct he_candidate){ .addr = w->addr,
                                            .has_source = w->has_source };
  }
  p->answered[f] = true;
  handle(p, &ev);
}

/* What happens next: its time, and an attempt that ends then, or -1. */
static he_time_ns next(const struct play *p, int *attempt)
{
  he_time_ns at = he_race_due(p->race);
  *attempt = -1;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!p->answered[f] && p->r->answered[f] < at)
      at = p->r->answered[f];
  }
  for(int i = 0; i < p->n; i++) {
    if(p->ends[i] <= at && p->ends[i] != HE_NEVER) {
      at = p->ends[i];
      *attempt = i;
    }
  }
  return at;
}

static void step(struct play *p, int attempt)
{
  struct he_event ev = { .kind = HE_EV_TIME };
  if(attempt >= 0) {
    ev.kind = p->connects[attempt] ? HE_EV_CONNECTED : HE_EV_FAILED;
    ev.attempt = attempt;
    ev.error = ECONNREFUSED;
    p->ends[attempt] = HE_NEVER;
    handle(p, &ev);
    return;
  }
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!p->answered[f] && p->r->answered[f] <= p->now) {
      answer(p, (enum he_family)f);
      return;
    }
  }
  handle(p, &ev);
}

he_time_ns he_replay(const struct he_replay *r)
{
  struct he_race_config config = {
    .resolution_delay = HE_MS(50),
    .attempt_delay = HE_MS(250),
    .attempt_timeout = HE_NEVER,
    .total_timeout = HE_NEVER,
    .first_family_count = 1,
    .max_attempts = TRIES,
    .preference = r->preference,
    .policy = r->policy,
    .allowed = { r->answered[HE_IPV6] != HE_NEVER,
                 r->answered[HE_IPV4] != HE_NEVER }
  };
  struct play p = { .r = r, .race = he_race_new(&config) };
  int attempt;
  if(!p.race)
    return HE_NEVER;
  handle(&p, &(struct he_event){ .kind = HE_EV_START });
  while(!p.won && !he_race_over(p.race)) {
    const he_time_ns at = next(&p, &attempt);
    if(at == HE_NEVER)
      break;
    p.now = at > p.now ? at : p.now;
    step(&p, attempt);
  }
  he_race_free(p.race);
  return p.won ? p.now : HE_NEVER;
}
