/* SPDX-License-Identifier: MIT */
/* history_record_test.c - to a store and back: nothing lost, in any order,
 * and hostile bytes change nothing. HE_SEED repeats the fuzzing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/record.h"

#define NET 0x1122334455667788u
#define WALL INT64_C(1700000000000)
#define NOW HE_MS(5000000)

static struct he_addr address(enum he_family f, unsigned i)
{
  struct he_addr a = { .family = (uint8_t)f, .port = 443 };
  a.ip[0] = 0x20;
  a.ip[3] = (uint8_t)i;
  return a;
}

static struct he_history *history(void)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_history_limits_usual(&limits);
  h = he_history_new(&limits);
  assert_non_null(h);
  return h;
}

static void connected(struct he_history *h, const char *host, enum he_family f,
                      unsigned i, long ms, he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .addr = address(f, i), .handshake = HE_MS(ms) };
  assert_true(he_history_learn(h, NET, host, &o, now));
}

static void failed(struct he_history *h, const char *host, enum he_family f,
                   unsigned i, int error, he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED,
                          .addr = address(f, i), .error = error };
  assert_true(he_history_learn(h, NET, host, &o, now));
}

static void answered(struct he_history *h, const char *host, unsigned n,
                     he_time_ns now)
{
  struct he_addr list[32];
  for(unsigned i = 0; i < n; i++)
    list[i] = address(i % 2 ? HE_IPV4 : HE_IPV6, i / 2 + 1);
  for(int f = 0; f < HE_FAMILIES; f++)
    assert_true(he_history_answer(h, NET, host, (enum he_family)f, list, n,
                                  300, now));
}

/* A bit of everything. */
static struct he_history *rich(void)
{
  struct he_history *h = history();
  struct he_outcome tls = { .kind = HE_OUTCOME_TLS_DEAD,
                            .addr = address(HE_IPV6, 2) };
  struct he_probe probe;
  answered(h, "www.example", 10, NOW - HE_MS(9000));
  connected(h, "www.example", HE_IPV4, 1, 20, NOW - HE_MS(8000));
  failed(h, "www.example", HE_IPV6, 1, ETIMEDOUT, NOW - HE_MS(7000));
  failed(h, "www.example", HE_IPV4, 2, ECONNREFUSED, NOW - HE_MS(6000));
  he_history_learn(h, NET, "www.example", &tls, NOW - HE_MS(5500));
  assert_true(he_history_next_probe(h, NET, &probe, NOW - HE_MS(5000)));
  failed(h, "b.example", HE_IPV6, 8, ETIMEDOUT, NOW - HE_MS(4000));
  failed(h, "c.example", HE_IPV6, 9, ETIMEDOUT, NOW - HE_MS(3000));
  return h;
}

static void absorb(struct he_history *h, const struct he_record *r,
                   he_time_ns now, int64_t wall)
{
  assert_int_equal(he_history_absorb(h, r->key, r->key_len, r->value,
                                     r->value_len, now, wall), HE_ABSORBED);
}

static void absorb_all(struct he_history *to, struct he_history *from,
                       he_time_ns now, int64_t wall)
{
  struct he_record r;
  while(he_history_take(from, &r, NOW, WALL))
    absorb(to, &r, now, wall);
}

static bool rejected(struct he_history *h, const struct he_record *r)
{
  /* Exactly as long as it is, so that reading on is seen. */
  uint8_t *key = malloc(r->key_len + !r->key_len);
  uint8_t *value = malloc(r->value_len + !r->value_len);
  enum he_absorbed a;
  assert_true(key && value);
  memcpy(key, r->key, r->key_len);
  memcpy(value, r->value, r->value_len);
  a = he_history_absorb(h, key, r->key_len, value, r->value_len, NOW, WALL);
  free(key);
  free(value);
  assert_true(a != HE_ABSORB_NO_MEMORY);
  return a == HE_ABSORB_REJECTED;
}

/* host NULL: the network's */
static struct he_record record_of(const struct he_history *h, const char *host)
{
  struct he_record r;
  assert_true(he_history_record(h, NET, host, &r, NOW, WALL));
  return r;
}

static void assert_same(const struct he_record *a, const struct he_record *b)
{
  assert_int_equal(a->key_len, b->key_len);
  assert_memory_equal(a->key, b->key, a->key_len);
  assert_int_equal(a->value_len, b->value_len);
  assert_memory_equal(a->value, b->value, a->value_len);
}

