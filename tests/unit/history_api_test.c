/* SPDX-License-Identifier: MIT */
/* history_api_test.c - what the timelines do not say: user's rules, the order
 * of attempts, remembered addresses, looking and forgetting, odd input, and
 * the arithmetic of RFC 6298. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "history/track.h"
#include "history/history.h"

#define NOW HE_MS(1000)

static struct he_addr address(enum he_family f, unsigned i)
{
  struct he_addr a = { .family = (uint8_t)f, .port = 443 };
  a.ip[0] = 0x20;
  a.ip[3] = (uint8_t)i;
  return a;
}

static int new_history(void **state)
{
  struct he_history_limits limits;
  he_history_limits_usual(&limits);
  *state = he_history_new(&limits);
  return *state ? 0 : -1;
}

static int free_history(void **state)
{
  he_history_free(*state);
  return 0;
}

static void failed(struct he_history *h, uint64_t network, const char *host,
                   enum he_family f, unsigned i)
{
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED, .addr = address(f, i),
                          .error = ETIMEDOUT };
  assert_true(he_history_learn(h, network, host, &o, NOW));
}

static void connected(struct he_history *h, uint64_t network,
                      const char *host, enum he_family f, unsigned i, long ms)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED, .addr = address(f, i),
                          .handshake = HE_MS(ms) };
  assert_true(he_history_learn(h, network, host, &o, NOW));
}

/* A list as text: "6.1 4.2" */
static struct he_candidate *candidates(const char *text, size_t *n)
{
  static struct he_candidate list[16];
  for(*n = 0; *text; text += text[3] ? 4 : 3)
    list[(*n)++] = (struct he_candidate){
      .addr = address(text[0] == '6' ? HE_IPV6 : HE_IPV4,
                      (unsigned)(text[2] - '0')) };
  return list;
}

static void assert_list(const struct he_candidate *list, size_t n,
                        const char *want)
{
  char got[80] = "";
  for(size_t i = 0; i < n; i++) {
    got[4 * i] = list[i].addr.family == HE_IPV6 ? '6' : '4';
    got[4 * i + 1] = '.';
    got[4 * i + 2] = (char)('0' + list[i].addr.ip[3]);
    got[4 * i + 3] = i + 1 < n ? ' ' : 0;
  }
  assert_string_equal(got, want);
}

/* -- rules -------------------------------------------------------------- */

/* Who says "IPv6 first" gets it, dead or not; within IPv6 history goes on. */
static void user_rules_beat_history(void **state)
{
  struct he_advice_rules rules;
  struct he_advice advice[5];
  struct he_candidate *list;
  size_t n;
  failed(*state, 1, "h", HE_IPV6, 1);
  failed(*state, 1, "h", HE_IPV4, 1);
  connected(*state, 1, "h", HE_IPV6, 2, 20);
  he_advice_rules_usual(&rules);
  rules.keep_families = true;
  list = candidates("6.1 6.2 4.1 6.3 4.2", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "6.2 6.3 4.1 6.1 4.2");
  assert_int_equal(advice[3].rank, HE_RANK_BAD);
  rules.keep_families = false;
  list = candidates("6.1 6.2 4.1 6.3 4.2", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "6.2 6.3 6.1 4.1 4.2");
}

/* Nor is IPv6 slow then because IPv4 is faster. */
static void each_family_for_itself(void **state)
{
  struct he_advice_rules rules;
  struct he_advice advice[3];
  struct he_candidate *list;
  size_t n;
  connected(*state, 1, "h", HE_IPV6, 1, 600);
  connected(*state, 1, "h", HE_IPV6, 2, 580);
  connected(*state, 1, "h", HE_IPV4, 1, 20);
  he_advice_rules_usual(&rules);
  rules.keep_families = true;
  list = candidates("6.1 6.2 4.1", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "6.1 6.2 4.1");
  assert_int_equal(advice[0].rank, HE_RANK_GOOD);
  rules.keep_families = false;
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "4.1 6.1 6.2");
  assert_int_equal(advice[1].rank, HE_RANK_SLOW);
}

