/* SPDX-License-Identifier: MIT */
/* lookup_life_test.c - what a program may do to handles, and to the multi
 * handle, while races run in libcurl's lookups. Built for two event loops. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

#define S6 "http://s6.lab.test/"     /* its winner is there after 170 ms */
#define S8 "http://s8.lab.test/"     /* after 620 ms */
#define S18 "http://s18.lab.test/"   /* never */
#define MID_RACE_MS 100
#define HANDLES 4
/* libcurl waits for its resolver's threads, which have to go at once: a lookup
   of S18 that went on would hold it up for more than a second. */
#define SOON_NS 700000000

static void begin(struct fleet *f)
{
  watch_reset();
  fleet_open(f);
}

static void end(struct fleet *f)
{
  fleet_close(f);
  assert_int_equal(watch_refused(), 0);
}

static void join(struct fleet *f, struct member *m, int n, const char *url)
{
  for(int i = 0; i < n; i++)
    fleet_add(f, &m[i], BESIDE, url);
  fleet_run(f, MID_RACE_MS);
  assert_int_equal(f->done, 0);
}

static void leave(struct fleet *f, struct member *m)
{
  fleet_remove(f, m);
  client_close(&m->c);
}

static void expect_winner_of(struct member *m, const char *winner)
{
  assert_true(m->done);
  if(m->result)
    print_race(m->c.easy);
  assert_int_equal(m->result, CURLE_OK);
  expect_winner(&m->c, winner);
}

/* The race was in the lookup from its beginning to its end. */
static void expect_raced(struct member *m, const char *winner)
{
  CURL *e = m->c.easy;
  expect_winner_of(m, winner);
  if(own_attempts(e) != steps(e, CURL_HE_STEP_START))
    print_race(e);
  assert_int_equal(own_attempts(e), steps(e, CURL_HE_STEP_START));
  assert_int_equal(info_long(e, CURLHEINFO_HANDED_OVER), 1);
}

/* -- leaving -- */

static void test_removed(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  int64_t began;
  (void)state;
  begin(&f);
  join(&f, m, HANDLES, S18);
  began = lab_now_ns();
  for(int i = 0; i < HANDLES; i++)
    leave(&f, &m[i]);
  assert_true(lab_now_ns() - began < SOON_NS);
  end(&f);
}

/* libcurl waits for a thread that may run any of the four races, which are to
   one host: the one that stays goes on beside libcurl, if it has to. */
static void test_one_stays(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  (void)state;
  needs_beside();
  begin(&f);
  join(&f, m, HANDLES, S8);
  for(int i = 0; i < HANDLES - 1; i++)
    leave(&f, &m[i]);
  fleet_run(&f, -1);
  expect_winner_of(&m[HANDLES - 1], "198.19.8.4");
  leave(&f, &m[HANDLES - 1]);
  end(&f);
}

static void test_removed_and_added(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, HANDLES, S6);
  for(int i = 0; i < HANDLES; i++) {
    fleet_remove(&f, &m[i]);
    fleet_join(&f, &m[i]);
  }
  fleet_run(&f, -1);
  for(int i = 0; i < HANDLES; i++) {
    expect_winner_of(&m[i], "198.19.6.2");
    leave(&f, &m[i]);
  }
  end(&f);
}

/* A winner waits for no one: its transfer leaves at just about that time. */
static void test_removed_at_any_time(void **state)
{
  (void)state;
  for(int ms = 130; ms < 230; ms += 5) {
    struct member m;
    struct fleet f;
    begin(&f);
    fleet_add(&f, &m, BESIDE, S6);
    fleet_run(&f, ms);
    leave(&f, &m);
    end(&f);
  }
}

static void test_multi_first(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  int64_t began;
  (void)state;
  begin(&f);
  join(&f, m, HANDLES, S18);
  began = lab_now_ns();
  end(&f);
  assert_true(lab_now_ns() - began < SOON_NS);
  expect_nothing_left();
  for(int i = 0; i < HANDLES; i++)
    client_close(&m[i].c);
}

/* Another multi handle's lookups go on. */
static void test_other_multi(void **state)
{
  struct member gone, stays;
  struct fleet one, other;
  (void)state;
  begin(&one);
  fleet_open(&other);
  fleet_add(&other, &stays, BESIDE, S8);
  fleet_run(&other, 10);
  join(&one, &gone, 1, S18);
  end(&one);
  fleet_run(&other, -1);
  expect_raced(&stays, "198.19.8.4");
  client_close(&gone.c);
  leave(&other, &stays);
  fleet_close(&other);
}

