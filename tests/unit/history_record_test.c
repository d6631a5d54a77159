/* SPDX-License-Identifier: MIT */
/* history_record_test.c - to a store and back: nothing lost, in any order,
 * and hostile bytes change nothing. HE_SEED repeats the fuzzing. */
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

#include "history/record.h"
#include "history/text.h"

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
  assert_int_equal(he_history_absorb(h, r->line, r->len, now, wall),
                   HE_ABSORBED);
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
  char *line = malloc(r->len + !r->len);
  enum he_absorbed a;
  assert_non_null(line);
  memcpy(line, r->line, r->len);
  a = he_history_absorb(h, line, r->len, NOW, WALL);
  free(line);
  assert_true(a != HE_ABSORB_NO_MEMORY);
  return a == HE_ABSORB_REJECTED;
}

/* A line with its sum, as whoever forges one would make it. */
static struct he_record sealed(const char *text)
{
  struct he_record r;
  struct he_writer w = { .out = r.line, .size = sizeof(r.line) };
  he_put_text(&w, text);
  he_put_sum(&w, 1);
  assert_false(w.full);
  r.len = w.len;
  return r;
}

/* What is before the sum, as a string. */
static const char *text_of(const struct he_record *r)
{
  static char text[HE_RECORD_MAX + 1];
  struct he_word body;
  assert_true(he_read_sum((struct he_word){ r->line, r->len }, 1, &body));
  memcpy(text, body.at, body.len);
  text[body.len] = 0;
  return text;
}

struct wanted {
  const char *host;           /* NULL: the network's */
  struct he_record r;
  unsigned n;
};

static bool want(void *ctx, const struct he_record *r)
{
  struct wanted *w = ctx;
  struct he_record_head head;
  struct he_name name = { .hash = 0 };
  assert_true(!w->host || he_name_set(&name, w->host));
  assert_true(he_record_head(r->line, r->len, &head));
  if(head.network == NET && (head.kind == HE_RECORD_HOST) == !!w->host &&
     head.name_hash == name.hash) {
    w->r = *r;
    w->n++;
  }
  return true;
}

/* Found by either way through a history. */
static struct he_record record_of(const struct he_history *h, const char *host)
{
  struct wanted w = { .host = host };
  unsigned part = 0;
  assert_true(he_history_each(h, want, &w, NOW, WALL));
  assert_int_equal(w.n, 1);
  while(he_history_part(h, part, want, &w, NOW, WALL))
    part++;
  assert_int_equal(w.n, 2);
  return w.r;
}

