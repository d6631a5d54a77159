/* SPDX-License-Identifier: MIT */
/* life_test.c - handles that share, and handles that leave in the middle of a
 * race, on the strict epoll loop. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

#define S6 "http://s6.lab.test/"
#define MID_RACE_MS 200     /* libcurl's two attempts run, curl-he's is next */

static void begin(struct fleet *f)
{
  watch_reset();
  fleet_open(f);
}

static void end(struct fleet *f)
{
  fleet_close(f);
  assert_int_equal(watch_refused(), 0);
  assert_true(watch_accepted() > 0);
}

static void expect_s6(struct member *m)
{
  assert_true(m->done);
  assert_int_equal(m->result, CURLE_OK);
  expect_winner(&m->c, "198.19.6.2");
  assert_int_equal(info_long(m->c.easy, CURLHEINFO_HANDED_OVER),
                   !libcurl_races());
}

/* -- sharing -- */

static CURLSH *share_all(void)
{
  CURLSH *share = curl_share_init();
  assert_non_null(share);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  return share;
}

/* Handles with and without curl-he, to the same hosts at once, with one cache
   of names and connections; then again, when all connections are there. */
static void test_share(void **state)
{
  static const char *const urls[] = {
    "http://s1.lab.test/", "http://s2.lab.test/", "http://two.lab.test/"
  };
  static struct member m[12];
  struct fleet f;
  CURLSH *share = share_all();
  (void)state;
  begin(&f);
  curl_multi_setopt(f.t.multi, CURLMOPT_MAXCONNECTS, 12L);
  for(int i = 0; i < 12; i++) {
    fleet_open_member(&m[i], i % 2 ? ALONE : BESIDE, urls[i / 2 % 3]);
    curl_easy_setopt(m[i].c.easy, CURLOPT_SHARE, share);
    fleet_join(&f, &m[i]);
  }
  fleet_run(&f, -1);
  assert_int_equal(f.done, 12);
  lab_reset();
  for(int i = 0; i < 12; i++) {
    assert_int_equal(m[i].result, CURLE_OK);
    fleet_remove(&f, &m[i]);
  }
  /* one after the other, for at once there might be too few connections */
  for(int i = 0; i < 12; i++) {
    long connects = -1;
    fleet_join(&f, &m[i]);
    fleet_run(&f, -1);
    assert_int_equal(m[i].result, CURLE_OK);
    curl_easy_getinfo(m[i].c.easy, CURLINFO_NUM_CONNECTS, &connects);
    assert_int_equal(connects, 0);
    fleet_remove(&f, &m[i]);
  }
  assert_int_equal(syns_to_servers(), 0);
  /* the connections of those with curl-he outlive their handles */
  for(int i = 0; i < 12; i++)
    client_close(&m[i].c);
  end(&f);
  assert_int_equal(curl_share_cleanup(share), CURLSHE_OK);
}

