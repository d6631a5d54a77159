/* SPDX-License-Identifier: MIT */
/* life_test.c - a real libcurl, and handles, contexts, threads and processes
 * that end while races run. Names are the test's own (names.h); the first
 * address of each is silent, so that every transfer is a race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl_he/curl_he.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "names.h"
#include "server.h"
#include "engine/clock.h"
#include "../easy/libcurls.h"

#define SILENT "127.0.0.2"
#define GOOD "127.0.0.3"

static uint16_t port;
static int silent, fill[FILL];
static unsigned names;

static bool network(void)
{
  silent = silent_at(SILENT, &port, fill);
  names_mean(SILENT " " GOOD);
  return silent >= 0 && server_start(GOOD, &port);
}

static void no_network(void)
{
  server_stop();
  close(silent);
  for(int i = 0; i < FILL; i++)
    close(fill[i]);
}

static size_t swallow(char *p, size_t size, size_t n, void *arg)
{
  (void)p;
  (void)arg;
  return size * n;
}

/* A handle for a name that no cache knows. */
static void aim(CURL *e, long timeout_ms)
{
  char url[100];
  snprintf(url, sizeof(url), "http://n%u.life.test:%u/",
           __atomic_add_fetch(&names, 1, __ATOMIC_SEQ_CST), (unsigned)port);
  curl_easy_setopt(e, CURLOPT_URL, url);
  curl_easy_setopt(e, CURLOPT_PROXY, "");
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout_ms);
}

static CURL *new_easy(long timeout_ms)
{
  CURL *e = curl_easy_init();
  if(!e)
    abort();
  aim(e, timeout_ms);
  return e;
}

static void print_race(CURL *e)
{
  struct curl_he_steps race;
  if(curl_he_easy_getinfo(e, CURLHEINFO_RACE, &race))
    return;
  for(size_t i = 0; i < race.count; i++) {
    const struct curl_he_step *s = &race.steps[i];
    print_message("# %7.1f ms: step %d %s %s\n", (double)s->time_us / 1000,
                  (int)s->step, s->address ? s->address : "",
                  s->libcurls ? "(libcurl's)" : s->text ? s->text : "");
  }
}

static void assert_raced(CURL *e)
{
  long handed = 0;
  assert_int_equal(curl_he_easy_getinfo(e, CURLHEINFO_HANDED_OVER, &handed),
                   CURLHE_SUCCESS);
  if(handed == libcurl_races())
    print_race(e);
  assert_int_equal(handed, !libcurl_races());
}

/* Everything of curl-he's that goes with its last context. */
static void assert_nothing_left(void)
{
  curl_he_free(curl_he_default());
  assert_int_equal(threads_left(1), 0);   /* but for the server */
}

/* Drives a multi handle for so long. */
static void drive(CURLM *m, unsigned ms)
{
  he_time_ns start = he_clock_now();
  int running = 1;
  do {
    curl_multi_perform(m, &running);
    curl_multi_poll(m, NULL, 0, 5, NULL);
  } while(running && elapsed_ms(start) < ms);
}

/* -- one thread -- */

static void races(void **state)
{
  (void)state;
  for(int i = 0; i < 3; i++) {
    CURL *e = new_easy(20000);
    assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
    assert_int_equal(i == 1 ? curl_he_perform(e) : curl_easy_perform(e), 0);
    assert_raced(e);
    assert_int_equal(curl_he_detach(e), CURLHE_SUCCESS);
    assert_int_equal(curl_he_detach(e), CURLHE_NOT_SET_UP);
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
    assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
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
  assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
  curl_multi_add_handle(m, e);
  drive(m, 120);
  assert_int_equal(curl_he_detach(e), CURLHE_SUCCESS);
  drive(m, 2000);   /* libcurl's own way, to its own end */
  curl_multi_remove_handle(m, e);
  aim(e, 20000);
  assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
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
      assert_int_equal(curl_he_attach(he, e[k]), CURLHE_SUCCESS);
      curl_multi_add_handle(m, e[k]);
    }
    drive(m, roll(250));
    curl_he_free(he);
    assert_int_equal(curl_he_detach(e[0]), CURLHE_NOT_SET_UP);
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
  assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  curl_easy_reset(e);
  names_mean(GOOD);
  aim(e, 20000);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  names_mean(SILENT " " GOOD);
  assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
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
  assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
  copy = curl_easy_duphandle(e);
  assert_non_null(copy);
  assert_int_equal(curl_he_detach(e), CURLHE_SUCCESS);
  curl_easy_cleanup(e);
  names_mean(GOOD);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  names_mean(SILENT " " GOOD);
  assert_int_equal(curl_he_setup(copy), CURLHE_SUCCESS);
  aim(copy, 20000);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  assert_raced(copy);
  curl_easy_cleanup(copy);
  assert_nothing_left();
}