static void assert_same(const struct he_record *a, const struct he_record *b)
{
  assert_int_equal(a->len, b->len);
  assert_memory_equal(a->line, b->line, a->len);
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
  he_history_advise(h, NET, host, &rules, &c, 1, &advice, now);
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

/* Every field as long as it can be, a name that is all escapes. */
static void the_largest_fits(void **state)
{
  struct he_moment m = { NOW, WALL };
  struct he_known known[HE_HISTORY_ADDRS];
  struct he_host *host = calloc(1, sizeof(*host) + 254);
  struct he_track long_one = {
    .rtt = { HE_SAMPLE_MAX / 1000, HE_SAMPLE_MAX / 1000, NOW },
    .good_at = NOW, .at = NOW,
    .successes = UINT32_MAX, .failures = UINT32_MAX, .losses = UINT32_MAX
  };
  struct he_history *b = history();
  struct he_record r;
  (void)state;
  assert_non_null(host);
  for(int i = 0; i < HE_CHARGES; i++)
    long_one.charge[i] = (struct he_charge){ NOW, UINT32_MAX, UINT16_MAX, 4 };
  memset(host->name, '\\', 253);
  host->network = UINT64_MAX;
  host->used = NOW;
  host->port = UINT16_MAX;
  for(int f = 0; f < HE_FAMILIES; f++)
    host->family[f] = (struct he_host_family){
      .track = long_one, .answered = NOW, .probed = NOW,
      .gap_ms = UINT32_MAX
    };
  host->known = known;
  host->n = HE_HISTORY_ADDRS;
  memset(known, 0xee, sizeof(known));
  for(unsigned i = 0; i < HE_HISTORY_ADDRS; i++) {
    known[i].addr.family = i < HE_FAMILY_ADDRS ? HE_IPV6 : HE_IPV4;
    if(i >= HE_FAMILY_ADDRS) {
      memset(known[i].addr.ip + 4, 0, 12);
      known[i].addr.scope = 0;
    }
    known[i].addr.ip[3] = (uint8_t)(0xe0 + i);
    known[i].answered = NOW;
    known[i].track = long_one;
  }
  assert_true(he_record_write_host(&r, host, m));
  assert_in_range(r.len, 5000, HE_RECORD_MAX);
  assert_false(rejected(b, &r));
  assert_int_equal(he_history_hosts(b), 1);
  he_history_free(b);
  free(host);
}

static bool is_about(const struct he_record *r, const char *host)
{
  struct he_record_head head;
  struct he_name name;
  assert_true(he_record_head(r->line, r->len, &head));
  assert_int_equal(head.network, NET);
  assert_int_equal(head.kind, host ? HE_RECORD_HOST : HE_RECORD_NETWORK);
  if(!host)
    return true;
  assert_true(he_name_set(&name, host));
  return head.name_hash == name.hash;
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
  assert_true(is_about(&r, "a.example"));
  assert_true(he_history_take(h, &s, NOW, WALL));
  assert_false(he_history_take(h, &s, NOW, WALL));
  absorb(h, &r, NOW, WALL);
  assert_false(he_history_take(h, &s, NOW, WALL));
  connected(h, "b.example", HE_IPV6, 1, 20, NOW);
  assert_true(he_history_take(h, &s, NOW, WALL));
  assert_true(is_about(&s, "B.example"));
  assert_true(he_history_take(h, &s, NOW, WALL));     /* the network */
  assert_true(is_about(&s, NULL));
  assert_false(he_history_take(h, &s, NOW, WALL));
  he_history_free(h);
}

/* The text is the same on every machine. What a connect says by itself is left
   out. */
static void the_format_is_fixed(void **state)
{
  struct he_history *h = history();
  struct he_record r;
  (void)state;
  connected(h, "a.b", HE_IPV6, 1, 20, NOW - HE_MS(1000));
  r = record_of(h, "A.B");
  assert_string_equal(text_of(&r),
    "host 1122334455667788 a.b 2023-11-14T22:13:20.000Z used=-1000ms port=443 "
    "ipv6 rtt_us=20000 rttvar_us=10000 connected=-1000ms successes=1 ipv4 "
    "2000:1:: rtt_us=20000 rttvar_us=10000 connected=-1000ms successes=1");
  assert_memory_equal(r.line + r.len - 13, " sum=", 5);
  he_history_free(h);
}

/* A connect acquits at its own time, though that is left out: what another
   process held against the address before is void, what it has held since is
   not. */
static void what_is_left_out_counts(void **state)
{
  static const struct {
    int ms;                   /* when it was refused, and silent */
    enum he_rank rank;
  } t[] = { { 3000, HE_RANK_GOOD }, { 1000, HE_RANK_BAD } };
  (void)state;
  for(size_t i = 0; i < 2; i++) {
    struct he_history *a = history();
    struct he_history *b = history();
    struct he_record r;
    connected(a, "a.b", HE_IPV6, 1, 20, NOW - HE_MS(2000));
    r = record_of(a, "a.b");
    assert_null(strstr(text_of(&r), "silent="));
    assert_null(strstr(text_of(&r), "refused="));
    assert_null(strstr(text_of(&r), "seen="));
    failed(b, "a.b", HE_IPV6, 1, ECONNREFUSED, NOW - HE_MS(t[i].ms));
    failed(b, "a.b", HE_IPV6, 1, ETIMEDOUT, NOW - HE_MS(t[i].ms));
    absorb(b, &r, NOW, WALL);
    assert_int_equal(rank_of(b, "a.b", HE_IPV6, 1, NOW), t[i].rank);
    r = record_of(b, "a.b");
    assert_non_null(strstr(text_of(&r), "failures=1"));
    absorb(a, &r, NOW, WALL);
    assert_int_equal(rank_of(a, "a.b", HE_IPV6, 1, NOW), t[i].rank);
    he_history_free(a);
    he_history_free(b);
  }
}

/* -- forgetting --------------------------------------------------------- */

static void a_line_forgets(void **state)
{
  struct he_history *a = rich();
  struct he_record r;
  struct he_record_head head;
  (void)state;
  assert_true(he_record_forget(&r, "B.example.", WALL));
  assert_null(strstr(text_of(&r), "example"));
  assert_true(he_record_head(r.line, r.len, &head));
  assert_int_equal(head.kind, HE_RECORD_FORGET);
  assert_true(head.some && head.wall_ms == WALL);
  absorb(a, &r, NOW, WALL);
  assert_int_equal(he_history_hosts(a), 2);
  assert_false(he_history_has(a, NET, "b.example"));
  assert_true(he_record_forget(&r, NULL, WALL));
  assert_string_equal(text_of(&r), "forget 2023-11-14T22:13:20.000Z all");
  absorb(a, &r, NOW, WALL);
  assert_int_equal(he_history_hosts(a), 0);
  assert_false(he_record_forget(&r, "", WALL));
  assert_false(he_record_forget(&r, NULL, -1));
  assert_false(he_record_forget(&r, NULL, HE_WALL_MAX + 1));
  he_history_free(a);
}

/* -- words -------------------------------------------------------------- */

static void times_are_dates(void **state)
{
  static const struct {
    int64_t ms;
    const char *text;
  } t[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
    { INT64_C(1709251199999), "2024-02-29T23:59:59.999Z" },
    { INT64_C(4107542400000), "2100-03-01T00:00:00.000Z" },
    { INT64_C(1796000763123), "2026-11-30T01:06:03.123Z" },
    { HE_WALL_MAX, "9999-12-31T23:59:59.999Z" }
  };
  static const char *const bad[] = {
    "", "2026-11-30", "1969-12-31T00:00:00.000Z", "2026-13-30T00:00:00.000Z",
    "2026-00-30T00:00:00.000Z", "2026-11-00T00:00:00.000Z",
    "2026-11-30T24:00:00.000Z", "2026-11-30T00:60:00.000Z",
    "2026-11-30T00:00:60.000Z", "2026-11-30T00:00:00.000z",
    "2026-11-30T00:00:00.00 Z", "+026-11-30T00:00:00.000Z",
    "2026-11-30T00:00:00.000Z0"
  };
  int64_t ms;
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
    char text[32] = "";
    struct he_writer w = { .out = text, .size = sizeof(text) };
    he_put_time(&w, t[i].ms);
    assert_string_equal(text, t[i].text);
    assert_true(he_read_time((struct he_word){ text, w.len }, &ms));
    assert_true(ms == t[i].ms);
  }
  for(int64_t day = 0; day < 2932897; day += 997) {
    char text[32];
    struct he_writer w = { .out = text, .size = sizeof(text) };
    he_put_time(&w, day * 86400000 + 1);
    assert_true(he_read_time((struct he_word){ text, w.len }, &ms));
    assert_true(ms == day * 86400000 + 1);
  }
  for(size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
    assert_false(he_read_time((struct he_word){ bad[i], strlen(bad[i]) },
                              &ms));
}

/* A name may be anything; its line is for any terminal. */
static void hostile_names_are_escaped(void **state)
{
  const char *names[] = { "a b=c,d", "\033[2J", "\\x41", "x\ny sum=00000000",
                          "\xc3\xa4", "forget", "\x7f" };
  (void)state;
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    struct he_history *a = history();
    struct he_history *b = history();
    struct he_record r;
    connected(a, names[i], HE_IPV6, 1, 20, NOW);
    r = record_of(a, names[i]);
    for(size_t at = 0; at < r.len; at++)
      assert_in_range(r.line[at], ' ', '~');
    assert_true(is_about(&r, names[i]));
    absorb(b, &r, NOW, WALL);
    assert_true(he_history_has(b, NET, names[i]));
    assert_alike(a, b, names[i]);
    he_history_free(a);
    he_history_free(b);
  }
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
  assert_int_equal(he_history_absorb(b, r.line, r.len, NOW, WALL - 63001),
                   HE_ABSORB_REJECTED);
  assert_int_equal(he_history_absorb(b, r.line, r.len, NOW, -1),
                   HE_ABSORB_REJECTED);
  assert_int_equal(he_history_absorb(b, r.line, r.len, NOW, INT64_MAX),
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
    for(size_t at = 0; at < r.len; at++)
      for(unsigned bit = 0; bit < 9; bit++) {
        cut.line[at] = (char)(r.line[at] ^ (bit < 8 ? 1 << bit : 0xff));
        assert_true(rejected(b, &cut));
        cut.line[at] = r.line[at];
      }
    for(cut.len = 0; cut.len < r.len; cut.len++)
      assert_true(rejected(b, &cut));
    cut.len = r.len + 1;
    for(unsigned c = 0; c < 256; c++) {
      cut.line[r.len] = (char)c;
      assert_true(rejected(b, &cut));
    }
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
  he_history_advise(h, NET, "www.example", &rules, c, 4, advice, NOW);
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

/* Changes a line in up to four places: bytes, digits, whole words. */
static void forge(char *text)
{
  static const char of_it[] = "0123456789 =,:.-TZabcdefhilnprtuxy\\";
  size_t len = strlen(text);
  for(unsigned n = 1 + below(4); n; n--) {
    size_t at = below((unsigned)len);
    if(below(3) && text[at] >= '0' && text[at] <= '9')
      text[at] = (char)('0' + below(10));
    else if(below(2))
      text[at] = of_it[below(sizeof(of_it) - 1)];
    else if(below(2)) {
      memmove(text + at, text + at + 1, len - at);
      len--;
    }
    else
      text[at] = (char)(1 + below(255));
  }
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
    char text[HE_RECORD_MAX + 1];
    size_t before = he_history_hosts(b);
    strcpy(text, text_of(&r));
    forge(text);
    r = sealed(text);
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

#define HEAD "host 1122334455667788 a.b 2023-11-14T22:13:20.000Z used=-1ms "

/* A sum that is right makes no record of what nobody writes. */
static void forged_to_the_letter(void **state)
{
  static const char *const bad[] = {
    "", "host", "host 1122334455667788", "host 112233445566778 a.b",
    "host 112233445566778G a.b", "hosts 1122334455667788 a.b",
    "host 1122334455667788  a.b", HEAD " ", HEAD " port=1", HEAD "port=65536",
    HEAD "port=", HEAD "port=-1", HEAD "port=1 ", HEAD "port", HEAD "=1 x",
    /* a minute and a second ahead */
    "host 1122334455667788 a.b 2023-11-14T22:14:21.000Z used=-1ms",
    "host 1122334455667788 a.b used=-1ms", HEAD "used=-1", HEAD "used=-ms",
    HEAD "used=1ms", HEAD "used=--1ms", HEAD "used=-99999999999999999999ms",
    HEAD "192.0.2.1 192.0.2.1", HEAD "192.0.2.2 192.0.2.1",
    HEAD "192.0.2.1 2001:db8::1", HEAD "192.0.2.01", HEAD "2001:DB8::1",
    HEAD "2001:db8:0::1", HEAD "192.0.2.1%1", HEAD "ipv5",
    HEAD "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 "
         "192.0.2.7 192.0.2.8 192.0.2.9",
    HEAD "ipv6 rtt_us=60000001", HEAD "ipv6 silent=5,-1ms,1,00000000",
    HEAD "ipv6 silent=1,2,3", HEAD "ipv6 silent=1,-1ms",
    HEAD "ipv6 silent=0,-1ms", HEAD "ipv6 silent=0",
    HEAD "ipv6 silent=1,-1ms,1,0000000",
    HEAD "ipv6 silent=1,-1ms,65536,00000000",
    HEAD "ipv6 silent=1,-1ms,1,00000000,",
    "network 1122334455667788 ipv6",
    "network 1122334455667788 2023-11-14T22:13:20.000Z ipv6 192.0.2.1",
    "network 1122334455667788 2023-11-14T22:13:20.000Z ipv6 tls1=0,0,0",
    "forget", "forget 2023-11-14T22:13:19.000Z all 1",
    "forget 2023-11-14T22:13:19.000Z",
    "forget 2023-11-14T22:13:19.000Z none", "forget all"
  };
  static const char *const good[] = {
    HEAD "port=65535", HEAD "later=1 port=1", HEAD "ipv4 ipv6 ipv4",
    HEAD "2001:db8::1 192.0.2.1", HEAD "fe80::1%2",
    HEAD "used=-4000000000000000000ms", HEAD "ipv6 tls=4,-1ms,1,0000000f",
    "network 1122334455667788 2023-11-14T22:13:20.000Z",
    "forget 2023-11-14T22:13:19.000Z all"
  };
  struct he_history *b = history();
  (void)state;
  for(size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    struct he_record r = sealed(bad[i]);
    if(!rejected(b, &r))
      fail_msg("taken: %s", bad[i]);
  }
  assert_int_equal(he_history_hosts(b), 0);
  for(size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
    struct he_record r = sealed(good[i]);
    if(rejected(b, &r))
      fail_msg("not taken: %s", good[i]);
  }
  he_history_free(b);
}

static void names_are_as_they_are_kept(void **state)
{
  static const char *const bad[] = {
    "WWW.example", "www.example.", ".", "w\\x00w", "w\\x4", "w\\", "w\\y41",
    "\\x61.example."
  };
  struct he_history *b = history();
  (void)state;
  for(size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    char text[200];
    struct he_record r;
    snprintf(text, sizeof(text), "host 1122334455667788 %s "
             "2023-11-14T22:13:19.000Z used=-1ms", bad[i]);
    r = sealed(text);
    assert_true(rejected(b, &r));
  }
  he_history_free(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_lost),
    cmocka_unit_test(the_largest_fits),
    cmocka_unit_test(only_what_changed_is_taken),
    cmocka_unit_test(the_format_is_fixed),
    cmocka_unit_test(what_is_left_out_counts),
    cmocka_unit_test(a_line_forgets),
    cmocka_unit_test(times_are_dates),
    cmocka_unit_test(hostile_names_are_escaped),
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
