/* SPDX-License-Identifier: MIT */
/* history_test.c - what a connect taught, and the next one to the same host
 * makes of it: with a new handle and a new connection, in the same process. */
#include "taught.h"

#include <stdio.h>
#include <string.h>

/* The second connect: what libcurl alone can be brought to, and what
   curl_he_perform() does, that has a say in the order. One lost SYN is no
   verdict: IPv6 keeps its place, but IPv4 need not wait for a delay. Two lost
   to two addresses are one against IPv6. */
struct expected {
  const char *host;
  const char *winner;
  const char *beside;
  const char *resolving;
  const char *ipv6_first;  /* beside one that begins with IPv6 in any case */
  const char *dead[4];     /* get no SYN then */
  const char *heals;       /* works then, before another's turn */
  bool asked;              /* the first connect takes three attempts: then the
                              addresses are asked for where libcurl races, too,
                              and those of a family may change places */
};

static const struct expected table[] = {
  { .host = "s1", .winner = "3fff:101::1",
    .beside = "L 3fff:101::1 0", .resolving = "L 3fff:101::1 0" },
  { .host = "s2", .winner = "198.19.2.1",
    .beside = "L 3fff:102::1 0, L 198.19.2.1 10",
    .resolving = "L 3fff:102::1 0, L 198.19.2.1 10" },
  { .host = "s3", .winner = "198.19.3.1",
    .beside = "L 3fff:103::1 0, L 198.19.3.1 10",
    .resolving = "L 198.19.3.1 0" },
  { .host = "s4", .winner = "198.19.4.1",
    .beside = "L 198.19.4.1 0", .resolving = "L 198.19.4.1 0",
    .ipv6_first = "L 3fff:104::1 0, L 198.19.4.1 0" },
  { .host = "s5", .winner = "198.19.5.1",
    .beside = "L 3fff:105::1 0, L 198.19.5.1 10",
    .resolving = "L 3fff:105::1 0, L 198.19.5.1 10" },
  { .host = "s6", .winner = "198.19.6.2",
    .beside = "L 3fff:106::1 0, L 198.19.6.2 10",
    .resolving = "L 3fff:106::1 0, L 198.19.6.2 10",
    .dead = { "198.19.6.1" } },
  { .host = "s7", .winner = "198.19.7.2",
    .beside = "L 198.19.7.2 0",
    .resolving = "L 198.19.7.2 0",
    .dead = { "3fff:107::2", "198.19.7.1" } },
  { .host = "s8", .winner = "198.19.8.4",
    .beside = "L 198.19.8.4 0",
    .resolving = "L 198.19.8.4 0",
    .dead = { "198.19.8.1", "198.19.8.2", "198.19.8.3" } },
  { .host = "s9", .winner = "198.19.9.2",
    .beside = "L 198.19.9.2 0", .resolving = "L 198.19.9.2 0",
    .dead = { "198.19.9.1" } },
  { .host = "s10", .winner = "3fff:110::1",
    .beside = "L 3fff:110::1 0", .resolving = "L 3fff:110::1 0" },
  /* one loss marks nothing bad */
  { .host = "s19", .winner = "3fff:119::1",
    .beside = "L 3fff:119::1 0", .resolving = "L 3fff:119::1 0",
    .heals = "3fff:119::1" },
  { .host = "s24", .winner = "3fff:124::1",
    .beside = "L 3fff:124::1 0", .resolving = "L 3fff:124::1 0" },
  { .host = "half", .winner = "3fff:156::2",
    .beside = "L 3fff:156::2 0", .resolving = "L 3fff:156::2 0",
    .dead = { "3fff:156::1", "198.19.56.1", "198.19.56.2" },
    .asked = true },
  { .host = "refuse1", .winner = "198.19.55.2",
    .beside = "L 198.19.55.1 0, L 198.19.55.2 20",
    .resolving = "L 198.19.55.2 0" },
  { .host = NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
};

static const char *script_of(const struct expected *e, enum mode mode)
{
  if(mode == RESOLVING)
    return e->resolving;
  return e->ipv6_first && libcurl_begins_with_ipv6() ? e->ipv6_first :
         e->beside;
}

static void test_second(void **state)
{
  const struct param *p = *state;
  const struct expected *e = p->e;
  const char *script = script_of(e, p->mode);
  struct client c;
  remember();
  teach(p->mode, e->host);
  lab_reset();
  if(e->heals)
    assert_int_equal(lab_rule(e->heals, "rtt=4"), 0);
  client_open(&c, p->mode, taught_url(e->host));
  taught_go(&c);
  expect_winner(&c, e->winner);
  if(obeys(p->mode, script) || (e->asked && libcurl_races())) {
    expect_attempts(&c, script);
    for(size_t i = 0; i < 4 && e->dead[i]; i++)
      assert_int_equal(lab_syns(e->dead[i]), 0);
  }
  client_close(&c);
}

/* -- what beats history -- */

static void expect_cold(struct client *c, const char *attempts)
{
  taught_go(c);
  if(libcurl_walks())
    expect_attempts(c, attempts);
  client_close(c);
}

static void test_off(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s3");
  teach(p->mode, "s6");
  client_open(&c, p->mode, taught_url("s6"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_HISTORY, 0L),
                   CURL_HE_OK);
  expect_cold(&c, "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300");
  client_open(&c, p->mode, taught_url("s3"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_HISTORY, 0L),
                   CURL_HE_OK);
  expect_cold(&c, "L 3fff:103::1 0, L 198.19.3.1 20");
}

static void test_rfc8305(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s6");
  client_open(&c, p->mode, taught_url("s6"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_PROFILE,
                                       CURL_HE_PROFILE_RFC8305),
                   CURL_HE_OK);
  expect_cold(&c, "L 3fff:106::1 0, L 198.19.6.1 250, C 198.19.6.2 500");
}

/* The user's delay is kept; the order within a family is nobody's rule. */
static void test_delay(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s6");
  client_open(&c, p->mode, taught_url("s6"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 400L),
                   CURL_HE_OK);
  taught_go(&c);
  assert_int_equal(info_long(c.easy, CURLHEINFO_DELAY_MS), 400);
  expect_winner(&c, "198.19.6.2");
  if(libcurl_walks())
    expect_attempts(&c, "L 3fff:106::1 0, L 198.19.6.2 400");
  client_close(&c);
}

/* IPv6 refuses, and the user wants it first. */
static void test_preference(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s3");
  client_open(&c, p->mode, taught_url("s3"));
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_PREFERENCE,
                                       CURL_HE_PREFER_IPV6), CURL_HE_OK);
  expect_cold(&c, "L 3fff:103::1 0, L 198.19.3.1 20");
}

