/* SPDX-License-Identifier: MIT */
/* loops_test.c - every scenario with curl_he_setup() and no more, all of them
 * at once in one multi handle. Built once for each event loop. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

/* A call of libcurl that waits for anything on the network takes longer. */
#define BLOCKED_NS 100000000

struct expected {
  const char *host;
  const char *attempts;
  const char *winner;
  bool handed_over;        /* where libcurl does not race by itself */
};

/* 11, 12, 13 and 16: libcurl's resolver waits for both families first, where
   it does not ask apart. */
static const struct expected table[] = {
  { "s1", "L 3fff:101::1 0", "3fff:101::1", false },
  { "s2", "L 3fff:102::1 0, L 198.19.2.1 150", "198.19.2.1", false },
  { "s3", "L 3fff:103::1 0, L 198.19.3.1 20", "198.19.3.1", false },
  { "s4", "L 198.19.4.1 0", "198.19.4.1", false },
  { "s5", "L 3fff:105::1 0, L 198.19.5.1 150", "198.19.5.1", false },
  { "s6", "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300",
    "198.19.6.2", true },
  { "s7", "L 3fff:107::1 0, L 198.19.7.1 150, C 3fff:107::2 300,"
    "C 198.19.7.2 450", "198.19.7.2", true },
  { "s8", "L 3fff:108::1 0, L 198.19.8.1 150, C 3fff:108::2 300,"
    "C 198.19.8.2 450, C 198.19.8.3 600, C 198.19.8.4 750",
    "198.19.8.4", true },
  { "s9", "L 198.19.9.1 0, C 198.19.9.2 150", "198.19.9.2", true },
  { "s10", "L 3fff:110::1 0, L 198.19.10.1 150", "3fff:110::1", false },
  { "s11", "L 3fff:111::1 0", "3fff:111::1", false },
  { "s12", "L 3fff:112::1 0", "3fff:112::1", false },
  { "s13", "L 198.19.13.1 0", "198.19.13.1", false },
  { "s15", "L 198.19.15.1 0", "198.19.15.1", false },
  { "s16", "L 3fff:116::1 0, L 198.19.16.1 150", "198.19.16.1", false },
  { "s19", "L 3fff:119::1 0, L 198.19.19.1 150", "198.19.19.1", false },
  { "s22", "L 3fff:122::1 0, L 198.19.22.1 150", "198.19.22.1", false },
  { "s24", "L 3fff:124::1 0, L 198.19.24.1 150, C 3fff:124::2 300,"
    "C 198.19.24.2 450", "3fff:124::1", false },
  { "s15nodata", "L 198.19.15.2 0", "198.19.15.2", false },
  { "refuse1", "L 198.19.55.1 0, L 198.19.55.2 20", "198.19.55.2", false },
  { "half", "L 3fff:156::1 0, L 198.19.56.1 150, C 3fff:156::2 300",
    "3fff:156::2", true },
  { "icmp", "L 3fff:157::1 0, L 198.19.57.1 20", "198.19.57.1", false },
};
#define ROWS (sizeof(table) / sizeof(*table))

static void url_of(char *url, size_t size, const char *host)
{
  snprintf(url, size, "http://%s.lab.test/", host);
}

static long syns_of(const char *host)
{
  char name[64];
  snprintf(name, sizeof(name), "%s.lab.test", host);
  return lab_syns_host(name);
}

/* s4 has no route to its IPv6 address. */
static const char *attempts_of(const struct expected *e)
{
  return !strcmp(e->host, "s4") && libcurl_begins_with_ipv6() ?
         "L 3fff:104::1 0, L 198.19.4.1 0" : e->attempts;
}

/* With so many threads asking at once, a libcurl that asks apart may have the
   answers in any order, and goes by that: all attempts are its own, the first
   that connects wins, and everybody knows which it was. */
static void expect_apart(struct member *m)
{
  const char *winner = info_string(m->c.easy, CURLHEINFO_WINNER);
  assert_non_null(winner);
  expect_winner(&m->c, winner);
  assert_int_equal(own_attempts(m->c.easy), 0);
}

static void expect_row(struct member *m, const struct expected *e)
{
  assert_true(m->done);
  if(m->result)
    print_race(m->c.easy);
  assert_int_equal(m->result, CURLE_OK);
  if(libcurl_resolves_apart())
    expect_apart(m);
  else {
    expect_attempts(&m->c, attempts_of(e));
    expect_winner(&m->c, e->winner);
  }
  assert_int_equal(info_long(m->c.easy, CURLHEINFO_HANDED_OVER),
                   e->handed_over && !libcurl_races());
  assert_int_equal(steps(m->c.easy, CURL_HE_STEP_WON), 1);
  assert_int_equal(syns_of(e->host) + (long)unsent(m->c.easy),
                   steps(m->c.easy, CURL_HE_STEP_START));
}

static void expect_unblocked(void)
{
  assert_in_range(watch_longest_ns(), 1, BLOCKED_NS);
  assert_int_equal(watch_refused(), 0);
}

/* Whoever has been there before needs no more attempts than then, but for one
   of curl-he's, which does not wait to see an address fail once more. */