/* Ten transfers wait for the one race, and go over its connection. */
static void test_http2(void **state)
{
  static struct member m[10];
  struct fleet f;
  (void)state;
  begin(&f);
  curl_multi_setopt(f.t.multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  for(int i = 0; i < 10; i++) {
    fleet_add(&f, &m[i], BESIDE, "https://s6.lab.test/");
    curl_easy_setopt(m[i].c.easy, CURLOPT_HTTP_VERSION,
                     (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(m[i].c.easy, CURLOPT_PIPEWAIT, 1L);
  }
  fleet_run(&f, -1);
  assert_int_equal(f.done, 10);
  for(int i = 0; i < 10; i++) {
    long version = 0;
    assert_int_equal(m[i].result, CURLE_OK);
    assert_string_equal(m[i].c.body, "hello from 198.19.6.2\n");
    curl_easy_getinfo(m[i].c.easy, CURLINFO_HTTP_VERSION, &version);
    assert_int_equal(version, CURL_HTTP_VERSION_2_0);
    fleet_remove(&f, &m[i]);
    client_close(&m[i].c);
  }
  assert_int_equal(lab_syns_host("s6.lab.test"), 3);
  end(&f);
}

/* -- leaving -- */

static void join(struct fleet *f, struct member *m, const char *url)
{
  for(int i = 0; i < 4; i++)
    fleet_add(f, &m[i], BESIDE, url);
  fleet_run(f, MID_RACE_MS);
  assert_int_equal(f->done, 0);
}

static void test_removed(void **state)
{
  struct member m[4];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, S6);
  for(int i = 0; i < 3; i++) {
    fleet_remove(&f, &m[i]);
    client_close(&m[i].c);
  }
  fleet_run(&f, -1);
  expect_s6(&m[3]);
  fleet_remove(&f, &m[3]);
  client_close(&m[3].c);
  end(&f);
}

static void test_removed_and_added(void **state)
{
  struct member m[4];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, S6);
  for(int i = 0; i < 4; i++) {
    fleet_remove(&f, &m[i]);
    fleet_join(&f, &m[i]);
  }
  fleet_run(&f, -1);
  for(int i = 0; i < 4; i++) {
    expect_s6(&m[i]);
    fleet_remove(&f, &m[i]);
    client_close(&m[i].c);
  }
  end(&f);
}

/* A winner waits for no one: its transfer leaves at just about that time. */
static void test_removed_at_any_time(void **state)
{
  (void)state;
  for(int ms = 300; ms < 400; ms += 5) {
    struct member m;
    struct fleet f;
    begin(&f);
    fleet_add(&f, &m, BESIDE, S6);
    fleet_run(&f, ms);
    fleet_remove(&f, &m);
    client_close(&m.c);
    end(&f);
  }
}

static void test_multi_first(void **state)
{
  struct member m[4];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, S6);
  end(&f);
  expect_nothing_left();
  for(int i = 0; i < 4; i++)
    client_close(&m[i].c);
}

static void test_easy_first(void **state)
{
  struct member m[4];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, "http://s18.lab.test/");
  for(int i = 0; i < 4; i++)
    client_close(&m[i].c);
  end(&f);
}

static void test_detached(void **state)
{
  struct member m[4];
  struct fleet f;
  (void)state;
  begin(&f);
  join(&f, m, "http://s5.lab.test/");
  for(int i = 0; i < 4; i++)
    assert_int_equal(curl_he_detach(m[i].c.easy), CURL_HE_OK);
  fleet_run(&f, -1);
  for(int i = 0; i < 4; i++) {
    assert_true(m[i].done);
    assert_int_equal(m[i].result, CURLE_OK);
    fleet_remove(&f, &m[i]);
    client_close(&m[i].c);
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
  fleet_add(&from, &m, BESIDE, S6);
  fleet_run(&from, MID_RACE_MS);
  fleet_remove(&from, &m);
  m.c.size = 0;
  fleet_join(&to, &m);
  fleet_run(&to, -1);
  expect_s6(&m);
  fleet_remove(&to, &m);
  client_close(&m.c);
  fleet_close(&to);
  end(&from);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  suite_add(&s, test_share, NULL, "one share, with and without curl-he");
  if(libcurl_has_http2())
    suite_add(&s, test_http2, NULL,
              "ten transfers over one HTTP/2 connection");
  else
    print_message("# this libcurl has no HTTP/2: no test of it\n");
  suite_add(&s, test_removed, NULL, "removed in the middle of a race");
  suite_add(&s, test_removed_and_added, NULL, "removed and added again");
  suite_add(&s, test_removed_at_any_time, NULL, "removed as it is won");
  suite_add(&s, test_multi_first, NULL, "the multi handle goes first");
  if(libcurl_loses_sockets())
    print_message("# libcurl alone leaves a socket open if the easy handle goes"
                  " first: no test of it\n");
  else
    suite_add(&s, test_easy_first, NULL, "the easy handles go first");
  suite_add(&s, test_detached, NULL, "detached in the middle of a race");
  suite_add(&s, test_moved, NULL, "moved to another multi handle");
  return suite_run(&s, "lives");
}
