/* SPDX-License-Identifier: MIT */
/* sink_test.c - lines of a trace: whole, in order, and never in anybody's
 * way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "common.h"
#include "folder.h"
#include "trace/sink.h"
#include "trace/stamp.h"
#include "trace/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOON HE_MS(10000)

static struct he_sink *sink_at(const char *path)
{
  struct he_sink *s = he_sink_get(path);
  assert_non_null(s);
  return s;
}

static void put(struct he_sink *s, const char *who, unsigned n)
{
  char line[64];
  int len = snprintf(line, sizeof(line), "{\"who\":\"%s\",\"n\":%u}\n", who, n);
  he_sink_put(s, line, (size_t)len);
}

static char *text_of(const char *path)
{
  size_t size;
  return (char *)file_read(path, &size);
}

static unsigned count(const char *text, const char *what)
{
  unsigned n = 0;
  for(const char *at = text; (at = strstr(at, what)) != NULL; at++)
    n++;
  return n;
}

/* Its lines of `who` are 0 ... n-1, in order, each whole. */
static void check_lines(const char *text, const char *who, unsigned from,
                        unsigned to)
{
  const char *at = text;
  for(unsigned i = from; i < to; i++) {
    char line[64];
    snprintf(line, sizeof(line), "\n{\"who\":\"%s\",\"n\":%u}\n", who, i);
    at = strstr(at, line);
    assert_non_null(at);
  }
}

static void set_up(void)
{
  count_start();
  folder_new();
}

