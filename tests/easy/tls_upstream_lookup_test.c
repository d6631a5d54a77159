/* SPDX-License-Identifier: MIT */
/* tls_upstream_lookup_test.c - CURLHEOPT_RESOLVER "tls://...", with dnsdist as
 * the server: who hears of a host, over how many connections, and who never
 * does. The system's name server never answers. */
#include "harness.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEMS "198.18.0.54"

/* The servers, and the name that their certificate has. */
#define SERVERS "[3fff:177::1],198.19.77.1"
#define HALF_DEAD "[3fff:178::1],198.19.78.1"    /* no IPv6 */
#define NAME "?name=dns.lab.test"

struct heard {
  long clear;                 /* questions that everybody can read */
  long syns;                  /* to ports of DNS over TLS */
  long data;                  /* packets with data to these */
};

static int count(const struct lab_packet *p, void *user)
{
  struct heard *h = user;
  const bool tls = p->proto == IPPROTO_TCP && p->dport >= LAB_DNS_TLS_PORT &&
                   p->dport < LAB_DNS_TLS_PORT + 3;
  h->clear += p->dport == 53;
  h->syns += tls && p->flags & 2;
  h->data += tls && !(p->flags & 2) && p->length > 100;
  return 0;
}

static struct heard heard(void)
{
  struct heard h = { 0, 0, 0 };
  assert_true(lab_packets(count, &h) >= 0);
  return h;
}

static void name_server(const char *address)
{
  FILE *f = fopen("/etc/resolv.conf", "w");
  assert_non_null(f);
  fprintf(f, "nameserver %s\noptions timeout:1 attempts:1\n", address);
  assert_int_equal(fclose(f), 0);
}

static void begin(void)
{
  name_server(SYSTEMS);
  assert_int_equal(lab_rule(SYSTEMS, "drop"), 0);
}

/* The connection that is kept ends with the context: tear_down() looks. */
static void end(void)
{
  curl_he_free(curl_he_default());
  name_server(LAB_DNS_V4);
}

/* With the laboratory's authority; `more` may be another upstream. */
static void choose(const char *servers, const char *keys, const char *more)
{
  char value[512];
  snprintf(value, sizeof(value), "tls://%s%s&ca=%s%s", servers, keys,
           getenv("HE_LAB_CA"), more);
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, value),
                   CURL_HE_OK);
}

static CURLcode go(enum mode mode, const char *host)
{
  struct client c;
  char url[128];
  CURLcode rc;
  snprintf(url, sizeof(url), "http://%s/", host);
  client_open(&c, mode, url);
  curl_easy_setopt(c.easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 20000L);
  rc = client_go(&c);
  if(rc)
    print_race(c.easy);
  client_close(&c);
  return rc;
}

/* Several hosts, one connection. */
static void test_asked(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct heard h;
  begin();
  choose(SERVERS, NAME, "");
  assert_int_equal(go(mode, "s1.lab.test"), CURLE_OK);
  assert_int_equal(go(mode, "s3.lab.test"), CURLE_OK);
  assert_int_equal(go(mode, "v4only.lab.test"), CURLE_OK);
  assert_int_equal(go(mode, "v6only.lab.test"), CURLE_OK);
  assert_int_equal(go(mode, "s1.lab.test/redirect?to=http://s2.lab.test/"),
                   CURLE_OK);
  assert_int_equal(go(mode, "none.lab.test"), CURLE_COULDNT_RESOLVE_HOST);
  h = heard();
  assert_int_equal(h.clear, 0);
  assert_int_equal(h.syns, 1);
  end();
}

/* The first server's network is dead: its second address is there one delay
   later. */
static void test_dead_first(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose(HALF_DEAD, NAME, "");
  assert_int_equal(go(mode, "s1.lab.test"), CURLE_OK);
  assert_int_equal(heard().clear, 0);
  assert_int_equal(heard().syns, 2);
  end();
}

/* Answers that are late, lost or errors, as scenarios 11 to 15 have them. */
static void test_scenarios(void **state)
{
  static const struct {
    const char *host, *winner;
  } table[] = {
    { "s11.lab.test", "198.19.11.1" }, { "s12.lab.test", "3fff:112::1" },
    { "s13.lab.test", "198.19.13.1" }, { "s14.lab.test", "3fff:114::1" },
    { "s15.lab.test", "198.19.15.1" }, { "s15nodata.lab.test", "198.19.15.2" },
    { "s16.lab.test", "198.19.16.1" }
  };
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose(HALF_DEAD, NAME, "");
  for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    struct client c;
    char url[128];
    snprintf(url, sizeof(url), "http://%s/", table[i].host);
    client_open(&c, mode, url);
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_winner(&c, table[i].winner);
    client_close(&c);
  }
  assert_int_equal(heard().clear, 0);
  end();
}

/* Whoever is there instead of the server hears nothing, and nobody is asked
   in its place. */
static void test_unproven(void **state)
{
  static const struct {
    const char *what, *servers, *keys;
  } table[] = {
    { "another certificate", "198.19.77.1:854", NAME },
    { "an expired one", "198.19.77.1:855", NAME },
    { "another name", "198.19.77.1", "?name=dns.nobody.test" },
    { "a wrong pin", "198.19.77.1", NAME
      "&pin=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
    { "a wrong pin alone", "198.19.77.1",
      "?pin=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" }
  };
  const enum mode mode = *(const enum mode *)*state;
  begin();
  for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    print_message("  %s\n", table[i].what);
    lab_reset();
    choose(table[i].servers, table[i].keys, " dns://" LAB_DNS_V4);
    assert_int_equal(go(mode, "s1.lab.test"), CURLE_COULDNT_RESOLVE_HOST);
    assert_int_equal(heard().clear, 0);
    assert_true(heard().syns > 0);
  }
  end();
}

/* Then anybody may be asked, by TLS. */
static void test_opportunistic(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose("198.19.77.1:854", NAME "&opportunistic=yes", "");
  assert_int_equal(go(mode, "s1.lab.test"), CURLE_OK);
  assert_int_equal(heard().clear, 0);
  end();
}

/* The next resolver is asked where this one cannot be reached. */
static void test_unreachable(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  assert_int_equal(lab_rule("198.19.77.1", "reset"), 0);
  choose("198.19.77.1", NAME, " dns://" LAB_DNS_V4);
  assert_int_equal(go(mode, "s1.lab.test"), CURLE_OK);
  assert_true(heard().clear > 0);
  assert_int_equal(heard().data, 0);
  end();
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_asked, "several hosts" }, { test_dead_first, "a dead server" },
    { test_scenarios, "answers that are late or lost" },
    { test_unproven, "who is not proven" },
    { test_opportunistic, "who need not be proven" },
    { test_unreachable, "who is not there" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "tls upstream");
}
