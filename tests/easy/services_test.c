/* SPDX-License-Identifier: MIT */
/* services_test.c - HTTPS records in the race of libcurl's lookup: where they
 * lead, and where they do not. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOMEWHERE "3fff:182::1"       /* svc-there.lab.test */
#define SOMEWHERE_V4 "198.19.82.1"

/* -- what the network saw -- */

struct looked_for {
  const char *addr;
  unsigned port;
  long n;
};

static int count_syn(const struct lab_packet *p, void *user)
{
  struct looked_for *l = user;
  l->n += p->proto == 6 && (p->flags & 18) == 2 && p->dport == l->port &&
          !strcmp(p->dst, l->addr);
  return 0;
}

static long syns_to(const char *addr, unsigned port)
{
  struct looked_for l = { addr, port, 0 };
  assert_true(lab_packets(count_syn, &l) >= 0);
  return l.n;
}

static int count_question(const struct lab_packet *p, void *user)
{
  long *n = user;
  *n += p->type == 65 && p->fate != 'h';
  return 0;
}

/* For HTTPS records. */
static long questions(void)
{
  long n = 0;
  assert_true(lab_traffic(count_question, &n) >= 0);
  return n;
}

/* -- a transfer -- */

static void choose(const char *value)
{
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, value),
                   CURL_HE_OK);
}

static void begin(struct client *c, const void *mode, const char *url)
{
  choose("dns://" LAB_DNS_V4);
  /* what takes two questions comes in time on a busy machine, too */
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLUTION_DELAY_MS, 500L),
                   CURL_HE_OK);
  client_open(c, *(const enum mode *)mode, url);
  curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, 15000L);
}

static void go(struct client *c)
{
  const CURLcode rc = client_go(c);
  if(rc)
    print_race(c->easy);
  assert_int_equal(rc, CURLE_OK);
}

/* Of the last race: what the step of HTTPS records counted; -1: none. */
static long endpoints(CURL *easy)
{
  struct curl_he_steps s;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++) {
    if(s.steps[i].step == CURL_HE_STEP_SERVICES)
      return (long)s.steps[i].count;
  }
  return -1;
}

/* The winner's address and port, as the race has it. */
static void expect_won(CURL *easy, const char *address)
{
  struct curl_he_steps s;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++) {
    if(s.steps[i].step == CURL_HE_STEP_WON) {
      assert_string_equal(s.steps[i].address, address);
      return;
    }
  }
  fail_msg("nobody has won");
}

/* -- where they lead -- */

/* The URL's host and port stay what the request names. */
static void test_port(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-port.lab.test/");
  go(&c);
  expect_winner(&c, "3fff:180::1");
  expect_won(c.easy, "[3fff:180::1]:4443");
  assert_int_equal(endpoints(c.easy), 1);
  assert_int_equal(syns_to("3fff:180::1", 4443), 1);
  assert_int_equal(syns_to("3fff:180::1", 443), 0);
  /* the name is not left to libcurl, which knows of no other port */
  curl_easy_setopt(c.easy, CURLOPT_FRESH_CONNECT, 1L);
  go(&c);
  expect_won(c.easy, "[3fff:180::1]:4443");
  assert_int_equal(syns_to("3fff:180::1", 443), 0);
  client_close(&c);
}

/* A second transfer takes the connection, as to any host. */
static void test_reused(void **state)
{
  struct client c;
  long connects = 1;
  begin(&c, *state, "https://svc-port.lab.test/");
  go(&c);
  go(&c);
  curl_easy_getinfo(c.easy, CURLINFO_NUM_CONNECTS, &connects);
  assert_int_equal(connects, 0);
  client_close(&c);
}

static void test_target(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-target.lab.test/");
  go(&c);
  expect_winner(&c, SOMEWHERE);
  assert_int_equal(lab_syns("3fff:181::1"), 0);
  client_close(&c);
}

/* What is learned of a target is nothing learned of the host. */
static void test_not_learned(void **state)
{
  struct client c;
  remember();
  begin(&c, *state, "https://svc-target.lab.test/");
  go(&c);
  expect_winner(&c, SOMEWHERE);
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_HTTPS_RECORDS, 0L),
                   CURL_HE_OK);
  lab_reset();
  curl_easy_setopt(c.easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 1500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  assert_int_equal(lab_syns(SOMEWHERE) + lab_syns(SOMEWHERE_V4), 0);
  client_close(&c);
}

static void test_hints(void **state)
{
  struct client c;
  curl_off_t us = 0;
  begin(&c, *state, "https://svc-hints.lab.test/");
  go(&c);
  expect_winner(&c, "3fff:183::1");
  curl_easy_getinfo(c.easy, CURLINFO_CONNECT_TIME_T, &us);
  assert_true(us < 600 * 1000);     /* the resolver's answer takes 700 ms */
  client_close(&c);
}

