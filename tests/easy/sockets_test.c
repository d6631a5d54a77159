/* SPDX-License-Identifier: MIT */
/* sockets_test.c - an application that opens, prepares and closes its sockets
 * itself: it is asked about each of the racer's too, gets each back once, and
 * is left alone from the moment that was promised. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 6

/* Built twice: as lookup_sockets_test all attempts are curl-he's, on the thread
   of libcurl's resolver. */
#ifdef HE_IN_LOOKUP
#define IN_LOOKUP true
#define RACE_S6 "C 3fff:106::1 0, C 198.19.6.1 50, C 198.19.6.2 150"
#define RACE_S8 "C 3fff:108::1 0, C 198.19.8.1 50, C 3fff:108::2 150," \
                "C 198.19.8.2 300, C 198.19.8.3 450, C 198.19.8.4 600"
#define RACE_S8_REFUSED "C 3fff:108::1 0, C 198.19.8.1 50, C 198.19.8.4 200"
#else
#define IN_LOOKUP false
#define RACE_S6 "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300"
#define RACE_S8 "L 3fff:108::1 0, L 198.19.8.1 150, C 3fff:108::2 300," \
                "C 198.19.8.2 450, C 198.19.8.3 600, C 198.19.8.4 750"
#define RACE_S8_REFUSED "L 3fff:108::1 0, L 198.19.8.1 150, C 198.19.8.4 300"
#endif

static struct ledger *open_with_ledger(struct client *c, enum mode mode,
                                       const char *url)
{
  struct ledger *l = ledger_new();
  client_open(c, mode, url);
  assert_true(ledger_declare(l, c->easy));
  return l;
}

/* By detaching, after which nothing of the racer's may come, and by
   cleanup. */
static void close_books(struct client *c, struct ledger *l)
{
  const char *wrong;
  assert_int_equal(curl_he_detach(c->easy), CURL_HE_OK);
  client_close(c);
  wrong = ledger_wrong(l);
  if(wrong)
    fail_msg("%s", wrong);
  free(l);
}

/* The attempts, where the order is curl-he's. */
static void expect_race(struct client *c, const char *script)
{
  if(!libcurl_races())
    expect_attempts(c, script);
}

/* -- each socket -- */

/* Each attempt of curl-he's was made with a socket of the application's. */
static void expect_all_asked(struct client *c, struct ledger *l)
{
  assert_int_equal(ledger_racers(l), own_attempts(c->easy));
  assert_int_equal(ledger_unprepared(l), 0);
  if(!libcurl_races()) {
    assert_true(ledger_racers(l) > 0);
    assert_int_equal(info_long(c->easy, CURLHEINFO_HANDED_OVER), 1);
  }
}

static void test_raced(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.6.2");
  expect_attempts(&c, RACE_S6);
  expect_all_asked(&c, l);
  close_books(&c, l);
}

/* The racer's losers are the application's to close, too. */
static void test_losers(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s8.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.8.4");
  expect_race(&c, RACE_S8);
  expect_all_asked(&c, l);
  close_books(&c, l);
}

/* Sockets marked for a route of their own: curl-he's are, like libcurl's. */
static void test_marked(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
  l->mark = 7;
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.6.2");
  expect_attempts(&c, RACE_S6);
  expect_all_asked(&c, l);
  close_books(&c, l);
}

/* What libcurl binds by itself, curl-he does not know how to. */
static void test_bound_by_libcurl(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s9.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_INTERFACE, "if!lab0");
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 600L);
  client_go(&c);
  assert_int_equal(own_attempts(c.easy), 0);
  if(!libcurl_races())
    assert_int_equal(steps(c.easy, CURL_HE_STEP_ASIDE), 1);
  close_books(&c, l);
}

/* -- no -- */

static const char *const all_but_last[] = {
  "3fff:108::2", "3fff:108::3", "3fff:108::4", "198.19.8.2", "198.19.8.3", NULL
};

static void expect_no_syn(const char *const *list)
{
  struct addresses went;
  syn_addresses(&went);
  for(; *list; list++)
    assert_null(strstr(went.text, *list));
}