static void assert_alike(const struct he_history *a,
                         const struct he_history *b, const char *host)
{
  struct he_record ra = record_of(a, host);
  struct he_record rb = record_of(b, host);
  assert_same(&ra, &rb);
}

static enum he_rank rank_of(struct he_history *h, const char *host,
                            enum he_family f, unsigned i, he_time_ns now)
{
  struct he_candidate c = { .addr = address(f, i) };
  struct he_advice_rules rules;
  struct he_advice advice;
  he_advice_rules_usual(&rules);
  he_history_advise(h, NET, host, &rules, &c, 1, &advice, NULL, now);
  return advice.rank;
}

/* -- there and back ----------------------------------------------------- */

static void nothing_is_lost(void **state)
{
  struct he_history *a = rich();
  struct he_history *b = history();
  struct he_remembered list[16];
  (void)state;
  absorb_all(b, a, NOW, WALL);
  assert_alike(a, b, "www.example");
  assert_alike(a, b, "b.example");
  assert_alike(a, b, NULL);
  assert_int_equal(rank_of(b, "www.example", HE_IPV6, 1, NOW), HE_RANK_BAD);
  assert_int_equal(rank_of(b, "www.example", HE_IPV4, 1, NOW), HE_RANK_GOOD);
  assert_int_equal(rank_of(b, "www.example", HE_IPV4, 2, NOW), HE_RANK_BAD);
  assert_int_equal(rank_of(b, "new.example", HE_IPV6, 7, NOW),
                   HE_RANK_DOUBTED);
  assert_int_equal(he_history_addresses(b, NET, "www.example", true, list, 16,
                                        NOW), 10);
  assert_int_equal(list[0].age, HE_MS(9000));
  assert_int_equal(list[0].ttl, 300);
  he_history_free(a);
  he_history_free(b);
}

static void the_largest_fits(void **state)
{
  struct he_history *a = history();
  struct he_history *b = history();
  char host[254];
  (void)state;
  memset(host, 'x', 253);
  host[253] = 0;
  answered(a, host, 32, NOW);
  absorb_all(b, a, NOW, WALL);
  assert_alike(a, b, host);
  assert_int_equal(record_of(b, host).key_len, HE_RECORD_KEY_MAX);
  he_history_free(a);
  he_history_free(b);
}

static void only_what_changed_is_taken(void **state)
{
  struct he_history *h = history();
  struct he_record r, s;
  (void)state;
  assert_false(he_history_take(h, &r, NOW, WALL));
  answered(h, "A.Example.", 2, NOW);
  answered(h, "b.example", 2, NOW);
  assert_true(he_history_take(h, &r, NOW, WALL));
  assert_true(he_record_key(&s, NET, "a.example"));
  assert_int_equal(r.key_len, s.key_len);
  assert_memory_equal(r.key, s.key, r.key_len);
  assert_true(he_history_take(h, &s, NOW, WALL));
  assert_false(he_history_take(h, &s, NOW, WALL));
  absorb(h, &r, NOW, WALL);
  assert_false(he_history_take(h, &s, NOW, WALL));
  connected(h, "b.example", HE_IPV6, 1, 20, NOW);
  assert_true(he_history_take(h, &s, NOW, WALL));
  assert_int_equal(s.key_len, 8 + strlen("b.example"));
  assert_true(he_history_take(h, &s, NOW, WALL));     /* the network */
  assert_int_equal(s.key_len, 8);
  assert_false(he_history_take(h, &s, NOW, WALL));
  he_history_free(h);
}

/* The bytes are the same on every machine. */
static void the_format_is_fixed(void **state)
{
  static const uint8_t key[] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
                                 0x11, 'a', '.', 'b' };
  static const uint8_t used[] = { 0x18, 0x64, 0xe5, 0xcf, 0x8b, 0x01, 0, 0 };
  struct he_history *h = history();
  struct he_record r;
  (void)state;
  connected(h, "a.b", HE_IPV6, 1, 20, NOW - HE_MS(1000));
  r = record_of(h, "A.B");
  assert_int_equal(r.key_len, sizeof(key));
  assert_memory_equal(r.key, key, sizeof(key));
  assert_memory_equal(r.value, "HE\1h", 4);
  assert_memory_equal(r.value + 8, used, sizeof(used));   /* WALL - 1 s */
  assert_int_equal(r.value[16] | r.value[17] << 8, 443);
  he_history_free(h);
}

/* -- clocks ------------------------------------------------------------- */

