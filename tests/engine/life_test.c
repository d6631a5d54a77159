/* SPDX-License-Identifier: MIT */
/* life_test.c - handles and contexts that end while races run, in one thread
 * and in several. */
#include "real.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

/* -- one thread -- */

static void races(void **state)
{
  (void)state;
  for(int i = 0; i < 3; i++) {
    CURL *e = new_easy(20000);
    assert_int_equal(curl_he_setup(e), CURL_HE_OK);
    assert_int_equal(i == 1 ? curl_he_perform(e) : curl_easy_perform(e), 0);
    assert_raced(e);
    assert_int_equal(curl_he_detach(e), CURL_HE_OK);
    assert_int_equal(curl_he_detach(e), CURL_HE_NOT_SET_UP);
    curl_easy_cleanup(e);
  }
  assert_nothing_left();
}

/* Handles go at any moment of their race, with and without detach. */
static void handles_end(void **state)
{
  CURLM *m = curl_multi_init();
  (void)state;
  for(unsigned i = rounds(40); i; i--) {
    CURL *e = new_easy(20000);
    assert_int_equal(curl_he_setup(e), CURL_HE_OK);
    names_take(roll(3) ? 0 : roll(200));
    curl_multi_add_handle(m, e);
    drive(m, roll(300));
    if(!roll(3))
      curl_he_detach(e);
    if(!roll(4))
      drive(m, roll(30));
    curl_multi_remove_handle(m, e);
    if(!roll(4))
      curl_he_detach(e);
    curl_easy_cleanup(e);
  }
  names_take(0);
  curl_multi_cleanup(m);
  assert_nothing_left();
}

static void detached_mid_race(void **state)
{
  CURLM *m = curl_multi_init();
  CURL *e = new_easy(400);
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  curl_multi_add_handle(m, e);
  drive(m, 120);
  assert_int_equal(curl_he_detach(e), CURL_HE_OK);
  drive(m, 2000);   /* libcurl's own way, to its own end */
  curl_multi_remove_handle(m, e);
  aim(e, 20000);
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  assert_raced(e);
  curl_easy_cleanup(e);
  curl_multi_cleanup(m);
  assert_nothing_left();
}

static void context_freed_mid_race(void **state)
{
  (void)state;
  for(unsigned i = rounds(12); i; i--) {
    CURLHE *he = curl_he_init();
    CURLM *m = curl_multi_init();
    CURL *e[4];
    assert_non_null(he);
    for(int k = 0; k < 4; k++) {
      e[k] = new_easy(250 + roll(200));
      assert_int_equal(curl_he_attach(he, e[k]), CURL_HE_OK);
      curl_multi_add_handle(m, e[k]);
    }
    drive(m, roll(250));
    curl_he_free(he);
    assert_int_equal(curl_he_detach(e[0]), CURL_HE_NOT_SET_UP);
    drive(m, 2000);
    for(int k = 0; k < 4; k++) {
      curl_multi_remove_handle(m, e[k]);
      curl_easy_cleanup(e[k]);
    }
    curl_multi_cleanup(m);
  }
  assert_nothing_left();
}

static void after_reset(void **state)
{
  CURL *e = new_easy(20000);
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  curl_easy_reset(e);
  names_mean(GOOD);
  aim(e, 20000);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  names_mean(SILENT " " GOOD);
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  aim(e, 20000);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  assert_raced(e);
  curl_easy_cleanup(e);
  assert_nothing_left();
}

/* A copy keeps the hooks, which find nobody. Set up itself it races. */
static void copies(void **state)
{
  CURL *e = new_easy(20000), *copy;
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  copy = curl_easy_duphandle(e);
  assert_non_null(copy);
  assert_int_equal(curl_he_detach(e), CURL_HE_OK);
  curl_easy_cleanup(e);
  names_mean(GOOD);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  names_mean(SILENT " " GOOD);
  assert_int_equal(curl_he_setup(copy), CURL_HE_OK);
  aim(copy, 20000);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  assert_raced(copy);
  curl_easy_cleanup(copy);
  assert_nothing_left();
}