static void test_stale_hint(void **state)
{
  struct client c;
  assert_int_equal(lab_rule("3fff:184::2", "rtt=800"), 0);
  begin(&c, *state, "https://svc-stale.lab.test/");
  go(&c);
  assert_true(lab_syns("3fff:184::2") > 0);
  expect_winner(&c, lab_syns("3fff:184::1") ? "3fff:184::1" : "198.19.84.1");
  client_close(&c);
}

static void test_alias(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-alias.lab.test/");
  go(&c);
  expect_winner(&c, "3fff:188::1");
  expect_won(c.easy, "[3fff:188::1]:4443");
  client_close(&c);
}

static void test_order(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-order.lab.test/");
  go(&c);
  expect_winner(&c, SOMEWHERE);
  assert_true(lab_syns("3fff:181::1") > 0);
  assert_int_equal(endpoints(c.easy), 2);
  assert_int_equal(lab_syns("3fff:189::1"), 0);
  client_close(&c);
}

static void test_other_port(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-far.lab.test:4443/");
  go(&c);
  expect_winner(&c, SOMEWHERE);
  expect_won(c.easy, "[" SOMEWHERE "]:443");
  client_close(&c);
}

/* A call of libcurl's does not end before what libcurl would not reach. */
static void test_slow(void **state)
{
  struct client c;
  assert_int_equal(lab_rule(SOMEWHERE, "rtt=1700"), 0);
  assert_int_equal(lab_rule(SOMEWHERE_V4, "drop"), 0);
  begin(&c, *state, "https://svc-target.lab.test/");
  go(&c);
  expect_winner(&c, SOMEWHERE);
  client_close(&c);
}

/* All endpoints fail: the host's own addresses are left. */
static void test_fallback(void **state)
{
  struct client c;
  assert_int_equal(lab_rule(SOMEWHERE, "reset"), 0);
  assert_int_equal(lab_rule(SOMEWHERE_V4, "reset"), 0);
  begin(&c, *state, "https://svc-order.lab.test/");
  go(&c);
  expect_winner(&c, "3fff:189::1");
  client_close(&c);
}

/* -- where they do not -- */

struct own {
  const char *url;
  const char *winner;
  long endpoints;             /* at the most; -1: they are not asked for, or
                                 not heard */
};

static void go_own(const void *mode, const struct own *o)
{
  struct client c;
  begin(&c, mode, o->url);
  go(&c);
  expect_winner(&c, o->winner);
  assert_true(endpoints(c.easy) <= o->endpoints);
  assert_int_equal(lab_syns(SOMEWHERE) + lab_syns(SOMEWHERE_V4), 0);
  client_close(&c);
}

static void test_h3(void **state)
{
  const struct own o = { "https://svc-h3.lab.test/", "3fff:185::1", 0 };
  go_own(*state, &o);
}

static void test_broken(void **state)
{
  const struct own o = { "https://svc-broken.lab.test/", "3fff:186::1", 0 };
  go_own(*state, &o);
}

static void test_loop(void **state)
{
  const struct own o = { "https://svc-loop.lab.test/", "3fff:187::1", 0 };
  go_own(*state, &o);
  assert_true(questions() > 1 && questions() < 12);
}

static void test_lost(void **state)
{
  const struct own o = { "https://svc-lost.lab.test/", "3fff:190::1", -1 };
  go_own(*state, &o);
  assert_true(questions() > 0);
}

/* Only some libcurls have Encrypted ClientHello. */
static bool encrypts(void)
{
  CURL *easy = curl_easy_init();
  const CURLoption ech = (CURLoption)(CURLOPTTYPE_STRINGPOINT + 325);
  const CURLcode rc = (curl_easy_setopt)(easy, ech, NULL);
  curl_easy_cleanup(easy);
  return !rc;
}

static void test_must_encrypt(void **state)
{
  const struct own o = { "https://svc-must.lab.test/", "3fff:193::1", 0 };
  if(encrypts())
    skip();
  go_own(*state, &o);
}

/* Nobody relies on what libcurl cannot be told. */
static void test_without_ech(void **state)
{
  struct client c;
  if(encrypts())
    skip();
  assert_int_equal(lab_rule("3fff:192::1", "reset"), 0);
  assert_int_equal(lab_rule("198.19.92.1", "reset"), 0);
  begin(&c, *state, "https://svc-ech.lab.test/");
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  assert_true(syns_to("3fff:192::1", 4443) > 0);
  assert_true(syns_to("3fff:192::1", 443) > 0);
  client_close(&c);
}

static void test_none(void **state)
{
  const struct own o = { "https://s1.lab.test/", "3fff:101::1", 0 };
  go_own(*state, &o);
}

