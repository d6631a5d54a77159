/* SPDX-License-Identifier: MIT */
/* history_model_test.c - random walks against a slow and obvious model: every
 * host there could be has a place, charges are lists that are added up when
 * asked. HE_SEED repeats a walk, HE_ROUNDS makes more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history/history.h"

#define NETWORKS 2
#define HOSTS 6
#define MAX_HOSTS 5          /* of the twelve there are */
#define ADDRS 3              /* of a family */
#define ALL (HE_FAMILIES * ADDRS)
#define VERDICT HE_MS(600000)
#define DAY HE_MS(86400000)
#define NEVER INT64_MIN
#define MOST 4000            /* steps of a walk */

/* -- the model ---------------------------------------------------------- */

enum { SILENT, REFUSED, TLS, KINDS };

struct charge {
  struct {
    he_time_ns t;
    int points;
  } sum[MOST];
  int n;
  he_time_ns last;
  int port;
  int by;
};

struct subject {             /* an address, or a family */
  struct charge charge[KINDS];
  he_time_ns good;
  he_time_ns sampled;
  int64_t srtt, rttvar;      /* us */
};

struct mhost {
  bool there;
  unsigned stamp;            /* of its last use */
  struct subject addr[HE_FAMILIES][ADDRS];
  struct subject family[HE_FAMILIES];
  he_time_ns answered[HE_FAMILIES];
  int answer[HE_FAMILIES][ADDRS];
  int answers[HE_FAMILIES];
  uint32_t ttl[HE_FAMILIES];
};

struct mnetwork {
  he_time_ns witness[HE_FAMILIES][2][HOSTS];    /* silent, TLS */
  struct subject family[HE_FAMILIES];           /* times only */
};

static struct mhost model[NETWORKS][HOSTS];
static struct mnetwork nets[NETWORKS];
static unsigned stamp;

static void clear_subject(struct subject *s)
{
  s->good = s->sampled = NEVER;
  s->srtt = s->rttvar = 0;
  for(int k = 0; k < KINDS; k++) {
    s->charge[k].n = 0;
    s->charge[k].last = NEVER;
    s->charge[k].port = 0;
  }
}

static void clear_host(struct mhost *m)
{
  m->there = false;
  for(int f = 0; f < HE_FAMILIES; f++) {
    clear_subject(&m->family[f]);
    m->answered[f] = NEVER;
    for(int a = 0; a < ADDRS; a++)
      clear_subject(&m->addr[f][a]);
  }
}

static void clear_model(void)
{
  for(int n = 0; n < NETWORKS; n++) {
    for(int i = 0; i < HOSTS; i++)
      clear_host(&model[n][i]);
    for(int f = 0; f < HE_FAMILIES; f++) {
      clear_subject(&nets[n].family[f]);
      for(int i = 0; i < HOSTS; i++)
        nets[n].witness[f][0][i] = nets[n].witness[f][1][i] = NEVER;
    }
  }
}

static bool within(he_time_ns then, he_time_ns now, he_time_ns age)
{
  return then != NEVER && now - then < age;
}

static int lapse(int points, he_time_ns since, he_time_ns now)
{
  for(; now - since >= VERDICT && points > 0; since += VERDICT)
    points -= 2;
  return points > 0 ? points : 0;
}

static int points_of(const struct charge *c, he_time_ns now)
{
  int points = 0;
  for(int i = 0; i < c->n; i++) {
    if(i)
      points = lapse(points, c->sum[i - 1].t, c->sum[i].t);
    points += c->sum[i].points;
    if(points > 4)
      points = 4;
  }
  return c->n ? lapse(points, c->sum[c->n - 1].t, now) : 0;
}

static void sample(struct subject *s, he_time_ns t, he_time_ns now)
{
  int64_t r = t / 1000;
  if(!s->srtt) {
    s->srtt = r;
    s->rttvar = r / 2;
  }
  else {
    s->rttvar = (3 * s->rttvar + llabs(r - s->srtt) + 2) / 4;
    s->srtt = (7 * s->srtt + r + 4) / 8;
  }
  s->sampled = now;
}

