/* SPDX-License-Identifier: MIT */
/* history_test.c - what connects teach, as timelines that take no time.
 *
 * A step a word; addresses are 6a 6b ... and 4a 4b ..., of host "h", network
 * 1, port 443 unless said:
 *   +20ms +2s +10m        time passes
 *   net(2) host(x) port(80)  from here on
 *   ans(6a,4a)            the resolver's answers of both families
 *   ok(6a,20)             connected, handshake 20 ms    rtx(6a) after a loss
 *   lost(6a,170,20)       unanswered for 170 ms when one won that took 20 ms
 *                         (0: nobody did); its delay was 150 ms
 *   over(6a,70,20)        the same; its delay was 50 ms
 *   refused(6a) unreach(6a) nofd(6a) timeout(6a)   failed
 *   tls(6a) got(6a)       TLS never completed; the transfer came
 *   tlsend(6a)            the peer has ended it before
 *   =4a,6a                advice for what the host has; ! behind: suspect
 *   d(6a,150,cold)        the delay after it, in ms, and what it is from: the
 *                         host unless "network" or "cold" is said
 *   probe(6a) none        a probe is due now; none is
 *   pok(6a,20) plost(6a)  what became of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/history.h"

struct timeline {
  const char *name;
  const char *script;
};

static struct timeline timelines[] = {
  { "nothing known: the order of RFC 6724, 150 ms",
    "ans(6a,6b,4a) =6a,6b,4a d(6a,150,cold) d(4a,150,cold) none" },
  { "one lost SYN marks nothing bad",
    "ans(6a,4a) lost(6a,170,20) ok(4a,20) =6a,4a" },
  { "nor does the same one seen by fifty transfers at once",
    "ans(6a,4a) lost(6a,170,20) lost(6a,170,20) +5ms lost(6a,170,20) "
    "lost(6a,160,20) ok(4a,20) =6a,4a" },
  { "two do, with no success in between",
    "ans(6a,4a) lost(6a,170,20) +1s lost(6a,170,20) ok(4a,20) =4a,6a!" },
  { "a success in between",
    "ans(6a,4a) lost(6a,170,20) +1s ok(6a,20) +1s lost(6a,170,20) =6a,4a" },
  { "two lost SYNs of one attempt are two",
    "ans(6a,4a) ok(4a,20) lost(6a,1200,20) =4a,6a!" },
  { "a SYN sent before the last success says nothing",
    "ans(6a,4a) +1s ok(6a,20) +50ms lost(6a,200,20) +20ms lost(6a,270,20) "
    "+200ms lost(6a,170,20) =6a,4a" },
  { "who is as slow as the winner is not blamed (24)",
    "ans(6a,4a) ok(4a,400) lost(6a,350,400) +1s lost(6a,399,400) "
    "+1s lost(6a,400,400) =6a,4a d(6a,1200)" },
  { "who was not waited for is not blamed",
    "ans(6a,4a) lost(6a,100,20) +1s lost(6a,120,20) +1s lost(6a,149,20) "
    "+1s lost(6a,30,0) =6a,4a none +2s none" },
  { "overtaken while late is half of it",
    "ans(6a,4a) ok(6a,20) +1s lost(6a,90,20) +1s lost(6a,90,20) "
    "+1s lost(6a,90,20) =6a,4a +1s lost(6a,90,20) =4a,6a!" },
  { "usually slower than that: not late",
    "ans(6a,4a) ok(6a,100) +1s lost(6a,290,20) +1s lost(6a,290,20) =6a,4a" },
  { "Karn: a retransmitted SYN is no sample, but a success",
    "ans(6a,4a) lost(6a,170,20) +1s rtx(6a) d(6a,150,cold) +1s "
    "lost(6a,170,20) =6a,4a" },
  { "a refusal is an answer: one is enough (3)",
    "ans(6a,4a) refused(6a) ok(4a,20) =4a,6a!" },
  { "and counts for its port alone",
    "ans(6a,4a) port(8443) refused(6a) =4a,6a! port(443) =6a,4a" },
  { "a success at one port leaves the other's refusal",
    "ans(6a,4a) port(8443) refused(6a) port(443) +1s ok(6a,20) =6a,4a "
    "port(8443) =4a,6a!" },
  { "one address that refuses leaves the family",
    "ans(6a,6b,4a) refused(6a) =6b,4a,6a!" },
  { "silence counts for every port",
    "ans(6a,4a) lost(6a,170,20) +1s lost(6a,170,20) port(80) =4a,6a!" },
  { "unreachable is a soft error: two are needed",
    "ans(6a,4a) unreach(6a) ok(4a,20) =6a,4a +1s unreach(6a) =4a,6a!" },
  { "the kernel's time-out is many SYNs",
    "ans(6a,4a) timeout(6a) =4a,6a!" },
  { "what the machine lacks is not the address's fault",
    "ans(6a,4a) nofd(6a) +1s nofd(6a) +1s nofd(6a) =6a,4a" },
  { "TLS that never completes is a verdict on the family, and not probed",
    "ans(6a,6b,4a) ok(6a,20) tls(6a) =4a,6a,6b! +1s ok(6a,20) =4a,6a,6b! "
    "+2s none" },
  { "ended by the peer it is one on the address",
    "ans(6a,6b,4a) ok(6a,20) tlsend(6a) =6b,4a,6a! +1s ok(6b,20) tlsend(6b) "
    "=4a,6a,6b!" },
  { "at one port",
    "ans(6a,4a) tls(6a) =4a,6a! port(80) =6a,4a port(443) =4a,6a!" },
  { "it lapses",
    "ans(6a,4a) ok(6a,20) tls(6a) +599s =4a,6a! +1s =6a,4a" },
  { "a delivery ends that",
    "ans(6a,4a) ok(6a,20) tls(6a) +1s =4a,6a! ok(6a,20) got(6a) =6a,4a" },
  { "a dead family takes its untried addresses along (8)",
    "ans(6a,6b,6c,4a) lost(6a,320,20) lost(6b,170,20) ok(4a,20) "
    "=4a,6a,6b,6c!" },
  { "addresses that change with each answer profit, too",
    "ans(6a,4a) lost(6a,170,20) +1s lost(6a,170,20) ok(4a,20) ans(6b,4b) "
    "=4b,6b!" },
  { "an address that has just worked is judged by itself",
    "ans(6a,6b,4a) ok(6b,20) +1s lost(6a,170,20) +1s lost(6a,170,20) "
    "=6b,4a,6a!" },
  { "first A a black hole (9)",
    "ans(4a,4b) lost(4a,170,20) ok(4b,20) +1s lost(4a,170,20) ok(4b,20) "
    "=4b,4a!" },
  { "only the last A good (7)",
    "ans(6a,6b,4a,4b) lost(6a,600,20) lost(6b,300,20) lost(4a,450,20) "
    "ok(4b,20) +1s lost(4a,170,20) ok(4b,20) =4b,6a,6b,4a!" },
  { "all bad: as it was",
    "ans(6a,4a) timeout(6a) timeout(4a) =6a,4a +2s none" },
  { "slower than the leeway goes later (5)",
    "ans(6a,4a) ok(4a,20) ok(6a,600) =4a,6a! d(4a,60) d(6a,1800)" },
  { "within the leeway IPv6 stays first",
    "ans(6a,4a) ok(4a,20) ok(6a,69) =6a,4a +1s ok(6a,69) +1s ok(6a,69) "
    "+1s ok(6a,69) +1s ok(6a,69) +1s ok(6a,69) +1s ok(6a,69) =6a,4a" },
  { "one slow sample is no verdict",
    "ans(6a,4a) ok(4a,20) ok(6a,100) =6a,4a" },
  { "within a family, too",
    "ans(4a,4b) ok(4a,300) ok(4b,20) =4b,4a!" },
  { "what was slow is measured again, and comes back",
    "ans(6a,4a) ok(4a,20) ok(6a,600) =4a,6a! probe(6a) pok(6a,20) =4a,6a! "
    "+4s probe(6a) pok(6a,20) =6a,4a +8s none" },
  { "delays: SRTT + 4 * RTTVAR, within 50 ms and 2 s",
    "ans(6a,4a) ok(6a,10) d(6a,50) host(x) ans(6a,4a) ok(6a,20) =6a,4a "
    "d(6a,60) ok(6a,60) d(6a,95) ok(6a,400) "
    "d(6a,499) ok(6a,2000) d(6a,2000)" },
  { "an address not tried has the delay of its host",
    "ans(6a,6b,4a) ok(6a,100) d(6b,300) d(4a,300) d(6a,300)" },
  { "and SRTT + SRTT / 4 at least, however well samples agree",
    "ans(6a) ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) d(6a,368)"
    " +1s ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) +1s "
    "ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) +1s ok(6a,200) d(6a,250)" },
  { "a host not tried has the delay of its family on the network",
    "ok(6a,20) host(x) ans(6b,4b) d(6b,50,network) d(4b,150,cold) host(y) "
    "ok(6c,20) ok(6c,20) host(x) d(6b,50,network) net(2) ans(6b) "
    "d(6b,150,cold)" },
  { "a longer one, too: a network is far for one connect alone",
    "ok(6a,250) host(x) ans(6d,4d) d(6d,375,network) ok(6d,20) d(6d,60)" },
  { "no longer than the most",
    "ok(6a,900) host(x) ans(6d,4d) d(6d,1350,network)" },
  { "who is slower than the first delay and the winner is noted",
    "ans(6a,4a) over(6a,70,20) ok(4a,20) +2s probe(6a)" },
  { "who is not, is not",
    "ans(6a,4a) over(6a,50,20) +2s none over(6a,70,70) +2s none" },
  { "networks are apart (20)",
    "ans(6a,4a) refused(6a) =4a,6a! net(2) ans(6a,4a) =6a,4a net(1) "
    "=4a,6a!" },
  { "one host's IPv6 dead, others stay (23)",
    "ans(6a,4a) lost(6a,170,20) +1s lost(6a,170,20) host(x) ans(6b,4b) "
    "ok(6b,20) =6b,4b host(y) ans(6c,4c) =6c,4c" },
  { "three dead, none against: a new host starts with IPv4",
    "ans(6a,4a) timeout(6a) host(x) ans(6b,4b) timeout(6b) host(y) "
    "ans(6c,4c) =6c,4c timeout(6c) host(z) ans(6d,4d) =4d,6d! "
    "probe(6d) plost(6d) =4d,6d!" },
  { "one that connects refutes them",
    "ans(6a,4a) timeout(6a) host(x) ans(6b,4b) timeout(6b) host(y) "
    "ans(6c,4c) timeout(6c) host(w) ans(6e,4e) =4e,6e! ok(6e,20) "
    "host(z) ans(6d,4d) =6d,4d host(h) =4a,6a!" },
  { "one host three times is one",
    "ans(6a,4a) timeout(6a) +1s timeout(6a) +1s timeout(6a) host(x) "
    "timeout(6b) host(z) ans(6d,4d) =6d,4d" },
  { "with three addresses, too",
    "timeout(6a) timeout(6e) timeout(6f) host(x) timeout(6b) host(z) "
    "ans(6d,4d) =6d,4d" },
  { "one machine under three names is one",
    "timeout(6a) host(x) timeout(6a) host(y) timeout(6a) host(z) ans(6d,4d) "
    "=6d,4d" },
  { "hosts that refuse say nothing about their network",
    "refused(6a) refused(6e) host(x) refused(6b) refused(6f) host(y) "
    "refused(6c) refused(6g) host(z) ans(6d,4d) =6d,4d" },
  { "an MTU black hole is the network's, too",
    "tls(6a) +1s tls(6a) host(x) tls(6b) +1s tls(6b) host(y) tls(6c) +1s "
    "tls(6c) host(z) ans(6d,4d) =4d,6d! none ok(6d,20) =4d,6d! got(6d) "
    "=6d,4d" },
  { "the network's verdict lapses",
    "ans(6a,4a) timeout(6a) host(x) timeout(6b) host(y) timeout(6c) "
    "host(z) ans(6d,4d) =4d,6d! +10m =6d,4d" },
  { "new hosts probe for their network",
    "timeout(6a) host(x) timeout(6b) host(y) timeout(6c) "
    "host(p) ans(6d,4d) =4d,6d! probe(6d) plost(6d) "
    "+50ms host(q) ans(6e,4e) =4e,6e! probe(6e) pok(6e,20) host(s) ans(6g,4g) "
    "=6g,4g" },
  { "a doubt is probed after 2 s, and gone",
    "ans(6a,4a) ok(4a,20) lost(6a,170,20) none +1999ms none +1ms probe(6a) "
    "pok(6a,20) none +10m none =6a,4a" },
  { "not when it is no longer an address of the host",
    "ans(6a,4a) ok(4a,20) lost(6a,170,20) ans(4a) +2s none" },
  { "or confirmed",
    "ans(6a,4a) ok(4a,20) lost(6a,170,20) +2s probe(6a) =6a,4a plost(6a) "
    "=4a,6a!" },
  { "probes after 2 s, 4 s, 8 s, ... 5 min, while the host is used",
    "ans(6a,4a) ok(4a,20) timeout(6a) +2s probe(6a) plost(6a) +3999ms none "
    "+1ms probe(6a) plost(6a) +8s probe(6a) plost(6a) +16s probe(6a) "
    "plost(6a) +32s probe(6a) plost(6a) +64s probe(6a) plost(6a) =4a,6a! "
    "+128s probe(6a) plost(6a) +256s probe(6a) plost(6a) =4a,6a! +299s none "
    "+1s probe(6a) plost(6a) =4a,6a! +5m probe(6a)" },
  { "who was not asked for is not probed",
    "ans(6a,4a) ok(4a,20) timeout(6a) +10m none +5m none" },
  { "a probe that nobody answered for is due again",
    "ans(6a,4a) ok(4a,20) timeout(6a) +2s probe(6a) +29s none +1s "
    "probe(6a)" },
  { "back within 10 min (21): a probe, then the next connect",
    "ans(6a,4a) ok(4a,20) timeout(6a) +2s probe(6a) plost(6a) +4s probe(6a) "
    "pok(6a,20) =6a,4a ok(6a,20) +1s lost(6a,170,20) =6a,4a" },
  { "after that, a new doubt is a new beginning",
    "ans(6a,4a) ok(4a,20) timeout(6a) +2s probe(6a) plost(6a) +4s probe(6a) "
    "plost(6a) +8s probe(6a) pok(6a,20) ok(6a,20) +1s timeout(6a) +2s "
    "probe(6a)" },
  { "on probation one lost SYN is enough, and probes stay rare",
    "ans(6a,4a) ok(4a,20) timeout(6a) +2s probe(6a) plost(6a) +4s probe(6a) "
    "pok(6a,20) =6a,4a +1s lost(6a,170,20) =4a,6a! +6s none +1s probe(6a)" },
  { "a bad family is probed at its better address",
    "ans(6a,6b,4a) lost(6a,170,20) +1s lost(6a,170,20) ok(4a,20) =4a,6a,6b! "
    "+2s probe(6b) pok(6b,20) =6b,4a,6a!" },
  { "a probe goes to the port that failed",
    "ans(6a,4a) ok(4a,20) port(8443) refused(6a) port(443) ok(4a,20) +2s "
    "port(8443) probe(6a) pok(6a,20) =6a,4a" },
  { "another network's probes wait until it is back",
    "ans(6a,4a) ok(4a,20) timeout(6a) net(2) +2s none net(1) none =4a,6a! "
    "probe(6a)" },
  { "a verdict lapses after 10 min, and comes back with one lost SYN",
    "ans(6a,4a) ok(4a,20) timeout(6a) +599s =4a,6a! +1s =6a,4a "
    "lost(6a,170,20) =4a,6a!" },
  { "after 20 min nothing is left of it",
    "ans(6a,4a) ok(4a,20) timeout(6a) +20m =6a,4a lost(6a,170,20) =6a,4a" },
  { "times are used for a day",
    "ans(6a,4a) ok(4a,20) ok(6a,600) d(6a,1800) +1439m d(6a,1800) =4a,6a! "
    "+1m d(6a,150,cold) =6a,4a" },
};

/* -- the interpreter ----------------------------------------------------- */