static void bounds_and_leeway_are_the_users(void **state)
{
  struct he_advice_rules rules;
  struct he_advice advice[2];
  struct he_candidate *list;
  size_t n;
  connected(*state, 1, "h", HE_IPV4, 1, 20);
  for(int i = 0; i < 20; i++)
    connected(*state, 1, "h", HE_IPV6, 1, 60);
  he_advice_rules_usual(&rules);
  rules.min_delay = HE_MS(30);
  rules.max_delay = HE_MS(50);
  rules.leeway = HE_MS(30);
  list = candidates("6.1 4.1", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "4.1 6.1");
  assert_int_equal(advice[0].delay, HE_MS(50));     /* not 20 + 4 * 10 */
  rules.min_delay = HE_MS(400);
  rules.max_delay = HE_MS(500);
  list = candidates("6.1 4.1", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_int_equal(advice[0].delay, HE_MS(400));
  rules.leeway = HE_MS(40);
  list = candidates("6.1 4.1", &n);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "6.1 4.1");
}

static void nothing_to_advise_on(void **state)
{
  struct he_advice_rules rules;
  he_advice_rules_usual(&rules);
  connected(*state, 1, "h", HE_IPV4, 1, 20);
  he_history_advise(*state, 1, "h", &rules, NULL, 0, NULL, NOW);
  he_history_advise(*state, 2, "h", &rules, NULL, 0, NULL, NOW);
  assert_true(he_history_has(*state, 1, "h"));
  assert_false(he_history_has(*state, 2, "h"));
}

static void families_alternate_within_a_rank(void **state)
{
  struct he_advice advice[8];
  struct he_candidate *list;
  size_t n;
  (void)state;
  memset(advice, 0, sizeof(advice));
  for(int i = 0; i < 8; i++) {
    advice[i].rank = i < 4 ? HE_RANK_GOOD : HE_RANK_BAD;
    advice[i].delay = i + 1;
  }
  list = candidates("6.1 6.2 6.3 4.1 4.5 4.6 6.7 6.8", &n);
  he_advice_interleave(list, advice, n, 1);
  assert_list(list, n, "6.1 4.1 6.2 6.3 4.5 6.7 4.6 6.8");
  for(size_t i = 0; i < n; i++)
    assert_int_equal(advice[i].rank, i < 4 ? HE_RANK_GOOD : HE_RANK_BAD);
  assert_int_equal(advice[1].delay, 4);
  assert_int_equal(advice[5].delay, 7);
  for(size_t i = 0; i < n; i++)
    advice[i].rank = i < 4 ? HE_RANK_GOOD : HE_RANK_BAD;
  list = candidates("6.1 6.2 6.3 4.1 4.5 4.6 6.7 6.8", &n);
  he_advice_interleave(list, advice, n, 2);
  assert_list(list, n, "6.1 6.2 4.1 6.3 4.5 6.7 4.6 6.8");
  he_advice_interleave(NULL, NULL, 0, 1);
}

/* -- remembered addresses ----------------------------------------------- */

static void assert_offered(struct he_history *h, bool safe, he_time_ns now,
                           const char *want, bool fresh)
{
  struct he_remembered got[16];
  struct he_candidate list[16];
  size_t n = he_history_addresses(h, 1, "h", safe, got, 16, now);
  for(size_t i = 0; i < n; i++) {
    list[i].addr = got[i].addr;
    assert_int_equal(got[i].addr.port, 0);
    assert_int_equal(got[i].fresh, fresh);
  }
  assert_list(list, n, want);
}

static bool answer(struct he_history *h, enum he_family f, const char *text,
                   uint32_t ttl, he_time_ns now)
{
  struct he_addr list[16];
  size_t n;
  const struct he_candidate *c = candidates(text, &n);
  for(size_t i = 0; i < n; i++)
    list[i] = c[i].addr;
  return he_history_answer(h, 1, "h", f, list, n, ttl, now);
}

