/* SPDX-License-Identifier: MIT */
/* warm_test.c - curl_he_perform() to a host whose addresses an earlier answer
 * gave: it begins before the name server has answered, where https proves who
 * is there, and what the answer says counts from then on. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

/* A name server that is slow or silent about one family. libcurl alone takes a
   second and more, or fails (scenarios 11 to 14, 16). */
struct expected {
  const char *host;
  const char *first;      /* who wins when nothing is known */
  const char *second;     /* who wins when the late answer has come, too */
};

static const struct expected table[] = {
  { "s11", "198.19.11.1", "3fff:111::1" },
  { "s12", "3fff:112::1", "3fff:112::1" },
  { "s13", "198.19.13.1", "198.19.13.1" },
  { "s14", "3fff:114::1", "3fff:114::1" },
  { "s16", "198.19.16.1", "198.19.16.1" },
  { NULL, NULL, NULL }
};

/* Until a late answer is there; and whoever asks the same within a second has
   the answer at once (resolve/shared.c). */
static void let_answers_come(void)
{
  pause_ms(2500);
}

static const char *url_of(const char *scheme, const char *host)
{
  static char url[128];
  snprintf(url, sizeof(url), "%s://%s.lab.test/", scheme, host);
  return url;
}

static void go(struct client *c, const char *scheme, const char *host)
{
  client_open(c, RESOLVING, url_of(scheme, host));
  assert_int_equal(client_go(c), CURLE_OK);
}

static void teach(const char *host)
{
  struct client c;
  go(&c, "https", host);
  client_close(&c);
  let_answers_come();
}

/* Did the first attempt begin before any answer came? */
static bool began_before_answer(CURL *easy)
{
  struct curl_he_steps s;
  bool answered = false;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++) {
    answered = answered || s.steps[i].step == CURL_HE_STEP_ANSWER;
    if(s.steps[i].step == CURL_HE_STEP_START)
      return !answered;
  }
  return false;
}

static void expect_before_answer(struct client *c, bool yes)
{
  if(began_before_answer(c->easy) != yes) {
    print_race(c->easy);
    fail_msg("it should%s have begun before the answer", yes ? "" : " not");
  }
}

static void test_late(void **state)
{
  const struct expected *e = *state;
  struct client c;
  remember();
  go(&c, "https", e->host);
  expect_winner(&c, e->first);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_REMEMBERED), 0);
  client_close(&c);
  let_answers_come();
  lab_reset();
  go(&c, "https", e->host);
  expect_winner(&c, e->second);
  expect_before_answer(&c, true);
  assert_true(steps(c.easy, CURL_HE_STEP_REMEMBERED) > 0);
  assert_true(dns_queries() > 0);   /* it was asked all the same */
  client_close(&c);
}

/* Over http anybody could answer at an address of yesterday. */
static void test_http(void **state)
{
  struct client c;
  (void)state;
  remember();
  teach("s1");
  go(&c, "http", "s1");
  expect_before_answer(&c, false);
  client_close(&c);
  let_answers_come();
  go(&c, "https", "s1");
  expect_before_answer(&c, true);
  client_close(&c);
}

/* So could anybody where the certificate is not looked at. */
static void test_unverified(void **state)
{
  static const int options[] = { CURLOPT_SSL_VERIFYPEER,
                                 CURLOPT_SSL_VERIFYHOST };
  (void)state;
  remember();
  teach("s1");
  for(size_t i = 0; i < 2; i++) {
    struct client c;
    client_open(&c, RESOLVING, url_of("https", "s1"));
    assert_int_equal((curl_he_easy_setopt)(c.easy, options[i], 0L),
                     CURL_HE_OK);
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_before_answer(&c, false);
    client_close(&c);
  }
}

static void test_off(void **state)
{
  struct client c;
  (void)state;
  remember();
  teach("s1");
  client_open(&c, RESOLVING, url_of("https", "s1"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_HISTORY, 0L),
                   CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_before_answer(&c, false);
  client_close(&c);
}

/* All that is remembered fails, before the resolver has answered: that is
   final only when it has. */
static void test_all_fail(void **state)
{
  struct client c;
  (void)state;
  remember();
  teach("s11");
  assert_int_equal(lab_rule("3fff:111::1", "reset"), 0);
  assert_int_equal(lab_rule("198.19.11.1", "reset"), 0);
  client_open(&c, RESOLVING, url_of("https", "s11"));
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  expect_before_answer(&c, true);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_ANSWER), 2);
  assert_non_null(strstr(info_string(c.easy, CURLHEINFO_FAILURES),
                         "198.19.11.1"));
  assert_non_null(strstr(info_string(c.easy, CURLHEINFO_FAILURES),
                         "3fff:111::1"));
  client_close(&c);
}

/* What worked then does not now: the race goes on as any. */
static void test_outdated(void **state)
{
  struct client c;
  (void)state;
  remember();
  teach("s11");
  assert_int_equal(lab_rule("3fff:111::1", "drop"), 0);
  go(&c, "https", "s11");
  expect_winner(&c, "198.19.11.1");
  expect_before_answer(&c, true);
  client_close(&c);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  for(const struct expected *e = table; e->host; e++)
    suite_add(&s, test_late, e, "%s, the second time", e->host);
  suite_add(&s, test_http, NULL, "not over http");
  suite_add(&s, test_unverified, NULL, "not with any certificate");
  suite_add(&s, test_off, NULL, "not without a history");
  suite_add(&s, test_all_fail, NULL, "all that is remembered fails");
  suite_add(&s, test_outdated, NULL, "what worked does not any more");
  return suite_run(&s, "warm");
}
