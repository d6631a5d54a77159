/* SPDX-License-Identifier: MIT */
/* lookup_history_test.c - what earlier connects taught, in races in libcurl's
 * own lookup: the order of addresses, those of earlier answers, and what
 * happens where a memory is wrong. */
#include "taught.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- what a first connect taught -- */

/* The second one. One lost SYN is no verdict: IPv6 keeps its place, but IPv4
   need not wait for a delay. Two lost to two addresses are one. */
struct expected {
  const char *host;
  const char *winner;
  const char *attempts;
};

static const struct expected table[] = {
  { "s1", "3fff:101::1", "C 3fff:101::1 0" },
  { "s2", "198.19.2.1", "C 3fff:102::1 0, C 198.19.2.1 10" },
  { "s3", "198.19.3.1", "C 198.19.3.1 0" },
  { "s4", "198.19.4.1", "C 198.19.4.1 0" },
  { "s5", "198.19.5.1", "C 3fff:105::1 0, C 198.19.5.1 10" },
  { "s6", "198.19.6.2", "C 3fff:106::1 0, C 198.19.6.2 10" },
  { "s7", "198.19.7.2", "C 198.19.7.2 0" },
  { "s8", "198.19.8.4", "C 198.19.8.4 0" },
  { "s9", "198.19.9.2", "C 198.19.9.2 0" },
  { "s10", "3fff:110::1", "C 3fff:110::1 0" },
  { "s24", "3fff:124::1", "C 3fff:124::1 0" },
  { "half", "3fff:156::2", "C 3fff:156::2 0" },
  { "refuse1", "198.19.55.2", "C 198.19.55.2 0" },
  { NULL, NULL, NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
};

static void test_second(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, p->e->host);
  lab_reset();
  client_open(&c, p->mode, taught_url(p->e->host));
  taught_go(&c);
  expect_winner(&c, p->e->winner);
  expect_attempts(&c, p->e->attempts);
  client_close(&c);
}

/* -- what beats history, and whose it is -- */

static void expect_cold(struct client *c, const char *attempts)
{
  taught_go(c);
  expect_attempts(c, attempts);
  client_close(c);
}

static void open_with(struct client *c, enum mode mode, const char *host,
                      CURLHEoption option, long value)
{
  client_open(c, mode, taught_url(host));
  assert_int_equal((curl_he_easy_setopt)(c->easy, (int)option, value),
                   CURL_HE_OK);
}

static void test_off(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach(*mode, "s3");
  teach(*mode, "s6");
  open_with(&c, *mode, "s6", CURLHEOPT_HISTORY, 0L);
  expect_cold(&c, "C 3fff:106::1 0, C 198.19.6.1 50, C 198.19.6.2 150");
  open_with(&c, *mode, "s3", CURLHEOPT_HISTORY, 0L);
  expect_cold(&c, "C 3fff:103::1 0, C 198.19.3.1 20");
}

/* The user's delays are kept, and so is the user's family; the order within a
   family is nobody's rule. */
static void test_delay(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach(*mode, "s6");
  open_with(&c, *mode, "s6", CURLHEOPT_DELAY_MS, 400L);
  expect_cold(&c, "C 3fff:106::1 0, C 198.19.6.2 400");
}

static void test_preference(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach(*mode, "s3");
  open_with(&c, *mode, "s3", CURLHEOPT_PREFERENCE, CURL_HE_PREFER_IPV6);
  expect_cold(&c, "C 3fff:103::1 0, C 198.19.3.1 20");
}

static void test_private(void **state)
{
  const enum mode *mode = *state;
  static const char *const attempts[] = {
    "C 3fff:106::1 0, C 198.19.6.1 50, C 198.19.6.2 150",
    "C 3fff:106::1 0, C 198.19.6.2 10"
  };
  CURLHE *he = curl_he_init();
  remember();
  teach(*mode, "s6");
  for(int i = 0; i < 2; i++) {
    struct client c;
    client_open(&c, ALONE, taught_url("s6"));
    c.mode = *mode;
    assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
    expect_cold(&c, attempts[i]);
  }
  curl_he_free(he);
}

