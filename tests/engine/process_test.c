/* SPDX-License-Identifier: MIT */
/* process_test.c - processes that end, or fork, while races run. */
#include "real.h"
#include "../easy/libcurls.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *perform_it(void *e)
{
  curl_easy_perform(e);
  return NULL;
}

/* What "process_test exit MS" does: exit() while a race runs. */
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
    end_with_parent();
    /* what a sanitizer finds is to be seen; a leak is what exit() means */
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    execl(me, "process_test", what, text, (char *)NULL);
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
  return handed == he_is_needed() ? 0 : 4;
}

/* What "process_test fork N" does. */
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
    pid = fork_with_threads();
    if(!pid)
      _exit(child(e));
    if(!ends_well(pid))
      failed = 1;
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
  assert_int_equal(end_of(run_myself("fork", rounds(15)), 60000), 0);
}

/* -- what a child has of its parent's races -- */

static void tell(int pipe[2])
{
  close(pipe[0]);
  close(pipe[1]);
}

static void await(int pipe[2])
{
  char c;
  close(pipe[1]);
  while(read(pipe[0], &c, 1) > 0)
    ;
  close(pipe[0]);
}

/* The child never uses curl-he, and lives on: it has none of its descriptors,
   so that the attempts of curl-he's end with the race in the parent. */
static void idle_child(void **state)
{
  CURLM *m = curl_multi_init();
  CURL *e = new_easy(20000);
  int over[2];
  pid_t pid;
  (void)state;
  names_mean(SILENT " " SILENT2);
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  curl_multi_add_handle(m, e);
  for(int ms = 0; own_sockets() < 1 && ms < (he_is_needed() ? 10000 : 500);
      ms += 50)
    drive(m, 50);
  names_mean(SILENT " " GOOD);
  assert_int_equal(own_sockets(), he_is_needed());
  assert_int_equal(own_others(), 2);
  assert_int_equal(pipe(over), 0);
  pid = fork_with_threads();
  if(!pid) {
    int wrong = (own_sockets() ? 1 : 0) + (own_others() ? 2 : 0) +
                (own_netlinks() ? 4 : 0);
    await(over);
    _exit(wrong);
  }
  curl_multi_remove_handle(m, e);
  curl_easy_cleanup(e);
  curl_multi_cleanup(m);
  assert_int_equal(own_sockets_left(), 0);
  if(he_is_needed())   /* else it was libcurl's, which the child has, too */
    assert_int_equal(syn_sent_to(SILENT2), 0);   /* while that lives */
  tell(over);
  assert_true(ends_well(pid));
  assert_nothing_left();
}

/* A race of a child's own goes on when that one forks again. */
static int race_and_fork(void)
{
  CURLM *m = curl_multi_init();
  CURL *e = new_easy(20000);
  long handed = 0;
  pid_t pid;
  if(curl_he_setup(e))
    return 2;
  curl_multi_add_handle(m, e);
  drive(m, 80);
  pid = fork_with_threads();
  if(!pid)
    _exit(own_sockets() || own_others() || own_netlinks());
  drive(m, 20000);
  curl_he_easy_getinfo(e, CURLHEINFO_HANDED_OVER, &handed);
  curl_multi_remove_handle(m, e);
  curl_easy_cleanup(e);
  curl_multi_cleanup(m);
  if(!ends_well(pid))
    return 3;
  return handed == he_is_needed() ? 0 : 4;
}

static void grandchild(void **state)
{
  CURL *e = new_easy(20000);
  pid_t pid;
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  pid = fork_with_threads();
  if(!pid)
    _exit(race_and_fork());
  assert_true(ends_well(pid));
  assert_raced(e);
  curl_easy_cleanup(e);
  assert_nothing_left();
}

/* The child goes on with a context and a multi handle of its own while one of
   its parent's is in the middle of a race; then exit() there, too. */
static void child_exits(void **state)
{
  CURLM *m = curl_multi_init();
  CURL *e = new_easy(20000);
  (void)state;
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  curl_multi_add_handle(m, e);
  for(unsigned i = 0; i < 4; i++) {
    pid_t pid;
    drive(m, 60);
    pid = fork_with_threads();
    if(!pid) {
      CURLHE *he = curl_he_init();
      CURLM *mine = curl_multi_init();
      CURL *own = new_easy(20000);
      if(curl_he_attach(he, own))
        _exit(2);
      curl_multi_add_handle(mine, own);
      drive(mine, i * 60);
      _exit(0);
    }
    assert_true(ends_well(pid));
  }
  drive(m, 20000);
  assert_raced(e);
  curl_multi_remove_handle(m, e);
  curl_easy_cleanup(e);
  curl_multi_cleanup(m);
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

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(exits),
    cmocka_unit_test(forks),
    cmocka_unit_test(idle_child),
    cmocka_unit_test(grandchild),
    cmocka_unit_test(child_exits),
    cmocka_unit_test(nothing_left)
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(argc == 3 && !strcmp(argv[1], "exit"))
    return exit_mid_race((unsigned)atoi(argv[2]));
  if(argc == 3 && !strcmp(argv[1], "fork"))
    return fork_mid_race((unsigned)atoi(argv[2]));
  test_seed();
  count_start();
  if(!network())
    return 1;
  return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
