/* SPDX-License-Identifier: MIT */
/* lifetime_test.c - handles and contexts come and go in every order, also
 * across fork(). */
#include "harness.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACED "http://s9.lab.test/"

static void expect_raced(struct client *c)
{
  client_url(c, RACED);
  curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, 1L);
  assert_int_equal(client_go(c), CURLE_OK);
  expect_winner(c, "198.19.9.2");
  expect_attempts(c, "L 198.19.9.1 0, C 198.19.9.2 150");
}

/* libcurl forgets the hooks, and races as it does alone; set up again, the
   handle is as good as new. */
static void test_reset(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  for(int way = DECLARED; way <= SEEN; way++) {
    client_open_for(&c, (enum way)way, *mode, RACED);
    expect_raced(&c);
    client_reset(&c);
    assert_int_equal(curl_he_setup(c.easy), CURL_HE_OK);
    assert_int_equal(info_long(c.easy, CURLHEINFO_ATTEMPTS), 0);
    expect_raced(&c);
    client_close(&c);
  }
}

static void test_setup_twice(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, RACED);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 1000L),
                   CURL_HE_OK);
  assert_int_equal(curl_he_setup(c.easy), CURL_HE_OK);
  expect_raced(&c);   /* after 150 ms: the option is forgotten */
  client_close(&c);
}

/* The connection that curl-he made lives on in libcurl's pool. */
static void test_detach(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  long connects = -1;
  client_open(&c, *mode, RACED);
  expect_raced(&c);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_OK);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_NOT_SET_UP);
  curl_easy_setopt(c.easy, CURLOPT_FRESH_CONNECT, 0L);
  c.mode = ALONE;
  assert_int_equal(client_go(&c), CURLE_OK);
  curl_easy_getinfo(c.easy, CURLINFO_NUM_CONNECTS, &connects);
  assert_int_equal(connects, 0);
  client_url(&c, "http://s2.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.2.1");
  client_close(&c);
}

static void test_detach_and_cleanup(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, RACED);
  expect_raced(&c);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_OK);
  client_close(&c);
}

/* A handle at an address that another one had is a new one. */
static void test_cleanup_without_detach(void **state)
{
  const enum mode *mode = *state;
  for(int i = 0; i < 5; i++) {
    struct client c;
    client_open(&c, *mode, RACED);
    assert_int_equal(info_long(c.easy, CURLHEINFO_ATTEMPTS), 0);
    expect_raced(&c);
    client_close(&c);
  }
}

/* Declared for a handle, and gone with its options: by curl_easy_reset(), or
   because another handle has its address. */
static void declare(struct client *c)
{
  client_set(c, DECLARED, CURLOPT_PROXY, "http://198.19.1.1:80");
  client_set(c, DECLARED, CURLOPT_RESOLVE, NULL);
  client_set(c, DECLARED, CURLOPT_TIMEOUT_MS, 60000L);
  assert_int_equal(curl_he_easy_setopt(c->easy, CURLHEOPT_DELAY_MS, 1000L),
                   CURL_HE_OK);
  assert_int_equal(client_go(c), CURLE_OK);
  assert_string_equal(c->body, "hello from 198.19.1.1\n");
}

static void test_reset_declared(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  for(int way = DECLARED; way <= SEEN; way++) {
    client_open_for(&c, (enum way)way, *mode, RACED);
    declare(&c);
    client_reset(&c);
    if(*mode == BESIDE)   /* else curl_he_perform() does */
      assert_int_equal(curl_he_setup(c.easy), CURL_HE_OK);
    expect_raced(&c);
    client_close(&c);
  }
}

/* What is declared after a reset that curl-he did not see holds, also where the
   handle was not set up again. */
static void test_declared_after_reset(void **state)
{
  struct client c;
  (void)state;
  client_open_unknown(&c, RESOLVING, RACED);
  declare(&c);
  client_reset(&c);
  client_url(&c, RACED);
  declare(&c);
  assert_int_equal(own_attempts(c.easy), 0);
  assert_int_equal(info_long(c.easy, CURLHEINFO_DELAY_MS), 1000);
  client_close(&c);
}

/* The end of the old handle is not seen; the beginning of the new one is, or
   not. */