static he_time_ns upper(const struct subject *s)
{
  int64_t four = 4 * s->rttvar;
  return (s->srtt + (four > 1000 ? four : 1000)) * 1000;
}

/* Counts against one subject. */
static void blame(struct subject *s, int kind, int points, int by,
                  he_time_ns started, int port, he_time_ns now)
{
  struct charge *c = &s->charge[kind];
  int had = points_of(c, now);
  if(kind == SILENT && s->good != NEVER && started <= s->good)
    return;
  if(kind != SILENT && c->port != port)
    had = c->n = 0;
  if(had && started <= c->last && c->by == by) {     /* the same trouble */
    if(points <= had)
      return;
    c->n = 0;
  }
  c->sum[c->n].t = c->last = now;
  c->sum[c->n++].points = points;
  c->port = port;
  c->by = by;
}

static void forgive(struct charge *c, const struct he_outcome *o, int by,
                    bool of_port, he_time_ns now)
{
  int had = points_of(c, now);
  if(of_port && had && c->port != o->addr.port)
    return;
  c->n = 0;
  if(o->probe && had >= 4) {
    c->sum[0].t = now;
    c->sum[0].points = 2;
    c->n = 1;
  }
  c->last = now;
  c->port = o->addr.port;
  c->by = by;
}

static void praise(struct subject *s, const struct he_outcome *o, int by,
                   he_time_ns now)
{
  forgive(&s->charge[SILENT], o, by, false, now);
  forgive(&s->charge[REFUSED], o, by, true, now);
  s->good = now;
  if(!o->retransmitted)
    sample(s, o->handshake, now);
}

static struct mhost *get(int net, int host, he_time_ns now)
{
  struct mhost *m = &model[net][host], *old = NULL;
  int there = 0;
  (void)now;
  if(m->there)
    return m;
  for(int n = 0; n < NETWORKS; n++)
    for(int i = 0; i < HOSTS; i++)
      if(model[n][i].there) {
        there++;
        if(!old || model[n][i].stamp < old->stamp)
          old = &model[n][i];
      }
  if(there == MAX_HOSTS)
    clear_host(old);
  m->there = true;
  m->stamp = ++stamp;
  return m;
}

static void model_learn(int net, int host, int a, const struct he_outcome *o,
                        he_time_ns now)
{
  const int f = o->addr.family;
  struct mhost *m = get(net, host, now);
  struct subject *mine = &m->addr[f][a], *all = &m->family[f];
  struct subject *seen = within(mine->sampled, now, DAY) ? mine : all;
  he_time_ns usual = within(seen->sampled, now, DAY) ? upper(seen) :
                     o->delay > HE_MS(50) ? o->delay : HE_MS(50);
  he_time_ns started = now - o->pending;
  const int port = o->addr.port;
  int kind = -1, points = 0, family_points;
  switch(o->kind) {
  case HE_OUTCOME_CONNECTED:
    praise(mine, o, 0, now);
    praise(all, o, a + 1, now);
    if(!o->retransmitted)
      sample(&nets[net].family[f], o->handshake, now);
    for(int i = 0; i < HOSTS; i++)
      nets[net].witness[f][0][i] = NEVER;
    break;
  case HE_OUTCOME_DELIVERED:
    forgive(&mine->charge[TLS], o, 0, true, now);
    forgive(&all->charge[TLS], o, a + 1, true, now);
    for(int i = 0; i < HOSTS; i++)
      nets[net].witness[f][1][i] = NEVER;
    break;
  case HE_OUTCOME_TLS_DEAD:
    kind = TLS;
    points = 4;
    break;
  case HE_OUTCOME_FAILED:
    if(o->error == ECONNREFUSED)
      kind = REFUSED;
    else if(o->error != EMFILE)
      kind = SILENT;
    points = o->error == EHOSTUNREACH ? 2 : 4;
    break;
  case HE_OUTCOME_UNANSWERED:
    if(o->pending > usual && o->pending > o->winner) {
      kind = SILENT;
      points = o->pending >= usual + HE_MS(1000) ? 4 :
               o->pending >= o->delay ? 2 : 1;
    }
    break;
  }
  if(kind >= 0) {
    family_points = kind == REFUSED || (kind == TLS && o->error) ? 2 :
                    points;
    blame(mine, kind, points, 0, started, port, now);
    blame(all, kind, family_points, a + 1, started, port, now);
    if(kind != REFUSED && points_of(&all->charge[kind], now) >= 4)
      nets[net].witness[f][kind == TLS][host] = now;
  }
  if(!o->probe)
    m->stamp = ++stamp;
}