#define MAX 16

struct place {
  char host[8];
  struct he_addr list[MAX];
  size_t n;
};

struct run {
  struct he_history *h;
  he_time_ns now;
  uint64_t network;
  struct place place[MAX];
  struct place *at;
  uint16_t port;
  struct he_probe probe;
  const char *what;          /* for failures */
};

static struct he_addr address(const char *name, uint16_t port)
{
  struct he_addr a = { .family = name[0] == '6' ? HE_IPV6 : HE_IPV4,
                       .port = port };
  assert_true(name[0] == '6' || name[0] == '4');
  a.ip[0] = name[0] == '6' ? 0x20 : 192;
  a.ip[name[0] == '6' ? 15 : 3] = (uint8_t)(name[1] - 'a' + 1);
  return a;
}

static const char *name_of(const struct he_addr *a)
{
  static char name[3];
  name[0] = a->family == HE_IPV6 ? '6' : '4';
  name[1] = (char)('a' + a->ip[a->family == HE_IPV6 ? 15 : 3] - 1);
  return name;
}

static struct place *place_of(struct run *r, const char *host)
{
  size_t i = 0;
  while(r->place[i].host[0] && strcmp(r->place[i].host, host))
    i++;
  assert_true(i < MAX);
  strcpy(r->place[i].host, host);
  return &r->place[i];
}

