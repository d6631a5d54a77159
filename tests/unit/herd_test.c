/* SPDX-License-Identifier: MIT */
/* herd_test.c - races of one host at the same time, in virtual time.
 *
 * First what a herd knows, fact by fact. Then whole crowds: each member has a
 * race beside a libcurl of two walkers (the first address of IPv6 when it
 * starts, that of IPv4 one delay later), on a network where each address
 * answers after its round trip, refuses, or is silent, and where a member's
 * SYN to an address may get lost. The same crowd without a herd says how long
 * each member would have taken alone.
 *
 * HE_SEED makes other crowds, HE_ROUNDS more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/herd.h"

#define DELAY HE_MS(150)

static struct he_addr addr_of(enum he_family f, unsigned i)
{
  struct he_addr a = { .family = (uint8_t)f, .port = 443 };
  a.ip[0] = f == HE_IPV6 ? 0x3f : 192;
  a.ip[1] = f == HE_IPV6 ? 0xff : 0;
  a.ip[f == HE_IPV6 ? 15 : 3] = (uint8_t)(i + 1);
  return a;
}

/* -- what a herd knows -- */

struct fact {
  he_time_ns at;
  enum { BEGAN, CONNECTED, FAILED, GONE, HEARD, IS } what;
  he_time_ns started;
  enum he_fate fate;
};

struct story {
  const char *name;
  struct fact facts[10];      /* the last IS ends it */
};

static const struct story stories[] = {
  { "nobody has tried it", { { 0, IS, 0, HE_FATE_UNKNOWN } } },
  { "one runs", { { 0, BEGAN, 0, 0 }, { 100, IS, 0, HE_FATE_TRYING },
                  { 1000, IS, 0, HE_FATE_TRYING } } },
  { "two run for the delay",
    { { 10, BEGAN, 0, 0 }, { 10, BEGAN, 10, 0 },
      { 149, IS, 0, HE_FATE_TRYING }, { 150, IS, 0, HE_FATE_SILENT } } },
  { "it works, for a while",
    { { 0, BEGAN, 0, 0 }, { 40, CONNECTED, 0, 0 },
      { 40, IS, 0, HE_FATE_WORKS }, { 2039, IS, 0, HE_FATE_WORKS },
      { 2040, IS, 0, HE_FATE_UNKNOWN } } },
  { "it refuses, for a while",
    { { 0, BEGAN, 0, 0 }, { 40, FAILED, 0, 0 },
      { 40, IS, 0, HE_FATE_FAILED }, { 2040, IS, 0, HE_FATE_UNKNOWN } } },
  { "it refuses, and then works",
    { { 0, BEGAN, 0, 0 }, { 40, FAILED, 0, 0 }, { 50, BEGAN, 50, 0 },
      { 90, CONNECTED, 50, 0 }, { 90, IS, 0, HE_FATE_WORKS } } },
  { "it works, and then refuses",
    { { 0, BEGAN, 0, 0 }, { 0, BEGAN, 0, 0 }, { 40, CONNECTED, 0, 0 },
      { 50, FAILED, 0, 0 }, { 50, IS, 0, HE_FATE_FAILED } } },
  { "given up early: nothing is known of it",
    { { 0, BEGAN, 0, 0 }, { 0, BEGAN, 0, 0 }, { 60, GONE, 0, 0 },
      { 60, GONE, 0, 0 }, { 900, IS, 0, HE_FATE_UNKNOWN } } },
  { "given up late by one: a SYN may get lost",
    { { 0, BEGAN, 0, 0 }, { 160, GONE, 0, 0 },
      { 160, IS, 0, HE_FATE_TRYING } } },
  { "given up late by two",
    { { 0, BEGAN, 0, 0 }, { 0, BEGAN, 0, 0 }, { 160, GONE, 0, 0 },
      { 170, GONE, 0, 0 }, { 170, IS, 0, HE_FATE_SILENT },
      { 2170, IS, 0, HE_FATE_UNKNOWN } } },
  { "given up late by two, and others connect in between",
    { { 0, BEGAN, 0, 0 }, { 160, GONE, 0, 0 }, { 300, HEARD, 0, 0 },
      { 300, IS, 0, HE_FATE_WORKS }, { 400, BEGAN, 400, 0 },
      { 560, GONE, 400, 0 }, { 560, IS, 0, HE_FATE_TRYING },
      { 600, HEARD, 0, 0 }, { 600, IS, 0, HE_FATE_WORKS } } },
  { "one of many has lost its SYN",
    { { 0, BEGAN, 0, 0 }, { 0, BEGAN, 0, 0 }, { 0, BEGAN, 0, 0 },
      { 40, CONNECTED, 0, 0 }, { 45, CONNECTED, 0, 0 },
      { 190, IS, 0, HE_FATE_WORKS }, { 200, GONE, 0, 0 },
      { 200, IS, 0, HE_FATE_WORKS } } },
  { "it worked, and is silent now",
    { { 0, BEGAN, 0, 0 }, { 40, CONNECTED, 0, 0 }, { 50, BEGAN, 50, 0 },
      { 51, BEGAN, 51, 0 }, { 199, IS, 0, HE_FATE_WORKS },
      { 200, IS, 0, HE_FATE_SILENT } } },
  { "it worked, and one is without an answer: not to be relied on",
    { { 0, BEGAN, 0, 0 }, { 40, CONNECTED, 0, 0 }, { 50, BEGAN, 50, 0 },
      { 200, IS, 0, HE_FATE_TRYING } } },
};

