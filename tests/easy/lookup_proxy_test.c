/* SPDX-License-Identifier: MIT */
/* lookup_proxy_test.c - with a proxy, the lookup is the proxy's, and is raced;
 * what a proxy is asked to reach is not: no SYN goes there. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setting { BY_OPTION, BY_PRE_PROXY, BY_HTTP_PROXY, BY_ALL_PROXY };

/* A proxy, and what a race to it looks like. */
struct place {
  const char *host;
  int port;
  const char *attempts;
  const char *addresses;   /* SYNs go to no other */
};

struct param {
  const char *scheme;      /* the proxy's */
  const struct place *at;
  const char *url;
  enum setting setting;
  enum mode mode;
  bool typed;              /* the scheme by CURLOPT_PROXYTYPE */
};

static long type_of(const char *scheme)
{
  static const struct {
    const char *scheme;
    long type;
  } types[] = {
    { "http", CURLPROXY_HTTP }, { "https", CURLPROXY_HTTPS },
    { "socks4", CURLPROXY_SOCKS4 }, { "socks4a", CURLPROXY_SOCKS4A },
    { "socks5", CURLPROXY_SOCKS5 }, { "socks5h", CURLPROXY_SOCKS5_HOSTNAME }
  };
  for(size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
    if(!strcmp(types[i].scheme, scheme))
      return types[i].type;
  }
  return -1;
}

static void set_proxy(struct client *c, const struct param *p)
{
  char text[128];
  snprintf(text, sizeof(text), "%s%s%s:%d", p->typed ? "" : p->scheme,
           p->typed ? "" : "://", p->at->host, p->at->port);
  switch(p->setting) {
  case BY_OPTION:
    client_set(c, UNDECLARED, CURLOPT_PROXY, text);
    if(p->typed)
      client_set(c, UNDECLARED, CURLOPT_PROXYTYPE, type_of(p->scheme));
    break;
  case BY_PRE_PROXY:
    client_set(c, UNDECLARED, CURLOPT_PRE_PROXY, text);
    break;
  case BY_HTTP_PROXY:
    setenv("http_proxy", text, 1);
    setenv("https_proxy", text, 1);
    break;
  case BY_ALL_PROXY:
    setenv("ALL_PROXY", text, 1);
    break;
  }
}

static void forget_environment(void)
{
  unsetenv("http_proxy");
  unsetenv("https_proxy");
  unsetenv("ALL_PROXY");
  unsetenv("no_proxy");
}

/* -- tests -- */

/* No SYN but to these. */
static void expect_no_other(const char *addresses)
{
  struct addresses went, allowed;
  snprintf(allowed.text, sizeof(allowed.text), "%s", addresses);
  syn_addresses(&went);
  if(!addresses_within(&went, &allowed))
    fail_msg("SYNs to %s", went.text);
}

static void expect_raced(struct client *c, const char *attempts)
{
  expect_attempts(c, attempts);
  assert_int_equal(own_attempts(c->easy), steps(c->easy, CURL_HE_STEP_START));
  assert_int_equal(info_long(c->easy, CURLHEINFO_HANDED_OVER), 1);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_ASIDE), 0);
}

static void test_raced(void **state)
{
  const struct param *p = *state;
  struct client c;
  CURLcode rc;
  client_open(&c, p->mode, p->url);
  client_set(&c, UNDECLARED, CURLOPT_PROXY_CAINFO, getenv("HE_LAB_CA"));
  set_proxy(&c, p);
  rc = client_go(&c);
  forget_environment();
  if(rc)
    print_race(c.easy);
  assert_int_equal(rc, CURLE_OK);
  expect_raced(&c, p->at->attempts);
  expect_no_other(p->at->addresses);
  client_close(&c);
}

/* The second transfer has the proxy's name in libcurl's cache: what is looked
   up, if anything, is the proxy's business from the beginning. */