static void answer(struct run *r, char *args)
{
  struct place *p = r->at;
  p->n = 0;
  for(char *a = strtok(args, ","); a; a = strtok(NULL, ","))
    p->list[p->n++] = address(a, 0);
  for(int f = 0; f < HE_FAMILIES; f++)
    assert_true(he_history_answer(r->h, r->network, p->host,
                                  (enum he_family)f, p->list, p->n, 60,
                                  r->now));
}

static void learn(struct run *r, struct he_outcome o)
{
  o.addr.port = r->port;
  assert_true(he_history_learn(r->h, r->network, r->at->host, &o, r->now));
}

static void advise(struct run *r, struct he_candidate *list,
                   struct he_advice *advice)
{
  struct he_advice_rules rules;
  he_advice_rules_usual(&rules);
  for(size_t i = 0; i < r->at->n; i++) {
    list[i] = (struct he_candidate){ .addr = r->at->list[i] };
    list[i].addr.port = r->port;
  }
  he_history_advise(r->h, r->network, r->at->host, &rules, list, r->at->n,
                    advice, r->now);
}

static void want_order(struct run *r, const char *want)
{
  struct he_candidate list[MAX];
  struct he_advice advice[MAX];
  char got[4 * MAX] = "";
  bool suspect = false;        /* what was first is of a worse rank */
  advise(r, list, advice);
  for(size_t i = 0; i < r->at->n; i++) {
    if(list[i].addr.family == r->at->list[0].family &&
       !memcmp(list[i].addr.ip, r->at->list[0].ip, sizeof(list[i].addr.ip)))
      suspect = advice[i].rank > advice[0].rank;
    if(i)
      strcat(got, ",");
    strcat(got, name_of(&list[i].addr));
  }
  if(suspect)
    strcat(got, "!");
  if(strcmp(got, want))
    fail_msg("%s: wanted %s, got %s", r->what, want, got);
}

