/* SPDX-License-Identifier: MIT */
/* stats_test.c - curl_he_stats(): what connects have come to, raced in
 * libcurl's lookup and beside its own connects. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static struct curl_he_stats stats(void)
{
  struct curl_he_stats s;
  memset(&s, 0xff, sizeof(s));
  assert_int_equal(curl_he_stats(NULL, &s, sizeof(s)), CURL_HE_OK);
  return s;
}

/* What has been counted since then: set_up() has made a connect. */
static struct curl_he_stats since(const struct curl_he_stats *then)
{
  struct curl_he_stats now = stats();
  unsigned long long n[sizeof(now) / sizeof(unsigned long long)];
  unsigned long long before[sizeof(now) / sizeof(unsigned long long)];
  memcpy(n, &now, sizeof(n));
  memcpy(before, then, sizeof(n));
  for(size_t i = 0; i < sizeof(n) / sizeof(*n); i++)
    n[i] -= before[i];
  memcpy(&now, n, sizeof(n));
  return now;
}

static void check_saved(const struct curl_he_stats *s, unsigned least_ms,
                        unsigned most_ms)
{
  if(s->saved_us < least_ms * 1000 || s->saved_us > most_ms * 1000)
    fail_msg("%llu us saved, %llu us lost", s->saved_us, s->behind_us);
}

/* Healthy: nothing is raced, saved or lost. */
static void test_healthy(void **state)
{
  const enum mode *mode = *state;
  const struct curl_he_stats then = stats();
  struct curl_he_stats s;
  assert_int_equal(visit(*mode, "http://s1.lab.test/"), CURLE_OK);
  s = since(&then);
  assert_int_equal(s.connects_ipv6, 1);
  assert_int_equal(s.connects_ipv4 + s.failed + s.races + s.asides, 0);
  assert_int_equal(s.attempts + s.attempts_libcurl, 1);
  assert_int_equal(s.handed_over, s.attempts);
  assert_int_equal(s.compared, 1);
  check_saved(&s, 0, 30);
}

/* Two silent addresses: 500 ms without memory, here 171 ms. */
static void test_raced(void **state)
{
  const enum mode *mode = *state;
  const struct curl_he_stats then = stats();
  struct curl_he_stats s;
  assert_int_equal(visit(*mode, "http://s6.lab.test/"), CURLE_OK);
  s = since(&then);
  assert_int_equal(s.connects_ipv4, 1);
  assert_int_equal(s.races, 1);
  assert_int_equal(s.attempts + s.attempts_libcurl, 3);
  assert_int_equal(s.handed_over, 1);
  assert_int_equal(s.compared, 1);
  check_saved(&s, 100, 400);
  assert_true(s.behind_us < 30000);
}

/* The history goes to IPv4 at once: IPv6's silence is saved, too. */
static void test_remembered(void **state)
{
  const enum mode *mode = *state;
  struct curl_he_stats first, second;
  remember();
  for(int i = 0; i < 2; i++)
    assert_int_equal(visit(*mode, "http://s8.lab.test/"), CURLE_OK);
  first = stats();
  assert_true(first.addresses >= 4);
  assert_true(first.addresses_bad >= 1);
  assert_int_equal(visit(*mode, "http://s8.lab.test/"), CURLE_OK);
  second = since(&first);
  assert_int_equal(second.connects_ipv4, 1);
  /* beside libcurl the race knows only what was tried */
  if(!getenv("CURL_HE_LOOKUP"))
    check_saved(&second, 200, 2000);
}

static void test_failed(void **state)
{
  const enum mode *mode = *state;
  const struct curl_he_stats then = stats();
  struct curl_he_stats s;
  assert_int_equal(visit(*mode, "http://s17.lab.test/"),
                   CURLE_COULDNT_CONNECT);
  for(int i = 0; i < 100 && !since(&then).failed; i++)
    pause_ms(100);            /* the racer may have yet to hear of it */
  s = since(&then);
  assert_int_equal(s.connects_ipv4 + s.connects_ipv6, 0);
  assert_int_equal(s.failed, 1);
  assert_int_equal(s.compared, 0);
}

/* A program of another version. */
static void test_sizes(void **state)
{
  const enum mode *mode = *state;
  unsigned long long later[64];
  struct curl_he_stats s;
  memset(later, 0xff, sizeof(later));
  assert_int_equal(visit(*mode, "http://s1.lab.test/"), CURLE_OK);
  assert_int_equal(curl_he_stats(NULL, (void *)later, sizeof(later)),
                   CURL_HE_OK);
  assert_int_equal(later[1], stats().connects_ipv6);
  assert_int_equal(later[63], 0);
  memset(&s, 0xff, sizeof(s));
  assert_int_equal(curl_he_stats(NULL, &s, 2 * sizeof(s.failed)), CURL_HE_OK);
  assert_int_equal(s.connects_ipv6, later[1]);
  assert_true(s.failed == ~0ull);
  assert_int_equal(curl_he_stats(NULL, NULL, sizeof(s)), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_stats(NULL, &s, 0), CURL_HE_BAD_POINTER);
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_healthy, "a healthy host" },
    { test_raced, "two silent addresses" },
    { test_remembered, "two silent addresses, remembered" },
    { test_failed, "all refuse" },
    { test_sizes, "a program of another version" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "stats");
}