static void tell_story(void **state)
{
  const struct story *s = *state;
  const struct he_addr a = addr_of(HE_IPV4, 0);
  struct he_herd h;
  he_herd_init(&h);
  he_herd_join(&h, DELAY);
  for(size_t i = 0; i < 10; i++) {
    const struct fact *f = &s->facts[i];
    const he_time_ns at = HE_MS(f->at), started = HE_MS(f->started);
    switch(f->what) {
    case BEGAN:
      he_herd_began(&h, &a, started);
      break;
    case CONNECTED:
      he_herd_connected(&h, &a, started, at);
      break;
    case FAILED:
      he_herd_failed(&h, &a, started, at);
      break;
    case GONE:
      he_herd_gone(&h, &a, started, at);
      break;
    case HEARD:
      he_herd_heard(&h, &a, at);
      break;
    case IS:
      assert_int_equal(he_herd_fate(&h, &a, at), f->fate);
      break;
    }
    if(f->what == IS && (i == 9 || (!s->facts[i + 1].at &&
                                    !s->facts[i + 1].what)))
      break;
  }
  he_herd_leave(&h, 0);
  he_herd_clear(&h);
}

static void families(void **state)
{
  const struct he_addr six = addr_of(HE_IPV6, 0), four = addr_of(HE_IPV4, 0);
  const struct he_addr second = addr_of(HE_IPV6, 1);
  const he_time_ns now = HE_MS(200);
  struct he_herd h;
  (void)state;
  he_herd_init(&h);
  he_herd_join(&h, DELAY);
  assert_false(he_herd_is_dead(&h, HE_IPV6, now));
  assert_null(he_herd_works(&h, HE_IPV6, now));
  he_herd_began(&h, &six, 0);
  he_herd_began(&h, &four, 0);
  assert_false(he_herd_is_dead(&h, HE_IPV6, now));
  he_herd_began(&h, &six, 0);
  he_herd_connected(&h, &four, 0, now);
  assert_true(he_herd_is_dead(&h, HE_IPV6, now));
  assert_false(he_herd_is_dead(&h, HE_IPV4, now));
  assert_true(he_addr_equal(he_herd_works(&h, HE_IPV4, now), &four));
  he_herd_began(&h, &second, 0);
  he_herd_connected(&h, &second, 0, now);
  assert_false(he_herd_is_dead(&h, HE_IPV6, now));
  assert_false(he_herd_over(&h, HE_MS(9000)));
  he_herd_leave(&h, HE_MS(9000));
  assert_false(he_herd_over(&h, HE_MS(10999)));
  assert_true(he_herd_over(&h, HE_MS(11000)));
  he_herd_clear(&h);
}

static void bounded(void **state)
{
  struct he_herd h;
  (void)state;
  he_herd_init(&h);
  he_herd_join(&h, DELAY);
  for(unsigned i = 0; i < 2 * HE_HERD_MAX; i++) {
    struct he_addr a = addr_of(HE_IPV6, i % 200);
    a.ip[8] = (uint8_t)(i / 200);
    he_herd_began(&h, &a, 0);
    he_herd_failed(&h, &a, 0, 1);
  }
  assert_int_equal(h.n, HE_HERD_MAX);
  he_herd_leave(&h, 1);
  he_herd_clear(&h);
}

/* -- crowds -- */

