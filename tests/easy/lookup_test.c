/* SPDX-License-Identifier: MIT */
/* lookup_test.c - races in libcurl's own lookup: who wins each scenario and
 * what was tried when; limits, aborts and whose call of getaddrinfo() it is. */
#include "cold.h"
#include "harness.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct param {
  const struct expected *e;
  enum mode mode;
};

static void open_host(struct client *c, enum mode mode, const char *scheme,
                      const char *host)
{
  char url[128];
  snprintf(url, sizeof(url), "%s://%s.lab.test/", scheme, host);
  client_open(c, mode, url);
}

static void check(struct client *c, const struct expected *e)
{
  expect_attempts(c, e->attempts);
  expect_winner(c, e->winner);
  assert_int_equal(own_attempts(c->easy), steps(c->easy, CURL_HE_STEP_START));
  assert_int_equal(steps(c->easy, CURL_HE_STEP_WON), 1);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_HANDED_OVER), 1);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_PROVOKED), 0);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_ASIDE), 0);
  assert_int_equal(info_long(c->easy, CURLHEINFO_HANDED_OVER), 1);
}

static void test_scenario(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "http", p->e->host);
  assert_int_equal(client_go(&c), CURLE_OK);
  check(&c, p->e);
  assert_int_equal(syns_to_servers() + (long)unsent(c.easy),
                   steps(c.easy, CURL_HE_STEP_START));
  client_close(&c);
}

static void test_https(void **state)
{
  const struct param *p = *state;
  struct client c;
  open_host(&c, p->mode, "https", p->e->host);
  assert_int_equal(client_go(&c), CURLE_OK);
  check(&c, p->e);
  client_close(&c);
}

/* -- failing -- */

static long info_os_errno(CURL *easy)
{
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  return error;
}

static void test_all_refuse(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  open_host(&c, *mode, "http", "s17");
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  for(int n = 1; n <= 2; n++) {
    char address[64];
    snprintf(address, sizeof(address), "3fff:117::%d: ", n);
    assert_non_null(strstr(info_string(c.easy, CURLHEINFO_FAILURES),
                           address));
    snprintf(address, sizeof(address), "198.19.17.%d: ", n);
    assert_non_null(strstr(info_string(c.easy, CURLHEINFO_FAILURES),
                           address));
  }
  assert_null(info_string(c.easy, CURLHEINFO_WINNER));
  assert_non_null(strstr(c.error, "s17.lab.test"));
  assert_int_equal(info_os_errno(c.easy), ECONNREFUSED);
  /* curl-he's four, and where libcurl does not go on at once all of its own */
  assert_int_equal(lab_syns_host("s17.lab.test"),
                   libcurl_goes_on_at_once() ? 4 : 8);
  client_close(&c);
}

/* One address: libcurl hears of the lookup's own refusal, no second one. */
static void test_one_refuses(void **state)
{
  static const struct {
    const char *rule;
    int error;
  } ways[] = { { "reset", ECONNREFUSED }, { "unreach", EHOSTUNREACH } };
  const enum mode *mode = *state;
  for(size_t i = 0; i < 2; i++) {
    struct client c;
    assert_int_equal(lab_rule("198.19.51.1", ways[i].rule), 0);
    lab_reset();
    open_host(&c, *mode, "http", "v4only");
    assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
    assert_int_equal(info_os_errno(c.easy), ways[i].error);
    assert_non_null(strstr(c.error, "v4only.lab.test"));
    assert_non_null(strstr(info_string(c.easy, CURLHEINFO_FAILURES),
                           "198.19.51.1: "));
    assert_int_equal(lab_syns("198.19.51.1"), 1);
    client_close(&c);
  }
}

static curl_socket_t count_sockets(void *count, curlsocktype purpose,
                                   struct curl_sockaddr *a)
{
  (void)purpose;
  __atomic_add_fetch((int *)count, 1, __ATOMIC_RELAXED);
  return socket(a->family, a->socktype, a->protocol);
}

/* The application makes each socket once. */
static void test_all_refuse_app(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int count = 0;
  open_host(&c, *mode, "http", "s17");
  client_set(&c, UNDECLARED, CURLOPT_OPENSOCKETFUNCTION, count_sockets);
  client_set(&c, UNDECLARED, CURLOPT_OPENSOCKETDATA, &count);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_RACER_CALLBACKS, 1L),
                   CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  assert_int_equal(info_os_errno(c.easy), ECONNREFUSED);
  assert_int_equal(count, libcurl_goes_on_at_once() ? 4 : 8);
  assert_int_equal(lab_syns_host("s17.lab.test"), count);
  client_close(&c);
}