/* One host's IPv6 is dead: the others keep theirs (23). */
static void test_other_hosts(void **state)
{
  static const struct expected others[] = {
    { "s1", "3fff:101::1", "C 3fff:101::1 0" },
    { "two", "3fff:152::1", "C 3fff:152::1 0" },
    { "m00", "3fff:163::100", "C 3fff:163::100 0" },
    { "m01", "3fff:163::101", "C 3fff:163::101 0" }
  };
  const enum mode *mode = *state;
  remember();
  for(int i = 0; i < 3; i++)
    teach(*mode, "s7");
  for(size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
    struct client c;
    client_open(&c, *mode, taught_url(others[i].host));
    taught_go(&c);
    expect_winner(&c, others[i].winner);
    expect_attempts(&c, others[i].attempts);
    client_close(&c);
  }
}

/* -- what a verdict is -- */

/* What is waited for in vain for less than a delay says nothing. */
static void condemn(enum mode mode)
{
  for(int i = 0; i < 2; i++) {
    struct client c;
    open_with(&c, mode, "s2", CURLHEOPT_DELAY_MS, 150L);
    expect_cold(&c, "C 3fff:102::1 0, C 198.19.2.1 150");
  }
}

/* Twice in vain, with no connect in between. */
static void test_verdict(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  condemn(*mode);
  lab_reset();
  client_open(&c, *mode, taught_url("s2"));
  expect_cold(&c, "C 198.19.2.1 0");
  assert_int_equal(lab_syns("3fff:102::1"), 0);
}

/* One that has connected before is not doubted for one lost SYN. */
static void test_known_good(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach(*mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "drop"), 0);
  teach(*mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "rtt=40"), 0);
  client_open(&c, *mode, taught_url("s1"));
  expect_cold(&c, "C 3fff:101::1 0");
}

/* What was learned is wrong by now: nothing is lost but time. */
static void test_outdated(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach(*mode, "s9");
  assert_int_equal(lab_rule("198.19.9.2", "drop"), 0);
  assert_int_equal(lab_rule("198.19.9.1", "pass"), 0);
  client_open(&c, *mode, taught_url("s9"));
  taught_go(&c);
  expect_winner(&c, "198.19.9.1");
  client_close(&c);
}

/* Probes find out that IPv6 works again (21). */
static void test_heals(void **state)
{
  const enum mode *mode = *state;
  bool back = false;
  remember();
  condemn(*mode);
  assert_int_equal(lab_rule("3fff:102::1", "pass"), 0);
  for(int i = 0; i < 60 && !back; i++) {
    struct client c;
    pause_ms(500);
    client_open(&c, *mode, taught_url("s2"));
    taught_go(&c);
    back = !strcmp(c.body, "hello from 3fff:102::1\n");
    client_close(&c);
  }
  assert_true(back);
}

/* -- another network (20) -- */

#define AWAY_V4 "198.18.7.2"
#define AWAY_V6 "3fff:c:0:7::2"

/* Its addresses are what makes a network: the routes and servers stay. */
static void move(const char *from, const char *to, const char *from6,
                 const char *to6)
{
  char line[400];
  snprintf(line, sizeof(line),
           "ip addr add %s/24 dev lab0 && ip addr del %s/24 dev lab0 && "
           "ip -6 addr add %s/64 dev lab0 nodad && "
           "ip -6 addr del %s/64 dev lab0 && "
           "ip route replace default dev lab0", to, from, to6, from6);
  assert_int_equal(system(line), 0);
  pause_ms(300);
}

static void expect_s9(enum mode mode, const char *attempts)
{
  struct client c;
  client_open(&c, mode, taught_url("s9"));
  expect_cold(&c, attempts);
}

static void test_another_network(void **state)
{
  const enum mode *mode = *state;
  remember();
  teach(*mode, "s9");
  expect_s9(*mode, "C 198.19.9.2 0");
  move(LAB_CLIENT_V4, AWAY_V4, LAB_CLIENT_V6, AWAY_V6);
  expect_s9(*mode, "C 198.19.9.1 0, C 198.19.9.2 50");
  expect_s9(*mode, "C 198.19.9.2 0");
  move(AWAY_V4, LAB_CLIENT_V4, AWAY_V6, LAB_CLIENT_V6);
  expect_s9(*mode, "C 198.19.9.2 0");
}

