/* SPDX-License-Identifier: MIT */
/* history_test.c - what a connect taught, and the next one to the same host
 * makes of it: with a new handle and a new connection, in the same process. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static unsigned libcurl(void)
{
  return curl_version_info(CURLVERSION_NOW)->version_num;
}

static bool libcurl_races(void)
{
  return libcurl() >= 0x081000;
}

/* two walkers, whose HE timer is read when connecting begins */
static bool libcurl_walks(void)
{
  return libcurl() >= 0x075800 && !libcurl_races();
}

/* The second connect: what libcurl alone can be brought to, and what
   curl_he_perform() does, that has a say in the order. One lost SYN is no
   verdict: IPv6 keeps its place, but IPv4 need not wait for a delay. Two lost
   to two addresses are one against IPv6. */
struct expected {
  const char *host;
  const char *winner;
  const char *beside;
  const char *resolving;
  const char *dead[4];     /* get no SYN then */
  const char *heals;       /* works then */
};

static const struct expected table[] = {
  { .host = "s1", .winner = "3fff:101::1",
    .beside = "L 3fff:101::1 0", .resolving = "L 3fff:101::1 0" },
  { .host = "s2", .winner = "198.19.2.1",
    .beside = "L 3fff:102::1 0, L 198.19.2.1 10",
    .resolving = "L 3fff:102::1 0, L 198.19.2.1 10" },
  { .host = "s3", .winner = "198.19.3.1",
    .beside = "L 3fff:103::1 0, L 198.19.3.1 10",
    .resolving = "L 198.19.3.1 0" },
  { .host = "s4", .winner = "198.19.4.1",
    .beside = "L 198.19.4.1 0", .resolving = "L 198.19.4.1 0" },
  { .host = "s5", .winner = "198.19.5.1",
    .beside = "L 3fff:105::1 0, L 198.19.5.1 10",
    .resolving = "L 3fff:105::1 0, L 198.19.5.1 10" },
  { .host = "s6", .winner = "198.19.6.2",
    .beside = "L 3fff:106::1 0, L 198.19.6.2 10",
    .resolving = "L 3fff:106::1 0, L 198.19.6.2 10",
    .dead = { "198.19.6.1" } },
  { .host = "s7", .winner = "198.19.7.2",
    .beside = "L 3fff:107::1 0, L 198.19.7.2 10",
    .resolving = "L 198.19.7.2 0",
    .dead = { "3fff:107::2", "198.19.7.1" } },
  { .host = "s8", .winner = "198.19.8.4",
    .beside = "L 3fff:108::1 0, L 198.19.8.4 10",
    .resolving = "L 198.19.8.4 0",
    .dead = { "198.19.8.1", "198.19.8.2", "198.19.8.3" } },
  { .host = "s9", .winner = "198.19.9.2",
    .beside = "L 198.19.9.2 0", .resolving = "L 198.19.9.2 0",
    .dead = { "198.19.9.1" } },
  { .host = "s10", .winner = "3fff:110::1",
    .beside = "L 3fff:110::1 0", .resolving = "L 3fff:110::1 0" },
  /* one loss marks nothing bad */
  { .host = "s19", .winner = "3fff:119::1",
    .beside = "L 3fff:119::1 0, L 198.19.19.1 10",
    .resolving = "L 3fff:119::1 0, L 198.19.19.1 10",
    .heals = "3fff:119::1" },
  { .host = "s24", .winner = "3fff:124::1",
    .beside = "L 3fff:124::1 0", .resolving = "L 3fff:124::1 0" },
  { .host = "half", .winner = "3fff:156::2",
    .beside = "L 3fff:156::2 0", .resolving = "L 3fff:156::2 0",
    .dead = { "3fff:156::1", "198.19.56.1", "198.19.56.2" } },
  { .host = "refuse1", .winner = "198.19.55.2",
    .beside = "L 198.19.55.1 0, L 198.19.55.2 20",
    .resolving = "L 198.19.55.2 0" },
  { .host = NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
};

static const char *url_of(const char *host)
{
  static char url[128];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  return url;
}

/* What came of it is known, and learned, when this returns. */
static void go(struct client *c)
{
  assert_int_equal(client_go(c), CURLE_OK);
  assert_true(info_long(c->easy, CURLHEINFO_ATTEMPTS) > 0);
}

static void teach(enum mode mode, const char *host)
{
  struct client c;
  client_open(&c, mode, url_of(host));
  go(&c);
  client_close(&c);
}

/* libcurl alone gets what it asks for; one that races has an order of its
   own. */
static bool obeys(enum mode mode)
{
  return libcurl_walks() || (mode == RESOLVING && !libcurl_races());
}

static void test_second(void **state)
{
  const struct param *p = *state;
  const struct expected *e = p->e;
  struct client c;
  teach(p->mode, e->host);
  lab_reset();
  if(e->heals)
    assert_int_equal(lab_rule(e->heals, "pass"), 0);
  client_open(&c, p->mode, url_of(e->host));
  go(&c);
  expect_winner(&c, e->winner);
  if(obeys(p->mode)) {
    expect_attempts(&c, p->mode == BESIDE ? e->beside : e->resolving);
    for(size_t i = 0; i < 4 && e->dead[i]; i++)
      assert_int_equal(lab_syns(e->dead[i]), 0);
  }
  client_close(&c);
}

static void add(struct suite *s, CMUnitTestFunction run,
                const struct expected *e, enum mode mode, const char *what)
{
  static struct param params[128];
  static size_t used;
  struct param *p = &params[used++];
  p->e = e;
  p->mode = mode;
  suite_add(s, run, p, "%s, by %s", what, mode_name(mode));
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < 2; i++) {
    for(const struct expected *e = table; e->host; e++) {
      char what[64];
      snprintf(what, sizeof(what), "%s, the second time", e->host);
      add(&s, test_second, e, modes[i], what);
    }
  }
  return suite_run(&s, "history");
}