static bool convicted(const struct subject *s, int kind, int port,
                      he_time_ns now)
{
  return points_of(&s->charge[kind], now) >= 4 &&
         (kind == SILENT || s->charge[kind].port == port);
}

static enum he_rank model_rank(int net, int host, int f, int a, int port,
                               he_time_ns now)
{
  const struct mhost *m = &model[net][host];
  const struct subject *mine = &m->addr[f][a], *all = &m->family[f];
  for(int kind = 0; kind < KINDS && m->there; kind++)
    if(convicted(mine, kind, port, now))
      return HE_RANK_BAD;
  if(m->there && convicted(all, TLS, port, now))
    return HE_RANK_BAD;
  if(m->there && (convicted(all, SILENT, port, now) ||
                  convicted(all, REFUSED, port, now)) &&
     !(within(mine->good, now, VERDICT) &&
       !points_of(&mine->charge[SILENT], now)))
    return HE_RANK_BAD;
  for(int c = 0; c < 2; c++) {
    int speak = 0;
    for(int i = 0; i < HOSTS; i++)
      speak += within(nets[net].witness[f][c][i], now, VERDICT);
    if(speak >= 3)
      return HE_RANK_DOUBTED;
  }
  return HE_RANK_GOOD;
}

static const struct subject *model_times(int net, int host, int f, int a,
                                         he_time_ns now)
{
  const struct mhost *m = &model[net][host];
  if(!m->there)
    return NULL;
  if(a >= 0 && within(m->addr[f][a].sampled, now, DAY))
    return &m->addr[f][a];
  return within(m->family[f].sampled, now, DAY) ? &m->family[f] : NULL;
}

/* The delay that an answer surely comes in. */
static he_time_ns least(const struct subject *s)
{
  const he_time_ns quarter = 1250 * s->srtt;
  return upper(s) > quarter ? upper(s) : quarter;
}

static he_time_ns model_delay(int net, int host, int f, int a, he_time_ns now,
                              enum he_pace_from *from)
{
  const struct subject *s = model_times(net, host, f, a, now);
  const struct subject *n = &nets[net].family[f];
  he_time_ns d = HE_MS(150);
  *from = HE_PACE_COLD;
  if(!s)
    s = model_times(net, host, !f, -1, now);
  if(s) {
    d = least(s);
    *from = HE_PACE_HOST;
  }
  else if(within(n->sampled, now, DAY)) {
    const he_time_ns most = 1500 * n->srtt;
    d = least(n) < most ? least(n) : most;
    *from = HE_PACE_NETWORK;
  }
  return d < HE_MS(50) ? HE_MS(50) : d > HE_MS(2000) ? HE_MS(2000) : d;
}

/* -- the walk ----------------------------------------------------------- */

static uint64_t seed;

static int below(int n)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (int)((seed >> 33) % (unsigned)n);
}

static struct he_addr address(int net, int host, int f, int a)
{
  struct he_addr addr = { .family = (uint8_t)f };
  addr.ip[0] = 0x20;
  addr.ip[1] = (uint8_t)net;
  addr.ip[2] = (uint8_t)host;
  addr.ip[3] = (uint8_t)a;
  return addr;
}

