/* SPDX-License-Identifier: MIT */
/* crowd_test.c - fifty transfers at once to one slow host, in one multi handle.
 * Built for two event loops. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

#define CROWD 50

struct crowd {
  const char *host;
  const char *winner;
};

static const struct crowd crowds[] = {
  { "s7", "198.19.7.2" },
  { "s8", "198.19.8.4" },
  { "s9", "198.19.9.2" },
  { "half", "3fff:156::2" },
};

static void add(struct fleet *f, struct member *m, const char *host)
{
  char url[64];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  fleet_add(f, m, BESIDE, url);
  curl_easy_setopt(m->c.easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(m->c.easy, CURLOPT_FORBID_REUSE, 1L);
}

static void go(struct fleet *f, struct member *m, int n, const char *winner)
{
  fleet_run(f, -1);
  for(int i = 0; i < n; i++) {
    if(m[i].result)
      print_race(m[i].c.easy);
    assert_int_equal(m[i].result, CURLE_OK);
    expect_winner(&m[i].c, winner);
  }
}

static void leave(struct fleet *f, struct member *m, int n)
{
  for(int i = 0; i < n; i++) {
    fleet_remove(f, &m[i]);
    client_close(&m[i].c);
  }
}

static void test_crowd(void **state)
{
  const struct crowd *c = *state;
  static struct member m[CROWD];
  struct fleet f;
  memset(m, 0, sizeof(m));
  remember();
  watch_reset();
  fleet_open(&f);
  for(int i = 0; i < CROWD; i++)
    add(&f, &m[i], c->host);
  go(&f, m, CROWD, c->winner);
  assert_int_equal(watch_refused(), 0);
  /* libcurl's own for each transfer, and curl-he's for all of them, which asks
     twice where it has to know whether answers vary */
  assert_in_range(dns_queries(), 2, 2 * CROWD + 4);
  leave(&f, m, CROWD);
  fleet_close(&f);
}

/* Who comes when the others have just learned which of the two works goes
   straight there: no other SYN at all. */
static void test_late(void **state)
{
  static struct member m[CROWD];
  struct member late;
  struct fleet f;
  long dead;
  (void)state;
  memset(m, 0, sizeof(m));
  memset(&late, 0, sizeof(late));
  remember();
  fleet_open(&f);
  for(int i = 0; i < CROWD; i++)
    add(&f, &m[i], "s9");
  go(&f, m, CROWD, "198.19.9.2");
  dead = lab_syns("198.19.9.1");
  add(&f, &late, "s9");
  go(&f, &late, 1, "198.19.9.2");
  if(!libcurl_races()) {
    expect_attempts(&late.c, "L 198.19.9.2 0");
    assert_int_equal(lab_syns("198.19.9.1"), dead);
  }
  leave(&f, &late, 1);
  leave(&f, m, CROWD);
  fleet_close(&f);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  for(size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++)
    suite_add(&s, test_crowd, &crowds[i], "fifty at once to %s",
              crowds[i].host);
  suite_add(&s, test_late, NULL, "one after fifty");
  return suite_run(&s, "crowd, " HE_LOOP);
}