static void declared_for_another(enum mode mode, enum sight sight)
{
  struct client c, old;
  CURL *others[32], *at;
  size_t n = 0;
  client_open_unknown(&old, mode, RACED);
  declare(&old);
  at = old.easy;
  client_close(&old);
  /* mostly it is the first one that has the address */
  for(;;) {
    client_open_for(&c, sight == KNOWN ? SEEN : UNDECLARED, ALONE, RACED);
    if(n == 32 || c.easy == at)
      break;
    others[n++] = c.easy;
  }
  c.mode = RESOLVING;
  expect_raced(&c);
  client_close(&c);
  while(n)
    libcurls_own()->cleanup(others[--n]);
}

static void test_declared_for_another(void **state)
{
  const enum mode *mode = *state;
  declared_for_another(*mode, UNKNOWN);
  declared_for_another(*mode, KNOWN);
}

static void test_own_context(void **state)
{
  const enum mode *mode = *state;
  CURLHE *he = curl_he_init();
  struct client c;
  assert_non_null(he);
  client_open(&c, *mode, RACED);
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  expect_raced(&c);
  curl_he_free(he);
  /* the hooks are still there, and do what libcurl does */
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_NOT_SET_UP);
  c.mode = ALONE;
  client_url(&c, "http://s2.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.2.1");
  client_close(&c);
}

/* A pooled connection's close hook outlives context and handle. */
static void test_connection_outlives(void **state)
{
  const enum mode *mode = *state;
  CURLHE *he = curl_he_init();
  CURLM *multi = curl_multi_init();
  struct client c;
  int running = 1;
  client_open(&c, *mode, RACED);
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  curl_multi_add_handle(multi, c.easy);
  while(running) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
  assert_string_equal(c.body, "hello from 198.19.9.2\n");
  curl_multi_remove_handle(multi, c.easy);
  client_close(&c);
  curl_he_free(he);
  curl_multi_cleanup(multi);
}

/* The last context takes the thread and its descriptors along. */
static void test_default_context_freed(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  curl_he_free(curl_he_default());
  client_open(&c, *mode, RACED);
  expect_raced(&c);
  client_close(&c);
  curl_he_free(curl_he_default());
  curl_he_free(NULL);
  client_open(&c, *mode, RACED);
  expect_raced(&c);
  client_close(&c);
}

static void test_not_set_up(void **state)
{
  struct client c;
  (void)state;
  client_open(&c, ALONE, RACED);
  assert_int_equal(curl_he_perform(c.easy), CURLE_OK);
  c.mode = RESOLVING;
  expect_winner(&c, "198.19.9.2");
  client_close(&c);
}

#ifndef __SANITIZE_THREAD__
/* 0: the child's race was as it should be. No assertions here: they would run
   the parent's tests on in the child. */
static int race_in_child(enum mode mode)
{
  struct client c;
  long handed = 0;
  CURLcode rc;
  client_open(&c, mode, RACED);
  rc = client_go(&c);
  (curl_he_easy_getinfo)(c.easy, CURLHEINFO_HANDED_OVER, &handed);
  client_close(&c);
  curl_he_free(curl_he_default());
  return rc || handed != !libcurl_races();
}

static void test_fork(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int status = -1;
  pid_t pid;
  client_open(&c, *mode, RACED);
  expect_raced(&c);
  pid = fork();
  if(!pid)
    _exit(race_in_child(*mode));
  assert_true(pid > 0);
  expect_raced(&c);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  expect_raced(&c);
  client_close(&c);
}
#endif

int main(void)
{
  static const struct mode_test tests[] = {
    { test_reset, "curl_easy_reset" },
    { test_setup_twice, "set up twice" },
    { test_detach, "detached, libcurl goes on alone" },
    { test_detach_and_cleanup, "detached with a connection pooled" },
    { test_cleanup_without_detach, "cleaned up without detach, five times" },
    { test_reset_declared, "curl_easy_reset, options declared before" },
    { test_declared_for_another, "options declared for the last handle here" },
    { test_own_context, "a context of its own, freed first" },
    { test_connection_outlives, "a connection outlives handle and context" },
    { test_default_context_freed, "the default context made anew" },
#ifndef __SANITIZE_THREAD__   /* it knows no threads after such a fork */
    { test_fork, "fork" },
#endif
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  suite_add(&s, test_declared_after_reset, NULL,
            "curl_easy_reset, options declared after");
  suite_add(&s, test_not_set_up, NULL, "curl_he_perform sets the handle up");
  return suite_run(&s, "lifetime");
}