/* The limit holds, and a second later nothing is in SYN-SENT: tear_down(). */
static void test_all_silent(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int64_t began = lab_now_ns();
  open_host(&c, *mode, "http", "s18");
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2500L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  assert_true(lab_now_ns() - began < 8000000000);
  client_close(&c);
}

/* The name server takes 4 s. libcurl alone waits for its resolver's thread. */
static void test_limit_without_answer(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int64_t took;
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=4000"), 0);
  open_host(&c, *mode, "http", "v6only");
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 700L);
  took = lab_now_ns();
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  took = lab_now_ns() - took;
  assert_true(took < 3500000000);
  client_close(&c);
  lab_restore();
}

static void test_no_such_host(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  open_host(&c, *mode, "http", "nowhere");
  assert_int_equal(client_go(&c), CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_START), 0);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_ANSWER), 2);
  client_close(&c);
}

/* -- more than one connect -- */

static void test_redirect(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode,
              "http://s6.lab.test/redirect?to=http://s9.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  expect_attempts(&c, "C 198.19.9.1 0, C 198.19.9.2 50");
  assert_int_equal(lab_syns_host("s6.lab.test"), 3);
  client_close(&c);
}

/* Its name is looked up, whatever the URL's host is. */
static void test_connect_to(void **state)
{
  const enum mode *mode = *state;
  struct curl_slist *to = curl_slist_append(NULL, "::s9.lab.test:");
  struct client c;
  client_open(&c, *mode, "http://example.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_CONNECT_TO, to);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "C 198.19.9.1 0, C 198.19.9.2 50");
  expect_winner(&c, "198.19.9.2");
  client_close(&c);
  curl_slist_free_all(to);
}

static void test_port(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "https://s9.lab.test:80/");
  client_set(&c, UNDECLARED, CURLOPT_PORT, 443L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "C 198.19.9.1 0, C 198.19.9.2 50");
  client_close(&c);
}

static void test_no_cache(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  open_host(&c, *mode, "http", "s9");
  client_set(&c, UNDECLARED, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "C 198.19.9.1 0, C 198.19.9.2 50");
  assert_int_equal(dns_queries(), 2);
  client_close(&c);
}

/* libcurl keeps a name for a minute. One whose AAAA answer was late is looked
   up again by the next transfer, with a handle of its own, too. */
static void test_late_family(void **state)
{
  CURLM *multi = curl_multi_init();
  (void)state;
  for(int i = 0; i < 2; i++) {
    struct client c;
    int running = 1;
    open_host(&c, BESIDE, "http", "s11");
    client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
    curl_multi_add_handle(multi, c.easy);
    while(running) {
      curl_multi_perform(multi, &running);
      curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    assert_int_equal(steps(c.easy, CURL_HE_STEP_LOOKUP), 1);
    assert_int_equal(steps(c.easy, CURL_HE_STEP_WON), 1);
    curl_multi_remove_handle(multi, c.easy);
    client_close(&c);
    pause_ms(1300);   /* the late answer has come meanwhile */
  }
  curl_multi_cleanup(multi);
}

/* A family's answer that came too late for one transfer is there for the next
   one, over http, too: it is not asked for again, unless the program has said
   that no answer is to be kept. */
static void test_late_kept(void **state)
{
  static const struct {
    const char *host, *first, *second;
    long keeps_s;
    long queries;             /* of the second one */
    size_t kept;
  } cases[] = {
    { "s11", "198.19.11.1", "3fff:111::1", 60, 1, 1 },
    { "s11", "198.19.11.1", "198.19.11.1", 0, 2, 0 },
    /* IPv4 is not to have a start, so A is asked for, but not waited for */
    { "s12", "3fff:112::1", "3fff:112::1", 60, 2, 1 }
  };
  const enum mode *mode = *state;
  for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    for(int turn = 0; turn < 2; turn++) {
      struct client c;
      lab_reset();
      open_host(&c, *mode, "http", cases[i].host);
      client_set(&c, UNDECLARED, CURLOPT_DNS_CACHE_TIMEOUT, cases[i].keeps_s);
      assert_int_equal(client_go(&c), CURLE_OK);
      expect_winner(&c, turn ? cases[i].second : cases[i].first);
      assert_int_equal(dns_queries(), turn ? cases[i].queries : 2);
      assert_int_equal(steps(c.easy, CURL_HE_STEP_REMEMBERED),
                       turn ? cases[i].kept : 0);
      client_close(&c);
      pause_ms(2500);   /* the late answer has come meanwhile */
    }
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
  }
}