/* -- many at once (22) -- */

static int run_until(CURLM *multi, int64_t until)
{
  int running = 1;
  while(running && lab_now_ns() < until) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 10, NULL);
  }
  return running;
}

struct learner {
  CURLM *multi;
  struct client c;
};

static void open_learner(struct learner *l)
{
  l->multi = curl_multi_init();
  client_open(&l->c, BESIDE, taught_url("s22"));
  curl_multi_add_handle(l->multi, l->c.easy);
}

static void close_learner(struct learner *l)
{
  curl_multi_remove_handle(l->multi, l->c.easy);
  client_close(&l->c);
  curl_multi_cleanup(l->multi);
}

static void slow_down(void)
{
  remember();
  assert_int_equal(curl_he_setopt(curl_he_default(), CURLHEOPT_DELAY_MIN_MS,
                                  900L), CURL_HE_OK);
}

/* The second one would wait for its own delay. */
static void test_woken(void **state)
{
  struct learner l[2];
  (void)state;
  slow_down();
  open_learner(&l[0]);
  assert_int_equal(run_until(l[0].multi, lab_now_ns() + 500000000), 1);
  open_learner(&l[1]);
  assert_int_equal(run_until(l[1].multi, lab_now_ns() + 10000000), 1);
  assert_int_equal(run_until(l[0].multi, lab_now_ns() + 10000000000), 0);
  assert_int_equal(run_until(l[1].multi, lab_now_ns() + 10000000000), 0);
  expect_attempts(&l[0].c, "C 3fff:122::1 0, C 198.19.22.1 900");
  expect_attempts(&l[1].c, "C 3fff:122::1 0, C 198.19.22.1 440");
  close_learner(&l[0]);
  close_learner(&l[1]);
}

/* libcurl does not wait for a lookup whose name another transfer has brought
   into its cache: what was begun there goes on, beside. */