/* A refused candidate is passed over at once, and nothing goes there. */
static void test_refused(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s8.lab.test/");
  l->refused = all_but_last;
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.8.4");
  expect_race(&c, RACE_S8_REFUSED);
  for(size_t i = 0; all_but_last[i] && !libcurl_races(); i++)
    assert_true(ledger_asked(l, all_but_last[i]));
  expect_no_syn(all_but_last);
  close_books(&c, l);
}

static void test_sockopt_fails(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s8.lab.test/");
  l->unprepared = all_but_last;
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
  client_go(&c);
  expect_no_syn(all_but_last);
  if(!libcurl_races())
    expect_winner(&c, "198.19.8.4");
  close_books(&c, l);
}

/* Whoever says of a socket of the racer's that it is connected, and it is not,
   is not believed. */
static void test_claims(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
  l->claims = true;
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 800L);
  client_go(&c);
  assert_int_equal(own_attempts(c.easy), 0);
  if(!libcurl_races())
    assert_true(ledger_racers(l) > 0);
  close_books(&c, l);
}

/* Has curl-he made an attempt there by itself? */
static bool has_tried(struct client *c, const char *address)
{
  struct curl_he_steps s;
  bool yes = false;
  assert_int_equal(curl_he_easy_getinfo(c->easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  for(size_t i = 0; i < s.count; i++)
    yes = yes || (s.steps[i].step == CURL_HE_STEP_START &&
                  !s.steps[i].libcurls &&
                  !strncmp(s.steps[i].address, address, strlen(address)));
  return yes;
}

/* An address that the application changes leads elsewhere: not for curl-he. */
static void test_steered(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
  l->steer_from = "198.19.6.2";
  l->steer_to = "198.19.52.1";
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 800L);
  client_go(&c);
  assert_false(has_tried(&c, "198.19.6.2") || has_tried(&c, "198.19.52.1"));
  if(!libcurl_races()) {
    assert_true(ledger_racers(l) > 0);
    assert_int_equal(steps(c.easy, CURL_HE_STEP_ASIDE), 1);
  }
  close_books(&c, l);
}

static void test_libcurl_steered(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
  l->steer_from = "3fff:106::1";
  l->steer_to = "3fff:152::1";
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "3fff:152::1");
  assert_int_equal(own_attempts(c.easy), 0);
  assert_int_equal(steps(c.easy, CURL_HE_STEP_ASIDE), 1);
  close_books(&c, l);
}

/* CURLHEOPT_RACER_CALLBACKS 0, of the context or the handle. */
static void test_not_from_the_racer(void **state)
{
  const enum mode *mode = *state;
  for(int scope = 0; scope < 2; scope++) {
    struct client c;
    struct ledger *l = open_with_ledger(&c, *mode, "http://s6.lab.test/");
    assert_int_equal(scope ?
                     curl_he_easy_setopt(c.easy, CURLHEOPT_RACER_CALLBACKS,
                                         0L) :
                     curl_he_setopt(NULL, CURLHEOPT_RACER_CALLBACKS, 0L),
                     CURL_HE_OK);
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 600L);
    client_go(&c);
    assert_int_equal(ledger_racers(l), 0);
    assert_int_equal(own_attempts(c.easy), 0);
    assert_int_equal(steps(c.easy, CURL_HE_STEP_ASIDE), 1);
    close_books(&c, l);
    curl_he_setopt(NULL, CURLHEOPT_RACER_CALLBACKS, -1L);
  }
}

/* -- pooled connections -- */

