/* SPDX-License-Identifier: MIT */
/* transfers_test.c - more than one connect in the life of a handle: redirects,
 * reuse, one host after another, and transfers that end before their time. */
#include "harness.h"

#include <string.h>

static void test_redirect(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode,
              "http://s1.lab.test/redirect?to=http://two.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "3fff:152::1");
  expect_attempts(&c, "L 3fff:152::1 0");
  assert_int_equal(syns_to_servers(), 2);
  client_close(&c);
}

static void test_redirect_raced_twice(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode,
              "http://s6.lab.test/redirect?to=http://s9.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  assert_int_equal(info_long(c.easy, CURLHEINFO_HANDED_OVER),
                   !libcurl_races());
  assert_int_equal(lab_syns_host("s6.lab.test"), 3);
  client_close(&c);
}

/* A reused connection starts no race: what is told is still the last one. */
static void test_keep_alive(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  long connects = -1, attempts;
  client_open(&c, *mode, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  attempts = info_long(c.easy, CURLHEINFO_ATTEMPTS);
  assert_int_equal(attempts, 2);
  lab_reset();
  for(int i = 0; i < 3; i++) {
    assert_int_equal(client_go(&c), CURLE_OK);
    curl_easy_getinfo(c.easy, CURLINFO_NUM_CONNECTS, &connects);
    assert_int_equal(connects, 0);
    expect_winner(&c, "198.19.9.2");
  }
  assert_int_equal(info_long(c.easy, CURLHEINFO_ATTEMPTS), attempts);
  assert_int_equal(syns_to_servers(), 0);
  assert_int_equal(dns_queries(), 0);
  client_close(&c);
}

struct stop {
  const char *url;
  const char *winner;
};

static void test_many_hosts(void **state)
{
  static const struct stop tour[] = {
    { "http://s9.lab.test/", "198.19.9.2" },
    { "http://s1.lab.test/", "3fff:101::1" },
    { "http://s6.lab.test/", "198.19.6.2" },
    { "http://refuse1.lab.test/", "198.19.55.2" },
    { "http://half.lab.test/", "3fff:156::2" },
    { "https://two.lab.test/", "3fff:152::1" },
    { "https://s2.lab.test/", "198.19.2.1" },
  };
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, tour[0].url);
  client_set(&c, UNDECLARED, CURLOPT_MAXCONNECTS, 10L);
  for(int round = 0; round < 2; round++) {
    for(size_t i = 0; i < sizeof(tour) / sizeof(*tour); i++) {
      client_url(&c, tour[i].url);
      assert_int_equal(client_go(&c), CURLE_OK);
      /* the second time round every connection is still there */
      if(!round)
        expect_winner(&c, tour[i].winner);
    }
    if(!round)
      lab_reset();
  }
  assert_int_equal(syns_to_servers(), 0);
  client_close(&c);
}

/* libcurl finds the addresses in its cache, and the race is run again. */
static void test_raced_from_cache(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
  for(int i = 0; i < 3; i++) {
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_winner(&c, "198.19.9.2");
    expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
    assert_int_equal(lab_syns_host("s9.lab.test"), 2);
  }
  client_close(&c);
}

static void test_closed_by_server(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/close");
  for(int i = 0; i < 2; i++) {
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_string_equal(c.body, "hello and goodbye from 198.19.9.2\n");
    expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
    assert_int_equal(lab_syns_host("s9.lab.test"), 2);
  }
  client_close(&c);
}

/* All of a large answer comes over a socket that was handed over. */
static void test_big(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "https://s6.lab.test/big");
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_int_equal(c.size, 1048576);
  assert_int_equal(info_long(c.easy, CURLHEINFO_HANDED_OVER),
                   !libcurl_races());
  client_close(&c);
}

static int64_t abort_after;

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t x,
                       curl_off_t y)
{
  (void)user;
  (void)a;
  (void)b;
  (void)x;
  (void)y;
  return lab_now_ns() > abort_after;
}

static void test_abort(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s18.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_NOPROGRESS, 0L);
  client_set(&c, UNDECLARED, CURLOPT_XFERINFOFUNCTION, on_progress);
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 3000L);
  abort_after = lab_now_ns() + 300000000;
  assert_int_equal(client_go(&c), libcurl_reports_connecting() ?
                   CURLE_ABORTED_BY_CALLBACK : CURLE_OPERATION_TIMEDOUT);
  assert_null(info_string(c.easy, CURLHEINFO_WINNER));
  client_close(&c);
}

/* The time-out of the whole transfer, which cuts the race short. */
static void test_timeout(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  for(int way = UNDECLARED; way <= DECLARED; way++) {
    client_open(&c, *mode, "http://s18.lab.test/");
    client_set(&c, way, CURLOPT_TIMEOUT_MS, 400L);
    assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
    client_close(&c);
    expect_nothing_left();
  }
}

struct name {
  enum mode mode;
  const char *url;
};

