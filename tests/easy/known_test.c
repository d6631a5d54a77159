/* SPDX-License-Identifier: MIT */
/* known_test.c - known handles in the laboratory: what plain
 * curl_easy_setopt() told is as good as declared, before curl_he_setup() and
 * after it. */
#include "harness.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RACED "http://s9.lab.test/"          /* 198.19.9.1 is silent */
#define RACED_TWICE "L 198.19.9.1 0, C 198.19.9.2 150"

static void begin(struct client *c, const char *url)
{
  client_open(c, ALONE, url);
  assert_int_equal(info_long(c->easy, CURLHEINFO_KNOWN), 1);
}

/* What was set on it so far was set before. */
static void set_up_now(struct client *c, enum mode mode)
{
  assert_int_equal(curl_he_setup(c->easy), CURL_HE_OK);
  c->mode = mode;
}

static CURL *begin_for(struct client *c, enum mode mode, bool before)
{
  begin(c, RACED);
  if(!before)
    set_up_now(c, mode);
  return c->easy;
}

static void go_raced(struct client *c, enum mode mode, bool before,
                     const char *script)
{
  if(before)
    set_up_now(c, mode);
  assert_int_equal(client_go(c), CURLE_OK);
  expect_winner(c, "198.19.9.2");
  expect_attempts(c, script);
  client_close(c);
}

/* -- options -- */

static void test_raced(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  begin_for(&c, *mode, true);
  go_raced(&c, *mode, true, RACED_TWICE);
}

/* It is the Connection Attempt Delay. */
static void test_delay(void **state)
{
  const enum mode *mode = *state;
  for(int before = 0; before < 2; before++) {
    struct client c;
    CURL *e = begin_for(&c, *mode, before);
    assert_int_equal(curl_easy_setopt(e, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,
                                      400L), CURLE_OK);
    go_raced(&c, *mode, before, "L 198.19.9.1 0, C 198.19.9.2 400");
  }
}

/* Numbers that libcurl takes and a Connection Attempt Delay cannot be. */
static void test_odd_delays(void **state)
{
  struct client c;
  (void)state;
  begin_for(&c, BESIDE, false);
  for(long ms = 0; ms <= 100000; ms += 50000)
    assert_int_equal(curl_easy_setopt(c.easy,
                                      CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, ms),
                     CURLE_OK);
  client_close(&c);
}

