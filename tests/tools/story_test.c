/* SPDX-License-Identifier: MIT */
/* story_test.c - races as data: told step by step, summed up, and what they
 * would have taken without curl-he. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gallery.h"
#include "plain.h"
#include "saved.h"
#include "sentences.h"
#include "spread.h"
#include "story.h"
#include "summary.h"

#define SIX "[2001:db8::1]:443"
#define FOUR "192.0.2.1:443"
#define MS 1000

static void tell(struct he_story *s, CURLHEstep step, int64_t ms, int family,
                 const char *address)
{
  const struct he_moment m = { .step = step, .time_us = ms * MS,
                               .family = family, .address = address,
                               .count = 1, .delay_ms = -1 };
  he_story_tell(s, &m);
}

/* IPv6 is silent, IPv4 comes after 50 ms and wins at 90. */
static void tell_black_hole(struct he_story *s)
{
  he_story_init(s, "two.example", 443);
  tell(s, CURL_HE_STEP_LOOKUP, 0, 0, NULL);
  tell(s, CURL_HE_STEP_RESOLVE, 0, 6, NULL);
  tell(s, CURL_HE_STEP_RESOLVE, 0, 4, NULL);
  tell(s, CURL_HE_STEP_ANSWER, 20, 6, NULL);
  tell(s, CURL_HE_STEP_ANSWER, 20, 4, NULL);
  tell(s, CURL_HE_STEP_START, 20, 6, SIX);
  tell(s, CURL_HE_STEP_START, 70, 4, FOUR);
  tell(s, CURL_HE_STEP_CONNECTED, 90, 4, FOUR);
  tell(s, CURL_HE_STEP_CANCELLED, 91, 6, SIX);
  tell(s, CURL_HE_STEP_HANDED_OVER, 92, 4, FOUR);
  tell(s, CURL_HE_STEP_WON, 92, 4, FOUR);
}

static void test_told(void **state)
{
  static struct he_story s;
  (void)state;
  tell_black_hole(&s);
  assert_true(s.in_lookup);
  assert_int_equal(s.nasked, 2);
  assert_int_equal(s.asked[0].family, 6);
  assert_int_equal(s.asked[0].end, 20 * MS);
  assert_int_equal(s.ntried, 2);
  assert_int_equal(s.tried[0].outcome, HE_CANCELLED);
  assert_int_equal(s.tried[0].end, 91 * MS);
  assert_int_equal(s.tried[1].outcome, HE_CONNECTED);
  assert_true(s.tried[1].won);
  assert_true(s.tried[1].handed_over);
  assert_int_equal(he_story_connect_us(&s), 90 * MS);
  assert_int_equal(he_story_span_us(&s), 92 * MS);
  assert_true(he_story_silent(&s, &s.tried[0]));
  assert_false(he_story_silent(&s, &s.tried[1]));
}

static void test_oddities(void **state)
{
  static struct he_story s;
  (void)state;
  he_story_init(&s, "odd.example", 80);
  tell(&s, CURL_HE_STEP_CONNECTED, 1, 4, FOUR);     /* of no attempt */
  tell(&s, CURL_HE_STEP_WON, 1, 4, NULL);
  assert_int_equal(s.winner, -1);
  tell(&s, CURL_HE_STEP_START, 5, 4, FOUR);
  tell(&s, CURL_HE_STEP_FAILED, 3, 4, FOUR);        /* time runs backwards */
  assert_int_equal(s.tried[0].end, 5 * MS);
  tell(&s, CURL_HE_STEP_START, 6, 4, FOUR);         /* once more */
  tell(&s, CURL_HE_STEP_CONNECTED, 9, 4, FOUR);
  tell(&s, CURL_HE_STEP_WON, 9, 4, FOUR);
  tell(&s, CURL_HE_STEP_WON, 9, 6, SIX);
  assert_int_equal(s.winner, 1);
  assert_int_equal(s.tried[0].outcome, HE_FAILED);
  tell(&s, CURL_HE_STEP_REMEMBERED, 10, 4, NULL);
  assert_true(s.asked[0].remembered);
  tell(&s, CURL_HE_STEP_ANSWER, 11, 6, NULL);       /* nobody had asked */
  assert_int_equal(s.asked[1].start, 11 * MS);
  tell(&s, (CURLHEstep)99, 12, 0, NULL);
}