static void want_delay(struct run *r, const char *name, const char *want)
{
  static const char *const names[] = { "cold", "network" };
  struct he_candidate list[MAX];
  struct he_advice advice[MAX];
  size_t i = 0;
  char got[32];
  advise(r, list, advice);
  while(i < r->at->n && strcmp(name_of(&list[i].addr), name))
    i++;
  assert_true(i < r->at->n);
  snprintf(got, sizeof(got), "%d%s%s", (int)(advice[i].delay / HE_MS(1)),
           advice[i].from == HE_PACE_HOST ? "" : ",",
           advice[i].from == HE_PACE_HOST ? "" : names[advice[i].from]);
  if(strcmp(got, want))
    fail_msg("%s: %s has a delay of %s, wanted %s", r->what, name, got,
             want);
}

static void want_probe(struct run *r, const char *name)
{
  if(!he_history_next_probe(r->h, r->network, &r->probe, r->now))
    fail_msg("%s: no probe, wanted %s", r->what, name);
  assert_string_equal(name_of(&r->probe.addr), name);
  assert_string_equal(r->probe.host, r->at->host);
  assert_int_equal(r->probe.addr.port, r->port);
  assert_true(he_history_probe_due(r->h) > r->now);
}

static void want_none(struct run *r)
{
  if(he_history_next_probe(r->h, r->network, &r->probe, r->now))
    fail_msg("%s: a probe of %s, wanted none", r->what,
             name_of(&r->probe.addr));
}