static void test_cached(void **state)
{
  const struct param *p = *state;
  struct client c;
  client_open(&c, p->mode, p->url);
  set_proxy(&c, p);
  assert_int_equal(client_go(&c), CURLE_OK);
  client_set(&c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
  client_url(&c, "http://socks-other.lab.test:1080/");
  client_go(&c);
  client_url(&c, p->url);
  assert_int_equal(client_go(&c), CURLE_OK);
  forget_environment();
  expect_no_other(p->at->addresses);
  client_close(&c);
}

/* Does this SOCKS proxy have to be given an IPv4 address, which this libcurl
   finds for no host that has an IPv6 address, too? */
static bool needs_ipv4(const char *scheme)
{
  return !strcmp(scheme, "socks4") && !libcurl_socks4_picks_ipv4();
}

/* Both are resolved here: by the pre-proxy's own rules the proxy's name is
   looked up when the pre-proxy is connected. */
static void test_both(void **state)
{
  const struct param *p = *state;
  struct client c;
  client_open(&c, p->mode, "http://s2.lab.test/");
  set_proxy(&c, p);
  client_set(&c, UNDECLARED, CURLOPT_PROXY, needs_ipv4(p->scheme) ?
             "http://198.19.60.1:3128" : "http://proxy.lab.test:3128");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_no_other(p->at->addresses);
  client_close(&c);
}

/* Hosts that no proxy is for are raced themselves. */
static void test_no_proxy(void **state)
{
  const struct param *p = *state;
  struct client c;
  client_open(&c, p->mode, "http://s6.lab.test/");
  set_proxy(&c, p);
  if(p->setting == BY_OPTION)
    client_set(&c, UNDECLARED, CURLOPT_NOPROXY, "other.test,s6.lab.test");
  else
    setenv("no_proxy", "other.test,lab.test", 1);
  assert_int_equal(client_go(&c), CURLE_OK);
  forget_environment();
  expect_winner(&c, "198.19.6.2");
  expect_raced(&c, "C 3fff:106::1 0, C 198.19.6.1 50, C 198.19.6.2 150");
  expect_no_other("3fff:106::1 198.19.6.1 198.19.6.2 ");
  client_close(&c);
}

static void turn(CURLM *multi)
{
  int running;
  curl_multi_perform(multi, &running);
  curl_multi_poll(multi, NULL, 0, 20, NULL);
}

/* What one handle's SOCKS proxy made libcurl look up is over: another handle's
   lookup of the proxy's name is this one's own. */
static void test_two(void **state)
{
  const struct param *p = *state;
  CURLM *multi = curl_multi_init();
  struct client slow, c;
  char url[64];
  snprintf(url, sizeof(url), "%sslow", p->url);
  client_open(&slow, BESIDE, url);
  set_proxy(&slow, p);
  curl_multi_add_handle(multi, slow.easy);
  while(!slow.size)
    turn(multi);
  client_open(&c, BESIDE, p->url);
  set_proxy(&c, p);
  curl_easy_setopt(c.easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_multi_add_handle(multi, c.easy);
  while(!c.size)
    turn(multi);
  expect_raced(&c, p->at->attempts);
  curl_multi_remove_handle(multi, c.easy);
  curl_multi_remove_handle(multi, slow.easy);
  client_close(&c);
  client_close(&slow);
  curl_multi_cleanup(multi);
}

/* -- all of them -- */

static const struct place s2_http = {
  "s2.lab.test", 80, "C 3fff:102::1 0, C 198.19.2.1 50",
  "3fff:102::1 198.19.2.1 "
};
static const struct place s2_https = {
  "s2.lab.test", 443, "C 3fff:102::1 0, C 198.19.2.1 50",
  "3fff:102::1 198.19.2.1 "
};
static const struct place forward = {
  "proxy.lab.test", 3128, "C 3fff:160::1 0", "3fff:160::1 "
};
static const struct place socks = {
  "socks.lab.test", 1080, "C 3fff:166::1 0, C 198.19.66.1 50",
  "3fff:166::1 198.19.66.1 "
};

static const struct param table[] = {
  { "http", &s2_http, "http://s6.lab.test/", BY_OPTION, 0, false },
  { "http", &forward, "http://s2.lab.test/", BY_OPTION, 0, false },
  { "http", &forward, "https://s2.lab.test/", BY_OPTION, 0, false },
  { "http", &forward, "https://s2.lab.test/", BY_OPTION, 0, true },
  { "http", &s2_http, "http://s6.lab.test/", BY_HTTP_PROXY, 0, false },
  { "http", &s2_http, "http://s6.lab.test/", BY_ALL_PROXY, 0, false },
  { "https", &s2_https, "http://s6.lab.test:443/", BY_OPTION, 0, false },
  { "https", &s2_https, "http://s6.lab.test:443/", BY_HTTP_PROXY, 0, false },
};

static void add(struct suite *s, CMUnitTestFunction run, struct param param,
                enum mode mode)
{
  static const char *const by[] = {
    "CURLOPT_PROXY", "CURLOPT_PRE_PROXY", "the environment", "ALL_PROXY"
  };
  static struct param params[128];
  static size_t used;
  struct param *p = &params[used++];
  *p = param;
  p->mode = mode;
  suite_add(s, run, p, "%s%s by %s, to %s, %s: %s", p->scheme,
            p->typed ? " (by type)" : "", by[p->setting], p->url,
            mode_name(mode), run == test_raced ? "raced" :
            run == test_no_proxy ? "not for this host" :
            run == test_cached ? "its name is cached" :
            run == test_two ? "two at once" : "and another one");
}

static void add_socks(struct suite *s, const char *scheme, enum mode mode)
{
  struct param p = { scheme, &socks, needs_ipv4(scheme) ?
                     "http://198.19.52.1:1080/" : "http://two.lab.test:1080/",
                     BY_OPTION, mode, false };
  for(int typed = 0; typed < 2; typed++) {
    p.typed = typed;
    add(s, test_raced, p, mode);
  }
  p.typed = false;
  add(s, test_cached, p, mode);
  if(mode == BESIDE)
    add(s, test_two, p, mode);
  add(s, test_no_proxy, p, mode);
  p.setting = BY_ALL_PROXY;
  add(s, test_raced, p, mode);
  add(s, test_no_proxy, p, mode);
  p.setting = BY_PRE_PROXY;
  add(s, test_raced, p, mode);
  add(s, test_both, p, mode);
}

int main(void)
{
  static const char *const schemes[] = {
    "socks4", "socks4a", "socks5", "socks5h"
  };
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
      add(&s, test_raced, table[i], modes[m]);
    add(&s, test_no_proxy, table[0], modes[m]);
    add(&s, test_no_proxy, table[5], modes[m]);
    for(size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
      add_socks(&s, schemes[i], modes[m]);
  }
  return suite_run(&s, "lookups of proxies");
}