static void addresses_until_their_ttl(void **state)
{
  assert_offered(*state, true, NOW, "", true);
  assert_true(answer(*state, HE_IPV4, "4.3 4.1 6.9 4.3", 60, NOW));
  assert_true(answer(*state, HE_IPV6, "6.2", 60, NOW));
  assert_offered(*state, false, NOW + HE_MS(59999), "6.2 4.3 4.1", true);
  assert_offered(*state, false, NOW + HE_MS(60000), "", true);
  assert_offered(*state, true, NOW + HE_MS(60000), "6.2 4.3 4.1", false);
  assert_offered(*state, true, NOW + HE_MS(86399999), "6.2 4.3 4.1", false);
  assert_offered(*state, true, NOW + HE_MS(86400000), "", false);
}

static void without_a_ttl_only_where_authenticated(void **state)
{
  assert_true(answer(*state, HE_IPV4, "4.1", 0, NOW));
  assert_offered(*state, false, NOW, "", false);
  assert_offered(*state, true, NOW, "4.1", false);
}

static void assert_answered(struct he_history *h, enum he_family f, bool safe,
                            he_time_ns now, bool want)
{
  assert_int_equal(he_history_answered(h, 1, "h", f, safe, now), want);
}

/* "There are none" is remembered, too; it has no TTL. */
static void that_there_are_none(void **state)
{
  assert_answered(*state, HE_IPV6, true, NOW, false);
  assert_true(answer(*state, HE_IPV6, "", 60, NOW));
  assert_true(answer(*state, HE_IPV4, "4.1", 60, NOW));
  assert_answered(*state, HE_IPV6, true, NOW + HE_MS(86399999), true);
  assert_answered(*state, HE_IPV6, false, NOW, false);
  assert_answered(*state, HE_IPV6, true, NOW + HE_MS(86400000), false);
  assert_answered(*state, HE_IPV4, false, NOW + HE_MS(59999), true);
  assert_answered(*state, HE_IPV4, false, NOW + HE_MS(60000), false);
  assert_false(he_history_answered(*state, 2, "h", HE_IPV4, true, NOW));
  assert_false(he_history_answered(*state, 1, "g", HE_IPV4, true, NOW));
}

/* Silence makes nobody forget what there was, but need not be waited for. */
static void no_answer(void **state)
{
  assert_true(answer(*state, HE_IPV4, "4.1", 60, NOW));
  assert_true(he_history_unanswered(*state, 1, "h", HE_IPV4, NOW + 1));
  assert_true(he_history_unanswered(*state, 1, "h", HE_IPV6, NOW + 1));
  assert_offered(*state, true, NOW + 1, "4.1", true);
  assert_answered(*state, HE_IPV6, true, NOW + 1, true);
  assert_true(answer(*state, HE_IPV6, "6.1", 60, NOW + 2));
  assert_offered(*state, true, NOW + 2, "6.1 4.1", true);
  assert_true(he_history_unanswered(*state, 1, "h", HE_IPV4,
                                    NOW + HE_MS(86400000)));
  assert_offered(*state, true, NOW + HE_MS(86400000), "6.1", false);
  assert_answered(*state, HE_IPV4, true, NOW + HE_MS(86400000), true);
}

/* Even one of the same moment. What was learned stays. */
static void a_new_answer_replaces_the_old(void **state)
{
  struct he_remembered one[1];
  struct he_advice_rules rules;
  struct he_candidate *list;
  struct he_advice advice[2];
  size_t n;
  he_advice_rules_usual(&rules);
  failed(*state, 1, "h", HE_IPV4, 2);
  failed(*state, 1, "h", HE_IPV4, 2);
  assert_true(answer(*state, HE_IPV4, "4.1 4.2", 60, NOW));
  assert_true(answer(*state, HE_IPV6, "6.1", 60, NOW));
  assert_true(answer(*state, HE_IPV4, "4.3 4.1", 60, NOW));
  assert_offered(*state, true, NOW, "6.1 4.3 4.1", true);
  assert_true(answer(*state, HE_IPV6, "", 60, NOW + 1));
  assert_offered(*state, true, NOW + 1, "4.3 4.1", true);
  assert_int_equal(he_history_addresses(*state, 1, "h", true, one, 1, NOW), 2);
  list = candidates("4.2 4.3", &n);
  connected(*state, 1, "h", HE_IPV4, 3, 20);
  he_history_advise(*state, 1, "h", &rules, list, n, advice, NOW);
  assert_list(list, n, "4.3 4.2");
}

