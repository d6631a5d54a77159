/* SPDX-License-Identifier: MIT */
/* upstreams_test.c - the scenarios that concern DNS, with each kind of resolver
 * that CURLHEOPT_RESOLVER may name: who wins, and that nobody asks the system's
 * name server, which never answers here.
 *
 * A family whose answer comes a second late must not win: that is how the test
 * knows that nobody waited for it. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER "198.19.77.1"           /* dns.lab.test, by all ways */
#define DEAD_SERVER "198.18.0.55"
#define SYSTEMS "198.18.0.54"
#define CA "ca=/run/lab/ca.pem"

#define NAME "?name=dns.lab.test&" CA

/* Percent-encoded: dns://SERVER */
#define BOOTSTRAP "bootstrap=dns%3A%2F%2F" SERVER

enum way_of_asking { BY_DNS, BY_TLS, BY_HTTPS, WAYS };

struct resolver {
  const char *name;
  const char *keys;           /* begins where further keys may follow */
  const char *value;
  const char *first_dead;     /* the same, and the first server is dead */
  unsigned port;              /* at which it is asked */
};

static const struct resolver resolvers[WAYS] = {
  { "dns", "?", "dns://" SERVER, "dns://" DEAD_SERVER "," SERVER, 53 },
#ifdef HE_OPENSSL
  { "tls", "&", "tls://" SERVER "?name=dns.lab.test&" CA,
    "tls://" DEAD_SERVER "," SERVER "?name=dns.lab.test&" CA,
    LAB_DNS_TLS_PORT },
#else
  { "tls", "&", "tls://" SERVER NAME, "tls://" DEAD_SERVER "," SERVER NAME,
    LAB_DNS_TLS_PORT },
#endif
  { "https", "&", "https://dns.lab.test:8053/dns-query?" CA "&" BOOTSTRAP,
    "https://dns4.lab.test:8053/dns-query?" CA "&" BOOTSTRAP,
    LAB_DNS_HTTPS_PORT }
};

struct expected {
  const char *what;
  const char *host;
  const char *winner;         /* NULL: there is no such host */
};

static const struct expected table[] = {
  { "1: healthy", "s1.lab.test", "3fff:101::1" },
  { "2: IPv6 dead", "s2.lab.test", "198.19.2.1" },
  { "11: AAAA late", "s11.lab.test", "198.19.11.1" },
  { "12: A late", "s12.lab.test", "3fff:112::1" },
  { "13: AAAA dropped", "s13.lab.test", "198.19.13.1" },
  { "14: A dropped", "s14.lab.test", "3fff:114::1" },
  { "15: AAAA fails", "s15.lab.test", "198.19.15.1" },
  { "15: no AAAA", "s15nodata.lab.test", "198.19.15.2" },
  { "16: A late, IPv6 dead", "s16.lab.test", "198.19.16.1" },
  { "IPv4 alone", "v4only.lab.test", "198.19.51.1" },
  { "IPv6 alone", "v6only.lab.test", "3fff:150::1" },
  { "no such name", "nowhere.lab.test", NULL },
  { "servers fail", "servfail.lab.test", NULL }
};

/* -- the system's resolver, which is not to be asked -- */

static void write_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

static void begin(void)
{
  write_file("/etc/resolv.conf", "nameserver " SYSTEMS "\n"
             "options timeout:1 attempts:1\n");
  assert_int_equal(lab_rule(SYSTEMS, "drop"), 0);
  assert_int_equal(lab_rule(DEAD_SERVER, "drop"), 0);
  lab_reset();
}

/* A connection to the resolver is kept as long as the context. */
static void end(void)
{
  curl_he_free(curl_he_default());
  write_file("/etc/resolv.conf", "nameserver " LAB_DNS_V4 "\n"
             "options timeout:5 attempts:2\n");
}

struct heard {
  unsigned port;              /* of the resolver */
  long resolver;              /* packets to it */
  long plain;                 /* to port 53, of the bootstrap */
  long others;                /* to any other server's port 53 */
};

static int count(const struct lab_packet *p, void *user)
{
  struct heard *h = user;
  const bool to_server = !strcmp(p->dst, SERVER);
  h->resolver += p->dport == h->port;
  h->plain += p->dport == 53 && to_server;
  h->others += p->dport == 53 && !to_server && strcmp(p->dst, DEAD_SERVER);
  return 0;
}

