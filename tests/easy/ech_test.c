/* SPDX-License-Identifier: MIT */
/* ech_test.c - what an HTTPS record says of Encrypted ClientHello is told to a
 * libcurl that has CURLOPT_ECH, for that connect alone. */
#include "harness.h"
#include "ech.h"

#include <string.h>

#define LIST "ecl:AEX+DQBBEjRWeJCrze8="
#define SHORTER "ecl:AEX+DQBBEjRWeJCrzQ=="

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

static void begin(struct client *c, const void *mode, const char *url)
{
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER,
                                  "dns://" LAB_DNS_V4), CURL_HE_OK);
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

/* Once, since it was told `before` times. */
static void expect_told(unsigned before, const char *value)
{
  const char *last;
  assert_int_equal(ech_told(&last), before + 1);
  assert_string_equal(last, value);
}

static void test_told(void **state)
{
  const char *last;
  const unsigned before = ech_told(&last);
  struct client c;
  begin(&c, *state, "https://svc-ech.lab.test/");
  go(&c);
  expect_told(before, LIST);
  client_url(&c, "https://svc-port.lab.test/");   /* has a record without */
  go(&c);
  expect_told(before + 1, "");
  go(&c);
  assert_int_equal(ech_told(&last), before + 2);
  client_close(&c);
}

static void test_mandatory(void **state)
{
  const char *last;
  const unsigned before = ech_told(&last);
  struct client c;
  begin(&c, *state, "https://svc-must.lab.test/");
  go(&c);
  expect_told(before, SHORTER);
  client_url(&c, "https://svc-port.lab.test/");
  go(&c);
  expect_told(before + 1, "");
  client_close(&c);
}

/* The host's own addresses have no such list: who breaks the endpoint gets no
   ClientHello in the clear. */
static void test_reliant(void **state)
{
  const char *last;
  const unsigned before = ech_told(&last);
  struct client c;
  assert_int_equal(lab_rule("3fff:192::1", "reset"), 0);
  assert_int_equal(lab_rule("198.19.92.1", "reset"), 0);
  begin(&c, *state, "https://svc-ech.lab.test/");
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  assert_int_equal(ech_told(&last), before);
  assert_true(syns_to("3fff:192::1", 4443) > 0);
  assert_true(syns_to("198.19.92.1", 4443) > 0);
  assert_int_equal(syns_to("3fff:192::1", 443), 0);
  assert_int_equal(syns_to("198.19.92.1", 443), 0);
  client_close(&c);
}

/* An attempt to the host itself runs when the record comes. It is given up. */
static void test_late(void **state)
{
  const char *last;
  const unsigned before = ech_told(&last);
  struct client c;
  begin(&c, *state, "https://svc-tardy.lab.test/");
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLUTION_DELAY_MS, 25L),
                   CURL_HE_OK);
  go(&c);
  expect_told(before, LIST);
  assert_true(syns_to("3fff:196::1", 443) > 0);
  assert_true(syns_to("3fff:196::1", 4443) > 0);
  client_url(&c, "https://svc-port.lab.test/");
  go(&c);
  expect_told(before + 1, "");
  client_close(&c);
}

/* libcurl's lookup returns a second after the last address was started. libcurl
   goes on with what runs, and with attempts of its own. */
static void test_slow(void **state)
{
  const char *last;
  const unsigned before = ech_told(&last);
  struct client c;
  assert_int_equal(lab_rule("3fff:195::1", "rtt=2500"), 0);
  assert_int_equal(lab_rule("198.19.97.1", "rtt=2500"), 0);
  begin(&c, *state, "https://svc-near.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 30000L);
  go(&c);
  expect_told(before, LIST);
  client_url(&c, "https://svc-port.lab.test/");
  go(&c);
  expect_told(before + 1, "");
  client_close(&c);
}

static void test_programs_own(void **state)
{
  const char *last;
  unsigned before;
  struct client c;
  begin(&c, *state, "https://svc-ech.lab.test/");
  (curl_easy_setopt)(c.easy, (CURLoption)ECH_OPTION, "hard");
  before = ech_told(&last);
  assert_string_equal(last, "hard");
  go(&c);
  assert_int_equal(ech_told(&last), before);
  (curl_easy_setopt)(c.easy, (CURLoption)ECH_OPTION, NULL);
  client_close(&c);
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_told, "told with the socket, and taken back" },
    { test_mandatory, "a record that demands it is followed" },
    { test_reliant, "nothing goes on without it" },
    { test_late, "what runs without it is given up" },
    { test_slow, "told where libcurl goes on with the race" },
    { test_programs_own, "what the program has set stays" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "ech");
}
