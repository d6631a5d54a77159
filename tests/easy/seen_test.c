/* SPDX-License-Identifier: MIT */
/* seen_test.c - which handles are known, and that what was told of one is
 * never taken for another's. Needs no laboratory: transfers go to a port of
 * loopback where nobody listens. */
#include "libcurls.h"

#ifdef HE_WRAPPED
#include <curl_he/wrap.h>
#endif
#include <curl_he/curl_he.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY "http://127.0.0.1:1/"

static long known(CURL *easy)
{
  long value = -1;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_KNOWN, &value),
                   CURL_HE_OK);
  return value;
}

static int calls;

static curl_socket_t refuse(void *user, curlsocktype purpose,
                            struct curl_sockaddr *sa)
{
  (void)purpose;
  (void)sa;
  ++*(int *)user;
  return CURL_SOCKET_BAD;
}

/* Is the filter of this handle asked? It is, and obeyed, or libcurl finds that
   nobody listens. */
static int times_asked(CURL *easy)
{
  calls = 0;
  curl_easy_setopt(easy, CURLOPT_URL, NOBODY);
  assert_int_equal(curl_easy_perform(easy), CURLE_COULDNT_CONNECT);
  return calls;
}

static void set_filter(CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, refuse);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &calls);
}

static void test_begin_and_end(void **state)
{
  CURL *easy = curl_easy_init();
  (void)state;
  assert_int_equal(known(easy), 1);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  assert_int_equal(known(easy), 1);
  curl_easy_reset(easy);
  assert_int_equal(known(easy), 1);
  assert_int_equal(curl_he_detach(easy), CURL_HE_NOT_SET_UP);
  curl_easy_cleanup(easy);
  curl_easy_cleanup(NULL);
}

static void test_unknown(void **state)
{
  CURL *easy = libcurls_own()->init();
  (void)state;
  assert_int_equal(known(easy), 0);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  assert_int_equal(known(easy), 0);
  /* what it does with the exported functions is right all the same */
  assert_int_equal(curl_easy_setopt(easy, CURLOPT_URL, NOBODY), CURLE_OK);
  assert_int_equal(curl_easy_perform(easy), CURLE_COULDNT_CONNECT);
  curl_easy_reset(easy);
  assert_int_equal(curl_he_detach(easy), CURL_HE_NOT_SET_UP);
  curl_easy_cleanup(easy);
}

/* Values of each type arrive, and libcurl's errors come back. */
static void test_handed_on(void **state)
{
  CURL *easy = curl_easy_init();
  struct curl_slist *list = curl_slist_append(NULL, "X-Test: 1");
  char *private = NULL;
  (void)state;
  assert_int_equal(curl_easy_setopt(easy, CURLOPT_PRIVATE, list), CURLE_OK);
  assert_int_equal(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private),
                   CURLE_OK);
  assert_ptr_equal(private, list);
  assert_int_equal(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list),
                   CURLE_OK);
  assert_int_equal(curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                                    (curl_off_t)1 << 40), CURLE_OK);
  assert_int_equal((curl_easy_setopt)(easy, (CURLoption)9999, 1L),
                   CURLE_UNKNOWN_OPTION);
  assert_int_equal((curl_easy_setopt)(easy, (CURLoption)-1, 1L),
                   CURLE_UNKNOWN_OPTION);
  assert_int_equal((curl_easy_setopt)(NULL, CURLOPT_PROXY, "x"),
                   CURLE_BAD_FUNCTION_ARGUMENT);
  assert_int_not_equal((curl_easy_setopt)(easy, CURLOPT_IPRESOLVE, 99L),
                       CURLE_OK);
  curl_easy_cleanup(easy);
  curl_slist_free_all(list);
}

/* -- the program's callbacks -- */

static void test_set_before(void **state)
{
  CURL *easy = curl_easy_init();
  (void)state;
  set_filter(easy);
  assert_int_equal(times_asked(easy), 1);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  assert_int_equal(times_asked(easy), 1);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  assert_int_equal(times_asked(easy), 1);
  assert_int_equal(curl_he_detach(easy), CURL_HE_OK);
  assert_int_equal(times_asked(easy), 1);
  curl_easy_cleanup(easy);
}

static void test_set_after(void **state)
{
  CURL *easy = curl_easy_init();
  (void)state;
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  set_filter(easy);
  assert_int_equal(times_asked(easy), 1);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, NULL);
  assert_int_equal(times_asked(easy), 0);
  set_filter(easy);
  curl_easy_reset(easy);
  assert_int_equal(times_asked(easy), 0);
  curl_easy_cleanup(easy);
}

/* Behind curl-he's back: there it is the program's alone, and stays. */
static void test_unknown_set_after(void **state)
{
  CURL *easy = libcurls_own()->init();
  (void)state;
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  libcurls_own()->setopt(easy, CURLOPT_OPENSOCKETFUNCTION, refuse);
  libcurls_own()->setopt(easy, CURLOPT_OPENSOCKETDATA, &calls);
  libcurls_own()->setopt(easy, CURLOPT_URL, NOBODY);
  for(int i = 0; i < 2; i++) {
    calls = 0;
    assert_int_equal(curl_he_perform(easy), CURLE_COULDNT_CONNECT);
    assert_int_equal(calls, 1);
  }
  libcurls_own()->cleanup(easy);
}

/* -- copies -- */

