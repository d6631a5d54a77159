/* SPDX-License-Identifier: MIT */
/* tls_test.c - a connection is won, and TLS never completes: the next transfer
 * goes elsewhere, where curl-he has a say in the order. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 2500L

static const char *url_of(const char *host)
{
  static char url[128];
  snprintf(url, sizeof(url), "https://%s.lab.test/", host);
  return url;
}

static void open_client(struct client *c, enum mode mode, const char *host)
{
  client_open(c, mode, url_of(host));
  curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, PATIENCE_MS);
}

static CURLcode go(enum mode mode, const char *host)
{
  struct client c;
  CURLcode rc;
  open_client(&c, mode, host);
  rc = client_go(&c);
  client_close(&c);
  return rc;
}

static void expect_good(enum mode mode, const char *host, const char *winner)
{
  struct client c;
  CURLcode rc;
  open_client(&c, mode, host);
  rc = client_go(&c);
  if(rc)
    print_race(c.easy);
  assert_int_equal(rc, CURLE_OK);
  expect_winner(&c, winner);
  client_close(&c);
}

/* The next transfer. libcurl alone begins with IPv6, and that connects before
   IPv4 does: curl_easy_perform() fails again, as it would without curl-he,
   until an IPv4 address is known that may take its place. */
static void expect_next(enum mode mode, const char *host, CURLcode alone,
                        const char *winner)
{
  CURLcode rc;
  if(mode == RESOLVING)
    expect_good(mode, host, winner);
  else {
    rc = go(mode, host);
    assert_true(rc == alone || rc == CURLE_OK);
  }
}

/* The server's certificate never arrives over IPv6. Of IPv4 nothing is known,
   for IPv6 has connected at once. */
static void test_mtu(void **state)
{
  const enum mode *mode = *state;
  assert_int_equal(go(ALONE, "mtu"), CURLE_OPERATION_TIMEDOUT);
  remember();
  assert_int_equal(go(*mode, "mtu"), CURLE_OPERATION_TIMEDOUT);
  expect_next(*mode, "mtu", CURLE_OPERATION_TIMEDOUT, "198.19.71.1");
  expect_next(*mode, "mtu", CURLE_OPERATION_TIMEDOUT, "198.19.71.1");
}

/* Two addresses of the path that swallows them: one is enough to know. */
static void test_whole_family(void **state)
{
  const enum mode *mode = *state;
  remember();
  assert_int_equal(lab_rule("3fff:172::2", "mtu=700"), 0);
  assert_int_equal(go(*mode, "mtu2"), CURLE_OPERATION_TIMEDOUT);
  expect_next(*mode, "mtu2", CURLE_OPERATION_TIMEDOUT, "198.19.72.1");
}

/* It works again: what comes back ends the verdict. Where IPv4 does not work
   any more there is no choice, and nothing was removed. */
static void test_heals(void **state)
{
  const enum mode *mode = *state;
  remember();
  assert_int_equal(go(*mode, "mtu"), CURLE_OPERATION_TIMEDOUT);
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  assert_int_equal(lab_rule("198.19.71.1", "drop"), 0);
  expect_good(*mode, "mtu", "3fff:171::1");
  assert_int_equal(lab_rule("198.19.71.1", "pass"), 0);
  expect_good(*mode, "mtu", "3fff:171::1");
}

/* The handle may use IPv6 alone, and did not say so. Where libcurl begins with
   IPv6 in any case, curl_he_perform() has to be told. */
static void test_no_choice(void **state)
{
  const enum mode *mode = *state;
  enum way way = *mode == RESOLVING && libcurl_begins_with_ipv6() ? DECLARED :
                 UNDECLARED;
  struct client c;
  remember();
  assert_int_equal(go(*mode, "mtu"), CURLE_OPERATION_TIMEDOUT);
  lab_reset();
  open_client(&c, *mode, "mtu");
  client_set(&c, way, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  assert_int_equal(lab_syns("198.19.71.1"), 0);
  assert_true(lab_syns("3fff:171::1") > 0);
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  open_client(&c, *mode, "mtu");
  client_set(&c, way, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
  assert_int_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  assert_int_equal(lab_syns("198.19.71.1"), 0);
}

/* A peer that ends it says nothing about the next address; and there is time
   for another try where curl-he performs. */
static void test_cut(void **state)
{
  const enum mode *mode = *state;
  CURLcode rc;
  remember();
  rc = go(*mode, "cut");
  if(*mode == RESOLVING)
    assert_int_equal(rc, CURLE_OK);
  else
    assert_int_equal(rc, CURLE_SSL_CONNECT_ERROR);
  lab_reset();
  expect_next(*mode, "cut", CURLE_SSL_CONNECT_ERROR, "3fff:173::2");
}

/* Not again and again. */
static void test_all_cut(void **state)
{
  const enum mode *mode = *state;
  remember();
  assert_int_equal(lab_rule("3fff:173::2", "cut"), 0);
  assert_int_equal(lab_rule("198.19.73.1", "cut"), 0);
  lab_reset();
  assert_int_equal(go(*mode, "cut"), CURLE_SSL_CONNECT_ERROR);
  assert_int_equal(syns_to_servers(), *mode == RESOLVING ? 2 : 1);
}

/* -- what says nothing -- */

/* IPv6 keeps its place. */
static void expect_unlearned(enum mode mode)
{
  struct client c;
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  lab_reset();
  open_client(&c, mode, "mtu");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "3fff:171::1");
  assert_int_equal(syns_to_servers(), 1);
  client_close(&c);
}

static void test_bad_certificate(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  open_client(&c, *mode, "mtu");
  curl_easy_setopt(c.easy, CURLOPT_CAINFO,
                   "/etc/ssl/certs/ca-certificates.crt");
  assert_int_equal(client_go(&c), CURLE_PEER_FAILED_VERIFICATION);
  client_close(&c);
  expect_unlearned(*mode);
}

static void test_impatient(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  open_client(&c, *mode, "mtu");
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  expect_unlearned(*mode);
}

/* A server that takes its time to answer the request has a TLS that works. */
static void test_slow_server(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  assert_int_equal(lab_rule("3fff:171::1", "pass"), 0);
  client_open(&c, *mode, "https://mtu.lab.test/broken/slow");
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, PATIENCE_MS);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  expect_unlearned(*mode);
}

/* Without a history nothing is learned. */
static void test_off(void **state)
{
  const enum mode *mode = *state;
  assert_int_equal(go(*mode, "mtu"), CURLE_OPERATION_TIMEDOUT);
  assert_int_equal(go(*mode, "mtu"), CURLE_OPERATION_TIMEDOUT);
  pause_ms(10);
  expect_unlearned(*mode);
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_mtu, "large packets are lost" },
    { test_whole_family, "at all addresses of a family" },
    { test_heals, "and then not any more" },
    { test_no_choice, "where there is no choice" },
    { test_cut, "reset when something is said" },
    { test_all_cut, "reset everywhere" },
    { test_bad_certificate, "a bad certificate says nothing" },
    { test_impatient, "a short time-out says nothing" },
    { test_slow_server, "a slow server says nothing" },
    { test_off, "without a history" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "tls");
}