static void pass_time(struct run *r, const char *word)
{
  char *unit;
  long n = strtol(word, &unit, 10);
  r->now += HE_MS(n) * (!strcmp(unit, "ms") ? 1 :
                        !strcmp(unit, "s") ? 1000 : 60000);
}

static bool outcome(struct run *r, const char *verb, char *args)
{
  static const struct {
    const char *verb;
    enum he_outcome_kind kind;
    int error;
    bool probe;
  } verbs[] = {
    { "ok", HE_OUTCOME_CONNECTED, 0, false },
    { "rtx", HE_OUTCOME_CONNECTED, 0, false },
    { "lost", HE_OUTCOME_UNANSWERED, 0, false },
    { "over", HE_OUTCOME_UNANSWERED, 0, false },
    { "refused", HE_OUTCOME_FAILED, ECONNREFUSED, false },
    { "unreach", HE_OUTCOME_FAILED, ENETUNREACH, false },
    { "timeout", HE_OUTCOME_FAILED, ETIMEDOUT, false },
    { "nofd", HE_OUTCOME_FAILED, EMFILE, false },
    { "tls", HE_OUTCOME_TLS_DEAD, 0, false },
    { "tlsend", HE_OUTCOME_TLS_DEAD, ECONNRESET, false },
    { "got", HE_OUTCOME_DELIVERED, 0, false },
    { "pok", HE_OUTCOME_CONNECTED, 0, true },
    { "plost", HE_OUTCOME_UNANSWERED, 0, true }
  };
  for(size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
    if(!strcmp(verb, verbs[i].verb)) {
      struct he_outcome o = { .kind = verbs[i].kind, .error = verbs[i].error,
                              .probe = verbs[i].probe, .delay = HE_MS(150) };
      char *first = strchr(args, ',');
      char *second = first ? strchr(first + 1, ',') : NULL;
      he_time_ns ms = first ? HE_MS(strtol(first + 1, NULL, 10)) : 0;
      o.addr = address(args, 0);
      o.retransmitted = !strcmp(verb, "rtx");
      if(!strcmp(verb, "over"))
        o.delay = HE_MS(50);
      if(o.kind == HE_OUTCOME_CONNECTED)
        o.handshake = o.retransmitted ? HE_MS(1020) : ms;
      else if(o.probe)
        o.pending = HE_PROBE_TIMEOUT;
      else
        o.pending = ms;
      o.winner = second ? HE_MS(strtol(second + 1, NULL, 10)) : 0;
      learn(r, o);
      return true;
    }
  return false;
}

static void step(struct run *r, char *word)
{
  char *args = strchr(word, '(');
  if(word[0] == '+')
    pass_time(r, word + 1);
  else if(word[0] == '=')
    want_order(r, word + 1);
  else if(!strcmp(word, "none"))
    want_none(r);
  else {
    assert_non_null(args);
    *args++ = 0;
    args[strlen(args) - 1] = 0;
    if(!strcmp(word, "net"))
      r->network = strtoul(args, NULL, 10);
    else if(!strcmp(word, "host"))
      r->at = place_of(r, args);
    else if(!strcmp(word, "port"))
      r->port = (uint16_t)strtoul(args, NULL, 10);
    else if(!strcmp(word, "ans"))
      answer(r, args);
    else if(!strcmp(word, "d")) {
      char *want = strchr(args, ',');
      *want++ = 0;
      want_delay(r, args, want);
    }
    else if(!strcmp(word, "probe"))
      want_probe(r, args);
    else if(!outcome(r, word, args))
      fail_msg("%s: what is %s?", r->what, word);
  }
}

static void timeline(void **state)
{
  const struct timeline *t = *state;
  struct run r = { .network = 1, .port = 443, .now = HE_MS(1000) };
  struct he_history_limits limits;
  char script[1024], what[1200];
  he_history_limits_usual(&limits);
  r.h = he_history_new(&limits);
  r.at = place_of(&r, "h");
  for(const char *p = t->script; *p;) {
    size_t n = strcspn(p, " ");
    memcpy(script, p, n);
    script[n] = 0;
    snprintf(what, sizeof(what), "%.*s", (int)(p + n - t->script), t->script);
    r.what = what;
    step(&r, script);
    p += n;
    p += strspn(p, " ");
  }
  he_history_free(r.h);
}

int main(void)
{
  enum { N = sizeof(timelines) / sizeof(timelines[0]) };
  struct CMUnitTest tests[N];
  for(size_t i = 0; i < N; i++)
    tests[i] = (struct CMUnitTest){ timelines[i].name, timeline, NULL, NULL,
                                    &timelines[i] };
  return _cmocka_run_group_tests("history", tests, N, NULL, NULL);
}
