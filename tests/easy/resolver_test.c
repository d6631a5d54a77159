/* SPDX-License-Identifier: MIT */
/* resolver_test.c - which servers hear of a host where CURLHEOPT_RESOLVER
 * names some, whatever comes of the transfer. The system's name server is
 * another one, which never answers. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIGURED LAB_DNS_V4
#define SYSTEMS "198.18.0.54"

struct heard {
  long configured;
  long systems;
};

static int count(const struct lab_packet *p, void *user)
{
  struct heard *h = user;
  h->configured += p->dport == 53 && !strcmp(p->dst, CONFIGURED);
  h->systems += p->dport == 53 && !strcmp(p->dst, SYSTEMS);
  return 0;
}

static struct heard heard(void)
{
  struct heard h = { 0, 0 };
  assert_true(lab_packets(count, &h) >= 0);
  return h;
}

/* The laboratory's own server is no longer the system's, until end(). */
static void name_servers(const char *address)
{
  FILE *f = fopen("/etc/resolv.conf", "w");
  assert_non_null(f);
  fprintf(f, "nameserver %s\noptions timeout:1 attempts:1\n", address);
  assert_int_equal(fclose(f), 0);
}

static void begin(void)
{
  name_servers(SYSTEMS);
  assert_int_equal(lab_rule(SYSTEMS, "drop"), 0);
}

/* Each test's setup takes the usual system. */
static void end(void)
{
  name_servers(LAB_DNS_V4);
}

/* Is libcurl's own call for a name raced? */
static bool has_lookup(void)
{
  const char *say = getenv("CURL_HE_LOOKUP");
  return !say || strcmp(say, "off");
}

static void choose(const char *value)
{
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, value),
                   CURL_HE_OK);
}

static CURLcode go(enum mode mode, const char *url)
{
  struct client c;
  CURLcode rc;
  client_open(&c, mode, url);
  curl_easy_setopt(c.easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 20000L);
  rc = client_go(&c);
  client_close(&c);
  return rc;
}

/* curl_he_perform() asks for itself. Else libcurl's call is raced; where it is
   not, the transfer fails rather than the system hears of it. */
static void test_asked(void **state)
{
  static const char *const urls[] = {
    "http://s1.lab.test/", "http://s2.lab.test/", "http://v4only.lab.test/"
  };
  const enum mode mode = *(const enum mode *)*state;
  const bool resolves = mode == RESOLVING || has_lookup();
  begin();
  choose("dns://" CONFIGURED);
  for(size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
    struct heard h;
    lab_reset();
    assert_int_equal(go(mode, urls[i]), resolves ? CURLE_OK :
                     CURLE_COULDNT_RESOLVE_HOST);
    h = heard();
    assert_int_equal(h.systems, 0);
    assert_int_equal(h.configured, resolves ? 2 : 0);
  }
  end();
}

/* What libcurl asks for when a request was sent, only its own call can be raced
   for. */
static void test_redirected(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(mode, "http://s1.lab.test/redirect?to="
                      "http://v4only.lab.test/"),
                   has_lookup() ? CURLE_OK : CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(heard().systems, 0);
  end();
}

static void test_no_such_name(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(mode, "http://none.lab.test/"),
                   CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(heard().systems, 0);
  end();
}

/* No server answers: the transfer fails, and nobody else is asked. */
static void test_silent(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  begin();
  choose("dns://198.18.0.55");
  assert_int_equal(lab_rule("198.18.0.55", "drop"), 0);
  client_open(&c, mode, "http://s1.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_CONNECTTIMEOUT_MS, 1500L);
  assert_int_not_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  assert_int_equal(heard().systems, 0);
  assert_int_equal(heard().configured, 0);
  end();
}

/* An address is looked up by nobody. */
static void test_literal(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(mode, "http://198.19.1.1/"), CURLE_OK);
  assert_int_equal(go(mode, "http://[3fff:101::1]/"), CURLE_OK);
  assert_int_equal(heard().configured, 0);
  assert_int_equal(heard().systems, 0);
  end();
}

/* By a rule for a host; taken back, the system is asked again. */
static void test_rule(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  begin();
  assert_int_equal(curl_he_host_setopt(NULL, "*.lab.test", CURLHEOPT_RESOLVER,
                                       "dns://" CONFIGURED), CURL_HE_OK);
  assert_int_equal(go(mode, "http://s1.lab.test/"), CURLE_OK);
  assert_int_equal(heard().systems, 0);
  assert_int_equal(curl_he_host_setopt(NULL, "*.lab.test", CURLHEOPT_RESOLVER,
                                       NULL), CURL_HE_OK);
  go(mode, "http://s3.lab.test/");   /* nobody has asked for it before */
  assert_true(heard().systems > 0);
  end();
}

static void test_values(void **state)
{
  struct client c;
  (void)state;
  client_open(&c, BESIDE, "http://s1.lab.test/");
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, "dns://x"),
                   CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, ""),
                   CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_host_setopt(NULL, "a.test", CURLHEOPT_RESOLVER,
                                       "dns://1.2.3.4:0"), CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_RESOLVER, "system"),
                   CURL_HE_WRONG_SCOPE);
  choose("system");
  choose(NULL);
  client_close(&c);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    const char *mode = mode_name(modes[m]);
    suite_add(&s, test_asked, &modes[m], "a configured server, %s", mode);
    suite_add(&s, test_no_such_name, &modes[m], "no such name, %s", mode);
    suite_add(&s, test_silent, &modes[m], "a silent server, %s", mode);
    suite_add(&s, test_literal, &modes[m], "addresses, %s", mode);
    if(modes[m] != RESOLVING && !has_lookup())
      continue;
    suite_add(&s, test_redirected, &modes[m], "a redirect, %s", mode);
    suite_add(&s, test_rule, &modes[m], "a rule for hosts, %s", mode);
  }
  suite_add(&s, test_values, NULL, "values");
  return suite_run(&s, "resolver");
}
