/* SPDX-License-Identifier: MIT */
/* add_life_test.c - what a program may do to handles, and to the multi handle,
 * while libcurl waits for races by curl_he_multi_add(). Built for two event
 * loops. */
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define S6 "http://s6.lab.test/"     /* its winner is there after 170 ms */
#define S8 "http://s8.lab.test/"     /* after 620 ms */
#define S18 "http://s18.lab.test/"   /* never */
#define MID_RACE_MS 100
#define HANDLES 4
/* Nobody waits for a thread. */
#define SOON_NS 700000000

static const enum sight sights[] = { KNOWN, UNKNOWN };

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

static void open_member(struct member *m, enum sight sight, const char *url)
{
  client_open_for(&m->c, sight == KNOWN ? SEEN : UNDECLARED, BESIDE, url);
  client_set(&m->c, UNDECLARED, CURLOPT_PRIVATE, m);
}

static void join(struct fleet *f, struct member *m)
{
  m->done = false;
  assert_int_equal(curl_he_multi_add(f->t.multi, m->c.easy), CURLM_OK);
}

static void join_all(struct fleet *f, struct member *m, int n,
                     enum sight sight, const char *url)
{
  for(int i = 0; i < n; i++) {
    open_member(&m[i], sight, url);
    join(f, &m[i]);
  }
  fleet_run(f, MID_RACE_MS);
  assert_int_equal(f->done, 0);
}

static void leave(struct fleet *f, struct member *m)
{
  fleet_remove(f, m);
  client_close(&m->c);
}

static void expect_won(struct member *m, const char *winner)
{
  assert_true(m->done);
  if(m->result)
    print_race(m->c.easy);
  assert_int_equal(m->result, CURLE_OK);
  assert_string_equal(info_string(m->c.easy, CURLHEINFO_WINNER), winner);
}

/* -- leaving -- */

static void test_removed(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  int64_t began;
  begin(&f);
  join_all(&f, m, HANDLES, sight, S18);
  began = lab_now_ns();
  for(int i = 0; i < HANDLES; i++)
    leave(&f, &m[i]);
  assert_true(lab_now_ns() - began < SOON_NS);
  end(&f);
}

static void test_removed_and_added(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  begin(&f);
  join_all(&f, m, HANDLES, sight, S6);
  for(int i = 0; i < HANDLES; i++) {
    fleet_remove(&f, &m[i]);
    join(&f, &m[i]);
  }
  fleet_run(&f, -1);
  for(int i = 0; i < HANDLES; i++) {
    expect_won(&m[i], "198.19.6.2");
    leave(&f, &m[i]);
  }
  end(&f);
}

/* The winner comes at just about that time. */
static void test_removed_at_any_time(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  for(int ms = 130; ms < 230; ms += 5) {
    struct member m;
    struct fleet f;
    begin(&f);
    open_member(&m, sight, S6);
    join(&f, &m);
    fleet_run(&f, ms);
    leave(&f, &m);
    end(&f);
  }
}

static void test_multi_first(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  begin(&f);
  join_all(&f, m, HANDLES, sight, S18);
  end(&f);
  expect_nothing_left();
  for(int i = 0; i < HANDLES; i++)
    client_close(&m[i].c);
}

static void test_easy_first(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  begin(&f);
  join_all(&f, m, HANDLES, sight, S18);
  for(int i = 0; i < HANDLES; i++)
    client_close(&m[i].c);
  end(&f);
}

/* Without curl-he nobody is to be had: the transfer fails, by its time limit at
   the latest. */
