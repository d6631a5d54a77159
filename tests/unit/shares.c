/* SPDX-License-Identifier: MIT */
/* shares.c - one connect after the other: what the caller of a race alone does
 * (advice, race, outcomes, probes), in virtual time. */
#include "shares.h"

#include "history/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK 1
#define PORT 443
#define SECOND HE_MS(1000)
/* Nobody waits for longer. */
#define PATIENCE (60 * SECOND)
/* Until the times of the host are known, and a loss among them is forgotten */
#define WARM_UP 32
#define SYNS 4               /* the first one, after 1 s, 3 s, 7 s */
#define TRIES 8

static const he_time_ns again[SYNS] = { 0, SECOND, 3 * SECOND, 7 * SECOND };

/* -- the path ------------------------------------------------------------ */

struct shares_path shares_path(he_time_ns rtt, double loss)
{
  return (struct shares_path){ .rtt = rtt, .loss = loss,
                               .late = HE_MS(2) + rtt / 50 };
}

static uint64_t dice;

/* 0 < chance < 1 */
static double chance(void)
{
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return ((double)(dice >> 11) + 0.5) / 9007199254740992.0;
}

/* How long a packet takes one way; HE_NEVER: it is lost. */
static he_time_ns trip(const struct shares_path *p)
{
  const double late = p->even ? chance() * (double)p->even :
                      -log(chance()) * (double)p->late;
  const bool lost = chance() < p->loss;
  return lost ? HE_NEVER : p->rtt / 2 + (he_time_ns)(late / 2);
}

struct handshake {
  he_time_ns took;           /* from the first SYN; HE_NEVER: it failed */
  he_time_ns rtt;            /* from the last SYN; 0: it cannot be told */
  bool whole;
};

/* The answers to the SYN that arrives at `at`; *best is the earliest so far,
   and `repeats` says that this SYN is the first one to arrive. */
static void answer(const struct shares_path *p, he_time_ns at, bool repeats,
                   he_time_ns *best)
{
  for(int i = 0; i < (repeats ? SYNS : 1); i++) {
    const he_time_ns t = he_time_add(at + again[i], trip(p));
    if(t < *best)
      *best = t;
  }
}

static struct handshake shake(const struct shares_path *p)
{
  struct handshake h = { .took = HE_NEVER };
  const he_time_ns there = trip(p), back = trip(p);
  bool arrived = there != HE_NEVER;
  h.whole = arrived && back != HE_NEVER;
  if(h.whole) {
    h.took = h.rtt = there + back;
    if(h.took < SECOND)
      return h;
  }
  else if(arrived)           /* the first answer is lost, others follow */
    for(int i = 1; i < SYNS; i++) {
      const he_time_ns t = he_time_add(there + again[i], trip(p));
      h.took = t < h.took ? t : h.took;
    }
  for(int i = 1; i < SYNS && again[i] < h.took; i++) {
    const he_time_ns t = trip(p);
    if(t == HE_NEVER)
      continue;
    answer(p, again[i] + t, !arrived, &h.took);
    arrived = true;
  }
  h.rtt = h.took < SECOND ? h.rtt : 0;
  return h;
}

/* The SYNs of an attempt that was over after that time. */
static unsigned syns_in(he_time_ns time)
{
  unsigned n = 0;
  while(n < SYNS && again[n] < time)
    n++;
  return n ? n : 1;
}

/* -- one connect --------------------------------------------------------- */

struct connect {
  struct he_history *h;      /* NULL: nothing is known */
  const char *host;
  struct he_race_config config;
  struct he_race *race;
  struct handshake fate[HE_FAMILIES];
  he_time_ns began;
  he_time_ns ends[TRIES];    /* when an attempt is answered */
  he_time_ns ended;
  int winner;
  bool over;
  struct he_addr hint;       /* what goes 10 ms after the first attempt */
  bool hinted;
};

static struct he_candidate candidate(enum he_family f)
{
  struct he_candidate c = { .addr = { .family = (uint8_t)f, .port = PORT } };
  c.addr.ip[0] = f == HE_IPV6 ? 0x3f : 198;
  c.addr.ip[1] = f == HE_IPV6 ? 0xff : 51;
  c.source = c.addr;
  c.has_source = true;
  return c;
}