/* -- which handles -- */

static void test_families(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  open_host(&c, *mode, "http", "s1");
  client_set(&c, UNDECLARED, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.1.1");
  expect_attempts(&c, "C 198.19.1.1 0");
  assert_int_equal(lab_syns("3fff:101::1"), 0);
  client_close(&c);
}

static void expect_libcurls(struct client *c)
{
  struct curl_he_steps race;
  assert_int_equal(client_go(c), CURLE_OK);
  assert_int_equal(curl_he_easy_getinfo(c->easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  for(size_t i = 0; i < race.count; i++) {
    if(race.steps[i].step == CURL_HE_STEP_START) {
      assert_true(race.steps[i].libcurls);
      return;
    }
  }
  fail_msg("nothing was tried");
}

/* Nothing is known of it: libcurl makes the first attempt. */
static void test_unknown(void **state)
{
  struct client c;
  (void)state;
  client_open_unknown(&c, BESIDE, "http://s2.lab.test/");
  expect_libcurls(&c);
  client_close(&c);
}

static void test_option_off(void **state)
{
  struct client c;
  (void)state;
  client_open(&c, BESIDE, "http://s2.lab.test/");
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_LOOKUP, 0L),
                   CURL_HE_OK);
  expect_libcurls(&c);
  client_close(&c);
}

static void test_bound(void **state)
{
  struct client c;
  (void)state;
  client_open(&c, BESIDE, "http://s2.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_INTERFACE, "host!" LAB_CLIENT_V4);
  expect_libcurls(&c);
  assert_int_equal(own_attempts(c.easy), 0);
  client_close(&c);
}

/* -- aborts -- */

static int stop_now(void *clientp, curl_off_t a, curl_off_t b, curl_off_t d,
                    curl_off_t e)
{
  const int64_t *until = clientp;
  (void)a, (void)b, (void)d, (void)e;
  return lab_now_ns() > *until;
}

/* Where libcurl does not call it while it connects, the transfer's time-out
   ends what that would have stopped. */
static CURLcode go_until_stopped(struct client *c, int64_t *until)
{
  client_set(c, UNDECLARED, CURLOPT_NOPROGRESS, 0L);
  client_set(c, UNDECLARED, CURLOPT_XFERINFOFUNCTION, stop_now);
  client_set(c, UNDECLARED, CURLOPT_XFERINFODATA, until);
  client_set(c, UNDECLARED, CURLOPT_TIMEOUT_MS,
             libcurl_reports_connecting() ? 20000L : 2000L);
  return client_go(c);
}

static CURLcode stopped(void)
{
  return libcurl_reports_connecting() ? CURLE_ABORTED_BY_CALLBACK :
         CURLE_OPERATION_TIMEDOUT;
}

static void test_abort(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int64_t until;
  open_host(&c, *mode, "http", "s18");
  until = lab_now_ns() + 300000000;
  assert_int_equal(go_until_stopped(&c, &until), stopped());
  /* libcurl calls it once a second at the least */
  assert_true(lab_now_ns() - until < 4000000000);
  client_close(&c);
}

/* libcurl waits for its resolver's thread: that goes at once. */
static void test_removed(void **state)
{
  CURLM *multi = curl_multi_init();
  struct client c;
  int64_t began;
  int running;
  (void)state;
  open_host(&c, BESIDE, "http", "s18");
  curl_multi_add_handle(multi, c.easy);
  began = lab_now_ns();
  while(lab_now_ns() - began < 200000000) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 20, NULL);
  }
  began = lab_now_ns();
  curl_multi_remove_handle(multi, c.easy);
  assert_true(lab_now_ns() - began < 600000000);
  client_close(&c);
  curl_multi_cleanup(multi);
}

/* And so it does while no name server answers. */
static void test_abort_without_answer(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  int64_t until;
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=6000"), 0);
  open_host(&c, *mode, "http", "v4only");
  until = lab_now_ns() + 500000000;
  assert_int_equal(go_until_stopped(&c, &until), stopped());
  assert_true(lab_now_ns() - until < 4000000000);
  client_close(&c);
  lab_restore();
}

/* -- whose call -- */

struct call {
  const char *node;
  int rc;
  unsigned n;
};

static void *ask(void *arg)
{
  struct call *call = arg;
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
  call->rc = getaddrinfo(call->node, "80", &hints, &list);
  for(struct addrinfo *a = list; a; a = a->ai_next)
    call->n++;
  if(list)
    freeaddrinfo(list);
  return NULL;
}