static void test_overtaken(void **state)
{
  CURLM *multi = curl_multi_init();
  struct client c[2];
  struct curl_he_steps race;
  (void)state;
  slow_down();
  for(int i = 0; i < 2; i++)
    client_open(&c[i], BESIDE, taught_url("s22"));
  curl_multi_add_handle(multi, c[0].easy);
  assert_int_equal(run_until(multi, lab_now_ns() + 500000000), 1);
  curl_multi_add_handle(multi, c[1].easy);
  assert_int_equal(run_until(multi, lab_now_ns() + 10000000000), 0);
  assert_int_equal(curl_he_easy_getinfo(c[1].easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  for(size_t i = 0; i < race.count; i++) {
    if(race.steps[i].step == CURL_HE_STEP_START) {
      assert_false(race.steps[i].libcurls);
      break;
    }
  }
  for(int i = 0; i < 2; i++) {
    expect_winner(&c[i], "198.19.22.1");
    curl_multi_remove_handle(multi, c[i].easy);
    client_close(&c[i]);
  }
  curl_multi_cleanup(multi);
}

static void fifty(void)
{
  CURLM *multi = curl_multi_init();
  struct client c[50];
  for(int i = 0; i < 50; i++) {
    client_open(&c[i], BESIDE, taught_url("s22"));
    curl_multi_add_handle(multi, c[i].easy);
  }
  assert_int_equal(run_until(multi, lab_now_ns() + 20000000000), 0);
  for(int i = 0; i < 50; i++) {
    assert_string_equal(c[i].body, "hello from 198.19.22.1\n");
    curl_multi_remove_handle(multi, c[i].easy);
    client_close(&c[i]);
  }
  curl_multi_cleanup(multi);
}

/* Fifty that know nothing ask once, and each dead address once. */
static void test_crowd(void **state)
{
  (void)state;
  remember();
  fifty();
  assert_int_equal(dns_queries(), 2);
  assert_in_range(lab_syns("3fff:122::1"), 1, 120);
}

/* Fifty that know pay nothing, but for a probe. */
static void test_fifty(void **state)
{
  (void)state;
  remember();
  for(int i = 0; i < 2; i++) {
    struct client c;
    open_with(&c, BESIDE, "s22", CURLHEOPT_DELAY_MS, 150L);
    taught_go(&c);
    client_close(&c);
  }
  lab_reset();
  fifty();
  assert_in_range(lab_syns("3fff:122::1"), 0, 2);
}

/* -- addresses of earlier answers -- */

static const char *https_url(const char *host)
{
  static char url[128];
  snprintf(url, sizeof(url), "https://%s.lab.test/", host);
  return url;
}

static void open_https(struct client *c, enum mode mode, const char *host)
{
  client_open(c, mode, https_url(host));
}

static void go_https(struct client *c, enum mode mode, const char *host)
{
  open_https(c, mode, host);
  assert_int_equal(client_go(c), CURLE_OK);
}

/* Until a late answer is there; and whoever asks the same within a second has
   the answer at once (resolve/shared.c). */
static void let_answers_come(void)
{
  pause_ms(2500);
}

static void teach_https(enum mode mode, const char *host)
{
  struct client c;
  go_https(&c, mode, host);
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

struct late {
  const char *host;
  const char *first;      /* who wins when nothing is known */
  const char *second;     /* who wins when the late answer has come, too */
};

static const struct late lates[] = {
  { "s1", "3fff:101::1", "3fff:101::1" },
  { "s11", "198.19.11.1", "3fff:111::1" },
  { "s12", "3fff:112::1", "3fff:112::1" },
  { "s13", "198.19.13.1", "198.19.13.1" },
  { "s14", "3fff:114::1", "3fff:114::1" },
  { "s16", "198.19.16.1", "198.19.16.1" },
  { NULL, NULL, NULL }
};

struct late_param {
  const struct late *e;
  enum mode mode;
};

/* When the call returned, us after its beginning. */
static curl_off_t handed_over_at(CURL *easy)
{
  struct curl_he_steps s;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++) {
    if(s.steps[i].step == CURL_HE_STEP_HANDED_OVER)
      return s.steps[i].time_us;
  }
  return -1;
}

static void test_late(void **state)
{
  const struct late_param *p = *state;
  struct client c;
  remember();
  go_https(&c, p->mode, p->e->host);
  expect_winner(&c, p->e->first);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_REMEMBERED), 0);
  client_close(&c);
  let_answers_come();
  lab_reset();
  go_https(&c, p->mode, p->e->host);
  expect_winner(&c, p->e->second);
  expect_before_answer(&c, true);
  assert_true(steps(c.easy, CURL_HE_STEP_REMEMBERED) > 0);
  assert_true(dns_queries() > 0);   /* it was asked all the same */
  assert_true(handed_over_at(c.easy) < 400000);
  client_close(&c);
}

/* Over http anybody could answer at an address of yesterday. */
static void test_http(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_https(*mode, "s1");
  client_open(&c, *mode, taught_url("s1"));
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_before_answer(&c, false);
  client_close(&c);
}

static void test_unverified(void **state)
{
  static const CURLoption options[] = { CURLOPT_SSL_VERIFYPEER,
                                        CURLOPT_SSL_VERIFYHOST };
  const enum mode *mode = *state;
  remember();
  teach_https(*mode, "s1");
  for(size_t i = 0; i < 2; i++) {
    struct client c;
    open_https(&c, *mode, "s1");
    client_set(&c, UNDECLARED, options[i], 0L);
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_before_answer(&c, false);
    client_close(&c);
    let_answers_come();
  }
}

/* All that is remembered fails before the resolver has answered: that is final
   only when it has. */
static void test_all_fail(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_https(*mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "reset"), 0);
  assert_int_equal(lab_rule("198.19.1.1", "reset"), 0);
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=200"), 0);
  open_https(&c, *mode, "s1");
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  expect_before_answer(&c, true);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_ANSWER), 2);
  client_close(&c);
}

/* What was remembered is no answer: nobody has it from libcurl's cache, and
   whoever comes next is given what the resolver says then. */