static void test_pool(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  struct ledger *first = open_with_ledger(&c, *mode, "http://s9.lab.test/");
  struct ledger *second = ledger_new();
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  /* another callback's connection beside it, as libcurl would have it */
  assert_true(ledger_declare(second, c.easy));
  client_url(&c, "http://s1.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_OK);
  client_close(&c);
  assert_null(ledger_wrong(first));
  assert_null(ledger_wrong(second));
  assert_int_equal(ledger_sockets(second), 1);
  free(first);
  free(second);
}

/* A connection outlives its handle, and its context. */
static void test_pool_outlives(void **state)
{
  CURLHE *he = curl_he_init();
  CURLM *multi = curl_multi_init();
  struct ledger *l = ledger_new();
  struct client c;
  int running = 1;
  (void)state;
  client_open(&c, BESIDE, "http://s9.lab.test/");
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  assert_true(ledger_declare(l, c.easy));
  curl_multi_add_handle(multi, c.easy);
  while(running) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
  assert_string_equal(c.body, "hello from 198.19.9.2\n");
  curl_multi_remove_handle(multi, c.easy);
  curl_he_free(he);
  client_close(&c);
  curl_multi_cleanup(multi);
  assert_null(ledger_wrong(l));
  free(l);
}

/* -- from when on it is left alone -- */

struct baton {
  pthread_mutex_t lock;      /* held by whoever is in libcurl */
  CURL *easy;                /* to be detached from inside; NULL: not */
  bool inside;
  bool left;
};

static void note_inside(struct ledger *l)
{
  struct baton *b = l->inside_data;
  const struct timespec pause = { .tv_nsec = 200000000 };
  pthread_mutex_lock(&b->lock);
  b->inside = true;
  if(b->easy)
    curl_he_detach(b->easy);
  pthread_mutex_unlock(&b->lock);
  nanosleep(&pause, NULL);
  __atomic_store_n(&b->left, true, __ATOMIC_RELEASE);
}

/* Drives the transfer until the racer is in the opensocket callback. */
static bool drive_until_inside(CURLM *multi, struct baton *b)
{
  const struct timespec pause = { .tv_nsec = 5000000 };
  for(int i = 0; i < 1000; i++) {
    int running = 0;
    bool inside;
    pthread_mutex_lock(&b->lock);
    inside = b->inside;
    if(!inside)
      curl_multi_perform(multi, &running);
    pthread_mutex_unlock(&b->lock);
    if(inside)
      return true;
    nanosleep(&pause, NULL);
  }
  return false;
}

enum end { DETACHED, REPLACED, SET_UP_AGAIN, CONTEXT_FREED, FROM_INSIDE };

static void end_it(enum end end, CURLHE *he, struct client *c)
{
  switch(end) {
  case DETACHED:
    assert_int_equal(curl_he_detach(c->easy), CURL_HE_OK);
    break;
  case REPLACED:
    assert_int_equal(curl_he_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION,
                                         NULL), CURL_HE_OK);
    break;
  case SET_UP_AGAIN:
    assert_int_equal(curl_he_attach(he, c->easy), CURL_HE_OK);
    break;
  case CONTEXT_FREED:
    curl_he_free(he);
    break;
  case FROM_INSIDE:
    break;
  }
}

/* The call that ends it waits for the callback that runs: what was closed by
   then is all that there was of the racer's. From inside the callback it does
   not wait, for that would be for ever. */
static void test_end(void **state)
{
  const enum end *end = *state;
  struct baton b = { .lock = PTHREAD_MUTEX_INITIALIZER };
  const struct timespec pause = { .tv_nsec = 500000000 };
  CURLHE *he;
  CURLM *multi;
  struct ledger *l;
  struct client c;
  he = curl_he_init();
  multi = curl_multi_init();
  l = ledger_new();
  client_open(&c, BESIDE, "http://s8.lab.test/");
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  assert_true(ledger_declare(l, c.easy));
  l->inside = note_inside;
  l->inside_data = &b;
  b.easy = *end == FROM_INSIDE ? c.easy : NULL;
  curl_multi_add_handle(multi, c.easy);
  assert_true(drive_until_inside(multi, &b));
  end_it(*end, he, &c);
  if(*end != FROM_INSIDE) {
    assert_true(__atomic_load_n(&b.left, __ATOMIC_ACQUIRE));
    assert_int_equal(ledger_closed(l), 1);
  }
  nanosleep(&pause, NULL);
  assert_int_equal(ledger_racers(l), 1);
  assert_int_equal(ledger_closed(l), *end != FROM_INSIDE);
  curl_multi_remove_handle(multi, c.easy);
  client_close(&c);
  curl_multi_cleanup(multi);
  if(*end != CONTEXT_FREED)
    curl_he_free(he);
  free(l);
}

