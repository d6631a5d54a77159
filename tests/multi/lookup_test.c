/* SPDX-License-Identifier: MIT */
/* lookup_test.c - races in libcurl's lookup, all of them at once in one multi
 * handle. Built once for each event loop. */
#include "../easy/cold.h"
#include "fleet.h"
#include "pool.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A call of libcurl that waits for anything on the network takes longer. */
#define BLOCKED_NS 100000000

#define ROWS (sizeof(table) / sizeof(*table))

static void add_host(struct fleet *f, struct member *m, enum mode mode,
                     const char *host)
{
  char url[64];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  fleet_add(f, m, mode, url);
}

static void leave(struct fleet *f, struct member *m)
{
  fleet_remove(f, m);
  client_close(&m->c);
}

static long syns_of(const char *host)
{
  char name[64];
  snprintf(name, sizeof(name), "%s.lab.test", host);
  return lab_syns_host(name);
}

/* -- what came of it -- */

static void expect_done(struct member *m)
{
  if((!m->done || m->result) && m->c.mode != ALONE)
    print_race(m->c.easy);
  assert_true(m->done);
  if(m->result)
    fail_msg("%s: %s", curl_easy_strerror(m->result), m->c.error);
}

/* The race was in the lookup, and libcurl got its winner. */
static void expect_raced(struct member *m)
{
  CURL *e = m->c.easy;
  expect_done(m);
  if(own_attempts(e) != steps(e, CURL_HE_STEP_START) ||
     info_long(e, CURLHEINFO_HANDED_OVER) != 1)
    print_race(e);
  assert_int_equal(own_attempts(e), steps(e, CURL_HE_STEP_START));
  assert_int_equal(info_long(e, CURLHEINFO_HANDED_OVER), 1);
  assert_int_equal(steps(e, CURL_HE_STEP_WON), 1);
  assert_int_equal(steps(e, CURL_HE_STEP_HANDED_OVER), 1);
  assert_int_equal(steps(e, CURL_HE_STEP_PROVOKED), 0);
  assert_int_equal(steps(e, CURL_HE_STEP_ASIDE), 0);
}

static void expect_row(struct member *m, const struct expected *e)
{
  expect_raced(m);
  expect_attempts(&m->c, e->attempts);
  expect_winner(&m->c, e->winner);
  assert_int_equal(syns_of(e->host) + (long)unsent(m->c.easy),
                   steps(m->c.easy, CURL_HE_STEP_START));
}

static void expect_unblocked(void)
{
  assert_in_range(watch_longest_ns(), 1, BLOCKED_NS);
  assert_int_equal(watch_refused(), 0);
}

/* -- all scenarios -- */

static const char *const failing[] = { "s17", "s18", "servfail" };
#define FAILING (sizeof(failing) / sizeof(*failing))

