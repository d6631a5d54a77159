/* SPDX-License-Identifier: MIT */
/* scenarios_test.c - every situation of the laboratory's table: who wins, and
 * what was tried, by whom, in which order, when. */
#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct expected {
  const char *host;
  const char *attempts;
  const char *winner;     /* NULL: the transfer fails to connect */
  bool handed_over;       /* curl-he's attempt wins, where libcurl does not
                             race by itself */
  bool late;              /* or where it does: libcurl was not given the
                             winner's address */
  enum mode least;        /* libcurl's own resolver would spoil it */
  const char *waits;      /* attempts, after that has waited for both answers */
  const char *waited;     /* and the winner then */
  const char *ipv6_first; /* attempts, where libcurl alone chooses the first
                             and begins with IPv6 in any case */
};

static const struct expected table[] = {
  { .host = "s1", .attempts = "L 3fff:101::1 0", .winner = "3fff:101::1" },
  { .host = "s2", .attempts = "L 3fff:102::1 0, L 198.19.2.1 150",
    .winner = "198.19.2.1" },
  { .host = "s3", .attempts = "L 3fff:103::1 0, L 198.19.3.1 20",
    .winner = "198.19.3.1" },
  { .host = "s4", .attempts = "L 198.19.4.1 0", .winner = "198.19.4.1",
    .ipv6_first = "L 3fff:104::1 0, L 198.19.4.1 0" },
  { .host = "s5", .attempts = "L 3fff:105::1 0, L 198.19.5.1 150",
    .winner = "198.19.5.1" },
  { .host = "s6",
    .attempts = "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300",
    .winner = "198.19.6.2", .handed_over = true },
  { .host = "s7",
    .attempts = "L 3fff:107::1 0, L 198.19.7.1 150, C 3fff:107::2 300,"
                "C 198.19.7.2 450",
    .winner = "198.19.7.2", .handed_over = true },
  { .host = "s8",
    .attempts = "L 3fff:108::1 0, L 198.19.8.1 150, C 3fff:108::2 300,"
                "C 198.19.8.2 450, C 198.19.8.3 600, C 198.19.8.4 750",
    .winner = "198.19.8.4", .handed_over = true },
  { .host = "s9", .attempts = "L 198.19.9.1 0, C 198.19.9.2 150",
    .winner = "198.19.9.2", .handed_over = true },
  { .host = "s10", .attempts = "L 3fff:110::1 0, L 198.19.10.1 150",
    .winner = "3fff:110::1" },
  { .host = "s11", .attempts = "L 198.19.11.1 0", .winner = "198.19.11.1",
    .least = RESOLVING,
    .waits = "L 3fff:111::1 0", .waited = "3fff:111::1" },
  { .host = "s12", .attempts = "L 3fff:112::1 0", .winner = "3fff:112::1",
    .least = RESOLVING,
    .waits = "L 3fff:112::1 0", .waited = "3fff:112::1" },
  /* what waits for the next two waits for 15 s: loops_test has them */
  { .host = "s13", .attempts = "L 198.19.13.1 0", .winner = "198.19.13.1",
    .least = RESOLVING },
  { .host = "s14", .attempts = "L 3fff:114::1 0", .winner = "3fff:114::1",
    .least = RESOLVING },
  { .host = "s15", .attempts = "L 198.19.15.1 0", .winner = "198.19.15.1" },
  { .host = "s15nodata", .attempts = "L 198.19.15.2 0",
    .winner = "198.19.15.2" },
  { .host = "s16", .attempts = "L 3fff:116::1 0, C 198.19.16.1 500",
    .winner = "198.19.16.1", .handed_over = true, .late = true,
    .least = RESOLVING,
    .waits = "L 3fff:116::1 0, L 198.19.16.1 150", .waited = "198.19.16.1" },
  { .host = "s19", .attempts = "L 3fff:119::1 0, L 198.19.19.1 150",
    .winner = "198.19.19.1" },
  { .host = "s24",
    .attempts = "L 3fff:124::1 0, L 198.19.24.1 150, C 3fff:124::2 300,"
                "C 198.19.24.2 450",
    .winner = "3fff:124::1" },
  { .host = "many",
    .attempts = "L 3fff:154::1 0, L 198.19.54.1 150, C 3fff:154::2 300,"
                "C 198.19.54.2 450, C 198.19.54.3 600,"
                "C 198.19.54.4 750, ..." },
  { .host = "refuse1", .attempts = "L 198.19.55.1 0, L 198.19.55.2 20",
    .winner = "198.19.55.2" },
  { .host = "half",
    .attempts = "L 3fff:156::1 0, L 198.19.56.1 150, C 3fff:156::2 300",
    .winner = "3fff:156::2", .handed_over = true },
  { .host = "icmp", .attempts = "L 3fff:157::1 0, L 198.19.57.1 20",
    .winner = "198.19.57.1" },
  { .host = "v6only", .attempts = "L 3fff:150::1 0",
    .winner = "3fff:150::1" },
  { .host = "v4only", .attempts = "L 198.19.51.1 0",
    .winner = "198.19.51.1" },
  { .host = NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
};

static void open_host(struct client *c, enum mode mode, const char *scheme,
                      const char *host)
{
  char url[128];
  snprintf(url, sizeof(url), "%s://%s.lab.test/", scheme, host);
  client_open(c, mode, url);
}

static const char *attempts_of(const struct expected *e, enum mode mode)
{
  return e->ipv6_first && mode == BESIDE && libcurl_begins_with_ipv6() ?
         e->ipv6_first : e->attempts;
}

/* Every attempt is one SYN: none is repeated, for all are over in a second. */
static long count_starts(CURL *easy)
{
  return (long)steps(easy, CURL_HE_STEP_START);
}

/* Had libcurl all addresses? curl_he_perform() gives it what is there, which
   is not all where the answers did not come together: then curl-he races
   the rest, and who wins is a question of who began. */
static bool was_given_all(struct client *c)
{
  struct curl_he_steps race;
  size_t answers = 0;
  assert_int_equal(curl_he_easy_getinfo(c->easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  for(size_t i = 0; i < race.count &&
      race.steps[i].step != CURL_HE_STEP_START; i++)
    answers += race.steps[i].step == CURL_HE_STEP_ANSWER;
  return c->mode == BESIDE || answers == 2;
}

static long handed_over(struct client *c, const struct expected *e)
{
  if(!e->late && !was_given_all(c))
    return (long)steps(c->easy, CURL_HE_STEP_HANDED_OVER);
  return e->handed_over && (e->late || !libcurl_races());
}

static void check(struct client *c, const struct expected *e)
{
  expect_attempts(c, attempts_of(e, c->mode));
  expect_winner(c, e->winner);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_WON), 1);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_LOST), 0);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_ASIDE), 0);
  assert_int_equal(info_long(c->easy, CURLHEINFO_HANDED_OVER),
                   handed_over(c, e));
  assert_int_equal(info_long(c->easy, CURLHEINFO_ATTEMPTS),
                   count_starts(c->easy));
}