/* -- where libcurl may surely use both families -- */

static void open_for_both(struct client *c, enum mode mode, const char *host)
{
  client_open(c, mode, taught_url(host));
  client_set(c, DECLARED, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_WHATEVER);
}

/* IPv4 takes IPv6's place. */
static void test_both(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  condemn_ipv6(p->mode);
  lab_reset();
  open_for_both(&c, p->mode, "s2");
  taught_go(&c);
  expect_attempts(&c, "L 198.19.2.1 0");
  assert_int_equal(lab_syns("3fff:102::1"), 0);
  client_close(&c);
}

/* It works no more, and IPv6 does: that has its turn a delay later, from whom
   it may be. */
static void test_both_outdated(void **state)
{
  const struct param *p = *state;
  struct curl_he_steps s;
  struct client c;
  remember();
  condemn_ipv6(p->mode);
  assert_int_equal(lab_rule("198.19.2.1", "drop"), 0);
  assert_int_equal(lab_rule("3fff:102::1", "pass"), 0);
  open_for_both(&c, p->mode, "s2");
  taught_go(&c);
  expect_winner(&c, "3fff:102::1");
  assert_int_equal(curl_he_easy_getinfo(c.easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++) {
    if(s.steps[i].step == CURL_HE_STEP_START)
      assert_true(s.steps[i].time_us < 2000000);
  }
  client_close(&c);
}

/* -- whose history it is -- */

static void test_private(void **state)
{
  const struct param *p = *state;
  CURLHE *he = curl_he_init();
  struct client c;
  remember();
  teach(p->mode, "s6");
  client_open(&c, ALONE, taught_url("s6"));
  c.mode = p->mode;
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  expect_cold(&c, "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300");
  client_open(&c, ALONE, taught_url("s6"));
  c.mode = p->mode;
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  taught_go(&c);
  expect_winner(&c, "198.19.6.2");
  if(libcurl_walks())
    expect_attempts(&c, "L 3fff:106::1 0, L 198.19.6.2 10");
  client_close(&c);
  curl_he_free(he);
}

/* One host's IPv6 is dead: the others keep theirs (23). */
static void test_other_hosts(void **state)
{
  static const char *const others[] = { "s1", "two", "m00", "m01", "m02" };
  const struct param *p = *state;
  struct client c;
  remember();
  for(int i = 0; i < 3; i++)
    teach(p->mode, "s7");
  for(size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
    char ip[] = "3fff:";
    char *used = NULL;
    client_open(&c, p->mode, taught_url(others[i]));
    taught_go(&c);
    curl_easy_getinfo(c.easy, CURLINFO_PRIMARY_IP, &used);
    assert_memory_equal(used, ip, strlen(ip));
    assert_int_equal(steps(c.easy, CURL_HE_STEP_START), 1);
    client_close(&c);
  }
}

/* -- what a verdict is -- */

/* Twice in vain, with no connect in between: IPv4 goes first, and IPv6 gets no
   SYN. These handles are known, so libcurl surely may use both. */
static void test_verdict(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  condemn_ipv6(p->mode);
  lab_reset();
  client_open(&c, p->mode, taught_url("s2"));
  taught_go(&c);
  expect_winner(&c, "198.19.2.1");
  assert_int_equal(lab_syns("3fff:102::1"), 0);
  client_close(&c);
}

/* Whatever time its resolver takes, a libcurl that nothing is known of begins
   with IPv4 soon: some lose a timer that runs out just after they looked
   whether there is an answer. (Without that being seen to, nearly all
   connects fail here whose resolver takes 27 to 29 ms.) */
static void test_slow_resolver(void **state)
{
  const struct param *p = *state;
  remember();
  condemn_ipv6(p->mode);
  for(int ms = 16; ms <= 32; ms++) {
    struct client c;
    char rule[16];
    snprintf(rule, sizeof(rule), "rtt=%d", ms);
    assert_int_equal(lab_rule(LAB_DNS_V4, rule), 0);
    client_open_unknown(&c, p->mode, taught_url("s2"));
    taught_go(&c);
    expect_winner(&c, "198.19.2.1");
    expect_attempts(&c, p->mode == RESOLVING ? "L 198.19.2.1 0" :
                    "L 3fff:102::1 0, L 198.19.2.1 10");
    client_close(&c);
  }
}

/* An address that has connected before is not doubted for one lost SYN: its
   delay is kept. */
static void test_known_good(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "drop"), 0);
  teach(p->mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "rtt=40"), 0);
  client_open(&c, p->mode, taught_url("s1"));
  taught_go(&c);
  expect_winner(&c, "3fff:101::1");
  assert_int_equal(steps(c.easy, CURL_HE_STEP_START), 1);
  client_close(&c);
}

