/* SPDX-License-Identifier: MIT */
/* proxy_test.c - with a proxy, nothing goes to the origin: no SYN, and no
 * query for its name where curl-he is told of it. The proxies are those of the
 * laboratory. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROXY "http://proxy.lab.test:3128"
#define PROXY_ADDRESSES "3fff:160::1 198.19.60.1 "

/* Those by the environment are of a known handle, too. */
enum setting { BY_SETOPT, BY_HE_SETOPT, SEEN_SETOPT, BY_ENVIRONMENT,
               BY_ALL_PROXY };

static enum way way_of(enum setting setting)
{
  return setting == BY_SETOPT ? UNDECLARED :
         setting == BY_HE_SETOPT ? DECLARED : SEEN;
}

struct param {
  const char *url;
  const char *proxy;
  const char *pre;        /* CURLOPT_PRE_PROXY, or NULL */
  enum setting setting;
  enum mode mode;
  bool remembered;        /* the origin was visited before, without a proxy */
};

struct seen {
  CURLcode rc;
  long queries;
  struct addresses syns;
};

static struct seen look(const struct param *p, enum mode mode)
{
  struct seen seen;
  struct client c;
  client_open_for(&c, way_of(p->setting), mode, p->url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1000L);
  client_set(&c, UNDECLARED, CURLOPT_PROXY_CAINFO, getenv("HE_LAB_CA"));
  if(p->setting == BY_ENVIRONMENT) {
    setenv("http_proxy", p->proxy, 1);
    setenv("https_proxy", p->proxy, 1);
  }
  else if(p->setting == BY_ALL_PROXY)
    setenv("ALL_PROXY", p->proxy, 1);
  else {
    enum way way = way_of(p->setting);
    client_set(&c, way, CURLOPT_PROXY, p->proxy);
    if(p->pre)
      client_set(&c, way, CURLOPT_PRE_PROXY, p->pre);
  }
  lab_reset();
  seen.rc = client_go(&c);
  unsetenv("http_proxy");
  unsetenv("https_proxy");
  unsetenv("ALL_PROXY");
  seen.queries = dns_queries();
  syn_addresses(&seen.syns);
  client_close(&c);
  return seen;
}

/* Not told of it, curl-he has libcurl begin with IPv4 as soon as is good for
   the origin; with the proxy's. */
static void expect_proxy_alone(const struct addresses *went)
{
  struct addresses proxys = { PROXY_ADDRESSES };
  if(!addresses_within(went, &proxys))
    fail_msg("SYNs to %s", went->text);
}

static void test_proxy(void **state)
{
  const struct param *p = *state;
  struct seen alone = look(p, ALONE);
  struct seen here;
  if(p->remembered)
    know(p->mode, p->url);
  here = look(p, p->mode);
  assert_int_equal(alone.rc, CURLE_OK);
  assert_int_equal(here.rc, CURLE_OK);
  if(p->remembered && p->setting == BY_SETOPT)
    expect_proxy_alone(&here.syns);
  else
    assert_string_equal(here.syns.text, alone.syns.text);
  assert_int_equal(here.queries, alone.queries);
}

/* What comes of libcurl alone. SOCKS4 cannot be given two.lab.test's IPv6. */
static CURLcode ends(const struct param *p)
{
  return strncmp(p->proxy, "socks4:", 7) || libcurl_socks4_picks_ipv4() ?
         CURLE_OK : CURLE_PROXY;
}

/* A proxy at the origin's own port, behind curl-he's back, and half dead: its
   address gives it away. */
static void test_proxy_at_origins_port(void **state)
{
  const struct param *p = *state;
  struct seen alone = look(p, ALONE);
  struct seen here;
  if(p->remembered)
    know(p->mode, p->url);
  here = look(p, p->mode);
  assert_int_equal(alone.rc, ends(p));
  assert_int_equal(here.rc, ends(p));
  assert_string_equal(here.syns.text, alone.syns.text);
  if(p->setting != BY_SETOPT)
    assert_int_equal(here.queries, alone.queries);
}

