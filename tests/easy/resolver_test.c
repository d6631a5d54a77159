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

/* A handle, and how it is performed. Is it known, libcurl's own call for a name
   is answered, whether or not it is raced. */
struct kind {
  enum mode mode;
  enum sight sight;
};

static const char *kind_name(const struct kind *k)
{
  static char name[64];
  snprintf(name, sizeof(name), "%s, %s", mode_name(k->mode),
           k->sight == KNOWN ? "known" : "unknown");
  return name;
}

static bool answers(const struct kind *k)
{
  return k->sight == KNOWN;
}

static void open_client(struct client *c, const struct kind *k,
                        const char *url)
{
  if(k->sight == KNOWN)
    client_open(c, k->mode, url);
  else
    client_open_unknown(c, k->mode, url);
}

static void choose(const char *value)
{
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, value),
                   CURL_HE_OK);
}

static CURLcode go(const struct kind *k, const char *url)
{
  struct client c;
  CURLcode rc;
  open_client(&c, k, url);
  client_set(&c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 20000L);
  rc = client_go(&c);
  client_close(&c);
  return rc;
}

/* curl_he_perform() asks for itself. Else libcurl's call is answered; where it
   cannot be, the transfer fails rather than the system hears of it. */
static void test_asked(void **state)
{
  static const char *const urls[] = {
    "http://s1.lab.test/", "http://s2.lab.test/", "http://v4only.lab.test/"
  };
  const struct kind *k = *state;
  const bool resolves = k->mode == RESOLVING || answers(k);
  begin();
  choose("dns://" CONFIGURED);
  for(size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
    struct heard h;
    lab_reset();
    assert_int_equal(go(k, urls[i]), resolves ? CURLE_OK :
                     CURLE_COULDNT_RESOLVE_HOST);
    h = heard();
    assert_int_equal(h.systems, 0);
    assert_int_equal(h.configured, resolves ? 2 : 0);
  }
  end();
}

/* What libcurl asks for when a request was sent, only its own call can be
   answered. */
static void test_redirected(void **state)
{
  const struct kind *k = *state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(k, "http://s1.lab.test/redirect?to="
                      "http://v4only.lab.test/"),
                   answers(k) ? CURLE_OK : CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(heard().systems, 0);
  end();
}

static void test_no_such_name(void **state)
{
  const struct kind *k = *state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(k, "http://none.lab.test/"),
                   CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(heard().systems, 0);
  end();
}