/* Each twice: with curl-he, and libcurl alone. */
static void add_failing(struct fleet *f, struct member m[][2])
{
  for(size_t i = 0; i < FAILING; i++) {
    for(int alone = 0; alone < 2; alone++) {
      add_host(f, &m[i][alone], alone ? ALONE : BESIDE, failing[i]);
      curl_easy_setopt(m[i][alone].c.easy, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
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
  assert_in_range(with, 0, without + 500000);
  assert_null(info_string(m[0].c.easy, CURLHEINFO_WINNER));
}

static void test_together(void **state)
{
  static struct member m[ROWS];
  static struct member failed[FAILING][2];
  struct fleet f;
  (void)state;
  watch_reset();
  fleet_open(&f);
  pool_widen(f.t.multi, 2 * (ROWS + 2 * FAILING));
  for(size_t i = 0; i < ROWS; i++)
    add_host(&f, &m[i], BESIDE, table[i].host);
  add_failing(&f, failed);
  fleet_run(&f, -1);
  assert_int_equal(f.done, ROWS + 2 * FAILING);
  for(size_t i = 0; i < ROWS; i++)
    expect_row(&m[i], &table[i]);
  expect_unblocked();
  for(size_t i = 0; i < ROWS; i++)
    leave(&f, &m[i]);
  for(size_t i = 0; i < FAILING; i++) {
    expect_failing(failed[i]);
    leave(&f, &failed[i][0]);
    leave(&f, &failed[i][1]);
  }
  fleet_close(&f);
}

/* -- many hosts -- */

/* The first address of each is silent. libcurl alone is done in 0.3 s, and in
   twice that where its threads are few. */
static void add_silent(struct fleet *f, struct member *m, enum mode mode,
                       int i)
{
  char host[32];
  snprintf(host, sizeof(host), "n%d%s.silent", i, mode == ALONE ? "a" : "");
  add_host(f, m, mode, host);
}

static int64_t go(struct fleet *f, struct member *m, int n, enum mode mode)
{
  int64_t began = lab_now_ns();
  for(int i = 0; i < n; i++)
    add_silent(f, &m[i], mode, i);
  fleet_run(f, -1);
  return lab_now_ns() - began;
}

static void expect_all(struct fleet *f, struct member *m, int n, bool raced)
{
  for(int i = 0; i < n; i++) {
    if(raced)
      expect_raced(&m[i]);
    else
      expect_done(&m[i]);
    if(m[i].c.mode != ALONE && !info_string(m[i].c.easy, CURLHEINFO_WINNER))
      print_race(m[i].c.easy);
    expect_winner(&m[i].c, "198.19.74.1");
    leave(f, &m[i]);
  }
}

/* Where libcurl asks apart there are twice as many threads. One of a hundred
   may begin so late that it looks as if there were too few: then that race
   makes room, and libcurl connects by itself. */
static bool threads_come_late(void)
{
  return libcurl_resolves_apart();
}

/* All added before the first run: all are raced, no one stands aside. */
static void test_many(void **state)
{
  const int n = *(const int *)*state;
  struct member *m = calloc((size_t)n, sizeof(*m));
  struct fleet f;
  int64_t took;
  assert_non_null(m);
  watch_reset();
  fleet_open(&f);
  pool_widen(f.t.multi, 2 * (size_t)n);
  took = go(&f, m, n, BESIDE);
  assert_int_equal(watch_refused(), 0);
  expect_all(&f, m, n, !threads_come_late());
  fleet_close(&f);
  /* A SYN that goes missing on a busy machine is repeated after a second, a
     question to the name server after five. */
  assert_in_range(took, 0, 14000000000);
  free(m);
}

/* With as many threads for lookups as libcurl has by itself it is no slower
   than libcurl alone. */
static void test_pool(void **state)
{
  const int n = *(const int *)*state;
  struct member *m = calloc((size_t)n, sizeof(*m));
  int64_t took[2];
  assert_non_null(m);
  for(int alone = 0; alone < 2; alone++) {
    struct fleet f;
    memset(m, 0, (size_t)n * sizeof(*m));
    fleet_open(&f);
    took[alone] = go(&f, m, n, alone ? ALONE : BESIDE);
    expect_all(&f, m, n, false);
    fleet_close(&f);
  }
  print_message("# %d hosts: %d ms, alone %d ms\n", n, (int)(took[0] / 1000000),
                (int)(took[1] / 1000000));
  assert_in_range(took[0], 0, 2 * took[1] + 6000000000);
  free(m);
}

/* Fifty at once to each of two hosts. */
static void test_crowds(void **state)
{
  static const struct expected crowds[] = {
    { "s22", "C 3fff:122::1 0, C 198.19.22.1 50", "198.19.22.1" },
    { "s6", "C 3fff:106::1 0, C 198.19.6.1 50, C 198.19.6.2 150",
      "198.19.6.2" },
  };
  static struct member m[100];
  struct fleet f;
  long raced = 0;
  (void)state;
  watch_reset();
  fleet_open(&f);
  pool_widen(f.t.multi, 200);
  for(int i = 0; i < 100; i++)
    add_host(&f, &m[i], BESIDE, crowds[i % 2].host);
  fleet_run(&f, -1);
  assert_int_equal(f.done, 100);
  assert_int_equal(watch_refused(), 0);
  for(int i = 0; i < 100; i++) {
    expect_done(&m[i]);
    if(!info_string(m[i].c.easy, CURLHEINFO_WINNER))
      print_race(m[i].c.easy);
    raced += info_long(m[i].c.easy, CURLHEINFO_HANDED_OVER);
    expect_winner(&m[i].c, crowds[i % 2].winner);
    leave(&f, &m[i]);
  }
  print_message("# %ld of 100 got what was raced for\n", raced);
  assert_true(raced >= 50);
  fleet_close(&f);
}

int main(void)
{
  static const int numbers[] = { 100, 200, 600 };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  suite_add(&s, test_together, NULL, "all scenarios at once");
  for(int i = 0; i < 3; i++)
    suite_add(&s, test_many, &numbers[i], "%d hosts at once", numbers[i]);
  for(int i = 0; i < 3 && libcurl_resolves_apart(); i++)
    suite_add(&s, test_pool, &numbers[i], "%d hosts, libcurl's threads",
              numbers[i]);
  suite_add(&s, test_crowds, NULL, "fifty at once to each of two hosts");
  return suite_run(&s, "lookup, " HE_LOOP);
}