static void ages_outlive_the_process(void **state)
{
  struct he_history *a = rich();
  struct he_record r = record_of(a, "www.example");
  struct he_history *b = history();
  (void)state;
  absorb(b, &r, HE_MS(1000), WALL + 300000);
  assert_int_equal(rank_of(b, "www.example", HE_IPV6, 1, HE_MS(1000)),
                   HE_RANK_BAD);
  assert_int_equal(rank_of(b, "www.example", HE_IPV6, 1, HE_MS(1000 + 292999)),
                   HE_RANK_BAD);
  he_history_free(b);
  b = history();
  absorb(b, &r, HE_MS(1000), WALL + 600000);
  assert_int_equal(rank_of(b, "www.example", HE_IPV6, 1, HE_MS(1000)),
                   HE_RANK_GOOD);
  he_history_free(b);
  b = history();
  absorb(b, &r, HE_MS(1000), WALL + 86400000);
  assert_int_equal(he_history_hosts(b), 0);
  he_history_free(a);
  he_history_free(b);
}

static bool note_unused(const struct he_history_view *v, void *data)
{
  *(he_time_ns *)data = v->unused;
  return true;
}

static void nothing_gets_younger(void **state)
{
  struct he_history *a = history();
  struct he_history *b = history();
  he_time_ns unused = 0;
  (void)state;
  connected(a, "www.example", HE_IPV6, 1, 20, NOW - 1);
  absorb_all(b, a, NOW, WALL);
  he_history_foreach(b, note_unused, &unused, NOW);
  assert_int_equal(unused, HE_MS(1));
  he_history_free(a);
  he_history_free(b);
}

static void the_wall_clock_may_be_set_back_a_little(void **state)
{
  struct he_history *a = rich();
  struct he_record r = record_of(a, "c.example");     /* 3 s old */
  struct he_history *b = history();
  (void)state;
  absorb(b, &r, NOW, WALL - 60000);
  assert_int_equal(rank_of(b, "c.example", HE_IPV6, 9, NOW), HE_RANK_BAD);
  he_history_free(b);
  b = history();
  assert_int_equal(he_history_absorb(b, r.key, r.key_len, r.value,
                                     r.value_len, NOW, WALL - 63001),
                   HE_ABSORB_REJECTED);
  assert_int_equal(he_history_absorb(b, r.key, r.key_len, r.value,
                                     r.value_len, NOW, -1),
                   HE_ABSORB_REJECTED);
  assert_int_equal(he_history_absorb(b, r.key, r.key_len, r.value,
                                     r.value_len, NOW, INT64_MAX),
                   HE_ABSORB_REJECTED);
  assert_int_equal(he_history_hosts(b), 0);
  he_history_free(a);
  he_history_free(b);
}

/* -- merging ------------------------------------------------------------ */

/* Two processes that know of one host. */
static struct he_history *one_side(void)
{
  struct he_history *h = history();
  answered(h, "www.example", 4, NOW - HE_MS(9000));
  failed(h, "www.example", HE_IPV6, 1, ETIMEDOUT, NOW - HE_MS(5000));
  failed(h, "www.example", HE_IPV4, 1, ECONNREFUSED, NOW - HE_MS(1000));
  failed(h, "b.example", HE_IPV6, 8, ETIMEDOUT, NOW - HE_MS(4000));
  return h;
}

static struct he_history *other_side(void)
{
  struct he_history *h = history();
  connected(h, "www.example", HE_IPV6, 1, 20, NOW - HE_MS(2000));
  connected(h, "www.example", HE_IPV4, 1, 30, NOW - HE_MS(7000));
  answered(h, "www.example", 2, NOW - HE_MS(500));
  failed(h, "c.example", HE_IPV6, 9, ETIMEDOUT, NOW - HE_MS(6000));
  return h;
}

static void the_order_does_not_matter(void **state)
{
  struct he_history *a = one_side();
  struct he_history *b = other_side();
  const char *parts[] = { "www.example", NULL };
  struct he_remembered list[16];
  (void)state;
  for(size_t i = 0; i < 2; i++) {
    struct he_record ra = record_of(a, parts[i]);
    struct he_record rb = record_of(b, parts[i]);
    struct he_history *ab = history();
    struct he_history *ba = history();
    absorb(ab, &ra, NOW, WALL);
    absorb(ab, &rb, NOW, WALL);
    absorb(ba, &rb, NOW, WALL);
    absorb(ba, &ra, NOW, WALL);
    assert_alike(ab, ba, parts[i]);
    absorb(ba, &rb, NOW, WALL);
    absorb(ba, &ra, NOW, WALL);
    assert_alike(ab, ba, parts[i]);
    absorb(a, &rb, NOW, WALL);
    absorb(b, &ra, NOW, WALL);
    assert_alike(ab, a, parts[i]);
    assert_alike(ab, b, parts[i]);
    he_history_free(ab);
    he_history_free(ba);
  }
  /* The newer success, the newer refusal, the newer answer. */
  assert_int_equal(rank_of(a, "www.example", HE_IPV6, 1, NOW), HE_RANK_GOOD);
  assert_int_equal(rank_of(a, "www.example", HE_IPV4, 1, NOW), HE_RANK_BAD);
  assert_int_equal(he_history_addresses(a, NET, "www.example", true, list, 16,
                                        NOW), 2);
  he_history_free(a);
  he_history_free(b);
}

