/* SPDX-License-Identifier: MIT */
/* prepare_test.c - curl_he_prepare(): when it tells, what a connect makes of
 * it, and that nobody is told after its end. */
#include "../easy/harness.h"
#include "fleet.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct told {
  int begun;                  /* calls; atomic, as the next one */
  int calls;                  /* that have returned */
  int error;
  int64_t at;
  pthread_t by;
  CURL *easy;
  long slow_ms;               /* the callback takes so long */
};

static void tell(CURL *easy, int error, void *data)
{
  struct told *t = data;
  __atomic_add_fetch(&t->begun, 1, __ATOMIC_RELEASE);
  t->error = error;
  t->at = lab_now_ns();
  t->by = pthread_self();
  t->easy = easy;
  if(t->slow_ms)
    pause_ms(t->slow_ms);
  __atomic_add_fetch(&t->calls, 1, __ATOMIC_RELEASE);
}

static int calls(struct told *t)
{
  return __atomic_load_n(&t->calls, __ATOMIC_ACQUIRE);
}

static void wait_for(struct told *t)
{
  const int64_t limit = lab_now_ns() + 30000000000;
  while(!calls(t) && lab_now_ns() < limit)
    pause_ms(1);
  assert_int_equal(calls(t), 1);
}

static void choose(bool configured)
{
  if(configured)
    assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER,
                                    "dns://" LAB_DNS_V4), CURL_HE_OK);
}

static void open_member(struct member *m, enum sight sight, const char *url)
{
  client_open_for(&m->c, sight == KNOWN ? SEEN : UNDECLARED, BESIDE, url);
  client_set(&m->c, UNDECLARED, CURLOPT_PRIVATE, m);
}

static void prepare_slow(struct member *m, struct told *t, long slow_ms)
{
  memset(t, 0, sizeof(*t));
  t->slow_ms = slow_ms;
  assert_int_equal(curl_he_prepare(m->c.easy, tell, t), CURL_HE_OK);
}

static void prepare(struct member *m, struct told *t)
{
  prepare_slow(m, t, 0);
}

static void go(struct fleet *f, struct member *m)
{
  m->done = false;
  assert_int_equal(curl_he_multi_add(f->t.multi, m->c.easy), CURLM_OK);
  fleet_run(f, -1);
  assert_true(m->done);
  if(m->result)
    print_race(m->c.easy);
  assert_int_equal(m->result, CURLE_OK);
  fleet_remove(f, m);
}

struct how {
  enum sight sight;
  bool configured;
};

/* A family that is a second late, or never there, is not waited for. The
   transfer asks nobody again. */
static void test_scenarios(void **state)
{
  static const char *const hosts[] = {
    "s11", "s12", "s15nodata", "s16", "s15", "s13", "s14"
  };
  const struct how *how = *state;
  struct fleet f;
  choose(how->configured);
  fleet_open(&f);
  for(size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
    char url[64];
    struct member m;
    struct told t;
    const int64_t began = lab_now_ns();
    long asked;
    snprintf(url, sizeof(url), "http://%s.lab.test/", hosts[i]);
    open_member(&m, how->sight, url);
    lab_reset();
    prepare(&m, &t);
    wait_for(&t);
    assert_int_equal(t.error, 0);
    assert_ptr_equal(t.easy, m.c.easy);
    assert_false(pthread_equal(t.by, pthread_self()));
    assert_in_range(t.at - began, 1, 700000000);
    asked = questions_for(hosts[i]);
    go(&f, &m);
    /* what was dropped, or failed, may be asked again */
    if(strcmp(hosts[i], "s13") && strcmp(hosts[i], "s14") &&
       strcmp(hosts[i], "s15") && questions_for(hosts[i]) != asked)
      fail_msg("%s: %ld, then %ld", hosts[i], asked,
               questions_for(hosts[i]));
    client_close(&m.c);
  }
  fleet_close(&f);
}

static void test_fails(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct told t;
  choose(how->configured);
  open_member(&m, how->sight, "http://none.lab.test/");
  prepare(&m, &t);
  wait_for(&t);
  assert_int_not_equal(t.error, 0);
  curl_he_prepare_cancel(m.c.easy);
  client_close(&m.c);
}

/* An address is looked up by nobody, nor what Unix sockets lead to. */
static void test_nothing(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct told t;
  choose(how->configured);
  open_member(&m, how->sight, "http://198.19.1.1/");
  prepare(&m, &t);
  wait_for(&t);
  assert_int_equal(t.error, 0);
  client_url(&m.c, "http://[3fff:101::1]/");
  prepare(&m, &t);
  wait_for(&t);
  assert_int_equal(t.error, 0);
  assert_int_equal(questions_for("198"), 0);
  curl_he_prepare_cancel(m.c.easy);
  client_close(&m.c);
}