static void no_family_crowds_out_the_other(void **state)
{
  connected(*state, 1, "h", HE_IPV6, 1, 20);
  assert_true(answer(*state, HE_IPV6, "6.1", 60, NOW));
  assert_true(answer(*state, HE_IPV4,
                     "4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9", 60, NOW));
  assert_offered(*state, true, NOW, "6.1 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8",
                 true);
  assert_true(answer(*state, HE_IPV4, "4.9 4.2", 60, NOW + 1));
  assert_offered(*state, true, NOW + 1, "6.1 4.9 4.2", true);
}

static bool note(const struct he_history_view *v, void *data)
{
  unsigned *there = data;
  *there |= 1u << v->addr.ip[3];
  return true;
}

static void the_address_unheard_of_for_longest_goes(void **state)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .handshake = HE_MS(20) };
  const unsigned order[] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 9 };
  unsigned there = 0;
  for(unsigned i = 0; i < 10; i++) {
    o.addr = address(HE_IPV4, order[i]);
    assert_true(he_history_learn(*state, 1, "h", &o, NOW + i));
  }
  he_history_foreach(*state, note, &there, NOW);
  assert_int_equal(there, 0x3fa);        /* all but 2 */
  assert_true(answer(*state, HE_IPV4, "4.3", 60, NOW + 20));
  o.addr = address(HE_IPV4, 2);
  assert_true(he_history_learn(*state, 1, "h", &o, NOW + 21));
  there = 0;
  he_history_foreach(*state, note, &there, NOW);
  assert_int_equal(there, 0x3ee);        /* all but 4 */
}

/* -- looking and forgetting --------------------------------------------- */

struct seen {
  size_t n;
  size_t stop;
  struct he_history_view last;
  char hosts[80];
};

static bool see(const struct he_history_view *v, void *data)
{
  struct seen *s = data;
  strcat(s->hosts, v->host);
  s->last = *v;
  return ++s->n != s->stop;
}

static void everything_can_be_seen(void **state)
{
  struct seen s = { .n = 0 };
  connected(*state, 7, "First", HE_IPV4, 1, 20);
  failed(*state, 1, "second", HE_IPV6, 1);
  assert_int_equal(he_history_foreach(*state, see, &s, NOW + 5), 2);
  assert_string_equal(s.hosts, "secondfirst");
  assert_int_equal(s.last.network, 7);
  assert_int_equal(s.last.srtt, HE_MS(20));
  assert_int_equal(s.last.rttvar, HE_MS(10));
  assert_int_equal(s.last.unused, 5);
  assert_int_equal(s.last.successes, 1);
  assert_int_equal(s.last.rank, HE_RANK_GOOD);
  s = (struct seen){ .stop = 1 };
  assert_int_equal(he_history_foreach(*state, see, &s, NOW), 1);
  assert_int_equal(s.last.losses, 1);
  assert_int_equal(s.last.failures, 0);
  assert_int_equal(s.last.srtt, 0);
  assert_int_equal(s.last.rank, HE_RANK_BAD);
}

static void forgetting(void **state)
{
  const uint64_t one = 1;
  failed(*state, 1, "a", HE_IPV6, 1);
  failed(*state, 2, "a", HE_IPV6, 1);
  failed(*state, 1, "b", HE_IPV6, 1);
  failed(*state, 2, "b", HE_IPV6, 1);
  assert_int_equal(he_history_forget(*state, &one, "A."), 1);
  assert_false(he_history_has(*state, 1, "a"));
  assert_true(he_history_has(*state, 2, "a"));
  assert_int_equal(he_history_forget(*state, NULL, "b"), 2);
  assert_true(he_history_has(*state, 1, NULL));
  assert_int_equal(he_history_forget(*state, &one, NULL), 0);
  assert_false(he_history_has(*state, 1, NULL));
  assert_true(he_history_has(*state, 2, NULL));
  assert_int_equal(he_history_forget(*state, NULL, ""), 0);
  assert_int_equal(he_history_forget(*state, NULL, NULL), 1);
  assert_int_equal(he_history_hosts(*state), 0);
  assert_int_equal(he_history_probe_due(*state), HE_NEVER);
}