#ifndef __SANITIZE_THREAD__
/* A child made while the callback runs has nobody to wait for. */
static void test_fork_inside(void **state)
{
  struct baton b = { .lock = PTHREAD_MUTEX_INITIALIZER };
  CURLM *multi;
  struct ledger *l;
  struct client c;
  int status = -1;
  pid_t pid;
  (void)state;
  multi = curl_multi_init();
  l = open_with_ledger(&c, BESIDE, "http://s8.lab.test/");
  l->inside = note_inside;
  l->inside_data = &b;
  curl_multi_add_handle(multi, c.easy);
  assert_true(drive_until_inside(multi, &b));
  pid = fork();
  if(!pid) {
    alarm(20);
    _exit(curl_he_detach(c.easy) != CURL_HE_OK);
  }
  assert_true(pid > 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_OK);
  assert_int_equal(ledger_closed(l), 1);
  curl_multi_remove_handle(multi, c.easy);
  client_close(&c);
  curl_multi_cleanup(multi);
  free(l);
}
#endif

/* -- threads -- */

struct worker {
  pthread_t thread;
  enum mode mode;
  const char *url;            /* NULL: two, in turn */
  const char *wrong;
};

static void *work(void *arg)
{
  struct worker *w = arg;
  for(unsigned i = 0; i < 3; i++) {
    struct ledger *l = ledger_new();
    struct client c;
    client_open(&c, w->mode, w->url ? w->url : i % 2 ?
                "http://s9.lab.test/" : "http://s6.lab.test/");
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
    if(!ledger_declare(l, c.easy) || client_go(&c))
      w->wrong = "the transfer failed";
    curl_he_detach(c.easy);
    client_close(&c);
    if(!w->wrong)
      w->wrong = ledger_wrong(l);
    free(l);
  }
  return NULL;
}

static void run_workers(enum mode mode, const char *url)
{
  struct worker workers[MANY];
  for(size_t i = 0; i < MANY; i++) {
    workers[i].mode = mode;
    workers[i].url = url;
    workers[i].wrong = NULL;
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work,
                                    &workers[i]), 0);
  }
  for(size_t i = 0; i < MANY; i++)
    pthread_join(workers[i].thread, NULL);
  for(size_t i = 0; i < MANY; i++) {
    if(workers[i].wrong)
      fail_msg("thread %zu: %s", i, workers[i].wrong);
  }
}

static void test_threads(void **state)
{
  run_workers(*(const enum mode *)*state, NULL);
}

/* IPv6 is dead, and the A answer is late. The callbacks are each thread's own,
   so that it is in doubt whose a call of getaddrinfo() is: whoever is given
   IPv6 addresses first has to get the others, too. */
static void test_threads_late(void **state)
{
  run_workers(*(const enum mode *)*state, "http://s16.lab.test/");
}

static void add_ends(struct suite *s)
{
  static const enum end ends[] = {
    DETACHED, REPLACED, SET_UP_AGAIN, CONTEXT_FREED, FROM_INSIDE
  };
  static const char *const how[] = {
    "detached", "another callback is set", "set up again",
    "the context is freed", "detached by the callback itself"
  };
  for(size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
    suite_add(s, test_end, &ends[i], "while the callback runs: %s", how[i]);
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_raced, "scenario 6" },
    { test_losers, "losers" },
    { test_marked, "marked sockets" },
    { test_bound_by_libcurl, "bound by libcurl" },
    { test_refused, "refused candidates" },
    { test_sockopt_fails, "the sockopt callback fails" },
    { test_claims, "the sockopt callback claims a connection" },
    { test_steered, "another address for an attempt of curl-he's" },
    { test_libcurl_steered, "another address for libcurl's attempt" },
    { test_not_from_the_racer, "not from the racer's thread" },
    { test_pool, "a pooled connection, detached" },
    { test_threads, "threads" },
    { test_threads_late, "threads, and a late answer" },
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  suite_add(&s, test_pool_outlives, NULL, "a connection outlives all");
  /* these are about the racer's attempts */
  if(!libcurl_races())
    add_ends(&s);
#ifndef __SANITIZE_THREAD__
  if(!libcurl_races())
    suite_add(&s, test_fork_inside, NULL, "while the callback runs: fork");
#endif
  return suite_run(&s, "sockets");
}
