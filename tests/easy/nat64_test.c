/* SPDX-License-Identifier: MIT */
/* nat64_test.c - a client without IPv4, in a network with a translator: what
 * has an IPv4 address alone is reached by an IPv6 address made of it, and
 * nowhere else is one made. The name server is reached in this way, too. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With the laboratory's prefix. */
#define DNS_THROUGH "3fff:64::c612:35"
#define V4ONLY "198.19.51.1"
#define V4ONLY_THROUGH "3fff:64::c613:3301"

static void command(const char *line)
{
  assert_int_equal(system(line), 0);
}

static void name_server(const char *address)
{
  FILE *f = fopen("/etc/resolv.conf", "w");
  assert_non_null(f);
  fprintf(f, "nameserver %s\noptions timeout:5 attempts:2\n", address);
  assert_int_equal(fclose(f), 0);
}

static void leave_ipv4(void)
{
  command("ip -4 route del default && ip addr del " LAB_CLIENT_V4
          "/24 dev lab0");
  name_server(DNS_THROUGH);
}

static void return_to_ipv4(void)
{
  command("ip addr add " LAB_CLIENT_V4 "/24 dev lab0 && "
          "ip route add default dev lab0");
  name_server(LAB_DNS_V4);
}

/* curl-he begins to listen for routers: then it has what it will have open. */
static int begin(void **state)
{
  leave_ipv4();
  return set_up(state);
}

/* Nothing is known of the network. */
static void forget(void)
{
  curl_he_free(curl_he_default());
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_HISTORY, 0L), CURL_HE_OK);
}

static int end(void **state)
{
  return_to_ipv4();
  return tear_down(state);
}

/* Questions for ipv4only.arpa. */
static int count_prefix(const struct lab_packet *p, void *user)
{
  *(long *)user += p->fate == 's' && p->dport == 53 &&
                   !strcmp(p->name, "ipv4only.arpa");
  return 0;
}

static long prefix_questions(void)
{
  long n = 0;
  assert_true(lab_traffic(count_prefix, &n) >= 0);
  return n;
}

/* The answer is from the server at `v4`, and libcurl is connected to
   `through`. */
static void expect_through(struct client *c, const char *v4,
                           const char *through)
{
  char body[128];
  char *ip = NULL;
  snprintf(body, sizeof(body), "hello from %s\n", v4);
  assert_string_equal(c->body, body);
  curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip);
  assert_string_equal(ip, through);
}

static void test_a_only(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  forget();
  for(int i = 0; i < 2; i++) {
    struct client c;
    client_open(&c, mode, "http://v4only.lab.test/");
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_through(&c, V4ONLY, V4ONLY_THROUGH);
    client_close(&c);
  }
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 2);
  assert_int_equal(prefix_questions(), 1);
}

/* A router advertises another prefix, and then takes that back. The client has
   to have an address of the link to hear it. */
static void test_router(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  command("ip addr add fe80::2/64 dev lab0 nodad");
  assert_int_equal(lab_nat64(LAB_NAT64 " 3fff:65::/48"), 0);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(lab_pref64("3fff:65::/48", 1800), 0);
  pause_ms(100);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(lab_syns("3fff:65:0:c613:33:100::"), 1);
  assert_int_equal(lab_pref64("3fff:65::/48", 0), 0);
  pause_ms(100);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(lab_syns("3fff:65:0:c613:33:100::"), 1);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 2);
  assert_int_equal(prefix_questions(), 0);
  command("ip addr del fe80::2/64 dev lab0");
}

static void add(struct suite *s, CMUnitTestFunction run, const void *state,
                const char *what)
{
  suite_add(s, run, state, "%s", what);
  s->tests[s->count - 1].setup_func = begin;
  s->tests[s->count - 1].teardown_func = end;
}

int main(void)
{
  static const enum mode beside = BESIDE;
  struct suite s = { NULL, 0 };
  add(&s, test_a_only, &beside, "a host that has A alone");
  add(&s, test_router, &beside, "a router's prefix");
  return suite_run(&s, "nat64");
}