static void tear_down(void)
{
  folder_free();
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* -- a file -- */

static void test_file(void **state)
{
  struct he_sink *s, *again;
  struct stat st;
  char *text;
  (void)state;
  set_up();
  s = sink_at(folder_path("t"));
  again = sink_at(folder_path("t"));
  assert_ptr_equal(s, again);
  for(unsigned i = 0; i < 1000; i++)
    put(i % 2 ? s : again, "me", i);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t"));
  check_lines(text, "me", 0, 1000);
  assert_int_equal(count(text, "\n"), 1001);
  assert_int_equal(strncmp(text, "{\"v\":1,\"event\":\"trace\",", 23), 0);
  assert_int_equal(count(text, "\"event\":\"trace\""), 1);
  free(text);
  assert_int_equal(stat(folder_path("t"), &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  he_sink_unref(s);
  put(again, "me", 1000);     /* no flush: who frees it does not wait */
  he_sink_unref(again);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t"));
  check_lines(text, "me", 1000, 1001);
  free(text);
  tear_down();
}

static void test_relative_path(void **state)
{
  struct he_sink *s;
  char here[4096], *text;
  (void)state;
  set_up();
  assert_non_null(getcwd(here, sizeof(here)));
  assert_int_equal(chdir(folder_path("")), 0);
  s = sink_at("t");
  assert_int_equal(chdir(here), 0);
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t"));
  check_lines(text, "me", 0, 1);
  free(text);
  he_sink_unref(s);
  tear_down();
}

/* Processes share a file, and a child is not kept waiting by what it has
   inherited. */
static void test_fork(void **state)
{
  struct he_sink *s;
  pid_t child[4];
  char *text;
  (void)state;
  set_up();
  s = sink_at(folder_path("t"));
  for(unsigned i = 0; i < 100; i++)
    put(s, "parent", i);
  for(unsigned k = 0; k < 4; k++) {
    child[k] = fork_with_threads();
    assert_int_not_equal(child[k], -1);
    if(!child[k]) {
      const char who[] = { (char)('a' + k), 0 };
      for(unsigned i = 0; i < 500; i++)
        put(s, who, i);
      he_sink_flush_all(SOON);
      he_sink_unref(s);
      raise(SIGKILL);   /* valgrind finds what the parent's thread has */
    }
    put(s, "parent", 100 + k);
  }
  for(unsigned k = 0; k < 4; k++) {
    int status;
    assert_int_equal(waitpid(child[k], &status, 0), child[k]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t"));
  check_lines(text, "parent", 0, 104);
  for(unsigned k = 0; k < 4; k++)
    check_lines(text, (const char[]){ (char)('a' + k), 0 }, 0, 500);
  assert_int_equal(count(text, "\"event\":\"trace\""), 5);
  assert_int_equal(count(text, "\n"), 5 + 104 + 2000);
  free(text);
  he_sink_unref(s);
  tear_down();
}

static void test_rotation(void **state)
{
  struct he_sink *s;
  char *text;
  (void)state;
  set_up();
  s = sink_at(folder_path("t"));
  he_sink_limit(s, 1000);
  for(unsigned i = 0; i < 100; i++)
    put(s, "old", i);
  he_sink_flush_all(SOON);
  put(s, "new", 0);
  he_sink_flush_all(SOON);
  put(s, "new", 1);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t.1"));
  check_lines(text, "old", 0, 100);
  free(text);
  text = text_of(folder_path("t"));
  check_lines(text, "new", 0, 2);
  assert_int_equal(count(text, "\n"), 3);   /* with its own first line */
  free(text);
  he_sink_unref(s);
  tear_down();
}

/* Somebody else has renamed or deleted it: a new one is begun. */
static void test_renamed(void **state)
{
  struct he_sink *s;
  char *text;
  (void)state;
  set_up();
  s = sink_at(folder_path("t"));
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  assert_int_equal(rename(folder_path("t"), folder_path("away")), 0);
  put(s, "me", 1);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("t"));
  assert_int_equal(count(text, "\"event\":\"trace\""), 1);
  check_lines(text, "me", 1, 2);
  free(text);
  he_sink_unref(s);
  tear_down();
}

/* -- what cannot be written -- */

static void check_stops(const char *path, const char *reason)
{
  char why[HE_SINK_WHY];
  struct he_sink *s = sink_at(path);
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  assert_false(he_sink_takes(s));
  he_sink_trouble(s, why);
  assert_non_null(strstr(why, path));
  assert_non_null(strstr(why, reason));
  for(unsigned i = 0; i < 20000; i++)
    put(s, "me", i);
  he_sink_flush_all(SOON);
  he_sink_unref(s);
}

static void test_refused(void **state)
{
  (void)state;
  set_up();
  assert_int_equal(mkfifo(folder_path("fifo"), 0600), 0);
  check_stops(folder_path("fifo"), "nobody reads it");
  assert_int_equal(mkdir(folder_path("dir"), 0700), 0);
  check_stops(folder_path("dir"), "directory");
  assert_int_equal(rmdir(folder_path("dir")), 0);
  check_stops(folder_path("dir/none"), "No such file");
  check_stops("/dev/full", "No space left");
  tear_down();
}

static void test_directory_vanishes(void **state)
{
  char dir[4096], path[4200], why[HE_SINK_WHY];
  struct he_sink *s;
  (void)state;
  set_up();
  snprintf(dir, sizeof(dir), "%s", folder_path("dir"));
  snprintf(path, sizeof(path), "%s/t", dir);
  assert_int_equal(mkdir(dir, 0700), 0);
  s = sink_at(path);
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  assert_true(he_sink_takes(s));
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(dir), 0);
  put(s, "me", 1);
  he_sink_flush_all(SOON);
  assert_false(he_sink_takes(s));
  he_sink_trouble(s, why);
  assert_non_null(strstr(why, "No such file"));
  he_sink_unref(s);
  tear_down();
}

/* -- a FIFO, whose reader is slow -- */

static int reader_of(const char *path)
{
  int fd;
  assert_int_equal(mkfifo(path, 0600), 0);
  fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

/* All that comes until nothing has for a while. */
static char *drain(int fd, size_t most)
{
  char *text = calloc(1, most + 1);
  size_t n = 0;
  assert_non_null(text);
  for(unsigned idle = 0; idle < 40;) {
    ssize_t got = read(fd, text + n, most - n);
    if(got > 0) {
      n += (size_t)got;
      idle = 0;
    }
    else {
      sleep_ms(10);
      idle++;
    }
  }
  return text;
}

#define MANY 20000

static void test_slow_reader(void **state)
{
  const char *path;
  he_time_ns began;
  unsigned dropped = 0, there;
  struct he_sink *s;
  char *text, *at;
  int fd;
  (void)state;
  set_up();
  path = folder_path("fifo");
  fd = reader_of(path);
  s = sink_at(path);
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  began = he_clock_now();
  for(unsigned i = 1; i < MANY; i++)
    put(s, "me", i);
  assert_true(elapsed_ms(began) < 2000);
  began = he_clock_now();
  he_sink_flush_all(HE_MS(50));       /* the end of a process */
  assert_true(elapsed_ms(began) < 1000);
  text = drain(fd, 4 << 20);
  there = count(text, "\"who\"");
  assert_true(there < MANY);
  for(at = text; (at = strstr(at, "\"event\":\"dropped\"")) != NULL; at++)
    dropped += (unsigned)atoi(strstr(at, "\"count\":") + 8);
  assert_int_equal(there + dropped, MANY);
  assert_int_equal(count(text, "\"event\":\"trace\""), 1);
  free(text);
  /* it stayed open: its reader has seen no end */
  put(s, "again", 0);
  text = drain(fd, 1 << 16);
  assert_string_equal(text, "{\"who\":\"again\",\"n\":0}\n");
  free(text);
  he_sink_unref(s);
  close(fd);
  tear_down();
}

/* A freed sink does not keep its thread at a FIFO that is full. */
static void test_reader_hangs(void **state)
{
  struct he_sink *s;
  he_time_ns began;
  int fd;
  (void)state;
  set_up();
  fd = reader_of(folder_path("fifo"));
  s = sink_at(folder_path("fifo"));
  for(unsigned i = 0; i < 9000; i++)
    put(s, "me", i);
  began = he_clock_now();
  he_sink_unref(s);
  assert_true(elapsed_ms(began) < 1000);
  assert_int_equal(threads_left(0), 0);
  close(fd);
  tear_down();
}

/* -- descriptors are the program's, too -- */

#define NUMBERS 1024

/* The trace's descriptor: none of `before`, and not the test's. */
static int find_its(const bool before[NUMBERS], int fd)
{
  int i = 0;
  while(i < 1 << 16 && (i == fd || (i < NUMBERS && before[i]) ||
                        fcntl(i, F_GETFD) == -1))
    i++;
  return i;
}

/* A child of fork() has this descriptor. */
static bool child_has(int fd)
{
  int status = 0;
  const pid_t child = fork();
  if(!child)
    raise(fcntl(fd, F_GETFD) == -1 ? SIGTERM : SIGKILL);
  return child > 0 && waitpid(child, &status, 0) == child &&
         WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* The program closes all it does not know, and opens a file of its own. */
static void test_closed_behind(void **state)
{
  struct he_sink *s;
  struct stat st;
  char *text;
  bool before[NUMBERS];
  int fd, mine, its;
  (void)state;
  set_up();
  for(int i = 0; i < NUMBERS; i++)
    before[i] = fcntl(i, F_GETFD) != -1;
  fd = reader_of(folder_path("fifo"));
  s = sink_at(folder_path("fifo"));
  put(s, "me", 0);
  text = drain(fd, 1 << 16);
  check_lines(text, "me", 0, 1);
  free(text);
  its = find_its(before, fd);
  mine = open(folder_path("mine"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  for(int i = 0; i < NUMBERS; i++) {
    if(!before[i] && i != fd && i != mine)
      dup2(mine, i);
  }
  assert_int_equal(dup2(mine, its), its);
  put(s, "me", 1);
  text = drain(fd, 1 << 16);
  assert_string_equal(text, "{\"who\":\"me\",\"n\":1}\n");
  free(text);
  assert_int_equal(stat(folder_path("mine"), &st), 0);
  assert_int_equal(st.st_size, 0);
  assert_true(child_has(its));
  he_sink_unref(s);
  assert_int_equal(threads_left(0), 0);
  if(its >= NUMBERS)
    close(its);
  for(int i = 0; i < NUMBERS; i++) {
    if(!before[i])
      close(i);
  }
  tear_down();
}

/* Who has named the file hears that it cannot be opened: once. */
static void test_complaint(void **state)
{
  char wanted[4400];
  struct he_sink *s;
  char *text;
  int was, fd;
  (void)state;
  set_up();
  was = dup(STDERR_FILENO);
  fd = open(folder_path("err"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
  close(fd);
  s = sink_at(folder_path("none/t"));
  he_sink_complain(s, "A_VARIABLE");
  for(unsigned i = 0; i < 10; i++) {
    put(s, "me", i);
    he_sink_flush_all(SOON);
  }
  he_sink_unref(s);
  text = text_of(folder_path("err"));
  snprintf(wanted, sizeof(wanted), "curl-he: A_VARIABLE: %s: No such file or "
           "directory\n", folder_path("none/t"));
  assert_string_equal(text, wanted);
  free(text);
  assert_int_equal(dup2(was, STDERR_FILENO), STDERR_FILENO);
  close(was);
  tear_down();
}

static void test_stderr(void **state)
{
  struct he_sink *s;
  struct stat st;
  char *text;
  int was, fd;
  (void)state;
  set_up();
  was = dup(STDERR_FILENO);
  fd = open(folder_path("err"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
  s = sink_at("-");
  put(s, "me", 0);
  he_sink_flush_all(SOON);
  text = text_of(folder_path("err"));
  assert_string_equal(text, "{\"who\":\"me\",\"n\":0}\n");
  free(text);
  close(fd);
  /* a daemon: its descriptor 2 is something else now */
  fd = open(folder_path("data"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
  put(s, "me", 1);
  he_sink_flush_all(SOON);
  assert_int_equal(stat(folder_path("data"), &st), 0);
  assert_int_equal(st.st_size, 0);
  assert_false(he_sink_takes(s));
  he_sink_unref(s);
  close(fd);
  assert_int_equal(dup2(was, STDERR_FILENO), STDERR_FILENO);
  close(was);
  tear_down();
}

/* -- a line -- */

static void check_text(const char *value, const char *wanted)
{
  struct he_json j;
  he_json_begin(&j);
  he_json_text(&j, "k", value);
  he_json_end(&j);
  assert_int_equal(j.len, strlen(wanted));
  assert_memory_equal(j.at, wanted, j.len);
}

static void test_json(void **state)
{
  char longest[2000];
  struct he_json j;
  (void)state;
  check_text("a\"b\\c\n\x7f", "{\"k\":\"a\\\"b\\\\c\\u000a\\u007f\"}\n");
  check_text("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
             "{\"k\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"}\n");
  check_text("\xff\xc3(\xc0\xaf\xed\xa0\x80",
             "{\"k\":\"\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd"
             "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}\n");
  check_text("\xe2\x82", "{\"k\":\"\xef\xbf\xbd\xef\xbf\xbd\"}\n");
  check_text(NULL, "{}\n");
  memset(longest, 'x', sizeof(longest) - 1);
  longest[sizeof(longest) - 1] = 0;
  check_text(longest, "{}\n");         /* left out, whole */
  longest[1014] = 0;
  he_json_begin(&j);
  he_json_text(&j, "k", longest);
  he_json_number(&j, "n", 1);
  he_json_end(&j);
  assert_true(j.len <= HE_JSON_LINE);
  assert_memory_equal(j.at + j.len - 4, "x\"}\n", 4);
}

/* The time on walls is that of the machine, and of the calendar. */
static void test_stamp(void **state)
{
  char line[HE_JSON_LINE + 1], day[32];
  struct tm tm;
  time_t before, after;
  bool same = false;
  (void)state;
  before = time(NULL);
  line[he_stamp_hello(line)] = 0;
  after = time(NULL);
  for(time_t t = before; t <= after; t++) {
    strftime(day, sizeof(day), "\"wall\":\"%Y-%m-%dT%H:%M:%S.",
             gmtime_r(&t, &tm));
    same = same || strstr(line, day);
  }
  assert_true(same);
  assert_non_null(strstr(line, "\"program\":\"sink_test\""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_file),
    cmocka_unit_test(test_relative_path),
    cmocka_unit_test(test_fork),
    cmocka_unit_test(test_rotation),
    cmocka_unit_test(test_renamed),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_directory_vanishes),
    cmocka_unit_test(test_slow_reader),
    cmocka_unit_test(test_reader_hangs),
    cmocka_unit_test(test_closed_behind),
    cmocka_unit_test(test_stderr),
    cmocka_unit_test(test_complaint),
    cmocka_unit_test(test_json),
    cmocka_unit_test(test_stamp)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