static void test_full(void **state)
{
  static struct he_story s;
  (void)state;
  he_story_init(&s, "full.example", 80);
  for(int i = 0; i < 1000; i++) {
    tell(&s, CURL_HE_STEP_RESOLVE, i, 4, NULL);
    tell(&s, CURL_HE_STEP_START, i, 4, FOUR);
    tell(&s, CURL_HE_STEP_ASIDE, i, 4, FOUR);
  }
  assert_int_equal(s.ntried, HE_STORY_ATTEMPTS);
  assert_int_equal(s.nasked, HE_STORY_LOOKUPS);
  assert_int_equal(s.left_out, 3000 - HE_STORY_ATTEMPTS - HE_STORY_LOOKUPS -
                   HE_STORY_ASIDES);
}

static void test_of_api(void **state)
{
  struct curl_he_step step = { .step = CURL_HE_STEP_ANSWER,
                               .family = AF_INET6, .error = EAI_NONAME };
  struct he_moment m;
  char error[80];
  (void)state;
  he_story_step(&m, &step, error, sizeof(error));
  assert_int_equal(m.family, 6);
  assert_string_equal(m.error, gai_strerror(EAI_NONAME));
  assert_int_equal(m.code, 0);
  step.step = CURL_HE_STEP_FAILED;
  step.error = ECONNREFUSED;
  he_story_step(&m, &step, error, sizeof(error));
  assert_string_equal(m.error, strerror(ECONNREFUSED));
  assert_int_equal(m.code, ECONNREFUSED);
  assert_int_equal(m.delay_ms, -1);
  assert_null(m.origin);
  step.step = CURL_HE_STEP_START;
  step.delay_ms = 150;
  step.delay_why = CURL_HE_DELAY_LEARNED;
  step.origin = CURL_HE_ORIGIN_REMEMBERED;
  he_story_step(&m, &step, error, sizeof(error));
  assert_int_equal(m.delay_ms, 150);
  assert_string_equal(m.why, "learned");
  assert_string_equal(m.origin, "remembered");
  step.delay_why = step.origin = 99;                /* of a later curl-he */
  he_story_step(&m, &step, error, sizeof(error));
  assert_null(m.why);
  assert_null(m.origin);
  for(int i = CURL_HE_STEP_RESOLVE; i <= CURL_HE_STEP_SERVICES; i++)
    assert_int_equal(he_step_named(he_step_name((CURLHEstep)i)), i);
  assert_int_equal(he_step_named("none"), -1);
}

static void test_silent(void **state)
{
  static struct he_story s;
  (void)state;
  he_story_init(&s, "x", 1);
  tell(&s, CURL_HE_STEP_START, 0, 6, SIX);
  tell(&s, CURL_HE_STEP_START, 10, 4, FOUR);
  tell(&s, CURL_HE_STEP_CONNECTED, 40, 4, FOUR);
  tell(&s, CURL_HE_STEP_WON, 40, 4, FOUR);
  tell(&s, CURL_HE_STEP_CANCELLED, 40, 6, SIX);
  assert_false(he_story_silent(&s, &s.tried[0]));   /* 40 of 30 ms */
  s.tried[0].end = 90 * MS;
  assert_true(he_story_silent(&s, &s.tried[0]));
  s.tried[0].outcome = HE_FAILED;
  assert_false(he_story_silent(&s, &s.tried[0]));
  s.tried[0].code = ETIMEDOUT;
  assert_true(he_story_silent(&s, &s.tried[0]));
}