static const char *const names[HOSTS] = { "a", "B", "c.", "D.example.", "e",
                                          "f" };

static void do_learn(struct he_history *h, int net, int host, he_time_ns now)
{
  static const int errors[] = { ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT,
                                EMFILE };
  static const int kinds[] = { 0, 0, 0, 1, 2, 2, 2, 2, 3, 4 };
  struct he_outcome o = { .kind = (enum he_outcome_kind)kinds[below(10)] };
  int a = below(ADDRS);
  o.addr = address(net, host, below(4) ? HE_IPV6 : HE_IPV4, a);
  o.addr.port = below(3) ? 443 : 80;
  o.handshake = HE_MS(1 + below(below(3) ? 60 : 900));
  o.retransmitted = !below(6);
  o.delay = HE_MS(100 + 50 * below(4));
  o.pending = below(3) ? HE_MS(below(400)) : HE_MS(below(3000));
  if(o.pending > now)
    o.pending = now;
  o.winner = HE_MS(below(below(2) ? 200 : 2000));
  o.error = errors[below(4)];
  o.probe = !below(5);
  assert_true(he_history_learn(h, (uint64_t)net, names[host], &o, now));
  model_learn(net, host, a, &o, now);
}

static void do_answer(struct he_history *h, int net, int host, he_time_ns now)
{
  struct he_addr list[ADDRS];
  int f = below(HE_FAMILIES), n = below(ADDRS + 1), from = below(ADDRS);
  uint32_t ttl = (uint32_t)below(600);
  struct mhost *m = get(net, host, now);
  m->answered[f] = now;
  m->answers[f] = n;
  m->ttl[f] = ttl;
  m->stamp = ++stamp;
  for(int i = 0; i < n; i++) {
    m->answer[f][i] = (from + i) % ADDRS;
    list[i] = address(net, host, f, m->answer[f][i]);
  }
  assert_true(he_history_answer(h, (uint64_t)net, names[host],
                                (enum he_family)f, list, (size_t)n, ttl,
                                now));
}

static void check_addresses(struct he_history *h, int net, int host,
                            he_time_ns now)
{
  const struct mhost *m = &model[net][host];
  struct he_remembered got[ALL];
  bool safe = below(2);
  size_t n = he_history_addresses(h, (uint64_t)net, names[host], safe, got,
                                  ALL, now);
  size_t i = 0;
  for(int f = 0; f < HE_FAMILIES && m->there; f++) {
    bool fresh = m->answered[f] != NEVER &&
                 (now - m->answered[f]) / HE_MS(1000) < m->ttl[f];
    if(!within(m->answered[f], now, DAY) || (!safe && !fresh))
      continue;
    for(int a = 0; a < m->answers[f]; a++) {
      struct he_addr want = address(net, host, f, m->answer[f][a]);
      assert_true(i < n);
      assert_true(he_addr_equal(&got[i].addr, &want));
      assert_int_equal(got[i].age, now - m->answered[f]);
      assert_int_equal(got[i].fresh, fresh);
      i++;
    }
  }
  assert_int_equal(i, n);
}