/* -- without detach, for as long as one likes -- */

static size_t in_use(void)
{
  return mallinfo2().uordblks;
}

static void many_handles(void **state)
{
  unsigned n = rounds(200000);
  size_t before = 0;
  (void)state;
  for(unsigned i = 0; i < n; i++) {
    CURL *e = curl_easy_init();
    assert_non_null(e);
    assert_int_equal(curl_he_setup(e), CURLHE_SUCCESS);
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

/* A connection lives on in a share's pool, after its handle, after detach,
   after the context; and is closed by another thread. */
static pthread_mutex_t share_lock[CURL_LOCK_DATA_LAST];

static void lock_share(CURL *e, curl_lock_data what, curl_lock_access how,
                       void *arg)
{
  (void)e;
  (void)how;
  (void)arg;
  pthread_mutex_lock(&share_lock[what]);
}

static void unlock_share(CURL *e, curl_lock_data what, void *arg)
{
  (void)e;
  (void)arg;
  pthread_mutex_unlock(&share_lock[what]);
}

static void *end_share(void *share)
{
  return (void *)(intptr_t)curl_share_cleanup(share);
}

static void pooled(void **state)
{
  (void)state;
  for(int i = 0; i < CURL_LOCK_DATA_LAST; i++)
    pthread_mutex_init(&share_lock[i], NULL);
  for(int i = 0; i < 12; i++) {
    CURLHE *he = curl_he_init();
    CURLSH *share = curl_share_init();
    CURL *e = new_easy(20000);
    pthread_t thread;
    void *code;
    curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock_share);
    curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock_share);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_easy_setopt(e, CURLOPT_SHARE, share);
    if(i % 2)
      names_mean(GOOD);   /* libcurl's own socket, else one handed over */
    assert_int_equal(curl_he_attach(he, e), CURLHE_SUCCESS);
    assert_int_equal(curl_easy_perform(e), CURLE_OK);
    names_mean(SILENT " " GOOD);
    if(i % 3 == 1)
      assert_int_equal(curl_he_detach(e), CURLHE_SUCCESS);
    curl_easy_cleanup(e);
    if(i % 4 >= 2) {
      curl_he_free(he);
      he = NULL;
    }
    assert_int_equal(0, pthread_create(&thread, NULL, end_share, share));
    pthread_join(thread, &code);
    assert_null(code);
    curl_he_free(he);
  }
  assert_nothing_left();
}

/* -- processes -- */

static bool ends_well(pid_t pid)
{
  int status = -1;
  for(int ms = 0; pid > 0 && ms < 30000; ms += 5) {
    if(waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) && !WEXITSTATUS(status);
    sleep_ms(5);
  }
  if(pid > 0) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  return false;
}

static void *perform_it(void *e)
{
  curl_easy_perform(e);
  return NULL;
}

/* What "life_test exit MS" does: exit() while a race runs. */
static int exit_mid_race(unsigned ms)
{
  CURL *e;
  pthread_t thread;
  if(!network())
    return 1;
  e = new_easy(20000);
  if(curl_he_setup(e) || pthread_create(&thread, NULL, perform_it, e) ||
     pthread_detach(thread))
    return 1;
  sleep_ms(ms);
  exit(0);
}