static void test_easy_first(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  int64_t began;
  (void)state;
  begin(&f);
  join(&f, m, HANDLES, S18);
  began = lab_now_ns();
  for(int i = 0; i < HANDLES; i++)
    client_close(&m[i].c);
  assert_true(lab_now_ns() - began < SOON_NS);
  end(&f);
}

static void test_detached(void **state)
{
  struct member m[HANDLES];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, HANDLES, "http://s5.lab.test/");
  for(int i = 0; i < HANDLES; i++)
    assert_int_equal(curl_he_detach(m[i].c.easy), CURL_HE_OK);
  fleet_run(&f, -1);
  for(int i = 0; i < HANDLES; i++) {
    assert_true(m[i].done);
    assert_int_equal(m[i].result, CURLE_OK);
    leave(&f, &m[i]);
  }
  end(&f);
}

/* Taken from one multi handle in the middle of a race, into another. */
static void test_moved(void **state)
{
  struct member m;
  struct fleet from, to;
  (void)state;
  begin(&from);
  fleet_open(&to);
  join(&from, &m, 1, S6);
  fleet_remove(&from, &m);
  fleet_join(&to, &m);
  fleet_run(&to, -1);
  expect_raced(&m, "198.19.6.2");
  leave(&to, &m);
  fleet_close(&to);
  end(&from);
}

/* -- changing -- */

static void test_paused(void **state)
{
  struct member m;
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, &m, 1, S6);
  assert_int_equal(curl_easy_pause(m.c.easy, CURLPAUSE_ALL), CURLE_OK);
  fleet_run(&f, 500);
  assert_false(m.done);
  assert_int_equal(curl_easy_pause(m.c.easy, CURLPAUSE_CONT), CURLE_OK);
  fleet_run(&f, -1);
  expect_raced(&m, "198.19.6.2");
  leave(&f, &m);
  end(&f);
}

/* The limit that holds is the one that was set last. */
static void test_less_time(void **state)
{
  const CURLoption *option = *state;
  struct member m;
  struct fleet f;
  int64_t began;
  begin(&f);
  fleet_open_member(&m, BESIDE, S18);
  curl_easy_setopt(m.c.easy, *option, 60000L);
  fleet_join(&f, &m);
  fleet_run(&f, MID_RACE_MS);
  began = lab_now_ns();
  curl_easy_setopt(m.c.easy, *option, 500L);
  fleet_run(&f, -1);
  assert_int_equal(m.result, CURLE_OPERATION_TIMEDOUT);
  assert_true(lab_now_ns() - began < 2500000000);
  leave(&f, &m);
  end(&f);
}

static void test_more_time(void **state)
{
  const CURLoption *option = *state;
  struct member m;
  struct fleet f;
  begin(&f);
  fleet_open_member(&m, BESIDE, S8);
  curl_easy_setopt(m.c.easy, *option, 450L);
  fleet_join(&f, &m);
  fleet_run(&f, MID_RACE_MS);
  curl_easy_setopt(m.c.easy, *option, 20000L);
  fleet_run(&f, -1);
  expect_raced(&m, "198.19.8.4");
  leave(&f, &m);
  end(&f);
}

int main(void)
{
  static const CURLoption limits[] = {
    CURLOPT_TIMEOUT_MS, CURLOPT_CONNECTTIMEOUT_MS
  };
  static const char *const names[] = { "transfer", "connect" };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  suite_add(&s, test_removed, NULL, "removed in the middle of a race");
  suite_add(&s, test_one_stays, NULL, "all but one removed");
  if(libcurl_loses_sockets())
    print_message("# libcurl alone leaves descriptors open if the easy handle"
                  " goes first: no test of it\n");
  else
    suite_add(&s, test_easy_first, NULL, "the easy handles go first");
  suite_add(&s, test_removed_and_added, NULL, "removed and added again");
  suite_add(&s, test_removed_at_any_time, NULL, "removed as it is won");
  suite_add(&s, test_multi_first, NULL, "the multi handle goes first");
  suite_add(&s, test_other_multi, NULL, "one of two multi handles goes");
  suite_add(&s, test_detached, NULL, "detached in the middle of a race");
  suite_add(&s, test_moved, NULL, "moved to another multi handle");
  suite_add(&s, test_paused, NULL, "paused in the middle of a race");
  for(int i = 0; i < 2; i++) {
    suite_add(&s, test_less_time, &limits[i], "less time for the %s",
              names[i]);
    suite_add(&s, test_more_time, &limits[i], "more time for the %s",
              names[i]);
  }
  return suite_run(&s, "lives in lookups, " HE_LOOP);
}