static void test_scenario(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", p->e->host);
  assert_int_equal(client_go(&c), CURLE_OK);
  check(&c, p->e);
  assert_int_equal(syns_to_servers() + (long)unsent(c.easy),
                   count_starts(c.easy));
  client_close(&c);
}

static void test_waits(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", p->e->host);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, p->e->waits);
  expect_winner(&c, p->e->waited);
  assert_int_equal(own_attempts(c.easy), 0);
  client_close(&c);
}

/* The certificate's check comes after, whoever connected. */
static void test_https(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "https", p->e->host);
  assert_int_equal(client_go(&c), CURLE_OK);
  check(&c, p->e);
  client_close(&c);
}

static void test_https_distrusted(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "https", p->e->host);
  curl_easy_setopt(c.easy, CURLOPT_CAINFO, NULL);
  assert_int_equal(client_go(&c), CURLE_PEER_FAILED_VERIFICATION);
  expect_attempts(&c, p->e->attempts);
  assert_string_equal(info_string(c.easy, CURLHEINFO_WINNER), p->e->winner);
  assert_int_equal(c.size, 0);
  client_close(&c);
}

/* On a healthy path curl-he costs nothing: no query, no packet more. */
static void test_healthy_costs_nothing(void **state)
{
  const struct param *p = *state;
  long queries;
  assert_int_equal(visit(ALONE, "http://s1.lab.test/"), CURLE_OK);
  queries = dns_queries();
  lab_reset();
  assert_int_equal(visit(p->mode, "http://s1.lab.test/"), CURLE_OK);
  assert_int_equal(dns_queries(), queries);
  assert_int_equal(syns_to_servers(), 1);
  assert_int_equal(lab_syns("3fff:101::1"), 1);
}