static void test_detached(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  begin(&f);
  for(int i = 0; i < HANDLES; i++) {
    open_member(&m[i], sight, S8);
    client_set(&m[i].c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    join(&f, &m[i]);
  }
  fleet_run(&f, MID_RACE_MS);
  for(int i = 0; i < HANDLES; i++)
    assert_int_equal(curl_he_detach(m[i].c.easy), CURL_HE_OK);
  fleet_run(&f, -1);
  for(int i = 0; i < HANDLES; i++) {
    assert_true(m[i].done);
    assert_true(m[i].result == CURLE_COULDNT_CONNECT ||
                m[i].result == CURLE_OPERATION_TIMEDOUT);
    fleet_remove(&f, &m[i]);
    client_url(&m[i].c, "http://s1.lab.test/");
    fleet_join(&f, &m[i]);    /* as libcurl does by itself */
  }
  fleet_run(&f, -1);
  for(int i = 0; i < HANDLES; i++) {
    assert_int_equal(m[i].result, CURLE_OK);
    leave(&f, &m[i]);
  }
  end(&f);
}

/* -- limits -- */

/* Half of its time is over when the winner is there: libcurl may be at its
   second stand-in by then. */
static void test_limits(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  static const long limits[] = { 700, 800, 1000, 1200, 1500, 2000 };
  struct member m;
  struct fleet f;
  begin(&f);
  for(size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
    open_member(&m, sight, S8);
    client_set(&m.c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, limits[i]);
    client_set(&m.c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
    join(&f, &m);
    fleet_run(&f, -1);
    assert_true(m.done);
    if(limits[i] > 700)       /* that is too near */
      expect_won(&m, "198.19.8.4");
    leave(&f, &m);
  }
  end(&f);
}

/* -- the application's own sockets -- */

struct books {
  long opened;
  long closed;
};

static curl_socket_t open_own(void *data, curlsocktype purpose,
                              struct curl_sockaddr *sa)
{
  struct books *b = data;
  (void)purpose;
  __atomic_add_fetch(&b->opened, 1, __ATOMIC_RELAXED);
  return socket(sa->family, sa->socktype, sa->protocol);
}

static int close_own(void *data, curl_socket_t fd)
{
  struct books *b = data;
  __atomic_add_fetch(&b->closed, 1, __ATOMIC_RELAXED);
  return close(fd);
}

/* It hears of its own sockets alone. */
static void test_own_sockets(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct books b = { 0, 0 };
  struct member m;
  struct fleet f;
  begin(&f);
  open_member(&m, sight, S6);
  (curl_he_easy_setopt)(m.c.easy, CURLOPT_OPENSOCKETFUNCTION, open_own);
  (curl_he_easy_setopt)(m.c.easy, CURLOPT_OPENSOCKETDATA, &b);
  (curl_he_easy_setopt)(m.c.easy, CURLOPT_CLOSESOCKETFUNCTION, close_own);
  (curl_he_easy_setopt)(m.c.easy, CURLOPT_CLOSESOCKETDATA, &b);
  join(&f, &m);
  fleet_run(&f, -1);
  expect_won(&m, "198.19.6.2");
  leave(&f, &m);
  end(&f);
  assert_int_equal(b.opened, 3);
  assert_int_equal(b.closed, 3);
}

static int count_option(void *data, curl_socket_t fd, curlsocktype purpose)
{
  (void)fd, (void)purpose;
  __atomic_add_fetch((int *)data, 1, __ATOMIC_RELAXED);
  return CURL_SOCKOPT_OK;
}

/* Nor of those that libcurl gets to fail with: nobody is there. */
static void test_own_options(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct books b = { 0, 0 };
  struct member m;
  struct fleet f;
  int options = 0;
  begin(&f);
  open_member(&m, sight, "http://none.lab.test/");
  client_set(&m.c, DECLARED, CURLOPT_SOCKOPTFUNCTION, count_option);
  client_set(&m.c, DECLARED, CURLOPT_SOCKOPTDATA, &options);
  client_set(&m.c, DECLARED, CURLOPT_CLOSESOCKETFUNCTION, close_own);
  client_set(&m.c, DECLARED, CURLOPT_CLOSESOCKETDATA, &b);
  join(&f, &m);
  fleet_run(&f, -1);
  assert_true(m.done);
  assert_int_equal(m.result, CURLE_COULDNT_CONNECT);
  leave(&f, &m);
  end(&f);
  assert_int_equal(options, 0);
  assert_int_equal(b.closed, 0);
}

/* No descriptor is to be had when the race ends, and for long after. */
static void test_scarce(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct rlimit few, many;
  struct member m;
  struct fleet f;
  int64_t began;
  begin(&f);
  open_member(&m, sight, "http://s10.lab.test/");
  client_set(&m.c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
  join(&f, &m);
  fleet_run(&f, MID_RACE_MS);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &many), 0);
  few = many;
  few.rlim_cur = 6;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  began = lab_now_ns();
  fleet_run(&f, 3000);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &many), 0);
  assert_false(m.done);       /* or descriptors were not short */
  fleet_run(&f, -1);
  assert_true(lab_now_ns() - began < 6000000000);
  expect_won(&m, "3fff:110::1");
  leave(&f, &m);
  end(&f);
}

/* -- fork: not under TSan, which knows no threads in a child -- */

#ifndef __SANITIZE_THREAD__
static int child_goes(void)
{
  struct member m;
  struct fleet f;
  fleet_open(&f);
  open_member(&m, KNOWN, S6);
  join(&f, &m);
  fleet_run(&f, -1);
  return m.done && !m.result ? 0 : 1;
}

/* The child has its own, and the parent's go on. */
static void test_forked(void **state)
{
  const enum sight sight = *(const enum sight *)*state;
  struct member m[HANDLES];
  struct fleet f;
  int status = -1;
  pid_t child;
  begin(&f);
  join_all(&f, m, HANDLES, sight, S8);
  child = fork();
  if(!child)
    _exit(child_goes());
  fleet_run(&f, -1);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  for(int i = 0; i < HANDLES; i++) {
    expect_won(&m[i], "198.19.8.4");
    leave(&f, &m[i]);
  }
  end(&f);
}
#endif

int main(void)
{
  static const struct {
    CMUnitTestFunction run;
    const char *what;
  } each[] = {
    { test_removed, "removed" },
    { test_removed_and_added, "removed and added" },
    { test_removed_at_any_time, "removed at any time" },
    { test_multi_first, "the multi handle goes first" },
    { test_easy_first, "the easy handles go first" },
    { test_detached, "detached" },
    { test_limits, "limits" },
    { test_own_sockets, "sockets of the application" },
    { test_own_options, "options of the application" },
    { test_scarce, "scarce descriptors" },
#ifndef __SANITIZE_THREAD__
    { test_forked, "forked" },
#endif
  };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  for(size_t i = 0; i < 2; i++) {
    for(size_t t = 0; t < sizeof(each) / sizeof(*each); t++)
      suite_add(&s, each[t].run, &sights[i], "%s, %s", each[t].what,
                sights[i] == KNOWN ? "known" : "unknown");
  }
  return suite_run(&s, "curl_he_multi_add, lives, " HE_LOOP);
}