static int forget_it(void *resolver, void *reserved, void *clientp)
{
  struct call *call = clientp;
  pthread_t thread;
  (void)resolver, (void)reserved;
  /* between curl-he's callback and libcurl's own call */
  pthread_create(&thread, NULL, ask, call);
  pthread_join(thread, NULL);
  return 0;
}

/* A program's own call for another host, while a lookup is expected. */
static void test_foreign_call(void **state)
{
  const enum mode *mode = *state;
  struct call call = { .node = "s6.lab.test" };
  struct client c;
  open_host(&c, *mode, "http", "s9");
  client_set(&c, DECLARED, CURLOPT_RESOLVER_START_FUNCTION, forget_it);
  client_set(&c, DECLARED, CURLOPT_RESOLVER_START_DATA, &call);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_int_equal(call.rc, 0);
  assert_int_equal(call.n, 3);
  assert_int_equal(lab_syns_host("s6.lab.test"), 0);
  expect_attempts(&c, "C 198.19.9.1 0, C 198.19.9.2 50");
  client_close(&c);
}

/* -- the steps as they happen -- */

struct seen {
  unsigned starts, won, n;
  curl_off_t last;
};

static void on_step(CURL *easy, const char *host, int port,
                    const struct curl_he_step *s, void *clientp)
{
  struct seen *seen = clientp;
  (void)easy;
  assert_string_equal(host, "s6.lab.test");
  assert_int_equal(port, 80);
  assert_true(s->time_us >= seen->last);
  seen->last = s->time_us;
  seen->starts += s->step == CURL_HE_STEP_START;
  seen->won += s->step == CURL_HE_STEP_WON;
  seen->n++;
}

static void test_trace(void **state)
{
  const enum mode *mode = *state;
  struct curl_he_steps race;
  struct seen seen = { 0, 0, 0, 0 };
  struct client c;
  open_host(&c, *mode, "http", "s6");
  curl_he_easy_setopt(c.easy, CURLHEOPT_TRACEFUNCTION, on_step);
  curl_he_easy_setopt(c.easy, CURLHEOPT_TRACEDATA, &seen);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_int_equal(curl_he_easy_getinfo(c.easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  assert_int_equal(seen.starts, 3);
  assert_int_equal(seen.won, 1);
  assert_int_equal(seen.n, race.count);
  client_close(&c);
}

/* -- all of them -- */

static void add_scenarios(struct suite *s, enum mode mode)
{
  for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    static struct param params[2 * sizeof(table) / sizeof(*table)];
    static size_t n;
    struct param *p = &params[n++];
    p->e = &table[i];
    p->mode = mode;
    suite_add(s, test_scenario, p, "%s, by %s", p->e->host, mode_name(mode));
    if(i % 8 == 0)
      suite_add(s, test_https, p, "https to %s, by %s", p->e->host,
                mode_name(mode));
  }
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_all_refuse, "every address refuses" },
    { test_one_refuses, "the one address refuses" },
    { test_all_refuse_app, "every address refuses, sockets of the program's" },
    { test_all_silent, "every address a black hole" },
    { test_limit_without_answer, "the limit holds without an answer" },
    { test_no_such_host, "no such host" },
    { test_redirect, "a redirect is raced, too" },
    { test_connect_to, "CURLOPT_CONNECT_TO" },
    { test_port, "CURLOPT_PORT" },
    { test_no_cache, "CURLOPT_DNS_CACHE_TIMEOUT 0" },
    { test_late_kept, "a late answer is there for the next transfer" },
    { test_families, "CURLOPT_IPRESOLVE" },
    { test_foreign_call, "a call of the program's own" },
    { test_trace, "the steps as they happen" },
    { test_abort, "the progress callback stops it" },
    { test_abort_without_answer, "it stops a lookup without an answer" },
  };
  struct suite s = { NULL, 0 };
  add_scenarios(&s, BESIDE);
  add_scenarios(&s, RESOLVING);
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  suite_add(&s, test_unknown, NULL, "an unknown handle");
  suite_add(&s, test_option_off, NULL, "CURLHEOPT_LOOKUP 0");
  suite_add(&s, test_bound, NULL, "CURLOPT_INTERFACE");
  suite_add(&s, test_late_family, NULL,
            "a name with a late family is not kept");
  suite_add(&s, test_removed, NULL, "curl_multi_remove_handle()");
  return suite_run(&s, "lookup");
}