/* Hosts that no proxy is for are raced. */
static void test_no_proxy(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  setenv("http_proxy", PROXY, 1);
  setenv("no_proxy", "s9.lab.test", 1);
  assert_int_equal(client_go(&c), CURLE_OK);
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  expect_winner(&c, "198.19.9.2");
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  client_close(&c);
}

static void test_noproxy_option(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  for(int way = UNDECLARED; way <= SEEN; way++) {
    client_open_for(&c, (enum way)way, *mode, "http://s2.lab.test/");
    client_set(&c, way, CURLOPT_PROXY, PROXY);
    client_set(&c, way, CURLOPT_NOPROXY, "s2.lab.test");
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_string_equal(c.body, "hello from 198.19.2.1\n");
    assert_int_equal(lab_syns_host("proxy.lab.test"), 0);
    client_close(&c);
  }
}

/* The proxy's time is over: the handle races again. */
static void test_proxy_taken_off(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, DECLARED, CURLOPT_PROXY, PROXY);
  assert_int_equal(client_go(&c), CURLE_OK);
  client_set(&c, DECLARED, CURLOPT_PROXY, "");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  client_close(&c);
}

static void add(struct suite *s, CMUnitTestFunction run, struct param param)
{
  static const char *const by[] = {
    "CURLOPT_PROXY, not declared", "CURLOPT_PROXY, declared",
    "CURLOPT_PROXY of a known handle",
    "the environment", "ALL_PROXY"
  };
  static struct param params[128];
  static size_t used;
  struct param *p = &params[used++];
  *p = param;
  suite_add(s, run, p, "%s through %s%s%s by %s%s, %s", p->url,
            p->pre ? p->pre : "", p->pre ? " and " : "", p->proxy,
            by[p->setting], p->remembered ? ", with a history" : "",
            mode_name(p->mode));
}

static void add_proxies(struct suite *s, struct param p)
{
  static const struct {
    CMUnitTestFunction run;
    const char *url;
    const char *proxy;
  } proxies[] = {
    { test_proxy, "http://s2.lab.test/", PROXY },
    { test_proxy, "https://s6.lab.test/", PROXY },
    { test_proxy_at_origins_port, "http://s6.lab.test/",
      "http://s2.lab.test:80" },
    { test_proxy_at_origins_port, "http://s6.lab.test:443/",
      "https://s2.lab.test:443" }
  };
  for(size_t i = 0; i < sizeof(proxies) / sizeof(*proxies); i++) {
    p.url = proxies[i].url;
    p.proxy = proxies[i].proxy;
    add(s, proxies[i].run, p);
  }
}

static void add_socks(struct suite *s, struct param p)
{
  static const char *const socks[] = {
    "socks4://socks.lab.test:1080", "socks4a://socks.lab.test:1080",
    "socks5://socks.lab.test:1080", "socks5h://socks.lab.test:1080"
  };
  p.url = "http://two.lab.test:1080/";
  for(size_t i = 0; i < sizeof(socks) / sizeof(*socks); i++) {
    p.proxy = socks[i];
    add(s, test_proxy_at_origins_port, p);
  }
  if(p.setting < BY_ENVIRONMENT) {
    p.pre = "socks5h://socks.lab.test:1080";
    p.proxy = PROXY;
    add(s, test_proxy_at_origins_port, p);
  }
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    const char *mode = mode_name(modes[m]);
    struct param all = { .setting = BY_ALL_PROXY, .mode = modes[m] };
    for(int i = BY_SETOPT; i <= BY_ENVIRONMENT; i++) {
      struct param p = { .setting = (enum setting)i, .mode = modes[m] };
      add_proxies(&s, p);
      add_socks(&s, p);
      p.remembered = true;
      add_proxies(&s, p);
    }
    add_proxies(&s, all);
    suite_add(&s, test_no_proxy, &modes[m], "no_proxy, %s", mode);
    suite_add(&s, test_noproxy_option, &modes[m], "CURLOPT_NOPROXY, %s",
              mode);
    suite_add(&s, test_proxy_taken_off, &modes[m],
              "without the proxy again, %s", mode);
  }
  return suite_run(&s, "proxy");
}