static void test_copies(void **state)
{
  CURL *easy = curl_easy_init(), *copy, *second;
  (void)state;
  set_filter(easy);
  copy = curl_easy_duphandle(easy);
  assert_int_equal(known(copy), 1);
  assert_int_equal(curl_he_detach(copy), CURL_HE_NOT_SET_UP);
  curl_easy_cleanup(copy);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  copy = curl_easy_duphandle(easy);
  curl_easy_cleanup(easy);
  assert_int_equal(known(copy), 1);
  assert_int_equal(times_asked(copy), 1);
  second = curl_easy_duphandle(copy);
  curl_easy_setopt(copy, CURLOPT_OPENSOCKETFUNCTION, NULL);
  assert_int_equal(times_asked(copy), 0);
  assert_int_equal(times_asked(second), 1);
  assert_int_equal(curl_he_detach(copy), CURL_HE_OK);
  assert_int_equal(curl_he_detach(second), CURL_HE_OK);
  curl_easy_cleanup(copy);
  curl_easy_cleanup(second);
}

static void test_copy_of_unknown(void **state)
{
  CURL *easy = libcurls_own()->init(), *copy;
  (void)state;
  copy = curl_easy_duphandle(easy);
  assert_int_equal(known(copy), 0);
  curl_easy_cleanup(copy);
  curl_easy_cleanup(easy);
}

/* -- another handle at the same address -- */

#define TRIES 64

/* Makes handles until one is where `gone` was; NULL: none is. */
static CURL *make_at(CURL *gone, CURL *(*init)(void))
{
  CURL *others[TRIES], *easy = NULL;
  size_t n = 0;
  while(n < TRIES && !easy) {
    CURL *made = init();
    if(made == gone)
      easy = made;
    else
      others[n++] = made;
  }
  while(n)
    libcurls_own()->cleanup(others[--n]);
  return easy;
}

static CURL *told_and_gone(bool seen)
{
  CURL *easy = (seen ? curl_easy_init : libcurls_own()->init)();
  struct curl_slist *list = curl_slist_append(NULL, "nobody.test:80:127.0.0.1");
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  curl_he_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, refuse);
  curl_he_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &calls);
  assert_int_equal((curl_he_easy_setopt)(easy, CURLOPT_RESOLVE, list),
                   CURL_HE_OK);
  libcurls_own()->cleanup(easy);   /* not seen */
  memset(list->data, 'x', strlen(list->data));
  curl_slist_free_all(list);
  return easy;
}

static void expect_stranger(CURL *easy, bool seen)
{
  assert_int_equal(known(easy), seen);
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_ATTEMPTS,
                                        &(long){ 0 }), CURL_HE_NOT_SET_UP);
  calls = 0;
  curl_easy_setopt(easy, CURLOPT_URL, NOBODY);
  assert_int_equal(curl_he_perform(easy), CURLE_COULDNT_CONNECT);
  assert_int_equal(calls, 0);
  curl_easy_cleanup(easy);
}

/* In all four ways of being seen or not. */
static void test_same_address(void **state)
{
  (void)state;
  for(int way = 0; way < 4; way++) {
    bool seen = way & 1;
    CURL *gone = told_and_gone(way & 2);
    CURL *easy = make_at(gone, seen ? curl_easy_init :
                         libcurls_own()->init);
    if(easy)
      expect_stranger(easy, seen);
    else
      print_message("no handle came to lie at the same address\n");
  }
}

/* -- threads, fork -- */

#define THREADS 4
#define ROUNDS 400

static void *churn(void *arg)
{
  unsigned seed = (unsigned)(uintptr_t)arg;
  for(int i = 0; i < ROUNDS; i++) {
    CURL *easy = curl_easy_init(), *copy;
    long yes = 0;
    curl_easy_setopt(easy, CURLOPT_PROXY, "http://proxy.test");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)i + 1);
    if(rand_r(&seed) % 2)
      curl_he_setup(easy);
    copy = curl_easy_duphandle(easy);
    if(rand_r(&seed) % 2)
      curl_easy_reset(easy);
    curl_easy_cleanup(easy);
    curl_he_easy_getinfo(copy, CURLHEINFO_KNOWN, &yes);
    curl_easy_cleanup(copy);
    if(yes != 1)
      return "a handle is not known";
  }
  return NULL;
}

static void start(pthread_t *threads)
{
  for(uintptr_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
}

static void finish(pthread_t *threads)
{
  for(int i = 0; i < THREADS; i++) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
}

static void test_threads(void **state)
{
  pthread_t threads[THREADS];
  (void)state;
  start(threads);
  finish(threads);
}

/* A child finds no lock held. */
static void test_fork(void **state)
{
  pthread_t threads[THREADS];
  (void)state;
  start(threads);
  for(int i = 0; i < 20; i++) {
    pid_t pid = fork();
    int status = -1;
    if(!pid) {
      CURL *easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_PROXY, "");
      curl_easy_cleanup(easy);
      _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
  }
  finish(threads);
}

static void test_said(void **state)
{
  (void)state;
  assert_true(curl_he_version_info()->age >= 1);
#ifdef HE_WRAPPED
  assert_int_equal(curl_he_version_info()->interposes, 0);
#else
  assert_int_equal(curl_he_version_info()->interposes, 1);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_begin_and_end),
    cmocka_unit_test(test_unknown),
    cmocka_unit_test(test_handed_on),
    cmocka_unit_test(test_set_before),
    cmocka_unit_test(test_set_after),
    cmocka_unit_test(test_unknown_set_after),
    cmocka_unit_test(test_copies),
    cmocka_unit_test(test_copy_of_unknown),
    cmocka_unit_test(test_same_address),
    cmocka_unit_test(test_threads),
#ifndef __SANITIZE_THREAD__   /* it knows no threads after such a fork */
    cmocka_unit_test(test_fork),
#endif
    cmocka_unit_test(test_said)
  };
  return cmocka_run_group_tests_name("seen", tests, NULL, NULL) ? 1 : 0;
}