#define MOST 50
#define PER_FAMILY 8
#define END HE_MS(60000)

static uint64_t dice;

static unsigned roll(unsigned sides)
{
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return (unsigned)((dice >> 20) % sides);
}

struct place {
  enum { SILENT, REFUSES, ANSWERS } does;
  he_time_ns rtt;
};

struct world {
  unsigned members;
  unsigned count[HE_FAMILIES];
  struct place place[HE_FAMILIES][PER_FAMILY];
  bool lost[MOST][HE_FAMILIES][PER_FAMILY];
  he_time_ns start[MOST];
};

#define TRIES (2 * PER_FAMILY + 2)

struct member {
  struct he_race *race;
  he_time_ns at[TRIES];       /* when the outcome of an attempt comes */
  bool told[TRIES];           /* to the herd, that it runs */
  bool given;
  bool in;
  bool scouted;
  int walked;                 /* libcurl's attempts so far */
  he_time_ns ask;             /* the herd again */
  he_time_ns done;
};

struct crowd {
  const struct world *w;
  struct he_herd *herd;       /* NULL: each by itself */
  struct member m[MOST];
  long syns[HE_FAMILIES][PER_FAMILY];
};

static unsigned number_of(const struct he_addr *a)
{
  return a->ip[a->family == HE_IPV6 ? 15 : 3] - 1u;
}

static void member_new(struct crowd *c, unsigned i)
{
  struct member *m = &c->m[i];
  static const struct he_race_config config = {
    .attempt_delay = DELAY, .attempt_timeout = HE_NEVER,
    .total_timeout = HE_NEVER, .native_grace = HE_MS(25),
    .resolution_delay = HE_MS(50), .first_family_count = 1,
    .max_attempts = 64, .allowed = { true, true }, .beside = true };
  m->race = he_race_new(&config);
  assert_non_null(m->race);
  m->ask = m->done = HE_NEVER;
  for(int k = 0; k < TRIES; k++)
    m->at[k] = HE_NEVER;
}

static void give_addresses(struct crowd *c, struct member *m, he_time_ns now)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_candidate list[PER_FAMILY];
    struct he_event ev = { .kind = HE_EV_ANSWER, .list = list };
    ev.family = (enum he_family)f;
    ev.n = c->w->count[f];
    memset(list, 0, sizeof(list));
    for(unsigned i = 0; i < ev.n; i++) {
      list[i].addr = list[i].source = addr_of(ev.family, i);
      list[i].has_source = true;
    }
    he_race_handle(m->race, now, &ev);
  }
}

/* A SYN goes out. */
static void send_syn(struct crowd *c, unsigned i, int id,
                     const struct he_addr *a, he_time_ns now)
{
  const enum he_family f = (enum he_family)a->family;
  const struct place *p = &c->w->place[f][number_of(a)];
  c->syns[f][number_of(a)]++;
  if(p->does != SILENT && !c->w->lost[i][f][number_of(a)])
    c->m[i].at[id] = now + p->rtt;
}

static void native(struct crowd *c, unsigned i, enum he_family f,
                   he_time_ns now)
{
  struct he_event ev = { .kind = HE_EV_STARTED, .addr = addr_of(f, 0) };
  if(!c->w->count[f])
    return;
  he_race_handle(c->m[i].race, now, &ev);
  send_syn(c, i, ev.attempt, &ev.addr, now);
}

/* Tells the herd what job_herd.c tells. */
static void report(struct crowd *c, unsigned i, int id,
                   enum he_event_kind kind, he_time_ns now)
{
  struct member *m = &c->m[i];
  struct he_attempt_info a;
  if(!m->in || !he_race_attempt(m->race, id, &a))
    return;
  if(!m->told[id])
    he_herd_began(c->herd, &a.addr, a.started);
  m->told[id] = true;
  if(kind == HE_EV_CONNECTED)
    he_herd_connected(c->herd, &a.addr, a.started, now);
  else if(kind == HE_EV_FAILED)
    he_herd_failed(c->herd, &a.addr, a.started, now);
  if(kind == HE_EV_CONNECTED)
    for(unsigned k = 0; k < c->w->members; k++)
      if(c->m[k].in)
        c->m[k].ask = now;
}

static void leave(struct crowd *c, unsigned i, he_time_ns now)
{
  struct member *m = &c->m[i];
  struct he_attempt_info a;
  if(!m->in)
    return;
  m->in = false;
  m->ask = HE_NEVER;
  for(int id = 0; he_race_attempt(m->race, id, &a); id++)
    if(m->told[id] && m->at[id] >= now)
      he_herd_gone(c->herd, &a.addr, a.started, now);
  he_herd_leave(c->herd, now);
}