/* b's connect came after c's failure: it does not speak for the network. */
static void what_was_refuted_stays_so(void **state)
{
  struct he_history *a = rich();
  struct he_history *b = history();
  struct he_record r;
  (void)state;
  connected(b, "d.example", HE_IPV6, 7, 20, NOW - HE_MS(3500));
  assert_int_equal(rank_of(a, "new.example", HE_IPV6, 6, NOW),
                   HE_RANK_DOUBTED);
  r = record_of(b, NULL);
  absorb(a, &r, NOW, WALL);
  assert_int_equal(rank_of(a, "new.example", HE_IPV6, 6, NOW), HE_RANK_GOOD);
  r = record_of(a, NULL);
  absorb(b, &r, NOW, WALL);
  assert_int_equal(rank_of(b, "new.example", HE_IPV6, 6, NOW), HE_RANK_GOOD);
  he_history_free(a);
  he_history_free(b);
}

/* -- hostile bytes ------------------------------------------------------ */

static struct he_record damaged(struct he_record r, size_t at, uint8_t with)
{
  if(at < r.key_len)
    r.key[at] ^= with;
  else
    r.value[at - r.key_len] ^= with;
  return r;
}

static void every_byte_and_every_length(void **state)
{
  const char *parts[] = { "www.example", "b.example", NULL };
  struct he_history *a = rich();
  struct he_history *b = other_side();
  struct he_record before = record_of(b, "www.example");
  struct he_record before_net = record_of(b, NULL);
  struct he_record after;
  (void)state;
  for(size_t i = 0; i < 3; i++) {
    const struct he_record r = record_of(a, parts[i]);
    struct he_record cut = r;
    for(size_t at = 0; at < r.key_len + r.value_len; at++)
      for(unsigned bit = 0; bit < 9; bit++) {
        uint8_t with = (uint8_t)(bit < 8 ? 1 << bit : 0xff);
        struct he_record bad = damaged(r, at, with);
        assert_true(rejected(b, &bad));
      }
    for(cut.value_len = 0; cut.value_len < r.value_len; cut.value_len++)
      assert_true(rejected(b, &cut));
    cut.value_len = r.value_len + 1;
    cut.value[r.value_len] = 0;
    assert_true(rejected(b, &cut));
    cut = r;
    for(cut.key_len = 0; cut.key_len < r.key_len; cut.key_len++)
      assert_true(rejected(b, &cut));
  }
  after = record_of(b, "www.example");
  assert_same(&before, &after);
  after = record_of(b, NULL);
  assert_same(&before_net, &after);
  assert_int_equal(he_history_hosts(b), 2);
  he_history_free(a);
  he_history_free(b);
}

static uint64_t seed;

static unsigned below(unsigned n)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

/* The sum, as whoever forges a record would make it. */
static void seal(struct he_record *r)
{
  uint64_t key = he_hash(r->value[3], r->key, r->key_len);
  uint32_t sum = (uint32_t)he_hash(key, r->value + 8, r->value_len - 8);
  for(int i = 0; i < 4; i++)
    r->value[4 + i] = (uint8_t)(sum >> (8 * i));
}

/* What is not rejected must do no harm: the history goes on, and writes
   records that it takes itself. */