static void test_leaves_nothing(void **state)
{
  CURLM *multi = curl_multi_init();
  struct client c[2];
  (void)state;
  remember();
  teach_https(BESIDE, "s16");
  for(int i = 0; i < 2; i++) {
    int running = 1;
    open_https(&c[i], i ? ALONE : BESIDE, "s16");
    client_set(&c[i], UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
    lab_reset();
    curl_multi_add_handle(multi, c[i].easy);
    while(running) {
      curl_multi_perform(multi, &running);
      curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    assert_true(dns_queries() > 0);
    curl_multi_remove_handle(multi, c[i].easy);
  }
  for(int i = 0; i < 2; i++)
    client_close(&c[i]);
  curl_multi_cleanup(multi);
}

/* -- the host has moved -- */

static bool is_impostors(void)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                            .ai_family = AF_INET }, *list = NULL;
  char ip[64] = "";
  assert_int_equal(getaddrinfo("moves.lab.test", "443", &hints, &list), 0);
  getnameinfo(list->ai_addr, list->ai_addrlen, ip, sizeof(ip), NULL, 0,
              NI_NUMERICHOST);
  freeaddrinfo(list);
  return !strcmp(ip, LAB_IMPOSTOR_V4);
}

/* The next answer is the address that is not the host's any more. */
static void live_there(void)
{
  if(is_impostors())
    assert_false(is_impostors());
}

/* It was the host's, and is remembered. */
static void teach_impostor(enum mode mode)
{
  struct client c;
  live_there();
  open_https(&c, mode, "moves");
  client_set(&c, UNDECLARED, CURLOPT_SSL_VERIFYPEER, 0L);
  client_set(&c, UNDECLARED, CURLOPT_SSL_VERIFYHOST, 0L);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_string_equal(c.body, "hello from somebody else\n");
  client_close(&c);
  pause_ms(1200);
}

static void test_impostor(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_impostor(*mode);
  lab_reset();
  go_https(&c, *mode, "moves");
  expect_winner(&c, "198.19.76.2");
  expect_before_answer(&c, true);
  assert_true(lab_syns(LAB_IMPOSTOR_V4) > 0);
  client_close(&c);
}

/* The answer comes when the impostor's connection has been given away. */
static void test_slow_answer(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_impostor(*mode);
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=300"), 0);
  go_https(&c, *mode, "moves");
  expect_winner(&c, "198.19.76.2");
  client_close(&c);
}

/* It comes a while after the old address has connected, whose time is over:
   the transfer has waited. */
static void test_late_answer(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_impostor(*mode);
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=120"), 0);
  lab_reset();
  go_https(&c, *mode, "moves");
  expect_winner(&c, "198.19.76.2");
  expect_before_answer(&c, true);
  assert_int_equal(syns_to_servers(), 2);
  client_close(&c);
}

static void test_nobody(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  teach_impostor(*mode);
  assert_int_equal(lab_rule(LAB_IMPOSTOR_V4, "drop"), 0);
  lab_reset();
  go_https(&c, *mode, "moves");
  expect_winner(&c, "198.19.76.2");
  expect_attempts(&c, "C " LAB_IMPOSTOR_V4 " 0, C 198.19.76.2 20");
  client_close(&c);
}