static void drain(struct connect *k, he_time_ns now)
{
  struct he_action act;
  while(he_race_next(k->race, &act)) {
    if(act.kind == HE_ACT_CONNECT && act.attempt < TRIES)
      k->ends[act.attempt] = he_time_add(now, k->fate[act.family].took);
    if(act.kind == HE_ACT_WON || act.kind == HE_ACT_LOST) {
      k->over = true;
      k->ended = now;
      k->winner = act.attempt;
    }
  }
}

static void tell(struct connect *k, he_time_ns now, struct he_event ev)
{
  he_race_handle(k->race, now, &ev);
  drain(k, now);
}

static void tell_answer(struct connect *k, enum he_family f)
{
  const struct he_candidate c = candidate(f);
  tell(k, k->began, (struct he_event){ .kind = HE_EV_ANSWER, .family = f,
                                       .list = &c, .n = 1 });
}

static void tell_next(struct connect *k, he_time_ns now,
                      const struct he_addr *a)
{
  tell(k, now, (struct he_event){ .kind = HE_EV_NEXT, .addr = *a });
}

/* What history says: which address goes first, which 10 ms later because the
   first is in doubt, and the delays. */
static void ask(struct connect *k)
{
  struct he_candidate list[2] = { candidate(HE_IPV6), candidate(HE_IPV4) };
  struct he_advice advice[2];
  struct he_advice_rules rules;
  he_advice_rules_usual(&rules);
  rules.first_delay = k->config.first_delay;
  he_history_advise(k->h, NETWORK, k->host, &rules, list, 2, advice,
                    k->began);
  he_pace(&k->config, advice[0].delay, advice[0].from);
  if(list[0].addr.family != HE_IPV6)
    tell_next(k, k->began, &list[0].addr);
  k->hinted = advice[0].rank == advice[1].rank && advice[0].doubtful &&
              advice[1].proven;
  k->hint = list[1].addr;
}

/* When the next attempt is answered, and which; HE_NEVER: none will be. */
static he_time_ns next_answer(const struct connect *k, int *which)
{
  he_time_ns first = HE_NEVER;
  for(int i = 0; i < he_race_attempts(k->race) && i < TRIES; i++)
    if(k->ends[i] < first) {
      first = k->ends[i];
      *which = i;
    }
  return first;
}

static void run(struct connect *k)
{
  while(!k->over) {
    int which = -1;
    const he_time_ns due = he_race_due(k->race);
    const he_time_ns at = next_answer(k, &which);
    if(at == HE_NEVER && due == HE_NEVER)
      tell(k, k->began + PATIENCE, (struct he_event){ .kind = HE_EV_STOP });
    else if(due < at)
      tell(k, due, (struct he_event){ .kind = HE_EV_TIME });
    else
      tell(k, at, (struct he_event){ .kind = HE_EV_CONNECTED,
                                     .attempt = which });
  }
}

static struct he_outcome outcome(const struct connect *k,
                                 const struct he_attempt_info *a, bool won)
{
  struct he_outcome o = { .addr = a->addr, .delay = a->delay };
  o.pending = a->ended - a->started;
  o.kind = won ? HE_OUTCOME_CONNECTED : HE_OUTCOME_UNANSWERED;
  if(won) {
    o.handshake = k->fate[a->addr.family].rtt;
    o.retransmitted = !o.handshake;
  }
  else if(k->winner >= 0)
    o.winner = k->fate[!a->addr.family].rtt ?
               k->fate[!a->addr.family].rtt : k->fate[!a->addr.family].took;
  return o;
}

static bool learn(const struct connect *k, struct shares *out)
{
  bool ok = true;
  struct he_attempt_info a;
  for(int i = 0; he_race_attempt(k->race, i, &a); i++) {
    const struct he_outcome o = outcome(k, &a, i == k->winner);
    out->abandoned += i != k->winner;
    out->syns += syns_in(a.ended - a.started);
    ok = ok && (!k->h || he_history_learn(k->h, NETWORK, k->host, &o,
                                           a.ended));
    if(i == k->winner && a.addr.family == HE_IPV6) {
      out->ipv6++;
      out->whole_ipv6 += k->fate[HE_IPV6].whole;
    }
  }
  out->whole += k->fate[HE_IPV6].whole;
  out->connects++;
  return ok;
}