static void pump(struct crowd *c, unsigned i, he_time_ns now)
{
  struct member *m = &c->m[i];
  struct he_action act;
  while(he_race_next(m->race, &act)) {
    if(act.kind == HE_ACT_CONNECT)
      send_syn(c, i, act.attempt, &act.addr, now);
    else if(act.kind == HE_ACT_WON) {
      m->done = now;
      leave(c, i, now);
    }
  }
}

static void share(struct crowd *c, unsigned i, he_time_ns now)
{
  struct member *m = &c->m[i];
  struct he_event next = { .kind = HE_EV_NEXT };
  struct he_attempt_info a;
  const struct he_addr *advice;
  m->ask = HE_NEVER;
  for(int id = 0; he_race_attempt(m->race, id, &a); id++)
    if(!m->told[id]) {
      m->told[id] = true;
      he_herd_began(c->herd, &a.addr, a.started);
    }
  advice = he_herd_advise(c->herd, m->race, &m->scouted, now, &m->ask);
  assert_true(m->ask > now);
  if(!advice)
    return;
  next.addr = *advice;
  he_race_handle(m->race, now, &next);
}

/* All that is due for one member at `now`. */
static void turn_of(struct crowd *c, unsigned i, he_time_ns now)
{
  static const enum he_family walk[] = { HE_IPV6, HE_IPV4 };
  struct member *m = &c->m[i];
  const he_time_ns since = now - c->w->start[i];
  struct he_event time = { .kind = HE_EV_TIME };
  if(since < 0 || m->done != HE_NEVER)
    return;
  for(int id = 0; id < TRIES && m->done == HE_NEVER; id++) {
    struct he_attempt_info a;
    struct he_event ev = { .attempt = id, .error = ECONNREFUSED };
    if(m->at[id] != now || !he_race_attempt(m->race, id, &a))
      continue;
    ev.kind = c->w->place[a.addr.family][number_of(&a.addr)].does == ANSWERS ?
              HE_EV_CONNECTED : HE_EV_FAILED;
    m->at[id] = HE_NEVER;
    report(c, i, id, ev.kind, now);
    m->told[id] = ev.kind != HE_EV_FAILED || m->told[id];
    he_race_handle(m->race, now, &ev);
    pump(c, i, now);
  }
  while(m->done == HE_NEVER && m->walked < 2 &&
        since >= m->walked * DELAY)
    native(c, i, walk[m->walked++], now);
  if(m->done == HE_NEVER && since >= HE_MS(100) && !m->given) {
    m->given = true;
    give_addresses(c, m, now);
    if(c->herd) {
      he_herd_join(c->herd, DELAY);
      m->in = true;
    }
  }
  if(m->in)
    share(c, i, now);
  if(m->done == HE_NEVER) {
    he_race_handle(m->race, now, &time);
    pump(c, i, now);
  }
}

static he_time_ns due_of(const struct crowd *c, unsigned i, he_time_ns now)
{
  const struct member *m = &c->m[i];
  const he_time_ns start = c->w->start[i];
  const he_time_ns fixed[] = { start, start + HE_MS(100), start + DELAY };
  he_time_ns due = m->ask;
  if(m->done != HE_NEVER)
    return HE_NEVER;
  if(now >= start && he_race_due(m->race) < due)
    due = he_race_due(m->race);
  for(int k = 0; k < 3; k++)
    if(fixed[k] > now && fixed[k] < due)
      due = fixed[k];
  for(int id = 0; id < TRIES; id++)
    if(m->at[id] < due)
      due = m->at[id];
  return due;
}