/* libcurl has the old address in its cache. */
static void open_cached(struct client *c, enum mode mode)
{
  live_there();
  open_https(c, mode, "moves");
  client_set(c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
  client_set(c, UNDECLARED, CURLOPT_SSL_VERIFYPEER, 0L);
  client_set(c, UNDECLARED, CURLOPT_SSL_VERIFYHOST, 0L);
  assert_int_equal(client_go(c), CURLE_OK);
  assert_string_equal(c->body, "hello from somebody else\n");
  pause_ms(1200);
  client_set(c, UNDECLARED, CURLOPT_SSL_VERIFYPEER, 1L);
  client_set(c, UNDECLARED, CURLOPT_SSL_VERIFYHOST, 2L);
}

/* One handle, a new connection. */
static void test_cached(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  open_cached(&c, *mode);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.76.2");
  client_close(&c);
}

/* And nobody is there any more. */
static void test_cached_nobody(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  open_cached(&c, *mode);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
  assert_int_equal(lab_rule(LAB_IMPOSTOR_V4, "drop"), 0);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.76.2");
  client_close(&c);
}

/* Another handle's lookup has the present one by now: libcurl asks for a socket
   to the old address, and gets one to that. */
static void test_cached_known(void **state)
{
  static const char *const rules[] = { "pass", "drop" };
  const enum mode *mode = *state;
  remember();
  for(size_t i = 0; i < 2; i++) {
    struct client c, other;
    assert_int_equal(lab_rule(LAB_IMPOSTOR_V4, "pass"), 0);
    open_cached(&c, *mode);
    go_https(&other, *mode, "moves");
    expect_winner(&other, "198.19.76.2");
    client_close(&other);
    assert_int_equal(lab_rule(LAB_IMPOSTOR_V4, rules[i]), 0);
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_winner(&c, "198.19.76.2");
    assert_int_equal(lab_syns(LAB_IMPOSTOR_V4), 0);
    assert_int_equal(syns_to_servers(), 1);
    assert_int_equal(dns_queries(), 0);
    client_close(&c);
    pause_ms(1200);
  }
}

/* A certificate that is bad at the present address is bad. */
static void test_present_impostor(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  live_there();
  lab_reset();
  open_https(&c, *mode, "moves");
  assert_int_equal(client_go(&c), CURLE_PEER_FAILED_VERIFICATION);
  assert_int_equal(syns_to_servers(), 1);
  client_close(&c);
}

/* -- names that libcurl has in its cache -- */

/* IPv6 is dead, and that is known: the second transfer of one multi begins
   with IPv4, though libcurl asks for IPv6 first. */
static void test_cached_host(void **state)
{
  CURLM *multi = curl_multi_init();
  (void)state;
  remember();
  for(int i = 0; i < 3; i++) {
    struct client c;
    int running = 1;
    client_open(&c, BESIDE, taught_url("s2"));
    client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
    assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 150L),
                     CURL_HE_OK);
    lab_reset();
    curl_multi_add_handle(multi, c.easy);
    while(running) {
      curl_multi_perform(multi, &running);
      curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    assert_string_equal(c.body, "hello from 198.19.2.1\n");
    if(i)
      assert_int_equal(dns_queries(), 0);
    curl_multi_remove_handle(multi, c.easy);
    if(i == 2) {
      assert_int_equal(lab_syns("3fff:102::1"), 0);
      assert_int_equal(syns_to_servers(), 1);
    }
    client_close(&c);
  }
  curl_multi_cleanup(multi);
}

/* -- TLS that never completes -- */

/* curl_he_perform() goes on with IPv4, the others know for the next time. */
static void test_mtu(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int64_t began = lab_now_ns();
  remember();
  open_https(&c, *mode, "mtu");
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 2500L);
  if(*mode == RESOLVING) {
    CURLcode rc = client_go(&c);
    if(rc)
      print_race(c.easy);
    assert_int_equal(rc, CURLE_OK);
    assert_true(lab_now_ns() - began < 1500000000);
    expect_winner(&c, "198.19.71.1");
  }
  else
    assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  lab_reset();
  go_https(&c, *mode, "mtu");
  expect_winner(&c, "198.19.71.1");
  assert_int_equal(lab_syns("3fff:171::1"), 0);
  client_close(&c);
}

/* It works again: what comes back ends the verdict. Where IPv4 does not work
   any more there is no choice, and nothing was removed. */
static void test_tls_heals(void **state)
{
  static const char *const ipv4[] = { "drop", "pass" };
  struct client c;
  (void)state;
  remember();
  open_https(&c, BESIDE, "mtu");
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 2500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  for(int i = 0; i < 2; i++) {
    assert_int_equal(lab_rule("198.19.71.1", ipv4[i]), 0);
    go_https(&c, BESIDE, "mtu");
    expect_winner(&c, "3fff:171::1");
    client_close(&c);
  }
}

/* A server that takes longer than that to answer the request is waited for. */
static void test_slow_server(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  assert_int_equal(lab_rule("3fff:171::1", "rtt=150"), 0);
  assert_int_equal(lab_rule("198.19.71.1", "rtt=150"), 0);
  open_https(&c, *mode, "mtu");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "3fff:171::1");
  client_close(&c);
}