/* What was asked for the host went this way, and no other. */
static void expect_heard(const struct resolver *r, bool asked)
{
  struct heard h = { .port = r->port };
  assert_true(lab_packets(count, &h) >= 0);
  assert_int_equal(h.others, 0);
  assert_int_equal(h.resolver > 0, asked);
  if(r->port == LAB_DNS_TLS_PORT)
    assert_int_equal(h.plain, 0);
  else if(r->port == LAB_DNS_HTTPS_PORT)
    assert_true(h.plain <= 2);   /* AAAA and A of its own name */
}

static void choose(const char *value)
{
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, value),
                   CURL_HE_OK);
}

/* -- tests -- */

struct param {
  const struct resolver *resolver;
  const struct expected *expected;
  enum mode mode;
};

static void go(const struct param *p, const char *scheme)
{
  const struct expected *e = p->expected;
  struct client c;
  char url[128];
  snprintf(url, sizeof(url), "%s://%s/", scheme, e->host);
  client_open(&c, p->mode, url);
  curl_easy_setopt(c.easy, CURLOPT_TIMEOUT_MS, 25000L);
  assert_int_equal(client_go(&c), e->winner ? CURLE_OK :
                   CURLE_COULDNT_RESOLVE_HOST);
  if(e->winner)
    expect_winner(&c, e->winner);
  client_close(&c);
}

static void test_scenario(void **state)
{
  const struct param *p = *state;
  begin();
  choose(p->resolver->value);
  go(p, "http");
  expect_heard(p->resolver, true);
  end();
}

/* 30: the first of two servers is dead; or, of one server, its IPv6. */
static void test_dead(void **state)
{
  const struct param *p = *state;
  begin();
  choose(p->resolver->first_dead);
  go(p, "http");
  expect_heard(p->resolver, true);
  end();
}

/* The first upstream is dead, the second one is not. */
static void test_next(void **state)
{
  const struct param *p = *state;
  char value[512];
  begin();
  snprintf(value, sizeof(value), "tls://" DEAD_SERVER "?name=x.test %s",
           p->resolver->value);
  choose(value);
  go(p, "http");
  expect_heard(p->resolver, true);
  end();
}

/* 26: a new connection goes to a new address, of an answer that is over. */
static void test_moves(void **state)
{
  struct param p = *(const struct param *)*state;
  const struct expected first = { "", "moves.lab.test", "198.19.76.2" };
  begin();
  remember();
  choose(p.resolver->value);
  p.expected = &first;
  visit(p.mode, "https://moves.lab.test/");   /* perhaps the impostor */
  pause_ms(1200);
  go(&p, "https");
  end();
}

/* 27: the hosts file is looked at where the value says so. */
static void test_hosts(void **state)
{
  static const struct expected in_file = { "", "s1.lab.test", "198.19.52.1" };
  struct param p = *(const struct param *)*state;
  char value[512];
  begin();
  write_file("/etc/hosts", "127.0.0.1 localhost\n"
             "198.19.52.1 s1.lab.test\n");
  choose(p.resolver->value);
  go(&p, "http");             /* it is not */
  curl_he_free(curl_he_default());
  pause_ms(300);              /* connections to the resolver end */
  lab_reset();
  snprintf(value, sizeof(value), "%s%shosts=yes", p.resolver->value,
           p.resolver->keys);
  choose(value);
  p.expected = &in_file;
  go(&p, "http");
  write_file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
  expect_heard(p.resolver, false);
  end();
}

/* 28: a name with a dot gets no search domain, one without gets it where the
   value says so. */
static void test_search(void **state)
{
  static const struct expected dotted = { "", "s1.lab", NULL };
  static const struct expected plain = { "", "v4only", "198.19.51.1" };
  struct param p = *(const struct param *)*state;
  char value[512];
  begin();
  snprintf(value, sizeof(value), "%s%ssearch=lab.test", p.resolver->value,
           p.resolver->keys);
  choose(value);
  p.expected = &dotted;
  go(&p, "http");
  p.expected = &plain;
  go(&p, "http");
  expect_heard(p.resolver, true);
  end();
}

/* The laboratory's, which stands over /etc/gai.conf where there is one. */
#define GAI_CONF "/run/lab/etc.gai.conf"