static pid_t run_myself(const char *what, unsigned ms)
{
  char text[20], me[1000];
  ssize_t n = readlink("/proc/self/exe", me, sizeof(me) - 1);
  pid_t pid;
  snprintf(text, sizeof(text), "%u", ms);
  if(n < 0)
    return -1;
  me[n] = 0;
  pid = fork();
  if(!pid) {
    /* what a sanitizer finds is to be seen; a leak is what exit() means */
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    execl(me, "life_test", what, text, (char *)NULL);
    _exit(127);
  }
  return pid;
}

static void exits(void **state)
{
  (void)state;
  for(unsigned i = rounds(20); i; i--)
    assert_true(ends_well(run_myself("exit", roll(250))));
}

static bool forks_over;

static void *race_always(void *arg)
{
  (void)arg;
  while(!__atomic_load_n(&forks_over, __ATOMIC_SEQ_CST)) {
    CURL *e = new_easy(400);
    curl_he_setup(e);
    curl_easy_perform(e);
    curl_easy_cleanup(e);
  }
  return NULL;
}

/* The child cleans up a handle that it inherited, sets up one of its own with
   the context that it inherited, and races. */
static int child(CURL *inherited)
{
  CURL *e = new_easy(15000);
  long handed = 0;
  CURLcode rc;
  if(libcurl_outlives_fork())
    curl_easy_cleanup(inherited);
  if(curl_he_setup(e))
    return 2;
  rc = curl_easy_perform(e);
  if(rc)
    return 3;
  curl_he_easy_getinfo(e, CURLHEINFO_HANDED_OVER, &handed);
  curl_easy_cleanup(e);
  curl_he_free(curl_he_default());
  return handed == !libcurl_races() ? 0 : 4;
}

/* What "life_test fork N" does. */
static int fork_mid_race(unsigned n)
{
  pthread_t thread[2];
  int failed = 0;
  if(!network())
    return 1;
  test_seed();
  for(int i = 0; i < 2; i++) {
    if(pthread_create(&thread[i], NULL, race_always, NULL))
      return 1;
  }
  for(unsigned i = 0; i < n && !failed; i++) {
    CURL *e = new_easy(20000);
    pid_t pid;
    curl_he_setup(e);
    if(roll(2))
      names_mean(GOOD);
    failed = curl_easy_perform(e) != CURLE_OK;
    names_mean(SILENT " " GOOD);
    sleep_ms(roll(100));
    pid = fork();
    if(!pid)
      _exit(child(e));
    failed = failed || !ends_well(pid);
    curl_easy_cleanup(e);
  }
  __atomic_store_n(&forks_over, true, __ATOMIC_SEQ_CST);
  for(int i = 0; i < 2; i++)
    pthread_join(thread[i], NULL);
  no_network();
  return failed;
}

static void forks(void **state)
{
  (void)state;
  assert_true(ends_well(run_myself("fork", rounds(15))));
}

static void nothing_left(void **state)
{
  (void)state;
  no_network();
  curl_he_free(curl_he_default());
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(races),
    cmocka_unit_test(handles_end),
    cmocka_unit_test(detached_mid_race),
    cmocka_unit_test(context_freed_mid_race),
    cmocka_unit_test(after_reset),
    cmocka_unit_test(copies),
    cmocka_unit_test(many_handles),
    cmocka_unit_test(context_freed_elsewhere),
    cmocka_unit_test(pooled),
    cmocka_unit_test(exits),
    cmocka_unit_test(nothing_left),
    cmocka_unit_test(forks)   /* the last: see below */
  };
  size_t n = sizeof(tests) / sizeof(*tests);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(argc == 3 && !strcmp(argv[1], "exit"))
    return exit_mid_race((unsigned)atoi(argv[2]));
  if(argc == 3 && !strcmp(argv[1], "fork"))
    return fork_mid_race((unsigned)atoi(argv[2]));
  test_seed();
  count_start();
  if(!network())
    return 1;
  /* TSan starts no threads in the child of a process with threads */
  return _cmocka_run_group_tests("life", tests, under_tsan() ? n - 1 : n,
                                 NULL, NULL);
}