/* The peer ends it: the next address, once. */
static void test_cut(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  open_https(&c, *mode, "cut");
  if(*mode == RESOLVING) {
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_winner(&c, "3fff:173::2");
  }
  else
    assert_int_equal(client_go(&c), CURLE_SSL_CONNECT_ERROR);
  client_close(&c);
  go_https(&c, *mode, "cut");
  client_close(&c);
}

/* Not again and again. */
static void test_all_cut(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  assert_int_equal(lab_rule("3fff:173::2", "cut"), 0);
  assert_int_equal(lab_rule("198.19.73.1", "cut"), 0);
  lab_reset();
  open_https(&c, *mode, "cut");
  assert_int_equal(client_go(&c), CURLE_SSL_CONNECT_ERROR);
  assert_int_equal(syns_to_servers(), *mode == RESOLVING ? 2 : 1);
  client_close(&c);
}

/* Nowhere else to go: it is waited for as long as libcurl alone does. */
static void test_mtu_alone(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  assert_int_equal(lab_rule("3fff:150::1", "mtu=700"), 0);
  lab_reset();
  open_https(&c, *mode, "v6only");
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 1500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  assert_int_equal(syns_to_servers(), 1);
  client_close(&c);
}

static void add_tables(struct suite *s, enum mode mode)
{
  static struct param params[2 * sizeof(table) / sizeof(*table)];
  static struct late_param late_params[2 * sizeof(lates) / sizeof(*lates)];
  static size_t n, m;
  for(const struct expected *e = table; e->host; e++, n++) {
    params[n].e = e;
    params[n].mode = mode;
    suite_add(s, test_second, &params[n], "%s, the second time, by %s",
              e->host, mode_name(mode));
  }
  for(const struct late *e = lates; e->host; e++, m++) {
    late_params[m].e = e;
    late_params[m].mode = mode;
    suite_add(s, test_late, &late_params[m], "https to %s, remembered, by %s",
              e->host, mode_name(mode));
  }
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_off, "without a history" },
    { test_delay, "the user's delay" },
    { test_preference, "the user's family" },
    { test_private, "a private context" },
    { test_other_hosts, "other hosts" },
    { test_verdict, "two lost SYNs" },
    { test_known_good, "one lost SYN of a good one" },
    { test_outdated, "what is wrong by now" },
    { test_heals, "IPv6 heals" },
    { test_another_network, "another network, and home again" },
    { test_http, "not over http" },
    { test_unverified, "not with any certificate" },
    { test_all_fail, "all that is remembered fails" },
    { test_impostor, "another host's certificate at an old address" },
    { test_late_answer, "another host's certificate, and the answer is "
      "late" },
    { test_nobody, "nobody at an old address" },
    { test_cached_known, "an old address in libcurl's cache, and that is "
      "known" },
    { test_present_impostor, "a bad certificate is tried once" },
    { test_mtu, "TLS is never answered" },
    { test_slow_server, "TLS is answered late" },
    { test_cut, "TLS is reset" },
    { test_all_cut, "TLS is reset everywhere" },
    { test_mtu_alone, "TLS is never answered, and there is one address" }
  };
  static const enum mode resolving = RESOLVING;
  struct suite s = { NULL, 0 };
  add_tables(&s, BESIDE);
  add_tables(&s, RESOLVING);
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  suite_add(&s, test_slow_answer, &resolving, "an old address, and the answer "
            "comes when it was used");
  suite_add(&s, test_cached, &resolving, "an old address in libcurl's cache");
  suite_add(&s, test_cached_nobody, &resolving, "nobody at an old address in "
            "libcurl's cache");
  suite_add(&s, test_tls_heals, NULL, "TLS is answered again");
  suite_add(&s, test_woken, NULL, "another race has learned");
  suite_add(&s, test_crowd, NULL, "fifty that know nothing");
  suite_add(&s, test_overtaken, NULL, "another transfer brings the name");
  suite_add(&s, test_fifty, NULL, "fifty at once");
  suite_add(&s, test_leaves_nothing, NULL, "nothing stays in libcurl's cache");
  suite_add(&s, test_cached_host, NULL, "a cached host whose IPv6 is dead");
  return suite_run(&s, "lookup_history");
}