/* -- the measure -- */

static void test_saved(void **state)
{
  static const struct {
    const char *what;
    int64_t six, four;          /* ms; answers */
    struct he_way ways[4];      /* took: ms */
    size_t n;
    int64_t want;               /* ms */
  } cases[] = {
    { "healthy", 20, 20, { { 6, HE_DOES_CONNECT, 20 },
                           { 4, HE_DOES_CONNECT, 20 } }, 2, 40 },
    { "IPv6 is silent", 20, 20, { { 6, HE_DOES_NOTHING, 0 },
                                  { 4, HE_DOES_CONNECT, 20 } }, 2, 290 },
    { "IPv6 refuses", 20, 20, { { 6, HE_DOES_FAIL, 20 },
                                { 4, HE_DOES_CONNECT, 20 } }, 2, 60 },
    { "two are silent", 20, 20, { { 6, HE_DOES_NOTHING, 0 },
                                  { 4, HE_DOES_NOTHING, 0 },
                                  { 4, HE_DOES_CONNECT, 20 } }, 3, 540 },
    { "families take turns", 0, 0, { { 6, HE_DOES_NOTHING, 0 },
                                     { 6, HE_DOES_CONNECT, 10 },
                                     { 4, HE_DOES_NOTHING, 0 } }, 3, 510 },
    { "AAAA is late", 1000, 20, { { 6, HE_DOES_CONNECT, 20 },
                                  { 4, HE_DOES_CONNECT, 20 } }, 2, 90 },
    { "AAAA comes in the delay", 45, 20, { { 6, HE_DOES_CONNECT, 20 },
                                           { 4, HE_DOES_CONNECT, 20 } }, 2,
      65 },
    { "AAAA says none", 30, 20, { { 4, HE_DOES_CONNECT, 20 } }, 1, 50 },
    { "IPv6 is there alone", 20, 900, { { 6, HE_DOES_NOTHING, 0 },
                                        { 4, HE_DOES_CONNECT, 20 } }, 2, 920 },
    { "a slow one is not killed", 0, 0, { { 6, HE_DOES_CONNECT, 300 },
                                          { 4, HE_DOES_CONNECT, 200 } }, 2,
      300 },
    { "all are silent", 0, 0, { { 6, HE_DOES_NOTHING, 0 } }, 1, -1 },
    { "nothing is known", 0, 0, { { 0, HE_DOES_FAIL, 0 } }, 0, -1 }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    struct he_way ways[4];
    int64_t us;
    memcpy(ways, cases[i].ways, sizeof(ways));
    for(size_t k = 0; k < 4; k++)
      ways[k].took *= MS;
    us = he_saved_rfc8305_us(cases[i].six * MS, cases[i].four * MS, ways,
                             cases[i].n);
    if(us != (cases[i].want < 0 ? HE_NEVER_US : cases[i].want * MS))
      fail_msg("%s: %ld us", cases[i].what, (long)us);
  }
}

static void test_summary(void **state)
{
  static struct he_story s;
  struct he_summary sum;
  struct he_silent silent[4];
  (void)state;
  memset(&sum, 0, sizeof(sum));
  tell_black_hole(&s);
  assert_true(he_summary_add(&sum, &s));
  assert_int_equal(sum.spread.by_family[0], 1);
  assert_int_equal(sum.saved_us, (20 + 250 + 20 - 90) * MS);
  /* By memory: IPv4 at once. What IPv6 does is known from the race before. */
  he_story_init(&s, "two.example", 443);
  tell(&s, CURL_HE_STEP_START, 0, 4, FOUR);
  tell(&s, CURL_HE_STEP_CONNECTED, 20, 4, FOUR);
  tell(&s, CURL_HE_STEP_WON, 20, 4, FOUR);
  assert_true(he_summary_add(&sum, &s));
  assert_int_equal(sum.saved_us, (200 + 270 - 20) * MS);
  assert_int_equal(sum.compared, 2);
  assert_int_equal(he_summary_silent(&sum, silent, 4), 1);
  assert_string_equal(silent[0].known->address, "2001:db8::1");
  assert_string_equal(silent[0].host->host, "two.example");
  /* It answers after all. */
  he_story_init(&s, "two.example", 443);
  tell(&s, CURL_HE_STEP_START, 0, 6, SIX);
  tell(&s, CURL_HE_STEP_FAILED, 1, 6, SIX);
  tell(&s, CURL_HE_STEP_LOST, 1, 0, NULL);
  assert_true(he_summary_add(&sum, &s));
  assert_int_equal(he_summary_silent(&sum, silent, 4), 0);
  assert_int_equal(sum.lost, 1);
  he_summary_free(&sum);
}