static void expect_failures(CURL *easy, const char *const *addresses,
                            const char *why)
{
  const char *text = info_string(easy, CURLHEINFO_FAILURES);
  for(; *addresses; addresses++) {
    char one[128];
    snprintf(one, sizeof(one), "%s: %s", *addresses, why);
    if(!strstr(text, one))
      fail_msg("\"%s\" is not in \"%s\"", one, text);
  }
}

static void test_all_refuse(void **state)
{
  static const char *const all[] = {
    "3fff:117::1", "3fff:117::2", "198.19.17.1", "198.19.17.2", NULL
  };
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", "s17");
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  expect_failures(c.easy, all, strerror(ECONNREFUSED));
  assert_null(info_string(c.easy, CURLHEINFO_WINNER));
  for(size_t i = 0; all[i]; i++)
    assert_true(lab_syns(all[i]) >= 1);
  /* curl_he_perform() may have begun with one answer, and spares in it */
  assert_in_range(lab_syns_host("s17.lab.test"), 4,
                  p->mode == RESOLVING ? 8 : 4);
  assert_int_equal(info_long(c.easy, CURLHEINFO_ATTEMPTS),
                   lab_syns_host("s17.lab.test"));
  client_close(&c);
}

static void test_all_silent(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", "s18");
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  expect_attempts(&c,
                  "L 3fff:118::1 0, L 198.19.18.1 150, C 3fff:118::2 300,"
                  "C 198.19.18.2 450, ...");
  assert_null(info_string(c.easy, CURLHEINFO_WINNER));
  client_close(&c);
}

static int stop_late(void *user, curl_off_t a, curl_off_t b, curl_off_t d,
                     curl_off_t e)
{
  const int64_t *began = user;
  (void)a, (void)b, (void)d, (void)e;
  return lab_now_ns() - *began > 900000000;
}

/* Sixteen addresses, six attempts at once, until libcurl gives one up: its
   time-out is long enough for six before it has spent half of it on its
   first. */
static void test_many(void **state)
{
  int64_t began = lab_now_ns();
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", "many");
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1800L);
  client_set(&c, UNDECLARED, CURLOPT_NOPROGRESS, 0L);
  client_set(&c, UNDECLARED, CURLOPT_XFERINFOFUNCTION, stop_late);
  client_set(&c, UNDECLARED, CURLOPT_XFERINFODATA, &began);
  client_go(&c);
  expect_attempts(&c, p->e->attempts);
  client_close(&c);
}

static const struct expected *find(const char *host)
{
  const struct expected *e = table;
  while(strcmp(e->host, host))
    e++;
  return e;
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

static void add_table(struct suite *s, enum mode mode)
{
  for(const struct expected *e = table; e->host; e++) {
    char host[64], what[128];
    snprintf(host, sizeof(host), "%s.lab.test", e->host);
    snprintf(what, sizeof(what), "%s: %s", e->host,
             lab_scenario_host(host)->title);
    if(mode >= e->least)
      add(s, e->winner ? test_scenario : test_many, e, mode, what);
    else if(e->waits && !libcurl_resolves_apart())
      add(s, test_waits, e, mode, what);
  }
}

/* Built with HE_FLAVOUR, it is about one libcurl of several. */
#ifdef HE_FLAVOUR
static void test_flavour(void **state)
{
  const char *tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
  (void)state;
  if(strncmp(tls, HE_FLAVOUR, strlen(HE_FLAVOUR)))
    fail_msg("this libcurl has %s", tls);
}
#endif

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
#ifdef HE_FLAVOUR
  suite_add(&s, test_flavour, NULL, "libcurl is the one with " HE_FLAVOUR);
#endif
  for(size_t i = 0; i < 2; i++) {
    enum mode m = modes[i];
    add_table(&s, m);
    add(&s, test_healthy_costs_nothing, NULL, m, "s1 costs nothing more");
    add(&s, test_all_refuse, NULL, m, "s17: every address refuses");
    add(&s, test_all_silent, NULL, m, "s18: every address a black hole");
    add(&s, test_https, find("s1"), m, "https to s1");
    add(&s, test_https, find("s6"), m, "https to s6");
    add(&s, test_https, find("s9"), m, "https to s9");
    add(&s, test_https_distrusted, find("s1"), m, "s1 not trusted");
    add(&s, test_https_distrusted, find("s6"), m, "s6 not trusted");
    add(&s, test_https_distrusted, find("s9"), m, "s9 not trusted");
  }
  return suite_run(&s, "scenarios");
}
