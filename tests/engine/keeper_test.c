/* SPDX-License-Identifier: MIT */
/* keeper_test.c - what is done for a history in the background: the network's
 * number, probes, the store; and that an idle process sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "folder.h"
#include "keeping.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- the racer's thread: how often did it wake up? -- */

static long switches(const char *tid)
{
  char path[300], line[128];
  long n = 0;
  FILE *f;
  snprintf(path, sizeof(path), "/proc/self/task/%s/status", tid);
  f = fopen(path, "r");
  while(f && fgets(line, sizeof(line), f))
    sscanf(line, "voluntary_ctxt_switches: %ld", &n);
  if(f)
    fclose(f);
  return n;
}

/* Of all threads but this one. */
static long wakeups(void)
{
  DIR *d = opendir("/proc/self/task");
  struct dirent *e;
  long sum = 0;
  assert_non_null(d);
  while((e = readdir(d)))
    if(e->d_name[0] != '.' && atoi(e->d_name) != getpid())
      sum += switches(e->d_name);
  closedir(d);
  return sum;
}

/* -- tests -- */

static void begins_with_the_first_thing(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  struct life l;
  (void)state;
  count_start();
  life_begin(&l, NULL);
  assert_int_equal(threads_left(0), 0);     /* nothing runs for nothing */
  he_recall_want(l.recall);
  wait_network(&l);
  life_connected(&l, "a.example", &a, HE_MS(20));
  assert_true(known(&l, "a.example", &a, NULL));
  life_end(&l);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* A keeper that was never used ends without a thread; one that was ends while
   another one goes on. */
static void ends(void **state)
{
  struct life one, two;
  (void)state;
  count_start();
  life_begin(&one, NULL);
  life_begin(&two, NULL);
  he_recall_want(two.recall);
  life_end(&one);
  wait_network(&two);
  life_begin(&one, NULL);
  he_recall_want(one.recall);
  assert_int_equal(wait_network(&one), network_of(&two));
  life_end(&two);
  assert_true(network_of(&one));
  life_end(&one);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* Two addresses, one of which was refused: it is probed, and answers now. */
static void heals(void **state)
{
  struct he_addr a[2];
  struct life l;
  uint16_t port = 0;
  he_time_ns since;
  int good = listen_at("127.0.0.1", &port, 16);
  int back = listen_at("127.0.0.2", &port, 16);
  (void)state;
  a[0] = addr_of("127.0.0.2", port);
  a[1] = addr_of("127.0.0.1", port);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  life_answered(&l, "heals.example", a, 2);
  life_connected(&l, "heals.example", &a[1], HE_MS(1));
  life_refused(&l, "heals.example", &a[0]);
  assert_int_equal(rank_of(&l, "heals.example", &a[0]), HE_RANK_BAD);
  since = he_clock_now();
  while(rank_of(&l, "heals.example", &a[0]) == HE_RANK_BAD &&
        elapsed_ms(since) < 30000)
    sleep_ms(10);
  assert_int_equal(rank_of(&l, "heals.example", &a[0]), HE_RANK_GOOD);
  assert_true(elapsed_ms(since) >= 1500);
  close(accept(back, NULL, NULL));          /* there was one */
  life_end(&l);
  close(good);
  close(back);
}

/* Silent, then the racer ends with the probe in the air: nothing is left. */
static void ends_while_probing(void **state)
{
  struct he_addr a[2];
  struct life l;
  uint16_t port = 0, silent = 0;
  int fill[FILL];
  int good = listen_at("127.0.0.1", &port, 16);
  int mute = silent_at("127.0.0.2", &silent, fill);
  (void)state;
  count_start();
  a[0] = addr_of("127.0.0.2", silent);
  a[1] = addr_of("127.0.0.1", port);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  life_answered(&l, "mute.example", a, 2);
  life_connected(&l, "mute.example", &a[1], HE_MS(1));
  life_refused(&l, "mute.example", &a[0]);
  sleep_ms(2600);
  life_end(&l);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
  for(int i = 0; i < FILL; i++)
    close(fill[i]);
  close(mute);
  close(good);
}

/* Nothing due: nobody wakes. What goes well, too, wakes nobody. */
static void sleeps(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  struct life l;
  long before;
  (void)state;
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  sleep_ms(300);
  before = wakeups();
  for(int i = 0; i < 100; i++) {
    he_recall_want(l.recall);
    life_connected(&l, "a.example", &a, HE_MS(20));
    sleep_ms(5);
  }
  /* the network may chatter; TSan has a thread of its own that wakes */
  assert_true(wakeups() - before <= 2 || under_tsan());
  life_end(&l);
}

/* Of a thread that is still ending then, valgrind would say that its memory may
   be lost. */
static void end_child(void)
{
  _exit(threads_left(0) > 0);
}

static void other_process_knows(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct he_history_view v;
  struct life l;
  int status;
  pid_t pid;
  (void)state;
  pid = fork();
  if(!pid) {
    life_begin(&l, path);
    wait_network(&l);
    life_connected(&l, "known.example", &a, HE_MS(20));
    life_refused(&l, "known.example", &a);
    life_end(&l);
    end_child();
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  life_begin(&l, path);
  he_recall_want(l.recall);
  wait_network(&l);
  for(int i = 0; i < 2000 && !known(&l, "known.example", &a, NULL); i++)
    sleep_ms(5);
  assert_true(known(&l, "known.example", &a, &v));
  assert_int_equal(v.rank, HE_RANK_BAD);
  assert_int_equal(v.successes, 1);
  life_end(&l);
  folder_free();
}

/* Without an end: two seconds after it was learned it is in the file. */
static void writes_by_itself(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life one, two;
  he_time_ns since;
  bool there = false;
  (void)state;
  life_begin(&one, path);
  wait_network(&one);
  life_connected(&one, "soon.example", &a, HE_MS(20));
  since = he_clock_now();
  while(!there && elapsed_ms(since) < 30000) {
    sleep_ms(100);
    life_begin(&two, path);
    he_recall_want(two.recall);
    wait_network(&two);
    life_read(&two);
    there = known(&two, "soon.example", &a, NULL);
    life_end(&two);
  }
  assert_true(there);
  assert_true(elapsed_ms(since) >= 1900);
  life_end(&one);
  folder_free();
}

/* What another one has learned meanwhile is heard with the next thing to
   tell. */
static void hears_while_it_lives(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life one, two;
  (void)state;
  life_begin(&one, path);
  life_begin(&two, path);
  wait_network(&one);
  wait_network(&two);
  life_read(&one);
  life_read(&two);
  life_connected(&one, "one.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(one.keeper, HE_MS(10000)));
  sleep_ms(300);
  assert_false(known(&two, "one.example", &a, NULL));
  life_connected(&two, "two.example", &a, HE_MS(20));
  for(int i = 0; i < 6000 && !known(&two, "one.example", &a, NULL); i++)
    sleep_ms(5);
  assert_true(known(&two, "one.example", &a, NULL));
  life_end(&two);
  life_end(&one);
  folder_free();
}

/* Each of two processes learns of its own hosts, and of one they share. */
#define HOSTS 60

static void learns_much(const char *path, unsigned who)
{
  struct life l;
  char host[64];
  life_begin(&l, path);
  wait_network(&l);
  for(unsigned i = 0; i < HOSTS; i++) {
    struct he_addr a = addr_of("192.0.2.1", 443);
    snprintf(host, sizeof(host), "h%u-%u.example", who, i);
    life_connected(&l, host, &a, HE_MS(20));
    a.ip[3] = (uint8_t)(10 + who);
    life_connected(&l, "shared.example", &a, HE_MS(20));
    if(i % 10 == 0)
      he_keeper_flush(l.keeper, HE_MS(20000));
  }
  life_end(&l);
}

static void two_at_once(void **state)
{
  const char *path = (folder_new(), folder_path("h.log"));
  struct life l;
  char host[64];
  pid_t pid[2];
  (void)state;
  for(unsigned who = 0; who < 2; who++) {
    pid[who] = fork();
    if(!pid[who]) {
      learns_much(path, who);
      end_child();
    }
  }
  for(int who = 0; who < 2; who++) {
    int status;
    assert_int_equal(waitpid(pid[who], &status, 0), pid[who]);
    assert_int_equal(status, 0);
  }
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  for(unsigned who = 0; who < 2; who++) {
    struct he_addr a = addr_of("192.0.2.1", 443);
    for(unsigned i = 0; i < HOSTS; i++) {
      snprintf(host, sizeof(host), "h%u-%u.example", who, i);
      assert_true(known(&l, host, &a, NULL));
    }
    a.ip[3] = (uint8_t)(10 + who);
    assert_true(known(&l, "shared.example", &a, NULL));   /* of both */
  }
  life_end(&l);
  folder_free();
}

/* Killed at any moment, many times: the next one can always go on. */
static void killed(void **state)
{
  const char *path = (folder_new(), folder_path("h.log"));
  char why[HE_RECALL_TROUBLE];
  struct life l;
  (void)state;
  for(unsigned i = rounds(40); i; i--) {
    pid_t pid = fork();
    int status;
    if(!pid) {
      for(unsigned n = 0;; n++)
        learns_much(path, n % 8);
    }
    sleep_ms(5 + roll(80));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  learns_much(path, 1);
  life_begin(&l, path);
  life_read(&l);
  he_recall_trouble(l.recall, why);
  assert_string_equal(why, "");
  {
    struct he_addr a = addr_of("192.0.2.1", 443);
    assert_true(known(&l, "h1-0.example", &a, NULL));
  }
  life_end(&l);
  folder_free();
}

static void forgets(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life l;
  (void)state;
  life_begin(&l, path);
  wait_network(&l);
  life_connected(&l, "one.example", &a, HE_MS(20));
  life_connected(&l, "two.example", &a, HE_MS(20));
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  assert_true(he_keeper_forget(l.keeper, "one.example", HE_MS(20000)));
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_false(known(&l, "one.example", &a, NULL));
  assert_true(known(&l, "two.example", &a, NULL));
  assert_true(he_keeper_forget(l.keeper, NULL, HE_MS(20000)));
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_false(known(&l, "two.example", &a, NULL));
  life_end(&l);
  folder_free();
}

/* No folder can be made there: told, and everything else goes on. */
static void no_file(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  char why[HE_RECALL_TROUBLE];
  struct life l;
  (void)state;
  life_begin(&l, "/proc/none/h.log");
  wait_network(&l);
  life_connected(&l, "a.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  he_recall_trouble(l.recall, why);
  assert_string_not_equal(why, "");
  assert_true(known(&l, "a.example", &a, NULL));
  assert_true(he_keeper_store(l.keeper, NULL));
  he_recall_trouble(l.recall, why);
  assert_string_equal(why, "");
  life_end(&l);
}

/* What could not be written is kept, and written with what comes next. */
static void kept_until_written(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *folder = (folder_new(), folder_path("f"));
  const char *path = folder_path("f/h.log");
  char why[HE_RECALL_TROUBLE];
  struct life l;
  (void)state;
  assert_int_equal(mkdir(folder, 0700), 0);
  assert_int_equal(chmod(folder, 0770), 0);
  life_begin(&l, path);
  wait_network(&l);
  life_connected(&l, "first.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  he_recall_trouble(l.recall, why);
  assert_non_null(strstr(why, "others may write"));
  assert_int_equal(chmod(folder, 0700), 0);
  life_connected(&l, "second.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_true(known(&l, "first.example", &a, NULL));
  assert_true(known(&l, "second.example", &a, NULL));
  life_end(&l);
  folder_free();
}

/* What one process forgets another one that reads forgets, too. */
static void forgets_with_others(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life one, two;
  (void)state;
  life_begin(&one, path);
  wait_network(&one);
  life_connected(&one, "one.example", &a, HE_MS(20));
  life_connected(&one, "two.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(one.keeper, HE_MS(20000)));
  life_begin(&two, path);
  wait_network(&two);
  life_read(&two);
  assert_true(known(&two, "one.example", &a, NULL));
  sleep_ms(2);               /* a line tells of later than it was read */
  assert_true(he_keeper_forget(one.keeper, "one.example", HE_MS(20000)));
  life_connected(&two, "three.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(two.keeper, HE_MS(20000)));
  assert_false(known(&two, "one.example", &a, NULL));
  assert_true(known(&two, "two.example", &a, NULL));
  life_end(&two);
  life_end(&one);
  folder_free();
}

/* What others forgot is none of what this process has learned before it read
   of that, and it is written. */
static void forgets_no_newer(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life l;
  (void)state;
  life_begin(&l, path);
  wait_network(&l);
  life_connected(&l, "old.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  assert_true(he_keeper_forget(l.keeper, NULL, HE_MS(20000)));
  life_end(&l);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  life_connected(&l, "new.example", &a, HE_MS(20));
  assert_true(he_keeper_store(l.keeper, path));
  life_read(&l);
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  assert_true(known(&l, "new.example", &a, NULL));
  assert_false(known(&l, "old.example", &a, NULL));
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_true(known(&l, "new.example", &a, NULL));
  life_end(&l);
  folder_free();
}

/* A file of another kind is put aside. */
static void bad_file(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  char why[HE_RECALL_TROUBLE];
  struct life l;
  (void)state;
  file_write(path, "not a store, by far", 19);
  assert_int_equal(chmod(path, 0600), 0);
  life_begin(&l, path);
  wait_network(&l);
  life_connected(&l, "a.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(l.keeper, HE_MS(20000)));
  he_recall_trouble(l.recall, why);
  assert_string_not_equal(why, "");
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_true(known(&l, "a.example", &a, NULL));
  life_end(&l);
  folder_free();
}

/* A child goes on with what its parent had learned, and a keeper of its own;
   while threads of the parent learn. */
static bool stop_learning;

static void *learning(void *arg)
{
  struct life *l = arg;
  struct he_addr a = addr_of("192.0.2.1", 443);
  for(unsigned i = 0; !__atomic_load_n(&stop_learning, __ATOMIC_RELAXED);
      i++) {
    char host[64];
    snprintf(host, sizeof(host), "p%u.example", i % 100);
    life_connected(l, host, &a, HE_MS(20));
  }
  return NULL;
}

static void child(struct life *l, const char *path)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  struct life mine;
  alarm(60);
  mine = (struct life){ .racer = he_racer_get(), .recall = l->recall };
  if(!mine.racer)
    _exit(1);
  mine.keeper = he_keeper_new(mine.racer, mine.recall);
  if(!mine.keeper || !he_keeper_store(mine.keeper, path))
    _exit(2);
  life_connected(&mine, "child.example", &a, HE_MS(20));
  if(!he_keeper_flush(mine.keeper, HE_MS(20000)) ||
     !he_keeper_end(mine.keeper, HE_MS(20000)))
    _exit(3);
  _exit(0);
}

static void forks(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life l;
  pthread_t thread;
  (void)state;
  /* ThreadSanitizer allows no threads in such a child, and valgrind (HE_SLOW)
     takes for lost there what is the parent's */
  if(under_tsan() || getenv("HE_SLOW"))
    return;
  stop_learning = false;
  life_begin(&l, path);
  wait_network(&l);
  assert_int_equal(pthread_create(&thread, NULL, learning, &l), 0);
  for(unsigned i = rounds(20); i; i--) {
    pid_t pid = fork();
    int status;
    if(!pid)
      child(&l, path);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
  }
  __atomic_store_n(&stop_learning, true, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  life_end(&l);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_true(known(&l, "child.example", &a, NULL));
  assert_true(known(&l, "p0.example", &a, NULL));
  life_end(&l);
  folder_free();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(begins_with_the_first_thing),
    cmocka_unit_test(ends),
    cmocka_unit_test(heals),
    cmocka_unit_test(ends_while_probing),
    cmocka_unit_test(sleeps),
    cmocka_unit_test(other_process_knows),
    cmocka_unit_test(writes_by_itself),
    cmocka_unit_test(hears_while_it_lives),
    cmocka_unit_test(two_at_once),
    cmocka_unit_test(killed),
    cmocka_unit_test(forgets),
    cmocka_unit_test(no_file),
    cmocka_unit_test(kept_until_written),
    cmocka_unit_test(forgets_with_others),
    cmocka_unit_test(forgets_no_newer),
    cmocka_unit_test(bad_file),
    cmocka_unit_test(forks),
    cmocka_unit_test(nothing_left)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
