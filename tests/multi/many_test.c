/* SPDX-License-Identifier: MIT */
/* many_test.c - as many connects at once as the system has descriptors for,
 * and more than that. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define HOSTS 100
#define CONNECTS 10000
/* Four of ten hosts take a second socket and a dup() of each of the two, two
   of them one of curl-he's: two descriptors a connect are enough. */
#define NEEDED (2 * CONNECTS)

static struct rlimit raise_limit(void)
{
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit;
}

static void add_host(struct fleet *f, struct member *m, enum mode mode,
                     int host)
{
  char url[64];
  snprintf(url, sizeof(url), "http://m%02d.lab.test/", host);
  fleet_add(f, m, mode, url);
  /* every transfer connects, and none keeps its connection */
  curl_easy_setopt(m->c.easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(m->c.easy, CURLOPT_FORBID_REUSE, 1L);
}

static void leave_all(struct fleet *f, struct member *m, int n)
{
  for(int i = 0; i < n; i++) {
    fleet_remove(f, &m[i]);
    client_close(&m[i].c);
  }
}

static void expect_all(const struct member *m, int n)
{
  for(int i = 0; i < n; i++) {
    if(!m[i].done || m[i].result) {
      if(m[i].c.mode != ALONE)
        print_race(m[i].c.easy);
      fail_msg("transfer %d: %s: %s", i, curl_easy_strerror(m[i].result),
               m[i].c.error);
    }
  }
}

/* libcurl has a thread for each name that is not in its cache. */
static void fill_cache(struct fleet *f)
{
  static struct member m[HOSTS];
  for(int i = 0; i < HOSTS; i++)
    add_host(f, &m[i], BESIDE, i);
  fleet_run(f, -1);
  expect_all(m, HOSTS);
  leave_all(f, m, HOSTS);
}

static void test_ten_thousand(void **state)
{
  struct member *m = calloc(CONNECTS, sizeof(*m));
  struct rlimit limit = raise_limit();
  long handed = 0;
  struct fleet f;
  (void)state;
  assert_non_null(m);
  remember();
  fleet_open(&f);
  if(limit.rlim_cur < NEEDED)
    curl_multi_setopt(f.t.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      (long)limit.rlim_cur / 4);
  fill_cache(&f);
  watch_reset();
  for(int i = 0; i < CONNECTS; i++)
    add_host(&f, &m[i], BESIDE, i % HOSTS);
  fleet_run(&f, -1);
  expect_all(m, CONNECTS);
  assert_int_equal(watch_refused(), 0);
  for(int i = 0; i < CONNECTS; i++)
    handed += info_long(m[i].c.easy, CURLHEINFO_HANDED_OVER);
  if(libcurl_races())
    assert_int_equal(handed, 0);
  else
    /* those to hosts of which libcurl's first two addresses are dead, if they
       are not sent to the right one at once: others were there before */
    assert_in_range(handed, 0, CONNECTS / HOSTS * 20);
  leave_all(&f, m, CONNECTS);
  fleet_close(&f);
  free(m);
}

#define CROWD 300
#define FEW 256
#define AT_ONCE 80L

/* To hosts whose IPv6 is dead, and with curl-he whose first A is, too, where
   libcurl alone takes too long. */
static void run_crowd(enum mode mode, const struct rlimit *limit)
{
  static struct member m[CROWD];
  struct fleet f;
  memset(m, 0, sizeof(m));
  fleet_open(&f);
  fill_cache(&f);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, limit), 0);
  curl_multi_setopt(f.t.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, AT_ONCE);
  for(int i = 0; i < CROWD; i++) {
    add_host(&f, &m[i], mode, mode == ALONE || i % 2 ? 60 : 80);
  }
  fleet_run(&f, -1);
  expect_all(m, CROWD);
  leave_all(&f, m, CROWD);
  fleet_close(&f);
}

static void test_few_descriptors(void **state)
{
  struct rlimit limit = raise_limit();
  struct rlimit few = { .rlim_cur = FEW, .rlim_max = limit.rlim_max };
  (void)state;
  run_crowd(ALONE, &few);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  run_crowd(BESIDE, &few);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  suite_add(&s, test_few_descriptors, NULL, "300 transfers, 256 descriptors");
  suite_add(&s, test_ten_thousand, NULL, "10,000 connects to 100 hosts");
  return suite_run(&s, "many");
}