/* -- probes -------------------------------------------------------------- */

/* Two hundred hosts fail one after the other, every third one recovers: the
   rest are probed in the order of their failures. */
static void first_doubted_first_probed(void **state)
{
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED, .error = ETIMEDOUT };
  struct he_outcome ok = { .kind = HE_OUTCOME_CONNECTED };
  struct he_probe probe;
  char host[] = "h000";
  int probed = 0, last = -1;
  for(int i = 0; i < 200; i++) {
    he_time_ns now = NOW + HE_MS(i * 100);
    host[1] = (char)('0' + i / 100);
    host[2] = (char)('0' + i / 10 % 10);
    host[3] = (char)('0' + i % 10);
    ok.addr = address(HE_IPV4, 1);
    assert_true(he_history_learn(*state, 1, host, &ok, now));
    o.addr = address(HE_IPV6, 1);
    assert_true(he_history_learn(*state, 1, host, &o, now));
    ok.addr = o.addr;
    if(i % 3 == 1)
      assert_true(he_history_learn(*state, 1, host, &ok, now + 1));
  }
  assert_int_equal(he_history_probe_due(*state), NOW + HE_MS(2000));
  for(he_time_ns now; (now = he_history_probe_due(*state)) <
                      NOW + HE_MS(22000);) {
    int i;
    assert_true(he_history_next_probe(*state, 1, &probe, now));
    i = (probe.host[1] - '0') * 100 + (probe.host[2] - '0') * 10 +
        probe.host[3] - '0';
    assert_true(i > last && i % 3 != 1);
    assert_int_equal(now, NOW + HE_MS(2000 + i * 100));
    last = i;
    probed++;
  }
  assert_int_equal(probed, 133);
}

/* -- odd input ---------------------------------------------------------- */

static void names(void **state)
{
  char long_name[256];
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .addr = address(HE_IPV4, 1) };
  memset(long_name, 'x', 255);
  long_name[255] = 0;
  assert_false(he_history_learn(*state, 1, "", &o, NOW));
  assert_false(he_history_learn(*state, 1, ".", &o, NOW));
  assert_false(he_history_learn(*state, 1, long_name, &o, NOW));
  assert_false(he_history_answer(*state, 1, long_name, HE_IPV4, NULL, 0, 0,
                                 NOW));
  long_name[254] = 0;
  assert_false(he_history_learn(*state, 1, long_name, &o, NOW));
  long_name[253] = '.';
  assert_true(he_history_learn(*state, 1, long_name, &o, NOW));
  long_name[253] = 0;
  assert_true(he_history_has(*state, 1, long_name));
  assert_int_equal(he_history_hosts(*state), 1);
}

static void nonsense_is_ignored(void **state)
{
  const struct he_outcome good = { .kind = HE_OUTCOME_CONNECTED,
                                   .addr = address(HE_IPV4, 1) };
  struct he_outcome bad[6];
  for(int i = 0; i < 6; i++)
    bad[i] = good;
  bad[0].addr.family = 2;
  bad[1].handshake = -1;
  bad[2].pending = -1;
  bad[3].pending = INT64_MAX;
  bad[4].winner = -1;
  bad[5].delay = -1;
  for(int i = 0; i < 6; i++)
    assert_true(he_history_learn(*state, 1, "h", &bad[i], NOW));
  assert_true(he_history_learn(*state, 1, "h", &good, -1));
  assert_int_equal(he_history_hosts(*state), 0);
  assert_true(he_history_learn(*state, 1, "h", &good, NOW));
  assert_int_equal(he_history_hosts(*state), 1);
}

/* A handshake whose time is not known is a success without a sample. */
static void no_sample(void **state)
{
  struct seen s = { .n = 0 };
  connected(*state, 1, "h", HE_IPV4, 1, 0);
  he_history_foreach(*state, see, &s, NOW);
  assert_int_equal(s.last.successes, 1);
  assert_int_equal(s.last.srtt, 0);
}