/* While the original lives its hooks are good for the copy, too. */
static void copy_beside(void **state)
{
  CURL *e = new_easy(20000), *copy;
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  copy = curl_easy_duphandle(e);
  assert_non_null(copy);
  names_mean(GOOD);
  for(int i = 0; i < 2; i++) {
    assert_int_equal(curl_easy_perform(copy), CURLE_OK);
    aim(copy, 20000);
    assert_int_equal(curl_easy_perform(e), CURLE_OK);
    aim(e, 20000);
  }
  names_mean(SILENT " " GOOD);
  curl_easy_cleanup(copy);
  curl_easy_cleanup(e);
  assert_nothing_left();
}

struct calls {
  int closed;
  CURL *traced;               /* the last */
};

static int on_close(void *arg, curl_socket_t fd)
{
  ((struct calls *)arg)->closed++;
  return close(fd);
}

static void on_step(CURL *easy, const char *host, int port,
                    const struct curl_he_step *step, void *arg)
{
  (void)host;
  (void)port;
  (void)step;
  ((struct calls *)arg)->traced = easy;
}

/* Set up like its original: context, options, what was declared; and a handle
   of its own, that outlives it. */
static void own_copies(void **state)
{
  CURLHE *he = curl_he_init();
  CURL *e = new_easy(20000), *copy, *third;
  struct calls calls = { 0, NULL };
  long ms = 0;
  (void)state;
  assert_int_equal(curl_he_attach(he, e), CURL_HE_OK);
  curl_he_setopt(he, CURLHEOPT_TRACEFUNCTION, on_step);
  curl_he_setopt(he, CURLHEOPT_TRACEDATA, &calls);
  curl_he_easy_setopt(e, CURLHEOPT_DELAY_MS, 210L);
  curl_he_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_he_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, &calls);
  copy = curl_he_duphandle(e);
  assert_non_null(copy);
  curl_he_easy_setopt(e, CURLHEOPT_DELAY_MS, 500L);   /* not the copy's */
  curl_easy_cleanup(e);                               /* without detach */
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  assert_raced(copy);
  assert_int_equal(curl_he_easy_getinfo(copy, CURLHEINFO_DELAY_MS, &ms),
                   CURL_HE_OK);
  assert_int_equal(ms, 210);
  third = curl_he_duphandle(copy);
  assert_non_null(third);
  assert_int_equal(curl_he_detach(copy), CURL_HE_OK);
  assert_ptr_equal(calls.traced, copy);
  curl_easy_cleanup(copy);
  assert_true(calls.closed >= 1);
  /* a race of its own so far: none */
  assert_int_equal(curl_he_easy_getinfo(third, CURLHEINFO_ATTEMPTS, &ms),
                   CURL_HE_OK);
  assert_int_equal(ms, 0);
  aim(third, 20000);
  assert_int_equal(curl_easy_perform(third), CURLE_OK);
  assert_raced(third);
  curl_he_free(he);
  assert_ptr_equal(calls.traced, third);
  curl_easy_cleanup(third);
  assert_nothing_left();
}