static void test_private(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-private.lab.test/");
  go(&c);
  expect_won(c.easy, "[3fff:194::1]:4443");
  client_close(&c);
  begin(&c, *state, "https://svc-private.lab.test/");
  choose("dns://" LAB_DNS_V4 "?private=refuse");
  go(&c);
  expect_won(c.easy, "[3fff:194::1]:443");
  assert_int_equal(endpoints(c.easy), 0);
  client_close(&c);
}

/* A target is a name. Of one that reads as an address no server has said where
   it is, nor could private=refuse look at that. */
static void test_literal(void **state)
{
  struct client c;
  begin(&c, *state, "https://svc-literal.lab.test/");
  go(&c);
  expect_won(c.easy, "[3fff:197::1]:443");
  assert_int_equal(lab_syns("198.19.81.1"), 0);
  client_close(&c);
}

/* What the user has written into that file is not led elsewhere. */
static void test_hosts(void **state)
{
  struct client c;
  FILE *f = fopen("/etc/hosts", "r+");
  long end;
  assert_non_null(f);
  assert_int_equal(fseek(f, 0, SEEK_END), 0);
  end = ftell(f);
  fputs("3fff:180::1 svc-port.lab.test\n", f);
  assert_int_equal(fclose(f), 0);
  begin(&c, *state, "https://svc-port.lab.test/");
  choose("dns://" LAB_DNS_V4 "?hosts=yes");
  go(&c);
  assert_int_equal(truncate("/etc/hosts", end), 0);
  expect_won(c.easy, "[3fff:180::1]:443");
  assert_int_equal(questions(), 0);
  client_close(&c);
}

/* Only https is asked for, and only where TLS proves who is there. */
static void test_not_asked(void **state)
{
  const struct own http = { "http://svc-port.lab.test/", "3fff:180::1", -1 };
  const struct own off = { "https://svc-port.lab.test/", "3fff:180::1", -1 };
  struct client c;
  go_own(*state, &http);
  begin(&c, *state, off.url);
  curl_easy_setopt(c.easy, CURLOPT_SSL_VERIFYPEER, 0L);
  go(&c);
  expect_won(c.easy, "[3fff:180::1]:443");
  client_close(&c);
  begin(&c, *state, off.url);
  curl_easy_setopt(c.easy, CURLOPT_SSL_VERIFYHOST, 0L);
  go(&c);
  expect_won(c.easy, "[3fff:180::1]:443");
  client_close(&c);
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_HTTPS_RECORDS, 0L),
                   CURL_HE_OK);
  go_own(*state, &off);
  assert_int_equal(questions(), 0);
  assert_int_equal(syns_to("3fff:180::1", LAB_ALT_PORT), 0);
}

/* The system's resolver is never asked for them. */
static void test_system(void **state)
{
  struct client c;
  client_open(&c, *(const enum mode *)*state, "https://svc-port.lab.test/");
  go(&c);
  expect_won(c.easy, "[3fff:180::1]:443");
  assert_int_equal(endpoints(c.easy), -1);
  assert_int_equal(questions(), 0);
  client_close(&c);
}

/* An endpoint is tried where libcurl speaks one of its protocols. */
static void test_version(void **state)
{
  struct client c;
  long version = 0;
  begin(&c, *state, "https://svc-port.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  go(&c);       /* http/1.1 is every record's, unless it says no */
  expect_won(c.easy, "[3fff:180::1]:4443");
  curl_easy_getinfo(c.easy, CURLINFO_HTTP_VERSION, &version);
  assert_int_equal(version, CURL_HTTP_VERSION_1_1);
  client_close(&c);
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_port, "a port is followed" },
    { test_reused, "a connection to it is used again" },
    { test_target, "a target is followed" },
    { test_not_learned, "nothing is learned of the host by that" },
    { test_hints, "hints win where the addresses are late" },
    { test_stale_hint, "a hint that is out of date does not" },
    { test_alias, "an alias is followed, and its records" },
    { test_order, "priorities order" },
    { test_other_port, "an origin at another port" },
    { test_slow, "an endpoint that is slow to connect" },
    { test_fallback, "endpoints fail: the host itself" },
    { test_h3, "HTTP/3 alone is not tried" },
    { test_broken, "a broken record makes all void" },
    { test_loop, "aliases in a circle end" },
    { test_lost, "the question is lost" },
    { test_must_encrypt, "what a record demands is not there" },
    { test_without_ech, "a libcurl without ECH: the host itself comes last" },
    { test_none, "there are none" },
    { test_private, "a private network" },
    { test_literal, "an address in text" },
    { test_hosts, "the hosts file" },
    { test_not_asked, "not asked for" },
    { test_system, "the system's resolver is not asked" },
    { test_version, "CURLOPT_HTTP_VERSION" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "services");
}