static void rfc_6298(void **state)
{
  struct he_estimate e = { 0 };
  (void)state;
  assert_false(he_estimate_fresh(&e, NOW, 1));
  assert_int_equal(he_estimate_upper(&e), 0);
  he_estimate_add(&e, HE_MS(80), NOW);                      /* 2.2 */
  assert_true(he_estimate_fresh(&e, NOW, 1));
  assert_int_equal(he_estimate_srtt(&e), HE_MS(80));
  assert_int_equal(he_estimate_rttvar(&e), HE_MS(40));
  assert_int_equal(he_estimate_upper(&e), HE_MS(240));
  he_estimate_add(&e, HE_MS(160), NOW);                     /* 2.3 */
  assert_int_equal(he_estimate_srtt(&e), HE_MS(90));
  assert_int_equal(he_estimate_rttvar(&e), HE_MS(50));
  for(int i = 0; i < 100; i++)
    he_estimate_add(&e, HE_MS(10), NOW);
  assert_in_range(he_estimate_srtt(&e), HE_MS(10), HE_MS(10) + 10000);
  assert_in_range(he_estimate_upper(&e), HE_MS(11), HE_MS(11) + 20000);
  e = (struct he_estimate){ 0 };
  he_estimate_add(&e, 1, NOW);  /* never "no sample" */
  assert_true(he_estimate_fresh(&e, NOW, 1));
  he_estimate_add(&e, HE_NEVER, NOW);
  he_estimate_add(&e, HE_NEVER, NOW);
  assert_true(he_estimate_upper(&e) < HE_MS(300000));
}

/* -- what is not a verdict ---------------------------------------------- */

static void lost(struct he_history *h, enum he_family f, unsigned i,
                 he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED,
                          .addr = address(f, i), .pending = HE_MS(170),
                          .delay = HE_MS(150), .winner = HE_MS(20) };
  assert_true(he_history_learn(h, 1, "h", &o, now));
}

static struct he_advice advice_for(struct he_history *h, enum he_family f,
                                   unsigned i, he_time_ns now)
{
  struct he_candidate c = { .addr = address(f, i) };
  struct he_advice_rules rules;
  struct he_advice a;
  he_advice_rules_usual(&rules);
  he_history_advise(h, 1, "h", &rules, &c, 1, &a, now);
  return a;
}

/* One lost SYN of an address that has never connected; of one that has it is
   an accident. */
static void doubts(void **state)
{
  struct he_history *h = *state;
  struct he_advice a;
  connected(h, 1, "h", HE_IPV6, 1, 20);
  lost(h, HE_IPV6, 1, NOW + HE_MS(2000));
  lost(h, HE_IPV6, 2, NOW + HE_MS(3000));
  connected(h, 1, "h", HE_IPV4, 3, 20);
  a = advice_for(h, HE_IPV6, 1, NOW + HE_MS(4000));
  assert_false(a.doubtful);
  assert_false(a.proven);
  a = advice_for(h, HE_IPV4, 3, NOW + HE_MS(4000));
  assert_false(a.doubtful);
  assert_true(a.proven);
  a = advice_for(h, HE_IPV4, 4, NOW + HE_MS(4000));
  assert_false(a.doubtful || a.proven);
}

static void a_doubt_and_a_verdict(void **state)
{
  struct he_history *h = *state;
  struct he_advice a;
  lost(h, HE_IPV6, 1, NOW);
  a = advice_for(h, HE_IPV6, 1, NOW);
  assert_true(a.doubtful);
  assert_int_equal(a.rank, HE_RANK_GOOD);
  lost(h, HE_IPV6, 1, NOW + HE_MS(1000));
  a = advice_for(h, HE_IPV6, 1, NOW + HE_MS(1000));
  assert_false(a.doubtful);
  assert_int_equal(a.rank, HE_RANK_BAD);
}