/* Of a handle that is not set up there is a plain copy. */
static void plain_copy(void **state)
{
  CURL *e = new_easy(20000), *copy;
  (void)state;
  assert_null(curl_he_duphandle(NULL));
  copy = curl_he_duphandle(e);
  assert_non_null(copy);
  assert_int_equal(curl_he_detach(copy), CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_equal(curl_he_detach(e), CURL_HE_OK);
  curl_easy_cleanup(copy);
  copy = curl_he_duphandle(e);
  assert_non_null(copy);
  assert_int_equal(curl_he_detach(copy), CURL_HE_NOT_SET_UP);
  curl_easy_cleanup(copy);
  curl_easy_cleanup(e);
  assert_nothing_left();
}

/* libcurl 7.88.0 to 8.1.2 gives an attempt up, and closes its losers, without
   a call: none of curl-he's descriptors may keep them. */
static void closed_without_a_word(void **state)
{
  CURL *e = new_easy(20000);
  (void)state;
  names_mean(SILENT " " SILENT2);
  curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 1600L);
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_not_equal(curl_easy_perform(e), CURLE_OK);
  names_mean(SILENT " " GOOD);
  assert_true(own_sockets_left() == 0);
  assert_int_equal(syn_sent_to(SILENT), 0);
  assert_int_equal(syn_sent_to(SILENT2), 0);
  curl_easy_cleanup(e);
  assert_nothing_left();
}

/* -- without detach, for as long as one likes -- */

static size_t in_use(void)
{
  return mallinfo2().uordblks;
}

static void many_handles(void **state)
{
  unsigned n = rounds(1000000);
  size_t before = 0;
  (void)state;
  for(unsigned i = 0; i < n; i++) {
    CURL *e = curl_easy_init();
    assert_non_null(e);
    assert_int_equal(curl_he_setup(e), CURL_HE_OK);
    if(!(i % 3))
      curl_he_easy_setopt(e, CURLHEOPT_DELAY_MS, 200L);
    curl_easy_cleanup(e);
    if(i == n / 10)
      before = in_use();
  }
  /* a few kilobytes are the allocator's; a leak would be 30 bytes a handle at
     the least */
  assert_true(in_use() < before + n);
  assert_nothing_left();
}

/* -- threads -- */

struct worker {
  pthread_t thread;
  CURLHE *he;
  uint64_t dice;
  bool done;
};

static void *race_on(void *arg)
{
  struct worker *w = arg;
  for(int i = 0; i < 3; i++) {
    CURL *e = new_easy(300 + (long)roll_of(&w->dice, 200));
    if(!i)   /* as soon as the context is gone it must not be named any more */
      curl_he_attach(w->he, e);
    if(!i)
      __atomic_store_n(&w->done, true, __ATOMIC_SEQ_CST);
    if(roll_of(&w->dice, 2))
      curl_easy_perform(e);
    else
      curl_he_perform(e);
    curl_easy_cleanup(e);
  }
  return NULL;
}

/* A context is freed under the feet of transfers in other threads. */
static void context_freed_elsewhere(void **state)
{
  (void)state;
  for(unsigned i = rounds(15); i; i--) {
    struct worker w[4];
    CURLHE *he = curl_he_init();
    assert_non_null(he);
    for(int k = 0; k < 4; k++) {
      w[k] = (struct worker){ .he = he, .dice = new_dice() };
      assert_int_equal(0, pthread_create(&w[k].thread, NULL, race_on, &w[k]));
    }
    for(int k = 0; k < 4; k++) {
      while(!__atomic_load_n(&w[k].done, __ATOMIC_SEQ_CST))
        sleep_ms(1);
    }
    sleep_ms(roll(350));
    curl_he_free(he);
    for(int k = 0; k < 4; k++)
      pthread_join(w[k].thread, NULL);
  }
  assert_nothing_left();
}

static void nothing_left(void **state)
{
  (void)state;
  no_network();
  curl_he_free(curl_he_default());
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(races),
    cmocka_unit_test(handles_end),
    cmocka_unit_test(detached_mid_race),
    cmocka_unit_test(context_freed_mid_race),
    cmocka_unit_test(after_reset),
    cmocka_unit_test(copies),
    cmocka_unit_test(copy_beside),
    cmocka_unit_test(own_copies),
    cmocka_unit_test(plain_copy),
    cmocka_unit_test(closed_without_a_word),
    cmocka_unit_test(many_handles),
    cmocka_unit_test(context_freed_elsewhere),
    cmocka_unit_test(nothing_left)
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  test_seed();
  count_start();
  if(!network())
    return 1;
  return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