/* From *now on until it is over. */
static bool connect_once(const struct shares_case *c, struct he_history *h,
                         const char *host, he_time_ns *now,
                         struct shares *out)
{
  struct connect k = { .h = h, .host = host, .began = *now, .winner = -1 };
  struct he_options o;
  bool ok;
  he_options_clear(&o);
  he_options_set(&o, HE_OPT_DELAY_MS, c->fixed_ms);
  he_options_race(&o, &k.config);
  for(int f = 0; f < HE_FAMILIES; f++)
    k.fate[f] = shake(&c->path);
  for(int i = 0; i < TRIES; i++)
    k.ends[i] = HE_NEVER;
  k.race = he_race_new(&k.config);
  if(!k.race)
    return false;
  if(h)
    ask(&k);
  tell_answer(&k, HE_IPV6);
  tell_answer(&k, HE_IPV4);
  tell(&k, *now, (struct he_event){ .kind = HE_EV_START });
  if(k.hinted)
    tell_next(&k, *now, &k.hint);
  run(&k);
  ok = learn(&k, out);
  *now = k.ended;
  he_race_free(k.race);
  return ok;
}

/* -- all of them --------------------------------------------------------- */

static bool answer_names(struct he_history *h, const char *host,
                         he_time_ns now)
{
  bool ok = true;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_candidate c = candidate((enum he_family)f);
    ok = ok && he_history_answer(h, NETWORK, host, (enum he_family)f,
                                 &c.addr, 1, 0, now);
  }
  return ok;
}

/* The probes that are due. One takes its time, as a connect does. */
static bool probe(const struct shares_case *c, struct he_history *h,
                  he_time_ns *now, struct shares *out)
{
  struct he_probe p;
  bool ok = true;
  while(ok && he_history_next_probe(h, NETWORK, &p, *now)) {
    const struct handshake s = shake(&c->path);
    struct he_outcome o = { .probe = true, .delay = HE_MS(150) };
    o.addr = p.addr;
    o.kind = s.took < HE_PROBE_TIMEOUT ? HE_OUTCOME_CONNECTED :
             HE_OUTCOME_UNANSWERED;
    o.handshake = s.took < HE_PROBE_TIMEOUT ? s.rtt : 0;
    o.retransmitted = !s.rtt;
    o.pending = s.took < HE_PROBE_TIMEOUT ? s.took : HE_PROBE_TIMEOUT;
    out->probes++;
    *now += o.pending;
    ok = he_history_learn(h, NETWORK, p.host, &o, *now);
  }
  return ok;
}

static bool with_memory(const struct shares_case *c, struct shares *out)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_time_ns now = 0;
  char host[32] = "host.test";
  bool ok = true;
  he_history_limits_usual(&limits);
  h = he_history_new(&limits);
  for(unsigned i = 0; h && ok && i < WARM_UP + c->connects; i++) {
    if(i == WARM_UP)
      memset(out, 0, sizeof(*out));
    if(c->known == SHARES_NETWORK)
      snprintf(host, sizeof(host), "host%u.test", i);
    now += SECOND;
    ok = probe(c, h, &now, out) && answer_names(h, host, now) &&
         connect_once(c, h, host, &now, out);
  }
  ok = ok && h;
  he_history_free(h);
  return ok;
}

bool shares_run(const struct shares_case *c, struct shares *out)
{
  he_time_ns now = 0;
  bool ok = true;
  dice = (c->seed + 1) * 0x9e3779b97f4a7c15u;
  memset(out, 0, sizeof(*out));
  if(c->known != SHARES_COLD)
    return with_memory(c, out);
  for(unsigned i = 0; ok && i < c->connects; i++)
    ok = connect_once(c, NULL, NULL, &now, out);
  return ok;
}