static void doubtful_ones_go_behind_their_family(void **state)
{
  struct he_advice advice[6];
  struct he_candidate *list;
  size_t n;
  (void)state;
  memset(advice, 0, sizeof(advice));
  list = candidates("6.1 6.2 4.1 4.2 6.3 4.3", &n);
  advice[0].doubtful = advice[2].doubtful = true;
  advice[4].rank = HE_RANK_SLOW;       /* another rank is another matter */
  he_advice_hedge(list, advice, n);
  assert_list(list, n, "6.2 6.1 4.2 4.3 6.3 4.1");
  assert_true(advice[1].doubtful && advice[5].doubtful);
  assert_int_equal(advice[4].rank, HE_RANK_SLOW);
}

/* IPv6 first, what was answered first, as it was answered. */
static void known_addresses(void **state)
{
  struct he_history *h = *state;
  struct he_remembered out[HE_HISTORY_ADDRS];
  const struct he_addr six[2] = { address(HE_IPV6, 2), address(HE_IPV6, 1) };
  connected(h, 1, "h", HE_IPV4, 4, 20);
  connected(h, 1, "h", HE_IPV6, 3, 20);
  assert_int_equal(he_history_known(h, 1, "h", out, HE_HISTORY_ADDRS, NOW), 2);
  assert_true(he_history_answer(h, 1, "h", HE_IPV6, six, 2, 0, NOW));
  assert_int_equal(he_history_known(h, 1, "h", out, HE_HISTORY_ADDRS,
                                    NOW + HE_MS(10)), 4);
  assert_int_equal(out[0].addr.ip[3], 2);
  assert_int_equal(out[0].age, HE_MS(10));
  assert_int_equal(out[1].addr.ip[3], 1);
  assert_int_equal(out[2].addr.ip[3], 3);
  assert_int_equal(out[2].age, HE_NEVER);
  assert_int_equal(out[3].addr.family, HE_IPV4);
  assert_int_equal(he_history_known(h, 1, "h", out, 3, NOW), 3);
  assert_int_equal(he_history_known(h, 2, "h", out, 3, NOW), 0);
}

static void last_measured(void **state)
{
  struct he_history *h = *state;
  assert_int_equal(he_history_measured(h, 1, "h", NOW), HE_NEVER);
  connected(h, 1, "h", HE_IPV4, 4, 20);
  assert_int_equal(he_history_measured(h, 1, "h", NOW + HE_MS(70)), HE_MS(70));
  lost(h, HE_IPV6, 1, NOW + HE_MS(90));
  assert_int_equal(he_history_measured(h, 1, "h", NOW + HE_MS(100)),
                   HE_MS(100));
}

int main(void)
{
#define WITH_HISTORY(test) \
  cmocka_unit_test_setup_teardown(test, new_history, free_history)
  const struct CMUnitTest tests[] = {
    WITH_HISTORY(user_rules_beat_history),
    WITH_HISTORY(each_family_for_itself),
    WITH_HISTORY(bounds_and_leeway_are_the_users),
    WITH_HISTORY(nothing_to_advise_on),
    cmocka_unit_test(families_alternate_within_a_rank),
    WITH_HISTORY(addresses_until_their_ttl),
    WITH_HISTORY(without_a_ttl_only_where_authenticated),
    WITH_HISTORY(that_there_are_none),
    WITH_HISTORY(no_answer),
    WITH_HISTORY(a_new_answer_replaces_the_old),
    WITH_HISTORY(no_family_crowds_out_the_other),
    WITH_HISTORY(the_address_unheard_of_for_longest_goes),
    WITH_HISTORY(everything_can_be_seen),
    WITH_HISTORY(forgetting),
    WITH_HISTORY(first_doubted_first_probed),
    WITH_HISTORY(names),
    WITH_HISTORY(nonsense_is_ignored),
    WITH_HISTORY(no_sample),
    WITH_HISTORY(doubts),
    WITH_HISTORY(a_doubt_and_a_verdict),
    cmocka_unit_test(doubtful_ones_go_behind_their_family),
    WITH_HISTORY(known_addresses),
    WITH_HISTORY(last_measured),
    cmocka_unit_test(rfc_6298)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