static void test_families(void **state)
{
  const enum mode *mode = *state;
  for(int before = 0; before < 2; before++) {
    struct addresses went;
    struct client c;
    begin(&c, "http://s6.lab.test/");   /* IPv6 silent, IPv4 .1 silent */
    if(!before)
      set_up_now(&c, *mode);
    curl_easy_setopt(c.easy, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
    curl_easy_setopt(c.easy, CURLOPT_CONNECTTIMEOUT_MS, 900L);
    if(before)
      set_up_now(&c, *mode);
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
    syn_addresses(&went);
    assert_null(strstr(went.text, "198."));
    client_close(&c);
  }
}

/* A proxy that was told of by curl_easy_setopt(). */
static void test_proxy(void **state)
{
  const enum mode *mode = *state;
  for(int before = 0; before < 2; before++) {
    struct client c;
    CURL *e = begin_for(&c, *mode, before);
    curl_easy_setopt(e, CURLOPT_PROXY, "http://198.19.1.1:80");
    if(before)
      set_up_now(&c, *mode);
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_string_equal(c.body, "hello from 198.19.1.1\n");
    assert_int_equal(own_attempts(c.easy), 0);
    assert_int_equal(dns_queries(), 0);
    client_close(&c);
  }
}

/* Where CURLOPT_PROXY was set, the environment is nobody's business. */
static void test_environment(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  setenv("http_proxy", "http://198.19.1.1:80", 1);
  begin_for(&c, *mode, true);
  curl_easy_setopt(c.easy, CURLOPT_PROXY, "");
  go_raced(&c, *mode, true, RACED_TWICE);
  unsetenv("http_proxy");
}

/* Strings and lists are the caller's again at once, as for libcurl. */
static void test_copied(void **state)
{
  const enum mode *mode = *state;
  char *proxy = strdup("http://198.19.1.1:80");
  struct client c;
  begin_for(&c, *mode, false);
  curl_easy_setopt(c.easy, CURLOPT_PROXY, proxy);
  memset(proxy, 0, strlen(proxy));
  free(proxy);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_string_equal(c.body, "hello from 198.19.1.1\n");
  assert_int_equal(own_attempts(c.easy), 0);
  curl_easy_setopt(c.easy, CURLOPT_PROXY, NULL);
  go_raced(&c, *mode, false, RACED_TWICE);
}

/* libcurl reads a list in one transfer, and curl-he has no use for it later. */
static void test_list_gone(void **state)
{
  const enum mode *mode = *state;
  struct curl_slist *list = curl_slist_append(NULL,
                                              "s1.lab.test:80:127.0.0.1");
  struct client c;
  begin_for(&c, *mode, false);
  curl_easy_setopt(c.easy, CURLOPT_RESOLVE, list);
  curl_easy_setopt(c.easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(c.easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  assert_int_equal(client_go(&c), CURLE_OK);
  memset(list->data, 'x', strlen(list->data));
  assert_int_equal(client_go(&c), CURLE_OK);
  client_close(&c);
  curl_slist_free_all(list);
}

/* -- handles -- */

static void test_copy(void **state)
{
  const enum mode *mode = *state;
  struct client c, copy;
  begin_for(&c, *mode, false);
  curl_easy_setopt(c.easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 400L);
  copy = c;
  copy.easy = curl_easy_duphandle(c.easy);
  client_close(&c);
  curl_easy_setopt(copy.easy, CURLOPT_WRITEDATA, &copy);
  curl_easy_setopt(copy.easy, CURLOPT_ERRORBUFFER, copy.error);
  go_raced(&copy, *mode, false, "L 198.19.9.1 0, C 198.19.9.2 400");
}

static void test_reset(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  begin_for(&c, *mode, false);
  curl_easy_setopt(c.easy, CURLOPT_PROXY, "http://198.19.1.1:80");
  assert_int_equal(client_go(&c), CURLE_OK);
  client_reset(&c);
  client_url(&c, RACED);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 10L),
                   CURL_HE_NOT_SET_UP);
  go_raced(&c, *mode, true, RACED_TWICE);
}

/* The handle's lookup fails, the list is freed with it, and the next handle
   has its address: in this order, by libcurl's own functions or by the
   exported ones. */
static void list_of_another(enum way way)
{
  struct client a, b;
  struct curl_slist *list = curl_slist_append(NULL,
                                              "s9.lab.test:80:198.19.9.1");
  CURL *at;
  client_open_for(&a, way, RESOLVING, "http://nowhere.lab.test/");
  client_set(&a, way, CURLOPT_RESOLVE, list);
  assert_int_equal(client_go(&a), CURLE_COULDNT_RESOLVE_HOST);
  at = a.easy;
  client_close(&a);
  memset(list->data, 0xff, strlen(list->data));
  curl_slist_free_all(list);
  client_open_for(&b, way, ALONE, RACED);
  if(b.easy != at)
    print_message("the next handle has another address\n");
  b.mode = RESOLVING;
  assert_int_equal(client_go(&b), CURLE_OK);
  expect_winner(&b, "198.19.9.2");
  client_close(&b);
}

static void test_list_of_another(void **state)
{
  (void)state;
  list_of_another(DECLARED);
  list_of_another(SEEN);
}

/* -- the program's callbacks -- */

static pthread_t transfers_thread;
static int opened, closed, elsewhere;

static curl_socket_t count_open(void *user, curlsocktype purpose,
                                struct curl_sockaddr *sa)
{
  (void)user;
  (void)purpose;
  opened++;
  elsewhere += !pthread_equal(pthread_self(), transfers_thread);
  return socket(sa->family, sa->socktype, sa->protocol);
}

static int count_close(void *user, curl_socket_t fd)
{
  (void)user;
  closed++;
  return close(fd);
}

static curl_socket_t refuse(void *user, curlsocktype purpose,
                            struct curl_sockaddr *sa)
{
  (void)user;
  (void)purpose;
  (void)sa;
  opened++;
  return CURL_SOCKET_BAD;
}

/* What the program sets last is asked, and obeyed. */
static void test_filter(void **state)
{
  const enum mode *mode = *state;
  for(int way = UNDECLARED; way <= SEEN; way++) {
    struct client c;
    client_open_for(&c, (enum way)way, *mode, RACED);
    client_set(&c, (enum way)way, CURLOPT_OPENSOCKETFUNCTION, refuse);
    client_set(&c, (enum way)way, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    lab_reset();
    opened = 0;
    assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
    assert_true(opened > 0);
    pause_ms(300);
    assert_int_equal(syns_to_servers(), 0);
    client_close(&c);
  }
}

/* A program that never heard of curl-he's thread is not called by it, unless
   it says so. */
static void test_own_thread(void **state)
{
  const enum mode *mode = *state;
  transfers_thread = pthread_self();
  for(int shared = 0; shared < 2; shared++) {
    struct client c;
    opened = elsewhere = 0;
    begin_for(&c, *mode, false);
    curl_easy_setopt(c.easy, CURLOPT_OPENSOCKETFUNCTION, count_open);
    curl_easy_setopt(c.easy, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    if(shared)
      curl_he_easy_setopt(c.easy, CURLHEOPT_RACER_CALLBACKS, 1L);
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_true(opened > 0);
    assert_int_equal(elsewhere > 0, shared && !libcurl_races());
    client_close(&c);
  }
}

/* At its end the handle's connection is closed by the program's callback. */
static void test_closed_by_cleanup(void **state)
{
  const enum mode *mode = *state;
  for(int before = 0; before < 2; before++) {
    struct client c;
    begin(&c, "http://s1.lab.test/");
    if(!before)
      set_up_now(&c, *mode);
    opened = closed = 0;
    curl_easy_setopt(c.easy, CURLOPT_OPENSOCKETFUNCTION, count_open);
    curl_easy_setopt(c.easy, CURLOPT_CLOSESOCKETFUNCTION, count_close);
    if(before)
      set_up_now(&c, *mode);
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_true(opened > 0);
    assert_true(closed < opened);
    client_close(&c);
    assert_int_equal(closed, opened);
  }
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_raced, "raced" },
    { test_delay, "CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS" },
    { test_families, "CURLOPT_IPRESOLVE" },
    { test_proxy, "CURLOPT_PROXY" },
    { test_environment, "CURLOPT_PROXY \"\" beside http_proxy" },
    { test_copied, "a string that is freed" },
    { test_list_gone, "a list that is gone after one transfer" },
    { test_copy, "curl_easy_duphandle" },
    { test_reset, "curl_easy_reset" },
    { test_filter, "a filter set last" },
    { test_own_thread, "callbacks in the program's own thread" },
    { test_closed_by_cleanup, "closed by curl_easy_cleanup" }
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  suite_add(&s, test_list_of_another, NULL, "the list of another handle");
  suite_add(&s, test_odd_delays, NULL, "delays out of range");
  return suite_run(&s, "known");
}