/* More hosts and addresses than there is room for: counted. */
static void test_summary_full(void **state)
{
  static struct he_story s;
  struct he_summary sum;
  struct he_silent silent[3];
  (void)state;
  memset(&sum, 0, sizeof(sum));
  for(int i = 0; i < 3000; i++) {
    char host[32];
    snprintf(host, sizeof(host), "h%d.example", i);
    he_story_init(&s, host, 443);
    tell(&s, CURL_HE_STEP_START, 0, 6, SIX);
    tell(&s, CURL_HE_STEP_TIMED_OUT, 300, 6, SIX);
    assert_true(he_summary_add(&sum, &s));
  }
  assert_int_equal(sum.nhosts, HE_SUMMARY_HOSTS - 1);
  assert_int_equal(sum.crowded, 3000 - (HE_SUMMARY_HOSTS - 1));
  assert_int_equal(he_summary_silent(&sum, silent, 3), HE_SUMMARY_HOSTS - 1);
  he_summary_free(&sum);
}

static void test_spread(void **state)
{
  static struct he_story s;
  struct he_spread d;
  (void)state;
  memset(&d, 0, sizeof(d));
  assert_int_equal(he_spread_at(&d, 50), HE_NEVER_US);
  for(int i = 100; i >= 1; i--) {
    he_story_init(&s, "x", 1);
    tell(&s, CURL_HE_STEP_START, 0, i % 4 ? 6 : 4, i % 4 ? SIX : FOUR);
    tell(&s, CURL_HE_STEP_WON, i, i % 4 ? 6 : 4, i % 4 ? SIX : FOUR);
    assert_true(he_spread_add(&d, &s));
  }
  he_spread_sort(&d);
  assert_int_equal(he_spread_at(&d, 0), MS);
  assert_int_equal(he_spread_at(&d, 50), 50 * MS);
  assert_int_equal(he_spread_at(&d, 95), 95 * MS);
  assert_int_equal(he_spread_at(&d, 100), 100 * MS);
  assert_int_equal(d.nwinners, 2);
  assert_string_equal(d.winners[0].address, "2001:db8::1");
  assert_int_equal(d.winners[0].count, 75);
  he_spread_free(&d);
}

static void test_gallery(void **state)
{
  static struct he_story s;
  struct he_gallery g;
  static const int times[] = { 30, 10, 90, 20, 80, 5 };
  (void)state;
  memset(&g, 0, sizeof(g));
  g.limit = 3;
  for(size_t i = 0; i < 6; i++) {
    he_story_init(&s, "x", 1);
    tell(&s, CURL_HE_STEP_START, 0, 6, SIX);
    tell(&s, i == 5 ? CURL_HE_STEP_LOST : CURL_HE_STEP_WON, times[i], 6, SIX);
    assert_true(he_gallery_add(&g, &s));
  }
  he_gallery_sort(&g);
  assert_int_equal(g.count, 3);
  assert_int_equal(g.seen, 6);
  assert_int_equal(g.stories[0]->over, 90 * MS);
  assert_int_equal(g.stories[1]->over, 80 * MS);
  assert_true(g.stories[2]->lost);
  he_gallery_free(&g);
}