/* No server answers: the transfer fails, and nobody else is asked. */
static void test_silent(void **state)
{
  const struct kind *k = *state;
  struct client c;
  begin();
  choose("dns://198.18.0.55");
  assert_int_equal(lab_rule("198.18.0.55", "drop"), 0);
  open_client(&c, k, "http://s1.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1500L);
  assert_int_not_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  assert_int_equal(heard().systems, 0);
  assert_int_equal(heard().configured, 0);
  end();
}

/* An address is looked up by nobody. */
static void test_literal(void **state)
{
  const struct kind *k = *state;
  begin();
  choose("dns://" CONFIGURED);
  assert_int_equal(go(k, "http://198.19.1.1/"), CURLE_OK);
  assert_int_equal(go(k, "http://[3fff:101::1]/"), CURLE_OK);
  assert_int_equal(heard().configured, 0);
  assert_int_equal(heard().systems, 0);
  end();
}

/* By a rule for a host; taken back, the system is asked again. */
static void test_rule(void **state)
{
  const struct kind *k = *state;
  begin();
  assert_int_equal(curl_he_host_setopt(NULL, "*.lab.test", CURLHEOPT_RESOLVER,
                                       "dns://" CONFIGURED), CURL_HE_OK);
  assert_int_equal(go(k, "http://s1.lab.test/"), CURLE_OK);
  assert_int_equal(heard().systems, 0);
  assert_int_equal(curl_he_host_setopt(NULL, "*.lab.test", CURLHEOPT_RESOLVER,
                                       NULL), CURL_HE_OK);
  go(k, "http://s3.lab.test/");   /* nobody has asked for it before */
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

/* libcurl goes where it was told to, and connects by itself. The system does
   not hear of the name all the same. */
static void test_bound(void **state)
{
  const struct kind *k = *state;
  struct client c;
  begin();
  choose("dns://" CONFIGURED);
  open_client(&c, k, "http://s1.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_INTERFACE, "lab0");
  assert_int_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  assert_int_equal(heard().systems, 0);
  assert_true(heard().configured > 0);
  end();
}

/* SOCKS4 and SOCKS5 proxies want an address: libcurl looks the host's name up
   when the proxy, which is at an address, is connected. That call is none of
   curl-he's, so it must not be made. */
static void test_socks(void **state)
{
  static const char *const schemes[] = { "socks4", "socks5" };
  const struct kind *k = *state;
  begin();
  choose("dns://" CONFIGURED);
  for(size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
    struct client c;
    char proxy[64];
    snprintf(proxy, sizeof(proxy), "%s://198.19.66.1:1080", schemes[i]);
    open_client(&c, k, "http://v4only.lab.test:1080/");
    client_set(&c, UNDECLARED, CURLOPT_PROXY, proxy);
    client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 20000L);
    assert_int_not_equal(client_go(&c), CURLE_OK);
    assert_int_equal(heard().systems, 0);
    /* an address is nobody's to hear of */
    client_url(&c, "http://198.19.52.1:1080/");
    assert_int_equal(client_go(&c), CURLE_OK);
    client_close(&c);
  }
  assert_int_equal(heard().systems, 0);
  end();
}

#ifdef CURLU_ALLOW_SPACE      /* without it there is no such URL */
/* libcurl goes by a CURLU, with a URL that curl-he cannot read: whose resolver
   to ask nobody knows. */
static void test_unreadable(void **state)
{
  const struct kind *k = *state;
  CURLU *u = curl_url();
  struct client c;
  begin();
  assert_non_null(u);
  assert_int_equal(curl_url_set(u, CURLUPART_URL, "http://s1.lab.test:80/a b",
                                CURLU_ALLOW_SPACE), CURLUE_OK);
  for(int configured = 1; configured >= 0; configured--) {
    assert_int_equal(curl_he_host_setopt(NULL, "*.lab.test",
                                         CURLHEOPT_RESOLVER, configured ?
                                         "dns://" CONFIGURED : NULL),
                     CURL_HE_OK);
    open_client(&c, k, "http://s1.lab.test/");
    client_set(&c, UNDECLARED, CURLOPT_URL, NULL);
    client_set(&c, UNDECLARED, CURLOPT_CURLU, u);
    assert_int_equal(client_go(&c), CURLE_COULDNT_RESOLVE_HOST);
    client_close(&c);
    /* the system's is asked, where none is configured, and does not answer */
    assert_int_equal(heard().systems > 0, !configured);
  }
  curl_url_cleanup(u);
  end();
}
#endif

int main(void)
{
  static const struct kind kinds[] = {
    { BESIDE, KNOWN }, { RESOLVING, KNOWN }, { BESIDE, UNKNOWN },
    { RESOLVING, UNKNOWN }
  };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < sizeof(kinds) / sizeof(*kinds); m++) {
    const struct kind *k = &kinds[m];
    const char *name = kind_name(k);
    suite_add(&s, test_asked, k, "a configured server, %s", name);
    suite_add(&s, test_no_such_name, k, "no such name, %s", name);
    suite_add(&s, test_silent, k, "a silent server, %s", name);
    suite_add(&s, test_literal, k, "addresses, %s", name);
    if(answers(k) || k->mode == RESOLVING) {
      suite_add(&s, test_redirected, k, "a redirect, %s", name);
      suite_add(&s, test_rule, k, "a rule for hosts, %s", name);
    }
#ifdef CURLU_ALLOW_SPACE
    suite_add(&s, test_unreadable, k, "an unreadable URL, %s", name);
#endif
    if(answers(k)) {
      suite_add(&s, test_bound, k, "a bound socket, %s", name);
      suite_add(&s, test_socks, k, "a SOCKS proxy, %s", name);
    }
  }
  suite_add(&s, test_values, NULL, "values");
  return suite_run(&s, "resolver");
}