static void test_no_such_name(void **state)
{
  const struct name *name = *state;
  struct client c;
  CURLcode alone = visit(ALONE, name->url);
  assert_int_equal(alone, CURLE_COULDNT_RESOLVE_HOST);
  client_open(&c, name->mode, name->url);
  assert_int_equal(client_go(&c), alone);
  assert_null(info_string(c.easy, CURLHEINFO_WINNER));
  assert_int_equal(info_long(c.easy, CURLHEINFO_ATTEMPTS), 0);
  /* and the handle is good for more */
  client_url(&c, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  client_close(&c);
}

/* The address comes while libcurl's spare requests are all it has: one of
   them is for the new address, none for the one that has refused. */
static void test_late_answer_takes_a_spare(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  assert_int_equal(lab_rule("3fff:116::1", "reset rtt=1000"), 0);
  client_open(&c, *mode, "http://s16.lab.test/");
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 2000L),
                   CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.16.1");
  expect_attempts(&c, "L 3fff:116::1 0, L 198.19.16.1 1000");
  client_close(&c);
}

/* /etc/hosts of the laboratory. */
static void write_hosts(const char *more)
{
  FILE *f = fopen("/etc/hosts", "w");
  assert_non_null(f);
  fprintf(f, "127.0.0.1 localhost\n::1 localhost\n%s", more);
  assert_int_equal(fclose(f), 0);
}

/* Where libcurl races, it asks for its two spares, one an interval, whether
   there is a winner or not: IPv6 has to be connected before the last. So AAAA
   is asked for anew, once the late answer has come. */
static void hasten_second_family(CURL *easy)
{
  pause_ms(1500);
  write_hosts("3fff:111::1 s11.lab.test\n198.19.11.1 s11.lab.test\n");
  curl_he_easy_setopt(easy, CURLHEOPT_DELAY_MS, 500L);
}

/* Two transfers: the first, by IPv4, leaves that alone in libcurl's cache. */
static CURLcode without_ipv4(struct client *c, enum mode mode)
{
  CURLcode rc;
  client_open(c, RESOLVING, "http://s11.lab.test/");
  client_set(c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
  client_set(c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
  assert_int_equal(client_go(c), CURLE_OK);
  expect_winner(c, "198.19.11.1");
  assert_int_equal(lab_rule("198.19.11.1", "drop"), 0);
  if(libcurl_races())
    hasten_second_family(c->easy);
  c->mode = mode;
  rc = client_go(c);
  write_hosts("");
  return rc;
}

/* libcurl's cache has IPv4 alone, for AAAA came late: the next connect, once
   IPv4 is gone, must find the way to IPv6. Where libcurl races, a spare that is
   asked for in the moment before IPv6's attempt puts that off by an interval,
   which is too late: that may happen, and not again and again. */
static void test_cached_half(void **state)
{
  const enum mode *mode = *state;
  const int tries = libcurl_races() ? 4 : 1;
  struct client c;
  CURLcode rc = CURLE_OK;
  for(int i = 0; i < tries; i++) {
    if(i)
      client_close(&c);
    assert_int_equal(lab_rule("198.19.11.1", "none"), 0);
    rc = without_ipv4(&c, *mode);
    if(!rc)
      break;
  }
  assert_int_equal(rc, CURLE_OK);
  expect_winner(&c, "3fff:111::1");
  client_close(&c);
}

/* -- /etc/hosts -- */

/* The laboratory's own file: it knows the name, and the name server does
   not. */
static void test_hosts_file(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  write_hosts("3fff:106::1 he.test\n198.19.6.1 he.test\n"
              "198.19.6.2 he.test\n");
  client_open(&c, *mode, "http://he.test/");
  client_go(&c);
  write_hosts("");
  expect_winner(&c, "198.19.6.2");
  expect_attempts(&c, "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300");
  assert_int_equal(dns_queries(), 0);
  client_close(&c);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static const struct name names[] = {
    { BESIDE, "http://nx.lab.test/" },
    { BESIDE, "http://servfail.lab.test/" },
    { RESOLVING, "http://nx.lab.test/" },
    { RESOLVING, "http://servfail.lab.test/" },
  };
  static const struct mode_test tests[] = {
    { test_redirect, "a redirect to another host" },
    { test_redirect_raced_twice, "a redirect from one race to the next" },
    { test_keep_alive, "a reused connection starts no race" },
    { test_many_hosts, "a handle for many hosts" },
    { test_raced_from_cache, "raced again with libcurl's cached addresses" },
    { test_closed_by_server, "a connection closed by the server" },
    { test_hosts_file, "a host of /etc/hosts" },
    { test_big, "a large answer over a handed over socket" },
    { test_abort, "the application aborts" },
    { test_timeout, "the transfer's time is up" },
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    suite_add(&s, test_no_such_name, &names[i], "%s, by %s", names[i].url,
              mode_name(names[i].mode));
  suite_add(&s, test_late_answer_takes_a_spare, &modes[1],
            "a late answer takes a spare request");
  for(size_t m = 0; m < 2; m++)
    suite_add(&s, test_cached_half, &modes[m],
              "one family in libcurl's cache, %s", mode_name(modes[m]));
  return suite_run(&s, "transfers");
}