/* At any time, the moment at which it is told among them: nobody is told
   afterwards. */
static void test_cancelled(void **state)
{
  const struct how *how = *state;
  choose(how->configured);
  for(int ms = 0; ms < 40; ms++) {
    struct member m;
    struct told t;
    int then;
    open_member(&m, how->sight, "http://s1.lab.test/");
    prepare(&m, &t);
    pause_ms(ms);
    assert_int_equal(curl_he_prepare_cancel(m.c.easy), CURL_HE_OK);
    then = calls(&t);
    pause_ms(5);
    assert_int_equal(calls(&t), then);
    client_close(&m.c);
  }
}

/* What ends a handle ends that as well, and waits for a callback. */
static void test_ended(void **state)
{
  static const char *const how[] = { "detach", "setup", "reset", "cleanup",
                                     "again" };
  (void)state;
  for(size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
    for(int slow = 0; slow < 2; slow++) {
      struct member m;
      struct told t, other;
      char url[64];
      /* what was asked for before may be answered at once */
      snprintf(url, sizeof(url), "http://n%d.silent.lab.test/", (int)i);
      open_member(&m, KNOWN, slow ? "http://198.19.1.1/" : url);
      prepare_slow(&m, &t, slow ? 100 : 0);
      while(slow && !__atomic_load_n(&t.begun, __ATOMIC_ACQUIRE))
        pause_ms(1);
      if(i == 0)
        curl_he_detach(m.c.easy);
      else if(i == 1)
        curl_he_setup(m.c.easy);
      else if(i == 2)
        curl_easy_reset(m.c.easy);
      else if(i == 3)
        curl_easy_cleanup(m.c.easy);
      else
        prepare(&m, &other);
      assert_int_equal(calls(&t), slow);
      pause_ms(50);
      assert_int_equal(calls(&t), slow);
      if(i == 4)
        curl_he_prepare_cancel(m.c.easy);
      if(i != 3)
        client_close(&m.c);
    }
  }
}

static void test_many(void **state)
{
  enum { N = 200 };
  static struct member m[N];
  static struct told t[N];
  const struct how *how = *state;
  choose(how->configured);
  for(int i = 0; i < N; i++) {
    char url[64];
    snprintf(url, sizeof(url), "http://n%d.silent.lab.test/", i);
    open_member(&m[i], how->sight, url);
    prepare(&m[i], &t[i]);
  }
  for(int i = 0; i < N; i++) {
    wait_for(&t[i]);
    assert_int_equal(t[i].error, 0);
    curl_he_prepare_cancel(m[i].c.easy);
    client_close(&m[i].c);
  }
}

static void test_performed(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct told t;
  choose(how->configured);
  open_member(&m, how->sight, "http://s14.lab.test/");
  prepare(&m, &t);
  wait_for(&t);
  assert_int_equal(curl_he_perform(m.c.easy), CURLE_OK);
  client_close(&m.c);
}

static void test_arguments(void **state)
{
  struct client c;
  struct told t;
  (void)state;
  memset(&t, 0, sizeof(t));
  client_open(&c, ALONE, "http://s1.lab.test/");
  assert_int_equal(curl_he_prepare(NULL, tell, &t), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_prepare(c.easy, NULL, &t), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_prepare_cancel(NULL), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_prepare_cancel(c.easy), CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_prepare(c.easy, tell, &t), CURL_HE_OK);
  wait_for(&t);
  client_close(&c);
}

int main(void)
{
  static const struct how hows[] = {
    { KNOWN, false }, { UNKNOWN, false }, { KNOWN, true }, { UNKNOWN, true }
  };
  static const struct {
    CMUnitTestFunction run;
    const char *what;
  } each[] = {
    { test_scenarios, "late answers" },
    { test_fails, "no such name" },
    { test_nothing, "nothing to ask" },
    { test_cancelled, "cancelled" },
    { test_many, "200 at once" },
    { test_performed, "curl_he_perform" },
  };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  for(size_t i = 0; i < 4; i++) {
    for(size_t k = 0; k < sizeof(each) / sizeof(*each); k++)
      suite_add(&s, each[k].run, &hows[i], "%s, %s, %s", each[k].what,
                hows[i].sight == KNOWN ? "known" : "unknown",
                hows[i].configured ? "dns://" : "system");
  }
  suite_add(&s, test_ended, NULL, "ended");
  suite_add(&s, test_arguments, NULL, "arguments");
  return suite_run(&s, "curl_he_prepare");
}