static void check_advice(struct he_history *h, int net, int host,
                         he_time_ns now)
{
  struct he_candidate list[ALL];
  struct he_advice advice[ALL];
  enum he_rank want[ALL];
  struct he_advice_rules rules;
  const int port = below(3) ? 443 : 80;
  he_time_ns best = INT64_MAX;
  size_t at = 0;
  for(int i = 0; i < ALL; i++) {
    const int f = i / ADDRS, a = i % ADDRS;
    const struct subject *s = model_times(net, host, f, a, now);
    list[i] = (struct he_candidate){ .addr = address(net, host, f, a) };
    list[i].addr.port = (uint16_t)port;
    want[i] = model_rank(net, host, f, a, port, now);
    if(s && want[i] != HE_RANK_BAD && s->srtt * 1000 < best)
      best = s->srtt * 1000;
  }
  for(int i = 0; i < ALL; i++) {
    const struct subject *s = model_times(net, host, i / ADDRS, i % ADDRS,
                                          now);
    if(s && want[i] == HE_RANK_GOOD && best != INT64_MAX &&
       (s->srtt - s->rttvar) * 1000 > best + HE_MS(50))
      want[i] = HE_RANK_SLOW;
  }
  he_advice_rules_usual(&rules);
  he_history_advise(h, (uint64_t)net, names[host], &rules, list, ALL, advice,
                    now);
  for(int rank = HE_RANK_GOOD; rank <= HE_RANK_BAD; rank++)
    for(int i = 0; i < ALL; i++)
      if((int)want[i] == rank) {
        enum he_pace_from from;
        struct he_addr a = address(net, host, i / ADDRS, i % ADDRS);
        a.port = (uint16_t)port;
        assert_true(he_addr_equal(&list[at].addr, &a));
        assert_int_equal(advice[at].rank, rank);
        assert_int_equal(advice[at].delay,
                         model_delay(net, host, i / ADDRS, i % ADDRS, now,
                                     &from));
        assert_int_equal(advice[at].from, from);
        at++;
      }
  if(model[net][host].there)
    model[net][host].stamp = ++stamp;
}

/* Probes are of what goes later, or of what was silent; and never early. */
static void check_probe(struct he_history *h, int net, he_time_ns now)
{
  struct he_probe p;
  he_time_ns due = he_history_probe_due(h);
  bool any = he_history_next_probe(h, (uint64_t)net, &p, now);
  assert_false(any && due > now);
  assert_true(he_history_probe_due(h) > now);
  if(any) {
    const int host = p.addr.ip[2];
    assert_int_equal(p.network, net);
    assert_int_equal(p.addr.ip[1], net);
    assert_true(model[net][host].there);
    assert_true(p.addr.port == 443 || p.addr.port == 80);
  }
}

static void pass_time(he_time_ns *now)
{
  static const int most[] = { 0, 1, 100, 3000, 60000, 700000 };
  int ms = most[below(6)];
  *now += ms ? HE_MS(1 + below(ms)) : 1;
  if(!below(500))
    *now += DAY / 2;
}

static void step(struct he_history *h, he_time_ns now)
{
  int net = below(NETWORKS), host = below(below(2) ? HOSTS : 3);
  size_t there = 0;
  switch(below(8)) {
  case 0: do_answer(h, net, host, now); break;
  case 1: check_addresses(h, net, host, now); break;
  case 2: check_probe(h, net, now); break;
  case 3:
  case 4: check_advice(h, net, host, now); break;
  default: do_learn(h, net, host, now); break;
  }
  for(int n = 0; n < NETWORKS; n++)
    for(int i = 0; i < HOSTS; i++) {
      there += model[n][i].there;
      assert_int_equal(he_history_has(h, (uint64_t)n, names[i]),
                       model[n][i].there);
    }
  assert_int_equal(he_history_hosts(h), there);
}

static void walk(void)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_time_ns now = HE_MS(1);
  he_history_limits_usual(&limits);
  limits.max_hosts = MAX_HOSTS;
  limits.seed = seed;
  h = he_history_new(&limits);
  clear_model();
  for(int i = 0; i < MOST; i++) {
    pass_time(&now);
    step(h, now);
  }
  he_history_free(h);
}

static void walks(void **state)
{
  const char *said = getenv("HE_SEED");
  const char *rounds = getenv("HE_ROUNDS");
  int n = said ? 1 : rounds ? atoi(rounds) : 20;
  uint64_t next = said ? strtoull(said, NULL, 10) : (uint64_t)time(NULL);
  (void)state;
  for(int i = 0; i < n; i++, next++) {
    print_message("# HE_SEED=%llu\n", (unsigned long long)next);
    seed = next;
    walk();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(walks) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