/* Each member's end, HE_NEVER where it has none. */
static void run(const struct world *w, bool together, he_time_ns done[MOST],
                long syns[HE_FAMILIES][PER_FAMILY])
{
  struct crowd *c = calloc(1, sizeof(*c));
  struct he_herd herd;
  he_time_ns now = 0;
  assert_non_null(c);
  he_herd_init(&herd);
  c->w = w;
  c->herd = together ? &herd : NULL;
  for(unsigned i = 0; i < w->members; i++)
    member_new(c, i);
  for(bool again = true; now < END; again = true) {
    he_time_ns due = HE_NEVER;
    /* until nobody wakes anybody at this moment */
    while(again) {
      again = false;
      for(unsigned i = 0; i < w->members; i++) {
        if(c->m[i].ask == now)
          c->m[i].ask = HE_NEVER;
        turn_of(c, i, now);
      }
      for(unsigned i = 0; i < w->members; i++)
        again = again || (c->m[i].in && c->m[i].ask <= now);
    }
    for(unsigned i = 0; i < w->members; i++)
      due = due_of(c, i, now) < due ? due_of(c, i, now) : due;
    if(due == HE_NEVER)
      break;
    assert_true(due > now);
    now = due;
  }
  for(unsigned i = 0; i < w->members; i++) {
    done[i] = c->m[i].done;
    leave(c, i, now);
    he_race_free(c->m[i].race);
  }
  if(together)
    assert_int_equal(herd.members, 0);
  memcpy(syns, c->syns, sizeof(c->syns));
  he_herd_clear(&herd);
  free(c);
}

/* Nobody is slower than alone. A failure just after somebody's attempt went
   ahead of its turn waits for the 10 ms that two starts are apart. */
#define SLACK HE_RACE_MIN_GAP

static void expect_not_slower(const struct world *w,
                              const he_time_ns alone[MOST],
                              const he_time_ns together[MOST])
{
  for(unsigned i = 0; i < w->members; i++)
    if(together[i] > he_time_add(alone[i], SLACK))
      fail_msg("member %u: alone %lld ms, together %lld ms", i,
               (long long)(alone[i] / HE_MS(1)),
               (long long)(together[i] / HE_MS(1)));
}

/* Fifty at once, 4 + 4 addresses, only the last A good. */
static void fifty(void **state)
{
  static struct world w;
  he_time_ns alone[MOST], together[MOST];
  long before[HE_FAMILIES][PER_FAMILY], syns[HE_FAMILIES][PER_FAMILY];
  (void)state;
  memset(&w, 0, sizeof(w));
  w.members = 50;
  w.count[HE_IPV6] = w.count[HE_IPV4] = 4;
  w.place[HE_IPV4][3] = (struct place){ ANSWERS, HE_MS(40) };
  run(&w, false, alone, before);
  run(&w, true, together, syns);
  expect_not_slower(&w, alone, together);
  for(unsigned i = 0; i < 50; i++) {
    assert_true(alone[i] >= HE_MS(640));
    assert_true(together[i] <= HE_MS(300));
  }
  /* libcurl's own, a scout each, and one to what works by all */
  for(int f = 0; f < HE_FAMILIES; f++) {
    assert_int_equal(syns[f][0], 50);
    assert_int_equal(syns[f][1], 1);
    assert_int_equal(syns[f][2], 1);
  }
  assert_int_equal(syns[HE_IPV6][3], 1);
  assert_int_equal(syns[HE_IPV4][3], 50);
  assert_int_equal(before[HE_IPV6][1], 50);
}

/* The scout's SYN is lost: nobody waits for it. */
static void lost_scout(void **state)
{
  static struct world w;
  he_time_ns alone[MOST], together[MOST];
  long syns[HE_FAMILIES][PER_FAMILY];
  (void)state;
  memset(&w, 0, sizeof(w));
  w.members = 20;
  w.count[HE_IPV4] = 2;
  w.place[HE_IPV4][1] = (struct place){ ANSWERS, HE_MS(40) };
  for(unsigned i = 0; i < 20; i++)
    w.start[i] = i ? HE_MS(5) : 0;
  w.lost[0][HE_IPV4][1] = true;
  run(&w, false, alone, syns);
  run(&w, true, together, syns);
  assert_true(alone[0] == HE_NEVER && together[0] == HE_NEVER);
  expect_not_slower(&w, alone, together);
  assert_true(together[19] <= alone[19] + SLACK);
}

/* One alone: nobody to look ahead for. */
static void one(void **state)
{
  static struct world w;
  he_time_ns alone[MOST], together[MOST];
  long before[HE_FAMILIES][PER_FAMILY], syns[HE_FAMILIES][PER_FAMILY];
  (void)state;
  memset(&w, 0, sizeof(w));
  w.members = 1;
  w.count[HE_IPV6] = w.count[HE_IPV4] = 3;
  w.place[HE_IPV4][2] = (struct place){ ANSWERS, HE_MS(40) };
  run(&w, false, alone, before);
  run(&w, true, together, syns);
  assert_true(alone[0] == together[0] && alone[0] != HE_NEVER);
  assert_memory_equal(before, syns, sizeof(syns));
}