static void expect_taught(struct member *m, size_t attempts)
{
  size_t starts = steps(m->c.easy, CURL_HE_STEP_START);
  size_t own = own_attempts(m->c.easy);
  bool few = libcurl_resolves_apart() ||
             (starts >= 1 && starts <= attempts + own && own <= 1);
  assert_true(m->done);
  if(m->result || !few)
    print_race(m->c.easy);
  assert_int_equal(m->result, CURLE_OK);
  assert_true(few);
  expect_winner(&m->c, info_string(m->c.easy, CURLHEINFO_WINNER));
  assert_int_equal(steps(m->c.easy, CURL_HE_STEP_WON), 1);
}

static const char *const failing[] = { "s14", "s17", "s18", "servfail" };
#define FAILING (sizeof(failing) / sizeof(*failing))

/* Each twice: with curl-he, and libcurl alone. */
static void add_failing(struct fleet *f, struct member m[][2])
{
  for(size_t i = 0; i < FAILING; i++) {
    char url[64];
    url_of(url, sizeof(url), failing[i]);
    for(int alone = 0; alone < 2; alone++) {
      fleet_add(f, &m[i][alone], alone ? ALONE : BESIDE, url);
      curl_easy_setopt(m[i][alone].c.easy, CURLOPT_CONNECTTIMEOUT_MS, 16000L);
    }
  }
}

/* As with libcurl alone, in no more time. */
static void expect_failing(struct member m[2])
{
  curl_off_t with = 0, without = 0;
  assert_true(m[0].done && m[1].done);
  assert_int_equal(m[0].result, m[1].result);
  curl_easy_getinfo(m[0].c.easy, CURLINFO_TOTAL_TIME_T, &with);
  curl_easy_getinfo(m[1].c.easy, CURLINFO_TOTAL_TIME_T, &without);
  assert_in_range(with, 0, without + 200000);
  if(m[0].result)
    assert_null(info_string(m[0].c.easy, CURLHEINFO_WINNER));
}

static void leave(struct fleet *f, struct member *m)
{
  fleet_remove(f, m);
  client_close(&m->c);
}

static void test_together(void **state)
{
  static struct member m[ROWS];
  static struct member failed[FAILING][2];
  struct fleet f;
  char url[64];
  (void)state;
  watch_reset();
  fleet_open(&f);
  for(size_t i = 0; i < ROWS; i++) {
    url_of(url, sizeof(url), table[i].host);
    fleet_add(&f, &m[i], BESIDE, url);
  }
  add_failing(&f, failed);
  fleet_run(&f, -1);
  assert_int_equal(f.done, ROWS + 2 * FAILING);
  expect_unblocked();
  for(size_t i = 0; i < ROWS; i++) {
    expect_row(&m[i], &table[i]);
    leave(&f, &m[i]);
  }
  for(size_t i = 0; i < FAILING; i++) {
    expect_failing(failed[i]);
    leave(&f, &failed[i][0]);
    leave(&f, &failed[i][1]);
  }
  fleet_close(&f);
}

/* All once more, when what they taught is known. */
static void test_taught(void **state)
{
  static struct member m[2][ROWS];
  struct fleet f;
  (void)state;
  remember();
  watch_reset();
  fleet_open(&f);
  for(int again = 0; again < 2; again++) {
    for(size_t i = 0; i < ROWS; i++) {
      char url[64];
      url_of(url, sizeof(url), table[i].host);
      fleet_add(&f, &m[again][i], BESIDE, url);
      curl_easy_setopt(m[again][i].c.easy, CURLOPT_FRESH_CONNECT, 1L);
    }
    fleet_run(&f, -1);
    lab_reset();
  }
  assert_int_equal(f.done, 2 * ROWS);
  expect_unblocked();
  for(size_t i = 0; i < ROWS; i++) {
    expect_taught(&m[1][i], steps(m[0][i].c.easy, CURL_HE_STEP_START));
    leave(&f, &m[0][i]);
    leave(&f, &m[1][i]);
  }
  fleet_close(&f);
}

struct crowd {
  const char *host;
  const char *winner;
  const char *attempts;
};

/* Fifty at once to each of two hosts: all succeed, none tries what it need
   not. */
static void test_crowds(void **state)
{
  static const struct crowd crowds[] = {
    { "s22", "198.19.22.1", "L 3fff:122::1 0, L 198.19.22.1 150" },
    { "s6", "198.19.6.2", NULL },
  };
  static struct member m[2][50];
  struct fleet f;
  (void)state;
  watch_reset();
  fleet_open(&f);
  for(size_t i = 0; i < 100; i++) {
    char url[64];
    url_of(url, sizeof(url), crowds[i % 2].host);
    fleet_add(&f, &m[i % 2][i / 2], BESIDE, url);
  }
  fleet_run(&f, -1);
  assert_int_equal(f.done, 100);
  expect_unblocked();
  for(size_t i = 0; i < 100; i++) {
    const struct crowd *c = &crowds[i % 2];
    struct member *one = &m[i % 2][i / 2];
    assert_int_equal(one->result, CURLE_OK);
    if(libcurl_resolves_apart())
      expect_apart(one);
    else {
      if(c->attempts)
        expect_attempts(&one->c, c->attempts);
      expect_winner(&one->c, c->winner);
    }
    leave(&f, one);
  }
  if(!libcurl_resolves_apart()) {
    assert_int_equal(syns_of("s22"), 100);
    assert_int_equal(syns_of("s6"), 150);
  }
  fleet_close(&f);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  suite_add(&s, test_together, NULL, "all scenarios at once");
  suite_add(&s, test_taught, NULL, "all scenarios at once, the second time");
  suite_add(&s, test_crowds, NULL, "s22: fifty at once, and to s6");
  return suite_run(&s, HE_LOOP);
}
