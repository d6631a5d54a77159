/* SPDX-License-Identifier: MIT */
/* proxy_test.c - with a proxy, nothing goes to the origin: no SYN, and no
 * query for its name where curl-he is told of it. The proxies are those of the
 * laboratory. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROXY "http://proxy.lab.test:3128"

enum setting { BY_SETOPT, BY_HE_SETOPT, BY_ENVIRONMENT };

struct param {
  const char *url;
  const char *proxy;
  const char *pre;        /* CURLOPT_PRE_PROXY, or NULL */
  enum setting setting;
  enum mode mode;
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
  client_open(&c, mode, p->url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1000L);
  client_set(&c, UNDECLARED, CURLOPT_PROXY_CAINFO, getenv("HE_LAB_CA"));
  if(p->setting == BY_ENVIRONMENT) {
    setenv("http_proxy", p->proxy, 1);
    setenv("https_proxy", p->proxy, 1);
  }
  else {
    enum way way = p->setting == BY_SETOPT ? UNDECLARED : DECLARED;
    client_set(&c, way, CURLOPT_PROXY, p->proxy);
    if(p->pre)
      client_set(&c, way, CURLOPT_PRE_PROXY, p->pre);
  }
  lab_reset();
  seen.rc = client_go(&c);
  unsetenv("http_proxy");
  unsetenv("https_proxy");
  seen.queries = dns_queries();
  syn_addresses(&seen.syns);
  client_close(&c);
  return seen;
}

static void test_proxy(void **state)
{
  const struct param *p = *state;
  struct seen alone = look(p, ALONE);
  struct seen here = look(p, p->mode);
  assert_int_equal(alone.rc, CURLE_OK);
  assert_int_equal(here.rc, CURLE_OK);
  assert_string_equal(here.syns.text, alone.syns.text);
  assert_int_equal(here.queries, alone.queries);
}

/* A proxy at the origin's own port, behind curl-he's back, and half dead: its
   address gives it away. */
static void test_proxy_at_origins_port(void **state)
{
  const struct param *p = *state;
  struct seen alone = look(p, ALONE);
  struct seen here = look(p, p->mode);
  assert_int_equal(alone.rc, CURLE_OK);
  assert_int_equal(here.rc, CURLE_OK);
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
  for(int way = UNDECLARED; way <= DECLARED; way++) {
    client_open(&c, *mode, "http://s2.lab.test/");
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

static void add(struct suite *s, CMUnitTestFunction run, const char *url,
                const char *proxy, const char *pre, enum setting setting,
                enum mode mode)
{
  static const char *const by[] = {
    "CURLOPT_PROXY, not declared", "CURLOPT_PROXY, declared",
    "the environment"
  };
  static struct param params[64];
  static size_t used;
  struct param *p = &params[used++];
  p->url = url;
  p->proxy = proxy;
  p->pre = pre;
  p->setting = setting;
  p->mode = mode;
  suite_add(s, run, p, "%s through %s%s%s by %s, %s", url, pre ? pre : "",
            pre ? " and " : "", proxy, by[setting], mode_name(mode));
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static const char *const socks[] = {
    "socks4://socks.lab.test:1080", "socks4a://socks.lab.test:1080",
    "socks5://socks.lab.test:1080", "socks5h://socks.lab.test:1080"
  };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    const char *mode = mode_name(modes[m]);
    for(int i = BY_SETOPT; i <= BY_ENVIRONMENT; i++) {
      enum setting by = (enum setting)i;
      add(&s, test_proxy, "http://s2.lab.test/", PROXY, NULL, by, modes[m]);
      add(&s, test_proxy, "https://s6.lab.test/", PROXY, NULL, by, modes[m]);
      add(&s, test_proxy_at_origins_port, "http://s6.lab.test/",
          "http://s2.lab.test:80", NULL, by, modes[m]);
      add(&s, test_proxy_at_origins_port, "http://s6.lab.test:443/",
          "https://s2.lab.test:443", NULL, by, modes[m]);
      for(size_t k = 0; k < sizeof(socks) / sizeof(*socks); k++)
        add(&s, test_proxy_at_origins_port, "http://two.lab.test:1080/",
            socks[k], NULL, by, modes[m]);
      if(by != BY_ENVIRONMENT)
        add(&s, test_proxy_at_origins_port, "http://two.lab.test:1080/",
            PROXY, "socks5h://socks.lab.test:1080", by, modes[m]);
    }
    suite_add(&s, test_no_proxy, &modes[m], "no_proxy, %s", mode);
    suite_add(&s, test_noproxy_option, &modes[m], "CURLOPT_NOPROXY, %s",
              mode);
    suite_add(&s, test_proxy_taken_off, &modes[m],
              "without the proxy again, %s", mode);
  }
  return suite_run(&s, "proxy");
}