/* Who starts while the others race, or after: the first thing is what
   works. */
static void late(void **state)
{
  static struct world w;
  he_time_ns alone[MOST], together[MOST];
  long syns[HE_FAMILIES][PER_FAMILY];
  (void)state;
  memset(&w, 0, sizeof(w));
  w.members = 12;
  w.count[HE_IPV6] = w.count[HE_IPV4] = 4;
  w.place[HE_IPV4][3] = (struct place){ ANSWERS, HE_MS(40) };
  for(unsigned i = 10; i < 12; i++)
    w.start[i] = HE_MS(i == 10 ? 120 : 1500);
  run(&w, false, alone, syns);
  run(&w, true, together, syns);
  expect_not_slower(&w, alone, together);
  for(unsigned i = 10; i < 12; i++)   /* IPv4 opens after the delay */
    assert_true(together[i] - w.start[i] <= DELAY + HE_MS(60));
  assert_int_equal(syns[HE_IPV6][1], 1);
}

static void random_world(struct world *w)
{
  static const unsigned rtts[] = { 1, 20, 40, 100, 149, 150, 300, 700 };
  const unsigned spread = roll(3) ? 0 : 1 + roll(1000);
  memset(w, 0, sizeof(*w));
  w->members = 1 + roll(roll(3) ? 6 : MOST);
  for(int f = 0; f < HE_FAMILIES; f++) {
    w->count[f] = roll(5) ? 1 + roll(PER_FAMILY) : roll(2);
    for(unsigned i = 0; i < PER_FAMILY; i++) {
      struct place *p = &w->place[f][i];
      p->does = roll(3) ? SILENT : roll(2) ? REFUSES : ANSWERS;
      /* no two things at one moment: their order would be a toss */
      p->rtt = HE_MS(rtts[roll(8)]) + roll(99991);
    }
  }
  for(unsigned i = 0; i < w->members; i++)
    w->start[i] = spread ? HE_MS(roll(spread)) : 0;
  if(!roll(3))
    for(unsigned i = 0; i < w->members; i++)
      for(int f = 0; f < HE_FAMILIES; f++)
        for(unsigned k = 0; k < PER_FAMILY; k++)
          w->lost[i][f][k] = !roll(20);
}

static uint64_t first_seed;
static long rounds = 2000;

static void any_crowd(void **state)
{
  static struct world w;
  he_time_ns alone[MOST], together[MOST];
  long before[HE_FAMILIES][PER_FAMILY], syns[HE_FAMILIES][PER_FAMILY];
  long fewer = 0, more = 0;
  (void)state;
  for(long i = 0; i < rounds; i++) {
    dice = first_seed + (uint64_t)i * 7919 + 1;
    random_world(&w);
    run(&w, false, alone, before);
    run(&w, true, together, syns);
    for(unsigned k = 0; k < w.members; k++)
      if(together[k] > he_time_add(alone[k], SLACK))
        print_message("# again with HE_SEED=%llu HE_ROUNDS=1\n",
                      (unsigned long long)(first_seed + (uint64_t)i * 7919));
    expect_not_slower(&w, alone, together);
    for(int f = 0; f < HE_FAMILIES; f++)
      for(int k = 0; k < PER_FAMILY; k++) {
        fewer += before[f][k];
        more += syns[f][k];
      }
  }
  print_message("# %ld SYNs instead of %ld\n", more, fewer);
  assert_true(more <= fewer);
}

int main(void)
{
  struct CMUnitTest tests[64];
  size_t n = 0;
  const char *seed = getenv("HE_SEED");
  const char *many = getenv("HE_ROUNDS");
  first_seed = seed ? strtoull(seed, NULL, 0) : 1;
  if(many)
    rounds = strtol(many, NULL, 0);
  print_message("# HE_SEED=%llu HE_ROUNDS=%ld\n",
                (unsigned long long)first_seed, rounds);
  for(; n < sizeof(stories) / sizeof(*stories); n++)
    tests[n] = (struct CMUnitTest){ .name = stories[n].name,
                                    .test_func = tell_story,
                                    .initial_state = (void *)&stories[n] };
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(families);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(bounded);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(fifty);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(lost_scout);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(one);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(late);
  tests[n++] = (struct CMUnitTest)cmocka_unit_test(any_crowd);
  return _cmocka_run_group_tests("herd", tests, n, NULL, NULL);
}
