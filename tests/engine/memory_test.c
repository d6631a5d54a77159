/* SPDX-License-Identifier: MIT */
/* memory_test.c - what a pending race costs: the heap of so many transfers
 * that wait for silent addresses, with curl-he and without. */
#include "real.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define TRANSFERS 1000
/* Bytes a race. libcurl's own handles take some 30 bytes more or less on a busy
   machine, with curl-he and without: 2,183 to 2,243 were measured. */
#define MOST 2300

static CURL *easy[TRANSFERS];

static size_t in_use(void)
{
  struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

/* Sanitizers and valgrind have a heap of their own. */
static bool can_measure(void)
{
  size_t before = in_use();
  void *volatile p = malloc(100000);
  size_t after = in_use();
  free(p);
  return after >= before + 100000;
}

/* All to one name, which libcurl has in its cache from the first on. */
static void start(CURLM *m, const char *host, bool raced)
{
  for(int i = 0; i < TRANSFERS; i++) {
    easy[i] = new_easy(60000);
    aim_at(easy[i], host);
    if(raced)
      assert_int_equal(curl_he_setup(easy[i]), CURL_HE_OK);
    curl_multi_add_handle(m, easy[i]);
    if(!i)
      drive(m, 100);
  }
}

static void end(CURLM *m)
{
  for(int i = 0; i < TRANSFERS; i++) {
    curl_multi_remove_handle(m, easy[i]);
    curl_easy_cleanup(easy[i]);
  }
  curl_multi_cleanup(m);
}

/* The heap that they have taken when all are under way. */
static size_t grown(const char *host, bool raced, unsigned own)
{
  size_t before = in_use(), after;
  CURLM *m = curl_multi_init();
  start(m, host, raced);
  drive(m, 1000);
  for(int ms = 0; raced && own_sockets() < own * TRANSFERS && ms < 20000;
      ms += 100)
    drive(m, 100);
  assert_int_equal(own_sockets(), raced ? own * TRANSFERS : 0);
  after = in_use();
  end(m);
  return after - before;
}

/* What so many handles take that are set up, and have no race. */
static size_t set_up(void)
{
  size_t before, after;
  for(int i = 0; i < TRANSFERS; i++)
    easy[i] = new_easy(60000);
  before = in_use();
  for(int i = 0; i < TRANSFERS; i++)
    assert_int_equal(curl_he_setup(easy[i]), CURL_HE_OK);
  after = in_use();
  for(int i = 0; i < TRANSFERS; i++)
    curl_easy_cleanup(easy[i]);
  return after - before;
}

static void measure(const char *what, const char *host, unsigned own)
{
  size_t alone, raced, handles;
  if(!can_measure())   /* under a tool, which has a heap of its own */
    return;
  grown(host, false, own);    /* what stays in libraries, and in the heap */
  alone = grown(host, false, own);
  assert_nothing_left();
  raced = grown(host, true, own);
  assert_nothing_left();
  handles = set_up();
  assert_nothing_left();
  assert_true(raced > alone + handles);
  raced -= alone + handles;
  print_message("# %s: %zu bytes a race, and %zu the handle\n", what,
                raced / TRANSFERS, handles / TRANSFERS);
  assert_true(raced < (size_t)MOST * TRANSFERS);
}

/* libcurl's own attempt, and nothing else to try: that takes no descriptor. */
static void native_only(void **state)
{
  (void)state;
  names_mean(SILENT);
  measure("one address", "one", 0);
}

/* One of the racer's beside it. */
static void two_attempts(void **state)
{
  (void)state;
  names_mean(SILENT " " SILENT2);
  measure("two addresses", "two", he_is_needed() ? 1 : 0);
}

static void nothing_left(void **state)
{
  (void)state;
  no_network();
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(native_only),
    cmocka_unit_test(two_attempts),
    cmocka_unit_test(nothing_left)
  };
  struct rlimit limit;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(getrlimit(RLIMIT_NOFILE, &limit))
    return 1;
  limit.rlim_cur = limit.rlim_max;
  if(limit.rlim_max < 12 * TRANSFERS || setrlimit(RLIMIT_NOFILE, &limit)) {
    printf("1..0 # SKIP too few descriptors are allowed here\n");
    return 0;
  }
  count_start();
  if(!network())
    return 1;
  return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
