/* SPDX-License-Identifier: MIT */
/* hang_test.c - a disk that hangs, in each of the calls that may: who
 * connects, frees or asks goes on, and when the disk comes to itself all is
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "folder.h"
#include "keeping.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* No call takes as long as this, on a machine however busy; the disk hangs for
   longer than all of them together. */
#define AT_ONCE 3000       /* ms */

/* -- the disk: --wrap -- */

enum call {
  NOTHING, OPEN, STAT, READ, WRITE, LOCK, RENAME, SYNC, MAKE, CLOSE
};
static const char *const call_name[] = {
  "nothing", "openat", "fstat", "pread", "write", "flock", "renameat",
  "fsync", "mkdir", "close"
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum call hangs;
static unsigned hanging;

static void disk_hangs(enum call which)
{
  pthread_mutex_lock(&lock);
  hangs = which;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void call(enum call which)
{
  pthread_mutex_lock(&lock);
  hanging += hangs == which;
  while(hangs == which)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

/* Is somebody in it? Waits for that. */
static bool somebody_hangs(void)
{
  he_time_ns since = he_clock_now();
  bool any = false;
  while(!any && elapsed_ms(since) < 10000) {
    pthread_mutex_lock(&lock);
    any = hanging > 0;
    pthread_mutex_unlock(&lock);
    sleep_ms(1);
  }
  return any;
}

/* What else the process writes to, and closes, is none of the disk's. */
int __real_fstat(int fd, struct stat *st);
static bool on_disk(int fd)
{
  struct stat st;
  return !__real_fstat(fd, &st) && (S_ISREG(st.st_mode) ||
                                    S_ISDIR(st.st_mode));
}

int __real_openat(int dir, const char *name, int how, ...);
int __wrap_openat(int dir, const char *name, int how, mode_t mode);
int __wrap_openat(int dir, const char *name, int how, mode_t mode)
{
  call(OPEN);
  return __real_openat(dir, name, how, mode);
}

int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st)
{
  if(on_disk(fd))
    call(STAT);
  return __real_fstat(fd, st);
}

ssize_t __real_pread(int fd, void *out, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at)
{
  call(READ);
  return __real_pread(fd, out, n, at);
}

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
  if(on_disk(fd))
    call(WRITE);
  return __real_write(fd, bytes, n);
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __wrap_flock(int fd, int how)
{
  call(LOCK);
  return __real_flock(fd, how);
}

int __real_renameat(int from_dir, const char *from, int dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int dir, const char *to)
{
  call(RENAME);
  return __real_renameat(from_dir, from, dir, to);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
  call(SYNC);
  return __real_fsync(fd);
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
  call(MAKE);
  return __real_mkdir(path, mode);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
  if(on_disk(fd))
    call(CLOSE);
  return __real_close(fd);
}

/* -- tests -- */

static void at_once(const char *what, he_time_ns since)
{
  unsigned took = elapsed_ms(since);
  if(took > AT_ONCE)
    fail_msg("%s took %u ms", what, took);
}

/* A file with one host in it, in a folder of its own. */
static const char *begin_file(const char *name)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = folder_path(name);
  struct life l;
  life_begin(&l, path);
  wait_network(&l);
  life_connected(&l, "before.example", &a, HE_MS(20));
  life_end(&l);
  return path;
}

/* All that is done for a transfer, and with a context. */
static void live(const char *path)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  he_time_ns since = he_clock_now();
  char why[HE_RECALL_TROUBLE];
  struct life l;
  life_begin(&l, path);
  he_recall_want(l.recall);
  at_once("a first connect", since);
  wait_network(&l);
  life_connected(&l, "new.example", &a, HE_MS(20));
  assert_true(known(&l, "new.example", &a, NULL));
  he_recall_trouble(l.recall, why);
  since = he_clock_now();
  life_read(&l);             /* nobody waits for it for longer than a second */
  at_once("to be ready", since);
  since = he_clock_now();
  he_keeper_flush(l.keeper, HE_MS(200));
  at_once("to write", since);
  since = he_clock_now();
  he_keeper_forget(l.keeper, "before.example", HE_MS(200));
  at_once("to forget", since);
  assert_true(somebody_hangs());
  since = he_clock_now();
  for(int i = 0; i < 100; i++)
    he_recall_want(l.recall);
  at_once("100 connects", since);
  life_connected(&l, "last.example", &a, HE_MS(20));
  sleep_ms(300);             /* by then it is known that the disk hangs */
  since = he_clock_now();
  assert_false(he_keeper_end(l.keeper, HE_MS(60000)));
  he_keeper_unref(l.keeper);
  he_racer_put(l.racer);
  he_recall_unref(l.recall);
  at_once("to free", since);
}

static void hangs_in(enum call which)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  char name[64];
  const char *path;
  struct life l;
  snprintf(name, sizeof(name), "%s/history.log", call_name[which]);
  path = begin_file(name);
  if(which == MAKE)
    path = folder_path("another/history.log");
  count_start();
  hanging = 0;
  disk_hangs(which);
  live(path);
  disk_hangs(NOTHING);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
  life_begin(&l, path);
  wait_network(&l);
  life_read(&l);
  assert_true(known(&l, "new.example", &a, NULL));
  assert_true(known(&l, "last.example", &a, NULL));
  assert_false(known(&l, "before.example", &a, NULL));
  life_end(&l);
}

static void each_call(void **state)
{
  (void)state;
  folder_new();
  for(enum call which = OPEN; which <= CLOSE; which++)
    hangs_in(which);
  folder_free();
}

/* One file hangs: who has another one knows nothing of it, nor does who is
   given another one. */
static void others(void **state)
{
  struct he_addr a = addr_of("192.0.2.1", 443);
  const char *path = (folder_new(), begin_file("one/history.log"));
  struct life one, two;
  he_time_ns since;
  (void)state;
  count_start();
  life_begin(&two, folder_path("two.log"));
  wait_network(&two);
  life_read(&two);
  hanging = 0;
  disk_hangs(OPEN);
  life_begin(&one, path);
  wait_network(&one);
  assert_true(somebody_hangs());
  pthread_mutex_lock(&lock);
  hangs = NOTHING;           /* for whoever comes now; nobody is woken */
  pthread_mutex_unlock(&lock);
  life_connected(&two, "two.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(two.keeper, HE_MS(20000)));
  life_connected(&one, "first.example", &a, HE_MS(20));
  since = he_clock_now();
  assert_true(he_keeper_store(one.keeper, folder_path("three.log")));
  life_read(&one);
  life_connected(&one, "second.example", &a, HE_MS(20));
  assert_true(he_keeper_flush(one.keeper, HE_MS(20000)));
  at_once("another file", since);
  life_end(&one);
  life_end(&two);
  disk_hangs(NOTHING);
  assert_int_equal(threads_left(0), 0);
  /* what was new when it was given another file is the first one's */
  life_begin(&one, path);
  wait_network(&one);
  life_read(&one);
  assert_true(known(&one, "first.example", &a, NULL));
  assert_false(known(&one, "second.example", &a, NULL));
  life_end(&one);
  folder_free();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_call),
    cmocka_unit_test(others),
    cmocka_unit_test(nothing_left)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