/* -- words -- */

static void test_plain(void **state)
{
  static const struct {
    const char *in, *out;
  } cases[] = {
    { "example.com", "example.com" },
    { "a\033[31mb\n", "a\\x1b[31mb\\x0a" },
    { "b\\c", "b\\\\c" },
    { "m\xc3\xbcnchen", "m\xc3\xbcnchen" },
    { "\xc3", "\\xc3" },
    { "\xc0\xaf\xff", "\\xc0\\xaf\\xff" },
    { "\xe2\x80\xae""evil", "\\u{202e}evil" },
    { "\xc2\x9b""31m", "\\u{9b}31m" },
    { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
    { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
    { "\x7f", "\\x7f" }
  };
  char out[64];
  (void)state;
  for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    he_plain_string(out, sizeof(out), cases[i].in);
    assert_string_equal(out, cases[i].out);
  }
  he_plain_string(out, 6, "ab\xc3\xbc\xc3\xbc");
  assert_string_equal(out, "ab\xc3\xbc");     /* no half character */
  he_plain_string(out, 5, "abc\n");
  assert_string_equal(out, "abc");            /* no half escape */
  he_plain_string(out, sizeof(out), NULL);
  assert_string_equal(out, "");
}

static void test_delays(void **state)
{
  static struct he_story s;
  struct he_moment m = { .step = CURL_HE_STEP_START, .address = SIX,
                         .delay_ms = 50, .why = "cold" };
  char text[80], tight[12];
  (void)state;
  he_story_init(&s, "x", 1);
  he_say_delays(text, sizeof(text), &s);
  assert_string_equal(text, "");
  he_story_tell(&s, &m);
  m.delay_ms = 100;
  he_story_tell(&s, &m);
  he_story_tell(&s, &m);
  m.why = "rule";
  he_story_tell(&s, &m);
  he_say_delays(text, sizeof(text), &s);
  assert_string_equal(text, "50 ms (cold), 100 ms, 100 ms (rule)");
  he_say_delays(tight, sizeof(tight), &s);
  assert_string_equal(tight, "50 ms (cold");
}

static void test_bare(void **state)
{
  char out[64];
  (void)state;
  he_story_bare(out, sizeof(out), SIX);
  assert_string_equal(out, "2001:db8::1");
  he_story_bare(out, sizeof(out), FOUR);
  assert_string_equal(out, "192.0.2.1");
  he_story_bare(out, sizeof(out), "[");
  he_story_bare(out, sizeof(out), "]:[");
  he_story_bare(out, sizeof(out), "");
  assert_string_equal(out, "");
}

static void test_axis(void **state)
{
  const struct he_axis a = he_axis_for(191 * MS, 5);
  (void)state;
  assert_int_equal(a.step, 50 * MS);
  assert_int_equal(he_axis_for(1, 5).step, 1);
  assert_int_equal(he_axis_for(HE_STORY_LONGEST_US, 5).step,
                   (int64_t)20000 * 1000000);
  assert_true(he_axis_at(&a, 0) == 0 && he_axis_at(&a, 191 * MS) == 100);
  assert_true(he_axis_at(&a, INT64_MAX) == 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_told),
    cmocka_unit_test(test_oddities),
    cmocka_unit_test(test_full),
    cmocka_unit_test(test_of_api),
    cmocka_unit_test(test_silent),
    cmocka_unit_test(test_saved),
    cmocka_unit_test(test_summary),
    cmocka_unit_test(test_summary_full),
    cmocka_unit_test(test_spread),
    cmocka_unit_test(test_gallery),
    cmocka_unit_test(test_plain),
    cmocka_unit_test(test_delays),
    cmocka_unit_test(test_bare),
    cmocka_unit_test(test_axis)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