/* 29: gai.conf says which family goes first. */
static void test_gai_conf(void **state)
{
  static const struct expected four = { "", "s1.lab.test", "198.19.1.1" };
  struct param p = *(const struct param *)*state;
  if(access(GAI_CONF, F_OK))
    skip();
  begin();
  write_file(GAI_CONF, "reload yes\nprecedence ::ffff:0:0/96 100\n");
  choose(p.resolver->value);
  p.expected = &four;
  go(&p, "http");
  expect_heard(p.resolver, true);
  write_file(GAI_CONF, "reload yes\n");
  end();
}

/* Whoever cannot prove who it is gets no question, and nobody else does. */
static void test_unproven(void **state)
{
  static const struct expected none = { "", "s1.lab.test", NULL };
  static const char *const values[] = {
    "https://dns.lab.test:8054/dns-query?" CA "&" BOOTSTRAP,
    "https://dns.lab.test:8055/dns-query?" CA "&" BOOTSTRAP,
    "https://dns.nobody.test:8053/dns-query?" CA "&" BOOTSTRAP,
    "https://dns.lab.test:8053/dns-query?" BOOTSTRAP,
    "https://dns.lab.test:8053/dns-query?" CA "&" BOOTSTRAP
    "&pin=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    /* the one behind it is not asked */
    "https://dns.lab.test:8054/dns-query?" CA "&" BOOTSTRAP " dns://" SERVER,
    /* nor where it is the bootstrap's server that cannot */
    "https://dns.lab.test:8053/dns-query?" CA "&bootstrap=tls%3A%2F%2F" SERVER
    "%3Fname%3Ddns.nobody.test dns://" SERVER
  };
  struct param p = *(const struct param *)*state;
  begin();
  p.expected = &none;
  for(size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
    choose(values[i]);
    go(&p, "http");
  }
  choose("https://dns.lab.test:8054/dns-query?opportunistic=yes&" CA "&"
         BOOTSTRAP " dns://" SERVER);
  p.expected = &table[0];
  go(&p, "http");
  end();
}

/* A transfer by way of a redirect, each host at its own moment. */
static void test_redirect(void **state)
{
  const struct param *p = *state;
  struct client c;
  begin();
  choose(p->resolver->value);
  client_open(&c, p->mode, "http://s1.lab.test/redirect?to="
              "http://v4only.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_FOLLOWLOCATION, 1L);
  assert_int_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  expect_heard(p->resolver, true);
  end();
}

/* -- the list -- */

#define PARAMS 128

static const struct param *keep(const struct resolver *r,
                                const struct expected *e, enum mode mode)
{
  static struct param params[PARAMS];
  static size_t n;
  assert_true(n < PARAMS);
  params[n] = (struct param){ r, e, mode };
  return &params[n++];
}

static void add_resolver(struct suite *s, const struct resolver *r,
                         enum mode mode)
{
  const char *how = mode_name(mode);
  const struct param *p = keep(r, &table[0], mode);
  for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
    suite_add(s, test_scenario, keep(r, &table[i], mode), "%s, %s, %s",
              table[i].what, r->name, how);
  suite_add(s, test_moves, p, "26: another address, %s, %s", r->name, how);
  suite_add(s, test_hosts, p, "27: the hosts file, %s, %s", r->name, how);
  suite_add(s, test_search, p, "28: a search domain, %s, %s", r->name, how);
  suite_add(s, test_gai_conf, p, "29: gai.conf, %s, %s", r->name, how);
  suite_add(s, test_dead, p, "30: a dead server, %s, %s", r->name, how);
  suite_add(s, test_next, p, "a dead upstream, %s, %s", r->name, how);
  if(mode == BESIDE)
    suite_add(s, test_redirect, p, "a redirect, %s, %s", r->name, how);
}

/* Without a race in its lookup libcurl would ask the system's server: then the
   transfer fails (resolver_test.c). */
int main(void)
{
  const char *lookup = getenv("CURL_HE_LOOKUP");
  const enum mode mode = lookup && !strcmp(lookup, "off") ? RESOLVING : BESIDE;
  struct suite s = { NULL, 0 };
  if(!access(GAI_CONF, F_OK))   /* it is read once, unless it says this */
    write_file(GAI_CONF, "reload yes\n");
  for(size_t i = 0; i < WAYS; i++)
    add_resolver(&s, &resolvers[i], mode);
  suite_add(&s, test_unproven, keep(&resolvers[BY_HTTPS], &table[0], mode),
            "a server without proof, %s", mode_name(mode));
  return suite_run(&s, "upstreams");
}