/* What was learned is wrong by now: nothing is lost but time. */
static void test_outdated(void **state)
{
  const struct param *p = *state;
  struct client c;
  remember();
  teach(p->mode, "s9");
  assert_int_equal(lab_rule("198.19.9.2", "drop"), 0);
  assert_int_equal(lab_rule("198.19.9.1", "pass"), 0);
  client_open(&c, p->mode, taught_url("s9"));
  taught_go(&c);
  expect_winner(&c, "198.19.9.1");
  client_close(&c);
}

/* CURLOPT_RESOLVE, not declared, leads elsewhere: that teaches nothing, and
   what was learned changes nothing. */
static void test_steered(void **state)
{
  const struct param *p = *state;
  struct curl_slist *pins =
    curl_slist_append(NULL, "s9.lab.test:80:198.19.1.1");
  struct client c;
  remember();
  client_open(&c, p->mode, taught_url("s9"));
  curl_easy_setopt(c.easy, CURLOPT_RESOLVE, pins);
  assert_int_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  teach(p->mode, "s9");
  client_open(&c, p->mode, taught_url("s9"));
  taught_go(&c);
  expect_winner(&c, "198.19.9.2");
  client_close(&c);
  if(p->mode == BESIDE) {
    client_open(&c, p->mode, taught_url("s9"));
    curl_easy_setopt(c.easy, CURLOPT_RESOLVE, pins);
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_string_equal(c.body, "hello from 198.19.1.1\n");
    client_close(&c);
  }
  curl_slist_free_all(pins);
}

static void add(struct suite *s, CMUnitTestFunction run,
                const struct expected *e, enum mode mode, const char *what)
{
  static struct param params[128];
  static size_t used;
  struct param *p = &params[used++];
  p->e = e;
  p->mode = mode;
  suite_add(s, run, p, "%s, by %s", what, mode_name(mode));
}

/* What takes a libcurl whose second family waits for a timer. */
static void add_ordered(struct suite *s, enum mode mode)
{
  add(s, test_both, NULL, mode, "both families, as declared");
  add(s, test_both_outdated, NULL, mode,
      "both families, as declared, and what is wrong by now");
  add(s, test_verdict, NULL, mode, "two lost SYNs");
  add(s, test_slow_resolver, NULL, mode, "a slow resolver");
  add(s, test_known_good, NULL, mode, "one lost SYN of a good one");
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < 2; i++) {
    for(const struct expected *e = table; e->host; e++) {
      char what[64];
      snprintf(what, sizeof(what), "%s, the second time", e->host);
      add(&s, test_second, e, modes[i], what);
    }
    add(&s, test_off, NULL, modes[i], "without a history");
    add(&s, test_rfc8305, NULL, modes[i], "profile rfc8305");
    add(&s, test_delay, NULL, modes[i], "the user's delay");
    add(&s, test_preference, NULL, modes[i], "the user's family");
    add(&s, test_private, NULL, modes[i], "a private context");
    add(&s, test_other_hosts, NULL, modes[i], "other hosts");
    add(&s, test_outdated, NULL, modes[i], "what is wrong by now");
    add(&s, test_steered, NULL, modes[i], "steered elsewhere");
    if(libcurl_walks())
      add_ordered(&s, modes[i]);
  }
  return suite_run(&s, "history");
}