static void use(struct he_history *h)
{
  struct he_remembered list[HE_HISTORY_ADDRS];
  struct he_candidate c[4];
  struct he_advice advice[4];
  struct he_advice_rules rules;
  struct he_probe probe;
  struct he_record r;
  he_advice_rules_usual(&rules);
  for(unsigned i = 0; i < 4; i++)
    c[i] = (struct he_candidate){
      .addr = address(i % 2 ? HE_IPV4 : HE_IPV6, i / 2 + 1) };
  he_history_advise(h, NET, "www.example", &rules, c, 4, advice, NULL, NOW);
  for(unsigned i = 0; i < 4; i++)
    assert_true(advice[i].delay >= HE_MS(50) &&
                advice[i].delay <= HE_MS(2000));
  assert_true(he_history_addresses(h, NET, "www.example", true, list,
                                   HE_HISTORY_ADDRS, NOW) <= HE_HISTORY_ADDRS);
  he_history_next_probe(h, NET, &probe, NOW);
  connected(h, "www.example", HE_IPV6, below(20), 20, NOW);
  failed(h, "www.example", HE_IPV6, below(20), ETIMEDOUT, NOW);
  r = record_of(h, "www.example");
  assert_false(rejected(h, &r));
  r = record_of(h, NULL);
  assert_false(rejected(h, &r));
}

static void forged_records(void **state)
{
  const char *said = getenv("HE_SEED");
  const char *parts[] = { "www.example", NULL };
  struct he_history *a = rich();
  unsigned taken = 0;
  (void)state;
  seed = said ? strtoull(said, NULL, 10) : (uint64_t)time(NULL);
  print_message("# HE_SEED=%llu\n", (unsigned long long)seed);
  for(unsigned i = 0; i < 20000; i++) {
    struct he_history *b = history();
    struct he_record r = record_of(a, parts[i % 2]);
    size_t before = he_history_hosts(b);
    for(unsigned n = 1 + below(4); n; n--)
      r.value[8 + below((unsigned)r.value_len - 8)] =
        below(3) ? (uint8_t)below(256) : below(2) ? 0xff : 0;
    seal(&r);
    if(rejected(b, &r))
      assert_int_equal(he_history_hosts(b), before);
    else
      taken++;
    use(b);
    he_history_free(b);
  }
  assert_true(taken > 100 && taken < 19900);
  he_history_free(a);
}

/* A sum that is right makes no record of what nobody writes. */
static void forged_to_the_letter(void **state)
{
  enum { TRACK = 4 + 4 + 24 + 45 + 12, KNOWN = 34 + TRACK,
         FIRST = 8 + 8 + 2 + 2 * (TRACK + 20) + 1 };
  struct he_history *a = rich();
  struct he_history *b = history();
  const struct he_record r = record_of(a, "www.example");
  struct he_record bad = r;
  (void)state;
  assert_int_equal(r.value_len, FIRST + 10 * KNOWN);
  bad.value[bad.value_len++] = 0;
  seal(&bad);
  assert_true(rejected(b, &bad));
  bad = r;                                 /* twice the same */
  memcpy(bad.value + FIRST, bad.value + FIRST + KNOWN, KNOWN);
  seal(&bad);
  assert_true(rejected(b, &bad));
  bad = r;                                 /* nine of one family */
  for(unsigned i = 0; i < 9; i++) {
    memcpy(bad.value + FIRST + i * KNOWN, r.value + FIRST, KNOWN);
    bad.value[FIRST + i * KNOWN + 5] = (uint8_t)i;
  }
  seal(&bad);
  assert_true(rejected(b, &bad));
  bad = r;
  seal(&bad);
  assert_false(rejected(b, &bad));
  he_history_free(a);
  he_history_free(b);
}

static void names_are_as_they_are_kept(void **state)
{
  const char *bad[] = { "WWW.example", "www.example.", "." };
  struct he_history *a = rich();
  struct he_history *b = history();
  (void)state;
  for(size_t i = 0; i < 3; i++) {
    struct he_record r = record_of(a, "www.example");
    memcpy(r.key + 8, bad[i], strlen(bad[i]));
    r.key_len = 8 + strlen(bad[i]);
    seal(&r);
    assert_true(rejected(b, &r));
    memcpy(r.key + 8, "w\0w.example", 11);
    r.key_len = 19;
    seal(&r);
    assert_true(rejected(b, &r));
  }
  he_history_free(a);
  he_history_free(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_lost),
    cmocka_unit_test(the_largest_fits),
    cmocka_unit_test(only_what_changed_is_taken),
    cmocka_unit_test(the_format_is_fixed),
    cmocka_unit_test(ages_outlive_the_process),
    cmocka_unit_test(nothing_gets_younger),
    cmocka_unit_test(the_wall_clock_may_be_set_back_a_little),
    cmocka_unit_test(the_order_does_not_matter),
    cmocka_unit_test(what_was_refuted_stays_so),
    cmocka_unit_test(every_byte_and_every_length),
    cmocka_unit_test(forged_records),
    cmocka_unit_test(forged_to_the_letter),
    cmocka_unit_test(names_are_as_they_are_kept)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
