/* SPDX-License-Identifier: MIT */
/* log_test.c - what a log keeps, what it refuses, and what other processes can
 * do to it: write at once, be killed, hold it up, cut it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "folder.h"
#include "historian/file.h"
#include "historian/lines.h"
#include "log_common.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_WAIT 20000   /* ms; far more than a log ever waits */

/* The memory that runs out: --wrap. Below 0: never. */
static int allocations = -1;

static bool allocate(void)
{
  return allocations < 0 || allocations-- > 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
  return allocate() ? __real_malloc(size) : NULL;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
  return allocate() ? __real_calloc(n, size) : NULL;
}

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
  return allocate() ? __real_realloc(p, size) : NULL;
}

/* The file that went stale: --wrap. 0: never. */
static int read_error;

ssize_t __real_pread(int fd, void *out, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at)
{
  if(!read_error)
    return __real_pread(fd, out, n, at);
  errno = read_error;
  return -1;
}

/* -- helpers -- */

static const char *path(void)
{
  return folder_path("history.log");
}

/* A log that is opened, written to once, and closed. */
static void add_once(unsigned from, unsigned to)
{
  struct he_log *log = log_of(path());
  add_well(log, from, to);
  he_log_free(log);
}

/* What is new to a log goes to a history. */
static void hear(struct he_log *log, struct he_history *h)
{
  const uint64_t network = NETWORK;
  char why[HE_LOG_WHY];
  bool ok = he_log_read(log, why);
  assert_string_equal(why, "");
  assert_true(ok);
  he_log_take(log, &network, absorb_line, h);
}

static void forget_well(struct he_log *log, const char *host)
{
  char why[HE_LOG_WHY];
  bool ok = he_log_forget(log, host, why);
  assert_string_equal(why, "");
  assert_true(ok);
}

static size_t size_of(const char *name)
{
  struct stat st;
  assert_int_equal(stat(name, &st), 0);
  return (size_t)st.st_size;
}

static char *text_at(const char *name)
{
  size_t size;
  return (char *)file_read(name, &size);
}

/* Runs `what` in a child, which ends with what it returns. */
static pid_t in_child(int (*what)(void))
{
  pid_t pid;
  fflush(stdout);
  pid = fork();
  assert_true(pid >= 0);
  if(!pid) {
    crash_ends();
    _exit(what());
  }
  return pid;
}

static int status_of(pid_t pid)
{
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return status;
}

/* -- records -- */

static void keeps(void **state)
{
  char *text;
  (void)state;
  add_once(0, 300);
  assert_int_equal(count_at(path(), 0, 301), 300);
  text = text_at(path());
  assert_memory_equal(text, "# curl-he history 1 ", 20);
  assert_non_null(strstr(text, "\nhost 1122334455667788 host7.example "));
  free(text);
}

static void none_is_no_failure(void **state)
{
  (void)state;
  assert_int_equal(count_at(path(), 0, 1), 0);
  assert_int_equal(access(path(), F_OK), -1);
  assert_int_equal(count_at(folder_path("no/such/folder"), 0, 1), 0);
  assert_int_equal(access(folder_path("no"), F_OK), -1);
}

static void count_line(void *ctx, const char *line, size_t len)
{
  (void)line;
  (void)len;
  ++*(unsigned *)ctx;
}

static unsigned lines_heard(struct he_log *log)
{
  char why[HE_LOG_WHY];
  unsigned n = 0;
  assert_true(he_log_read(log, why));
  he_log_take(log, NULL, count_line, &n);
  return n;
}

/* Each line is read once: what is new. */
static void reads_what_is_new(void **state)
{
  struct he_log *a = log_of(path());
  struct he_log *b = log_of(path());
  (void)state;
  add_well(a, 0, 100);
  assert_int_equal(lines_heard(a), 101);     /* and the header */
  assert_int_equal(lines_heard(a), 0);
  assert_int_equal(lines_heard(b), 101);
  assert_int_equal(lines_heard(b), 0);
  add_well(b, 100, 107);
  add_well(a, 107, 110);                     /* hears of b's on the way */
  assert_int_equal(lines_heard(a), 10);
  assert_int_equal(lines_heard(b), 10);
  he_log_rewind(b);
  assert_int_equal(lines_heard(b), 111);
  he_log_free(a);
  he_log_free(b);
}

/* Lines of other networks are left out. */
static void takes_a_network(void **state)
{
  struct he_log *log = log_of(path());
  const uint64_t network = NETWORK, other = NETWORK + 1;
  char why[HE_LOG_WHY];
  unsigned n = 0;
  (void)state;
  add_once(0, 10);
  assert_true(he_log_read(log, why));
  he_log_take(log, &other, count_line, &n);
  assert_int_equal(n, 1);                    /* the header */
  he_log_rewind(log);
  assert_true(he_log_read(log, why));
  he_log_take(log, &network, count_line, &n);
  assert_int_equal(n, 1 + 11);
  he_log_free(log);
}

/* -- forgetting -- */

static void forgets(void **state)
{
  struct he_log *a = log_of(path());
  struct he_log *b = log_of(path());
  struct he_history *h = history_new();
  char *text;
  (void)state;
  add_well(a, 0, 100);
  hear(b, h);
  sleep_ms(2);                 /* a line tells of later than it was read */
  forget_well(a, "HOST7.example.");
  assert_int_equal(count_at(path(), 0, 100), 99);
  text = text_at(path());
  assert_null(strstr(text, "host7.example"));
  assert_non_null(strstr(text, "\nforget "));
  free(text);
  hear(b, h);
  assert_false(has(h, 7));     /* who knew it hears of it */
  assert_int_equal(count(h, 0, 100), 99);
  add_well(b, 7, 8);           /* and may learn anew */
  hear(a, h);
  assert_int_equal(count(h, 0, 100), 100);
  assert_int_equal(count_at(path(), 0, 100), 100);
  sleep_ms(2);
  forget_well(a, NULL);
  assert_int_equal(count_at(path(), 0, 100), 0);
  hear(b, h);
  assert_int_equal(count(h, 0, 100), 0);
  add_well(b, 1, 2);
  assert_int_equal(count_at(path(), 0, 100), 1);
  he_history_free(h);
  he_log_free(a);
  he_log_free(b);
}

/* A file that cannot be written anew: the line is there, and that what it
   forgets is still in the file is told. */
static void forgets_in_vain(void **state)
{
  struct he_log *log = log_of(path());
  char why[HE_LOG_WHY];
  (void)state;
  add_well(log, 0, 10);
  assert_int_equal(mkdir(folder_path("history.log.new"), 0700), 0);
  assert_false(he_log_forget(log, "host3.example", why));
  assert_string_not_equal(why, "");
  assert_int_equal(count_at(path(), 0, 10), 9);
  assert_int_equal(rmdir(folder_path("history.log.new")), 0);
  forget_well(log, "host3.example");
  assert_int_equal(count_at(path(), 0, 10), 9);
  he_log_free(log);
}

/* A line that forgets counts though the file was not written anew, for what is
   before it alone. */
static void forgets_what_is_before(void **state)
{
  struct he_log *log = log_of(path());
  struct he_record r;
  char why[HE_LOG_WHY];
  (void)state;
  add_well(log, 0, 10);
  assert_true(he_record_forget(&r, "host3.example", he_log_wall_ms()));
  r.line[r.len] = '\n';
  assert_true(he_log_add(log, r.line, r.len + 1, why));
  assert_int_equal(count_at(path(), 0, 10), 9);
  add_well(log, 3, 4);
  assert_int_equal(count_at(path(), 0, 10), 10);
  assert_true(he_record_forget(&r, NULL, he_log_wall_ms()));
  r.line[r.len] = '\n';
  assert_true(he_log_add(log, r.line, r.len + 1, why));
  add_well(log, 5, 6);
  assert_int_equal(count_at(path(), 0, 10), 1);
  he_log_free(log);
}

/* -- written anew -- */

static struct he_bytes folded(const struct he_bytes *lines, unsigned hosts,
                              size_t bytes)
{
  const struct he_fold_limits limits = { hosts, bytes };
  struct he_bytes out = { NULL, 0, 0 };
  assert_true(he_fold(lines->at, lines->len, &limits, he_clock_now(),
                      he_log_wall_ms(), &out));
  return out;
}

static unsigned count_in(const struct he_bytes *b, unsigned from, unsigned to)
{
  struct he_history *h = history_new();
  struct he_word rest = { b->at, b->len }, line;
  unsigned n;
  while(he_lines_next(&rest, &line))
    absorb_line(h, line.at, line.len);
  n = count(h, from, to);
  he_history_free(h);
  return n;
}

static unsigned lines_in(const struct he_bytes *b)
{
  unsigned n = 0;
  for(size_t i = 0; i < b->len; i++)
    n += b->at[i] == '\n';
  return n;
}

static void one_line_for_many(void **state)
{
  struct he_bytes all = lines_of(0, 10), some = lines_of(3, 6), out;
  (void)state;
  for(int i = 0; i < 20; i++)
    assert_true(he_bytes_add(&all, some.at, some.len));
  assert_true(he_bytes_add(&all, "host damaged\n\n", 14));
  assert_true(he_bytes_add(&all, some.at, 40));   /* without an end */
  out = folded(&all, 100, 1u << 20);
  assert_int_equal(lines_in(&out), 11);
  assert_int_equal(count_in(&out, 0, 10), 10);
  free(out.at);
  free(all.at);
  free(some.at);
}

/* What two processes know of one host is one line. */
static void merges(void **state)
{
  struct he_history *h[2] = { history_new(), history_new() };
  struct he_bytes all = { NULL, 0, 0 }, out;
  struct he_record r;
  (void)state;
  for(unsigned i = 0; i < 2; i++) {
    struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                            .addr = addr_of("192.0.2.1", 443),
                            .handshake = HE_MS(20) };
    o.addr.ip[3] = (uint8_t)(i + 1);
    assert_true(he_history_learn(h[i], NETWORK, "a.example", &o,
                                 he_clock_now()));
    while(he_history_take(h[i], &r, he_clock_now(), he_log_wall_ms())) {
      assert_true(he_bytes_add(&all, r.line, r.len));
      assert_true(he_bytes_add(&all, "\n", 1));
    }
    he_history_free(h[i]);
  }
  assert_int_equal(lines_in(&all), 4);
  out = folded(&all, 100, 1u << 20);
  assert_true(he_bytes_add(&out, "", 1));
  assert_int_equal(lines_in(&out), 3);       /* header, host, network */
  assert_non_null(strstr(out.at, " 192.0.2.1 "));
  assert_non_null(strstr(out.at, " 192.0.2.2 "));
  free(out.at);
  free(all.at);
}

/* The last ones stay. */
static void evicts(void **state)
{
  struct he_bytes all = lines_of(0, 200), again = lines_of(0, 1), out;
  (void)state;
  assert_true(he_bytes_add(&all, again.at, again.len));
  out = folded(&all, 50, 1u << 20);
  assert_int_equal(lines_in(&out), 51);
  assert_int_equal(count_in(&out, 151, 200), 49);
  assert_int_equal(count_in(&out, 0, 1), 1);     /* written last */
  free(out.at);
  out = folded(&all, 1000, all.len / 4);
  assert_in_range(out.len, all.len / 5, all.len / 4 + HE_LINES_HEADER_MAX);
  assert_int_equal(count_in(&out, 180, 200), 20);
  assert_int_equal(count_in(&out, 1, 100), 0);
  free(out.at);
  free(all.at);
  free(again.at);
}

/* A line that forgets stays for a day, 64 of them at most. */
static void forgets_for_a_day(void **state)
{
  static const int64_t ages[] = { 1000, 86300000, 86500000, -86500000 };
  struct he_bytes all = { NULL, 0, 0 }, out;
  (void)state;
  for(size_t i = 0; i < 4 + 100; i++) {
    struct he_record r;
    assert_true(he_record_forget(&r, host_of((unsigned)i), he_log_wall_ms() -
                                 (i < 4 ? ages[i] : 5)));
    assert_true(he_bytes_add(&all, r.line, r.len));
    assert_true(he_bytes_add(&all, "\n", 1));
    if(i == 3) {
      out = folded(&all, 10, 10000);
      assert_int_equal(lines_in(&out), 3);
      free(out.at);
    }
  }
  out = folded(&all, 10, 10000);
  assert_int_equal(lines_in(&out), 65);
  free(out.at);
  free(all.at);
}

/* A file that is written to for long stays short. */
static void stays_short(void **state)
{
  struct he_log *log = log_of(path());
  struct he_log *other = log_of(path());
  struct he_history *h = history_new();
  struct he_bytes lines = lines_of(0, 50);
  char why[HE_LOG_WHY];
  size_t longest = 0, size = 0;
  unsigned anew = 0;
  (void)state;
  for(unsigned i = 0; i < 100; i++) {
    assert_true(he_log_add(log, lines.at, lines.len, why));
    anew += size_of(path()) < size;
    size = size_of(path());
    longest = size > longest ? size : longest;
    if(i % 7 == 0)
      hear(other, h);
  }
  assert_in_range(anew, 2, 50);
  assert_in_range(longest, lines.len, 3 * lines.len + (256u << 10));
  assert_int_equal(count_at(path(), 0, 50), 50);
  hear(other, h);
  assert_int_equal(count(h, 0, 50), 50);
  assert_int_equal(access(folder_path("history.log.new"), F_OK), -1);
  he_history_free(h);
  free(lines.at);
  he_log_free(log);
  he_log_free(other);
}

/* -- whose it is -- */

/* Neither read nor written, for that reason. */
static void refused(const char *name, const char *reason)
{
  struct he_log *log = log_of(name);
  struct he_bytes line = line_of(1);
  for(int writes = 0; writes < 2; writes++) {
    char why[HE_LOG_WHY] = "";
    bool ok = writes ? he_log_add(log, line.at, line.len, why) :
              he_log_read(log, why);
    if(ok || !strstr(why, reason))
      fail_msg("%s: %d, %d, \"%s\"", name, writes, ok, why);
  }
  free(line.at);
  he_log_free(log);
}

/* Taken: written and read. */
static void taken(const char *name)
{
  struct he_log *log = log_of(name);
  add_well(log, 1, 2);
  assert_int_equal(count_at(name, 1, 2), 1);
  he_log_free(log);
}

static mode_t mode_of(const char *name)
{
  struct stat st;
  assert_int_equal(stat(name, &st), 0);
  return st.st_mode & 07777;
}

static void default_path(void **state)
{
  char name[4096];
  char want[4096];
  (void)state;
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", folder_path("home"), 1);
  assert_true(he_file_default_path(name, sizeof(name)));
  snprintf(want, sizeof(want), "%s/.cache/curl-he/history.log",
           folder_path("home"));
  assert_string_equal(name, want);
  umask(0);                 /* whatever it is */
  taken(name);
  umask(022);
  assert_int_equal(mode_of(name), 0600);
  assert_int_equal(mode_of(folder_path("home/.cache/curl-he")), 0700);
  assert_int_equal(mode_of(folder_path("home/.cache")), 0700);

  setenv("XDG_CACHE_HOME", "relative", 1);
  assert_true(he_file_default_path(name, sizeof(name)));
  assert_string_equal(name, want);
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  assert_true(he_file_default_path(name, sizeof(name)));
  assert_string_equal(name, "/xdg/curl-he/history.log");
  assert_false(he_file_default_path(name, 24));
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  assert_false(he_file_default_path(name, sizeof(name)));
}

static void refuses_folders(void **state)
{
  const char *dir = folder_path("dir");
  (void)state;
  assert_int_equal(mkdir(dir, 0700), 0);
  assert_int_equal(chmod(dir, 0770), 0);
  refused(folder_path("dir/store"), "others may write");
  assert_int_equal(chmod(dir, 01777), 0);
  refused(folder_path("dir/store"), "others may write");
  assert_int_equal(chmod(dir, 0755), 0);
  taken(folder_path("dir/store"));
  assert_int_equal(symlink("dir", folder_path("link")), 0);
  refused(folder_path("link/store"), "symbolic link");
  refused(folder_path("dir/store/store"), "no directory");
  refused(folder_path("dir/"), "not a file's path");
  refused(folder_path("dir/.."), "not a file's path");
  if(!geteuid()) {
    assert_int_equal(chown(dir, 12345, 0), 0);
    refused(folder_path("dir/store"), "another user's directory");
  }
}

static void refuses_files(void **state)
{
  (void)state;
  file_write(folder_path("precious"), "do not touch", 12);
  assert_int_equal(symlink("precious", path()), 0);
  refused(path(), "symbolic link");
  unlink(path());
  assert_int_equal(link(folder_path("precious"), path()), 0);
  refused(path(), "several names");
  unlink(path());
  assert_int_equal(mkfifo(path(), 0600), 0);
  refused(path(), "not a plain file");
  unlink(path());
  assert_int_equal(mkdir(path(), 0700), 0);
  {
    struct he_log *log = log_of(path());
    char why[HE_LOG_WHY];
    assert_false(he_log_read(log, why));
    assert_non_null(strstr(why, "not a plain file"));
    assert_false(he_log_add(log, "x\n", 2, why));
    assert_non_null(strstr(why, strerror(EISDIR)));
    he_log_free(log);
  }
  rmdir(path());
  taken(path());
  assert_int_equal(chmod(path(), 0660), 0);
  refused(path(), "others may write");
  assert_int_equal(chmod(path(), 0644), 0);
  taken(path());
  assert_int_equal(mode_of(path()), 0600);
  if(!geteuid()) {
    assert_int_equal(chown(path(), 12345, 0), 0);
    refused(path(), "another user's file");
  }
}

static char program[4096];      /* this one */
#define IN_SETUID "--in-setuid"

/* What a setuid program finds. */
static int in_setuid(const char *name)
{
  char why[HE_LOG_WHY];
  struct he_log *log = he_log_new(name);
  if(!getauxval(AT_SECURE))
    return 77;
  setenv("HOME", "/tmp", 1);
  return !log || he_log_read(log, why) || !strstr(why, "setuid") ||
         he_log_add(log, "x\n", 2, why) || !strstr(why, "setuid") ||
         he_file_default_path(why, sizeof(why));
}

static int run_copy(void)
{
  execl(folder_path("copy"), "copy", IN_SETUID, path(), (char *)NULL);
  return 78;
}

static void refuses_setuid(void **state)
{
  unsigned char *bytes;
  size_t size;
  int status;
  (void)state;
  if(geteuid())
    skip();                 /* only root can make one of another user */
  bytes = file_read(program, &size);
  file_write(folder_path("copy"), bytes, size);
  free(bytes);
  assert_int_equal(chown(folder_path("copy"), 12345, 0), 0);
  assert_int_equal(chmod(folder_path("copy"), 04755), 0);
  assert_int_equal(chmod(folder_path("."), 0755), 0);
  status = status_of(in_child(run_copy));
  if(WIFEXITED(status) && WEXITSTATUS(status) == 77)
    skip();                 /* mounted nosuid */
  assert_int_equal(status, 0);
}

/* A home that is only to be read: what is there is read, nothing is written.
   By its name alone, for the directories above may be root's. */
static int read_only(void)
{
  const char *name = strrchr(path(), '/') + 1;
  struct he_log *log = log_of(name);
  struct he_bytes line = line_of(50);
  char why[HE_LOG_WHY];
  if(chdir(folder_path(".")) || chmod(name, 0400) || chmod(".", 0500))
    return 1;
  if(!geteuid() && (chown(".", 12345, 0) || chown(name, 12345, 0) ||
                    setresuid(12345, 12345, 12345)))
    return 2;
  if(count_at(name, 0, 10) != 10)
    return 3;
  if(he_log_add(log, line.at, line.len, why) ||
     !strstr(why, strerror(EACCES)) || he_log_forget(log, NULL, why) ||
     !strstr(why, strerror(EACCES)))
    return 4;
  free(line.at);
  he_log_free(log);
  return count_at(name, 0, 10) == 10 ? 0 : 5;
}

static void only_read(void **state)
{
  (void)state;
  add_once(0, 10);
  assert_int_equal(status_of(in_child(read_only)), 0);
}

/* -- what is no history -- */

/* It can not be read; who writes puts it aside and says so; a new one works.
   */
static void begun_anew(void)
{
  struct he_log *log = log_of(path());
  struct he_bytes line = line_of(1);
  char why[HE_LOG_WHY];
  assert_false(he_log_read(log, why));
  assert_non_null(strstr(why, "not a history"));
  assert_int_equal(access(folder_path("history.log.bad"), F_OK), -1);
  assert_true(he_log_add(log, line.at, line.len, why));
  assert_non_null(strstr(why, "not a history; it is now called .bad"));
  assert_int_equal(count_at(path(), 1, 2), 1);
  add_well(log, 2, 3);
  assert_int_equal(count_at(path(), 1, 3), 2);
  free(line.at);
  he_log_free(log);
}

static void puts_aside(void **state)
{
  static const char *const texts[] = {
    "short", "a text\nof lines\n", "\n", "# curl-he history 1",
    "# curl-he history 2 without a sum\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
  };
  char *bad;
  (void)state;
  for(size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
    file_write(path(), texts[i], *texts[i] ? strlen(texts[i]) : 16);
    begun_anew();
    bad = text_at(folder_path("history.log.bad"));
    assert_string_equal(bad, texts[i]);
    free(bad);
    unlink(folder_path("history.log.bad"));
  }
  assert_int_equal(truncate(path(), 2 * HE_LOG_BYTES_MAX + 1), 0);
  begun_anew();
}

/* A file of nothing is a file that begins. */
static void of_no_bytes(void **state)
{
  (void)state;
  file_write(path(), "", 0);
  assert_int_equal(count_at(path(), 0, 1), 0);
  add_once(0, 1);
  assert_int_equal(count_at(path(), 0, 1), 1);
}

static void later_format(void **state)
{
  struct he_log *log = log_of(path());
  struct he_bytes line = line_of(1);
  char text[HE_LINES_HEADER_MAX];
  struct he_writer w = { .out = text, .size = sizeof(text) - 1 };
  char why[HE_LOG_WHY], *now;
  (void)state;
  he_put_text(&w, "# curl-he history 2 of whatever kind");
  he_put_sum(&w, 0);
  he_put_text(&w, "\nhost that this version knows nothing of\n");
  text[w.len] = 0;
  file_write(path(), text, w.len);
  assert_false(he_log_read(log, why));
  assert_non_null(strstr(why, "later version, left alone"));
  assert_false(he_log_add(log, line.at, line.len, why));
  assert_non_null(strstr(why, "later version, left alone"));
  assert_false(he_log_forget(log, NULL, why));
  assert_non_null(strstr(why, "later version, left alone"));
  now = text_at(path());
  assert_string_equal(now, text);
  assert_int_equal(access(folder_path("history.log.bad"), F_OK), -1);
  free(now);
  free(line.at);
  he_log_free(log);
}

/* -- other processes -- */

#define LEARNERS 3
#define LESSONS 100
static unsigned learner;

/* How often it may be in use is bounded: some time. */
static bool patiently(struct he_log *log, const struct he_bytes *lines)
{
  char why[HE_LOG_WHY];
  bool ok = false;
  for(int tries = 0; !ok && tries < 20; tries++) {
    ok = lines ? he_log_add(log, lines->at, lines->len, why) :
         he_log_forget(log, "nobody.example", why);
    if(!ok && !strstr(why, "in use"))
      break;
  }
  if(!ok || *why)
    print_error("%s\n", why);
  return ok && !*why;
}

/* A lesson is a host of one's own and one that is everybody's; now and then
   the file is written anew. */
static int learn(void)
{
  struct he_log *log = log_of(path());
  for(unsigned i = 0; i < rounds(LESSONS); i++) {
    struct he_bytes own = line_of(1000 * learner + i);
    struct he_bytes one = line_of(1);
    bool ok = patiently(log, &own) && patiently(log, &one) &&
              (i % 5 || patiently(log, NULL));
    free(own.at);
    free(one.at);
    if(!ok)
      return 1;
  }
  he_log_free(log);
  return 0;
}

static void learning_at_once(void **state)
{
  pid_t pid[LEARNERS];
  struct he_history *h;
  (void)state;
  for(learner = 1; learner <= LEARNERS; learner++)
    pid[learner - 1] = in_child(learn);
  for(int i = 0; i < LEARNERS; i++)
    assert_int_equal(status_of(pid[i]), 0);
  h = history_at(path());
  for(unsigned i = 1; i <= LEARNERS; i++)
    assert_int_equal(count(h, 1000 * i, 1000 * i + rounds(LESSONS)),
                     rounds(LESSONS));
  assert_true(has(h, 1));
  he_history_free(h);
}

#define BATCH 20
static int report;          /* where the child tells what it has written */
static unsigned next_batch;

/* Batch k: hosts 20 k ... 20 k + 19, modulo 2000. */
static int write_batches(void)
{
  struct he_log *log = log_of(path());
  char why[HE_LOG_WHY];
  for(unsigned k = next_batch;; k++) {
    struct he_bytes lines = lines_of(k % 100 * BATCH, k % 100 * BATCH + BATCH);
    if(!he_log_add(log, lines.at, lines.len, why) || *why ||
       (k % 3 == 0 && !he_log_forget(log, "nobody.example", why)) || *why ||
       write(report, &k, sizeof(k)) != sizeof(k))
      return 2;
    free(lines.at);
  }
}

static void killed(void **state)
{
  unsigned busy = 0;
  bool written[100] = { false };
  (void)state;
  for(unsigned i = 0; i < rounds(100); i++) {
    struct timespec pause = { .tv_nsec = (long)roll(6000000) };
    struct he_history *h;
    unsigned k;
    int fds[2];
    pid_t pid;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    report = fds[1];
    pid = in_child(write_batches);
    close(fds[1]);
    /* amid writing, every other time; else at any moment */
    if(i % 2) {
      assert_int_equal(read(fds[0], &k, sizeof(k)), sizeof(k));
      written[k % 100] = true;
      busy++;
    }
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    assert_int_equal(status_of(pid), SIGKILL);
    while(read(fds[0], &k, sizeof(k)) == sizeof(k)) {
      written[k % 100] = true;
      next_batch = k + 1;
      busy++;
    }
    close(fds[0]);
    h = history_at(path());
    for(unsigned b = 0; b < 100; b++)
      if(written[b])
        assert_int_equal(count(h, b * BATCH, b * BATCH + BATCH), BATCH);
    he_history_free(h);
  }
  add_once(3000, 3001);
  assert_int_equal(count_at(path(), 3000, 3001), 1);
  assert_true(busy > 0);
  print_message("# killed %u times, %u batches written\n", rounds(100), busy);
}

/* Who holds the lock, stopped amid a write, is in no reader's way, and in a
   writer's for some seconds. */
static void held_up(void **state)
{
  struct he_log *log = log_of(path());
  struct he_bytes line = line_of(2);
  char why[HE_LOG_WHY];
  he_time_ns start;
  int fd;
  (void)state;
  add_well(log, 1, 2);
  fd = open(path(), O_RDWR | O_CLOEXEC);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  assert_int_equal(count_at(path(), 1, 2), 1);
  start = he_clock_now();
  assert_false(he_log_add(log, line.at, line.len, why));
  assert_non_null(strstr(why, "in use"));
  assert_in_range(elapsed_ms(start), HE_LOG_WAIT_MS / 2, PROCESSES_WAIT);
  close(fd);
  add_well(log, 2, 3);
  assert_int_equal(count_at(path(), 1, 3), 2);
  free(line.at);
  he_log_free(log);
}

static void twice_in_a_process(void **state)
{
  struct he_log *a = log_of(path());
  struct he_log *b = log_of(path());
  struct he_history *ha = history_new(), *hb = history_new();
  (void)state;
  for(unsigned i = 0; i < 100; i += 2) {
    add_well(a, i, i + 1);
    hear(b, hb);
    assert_true(has(hb, i));
    add_well(b, i + 1, i + 2);
    hear(a, ha);
    assert_true(has(ha, i + 1));
  }
  he_log_free(a);
  add_well(b, 200, 201);
  he_log_free(b);
  he_history_free(ha);
  he_history_free(hb);
  assert_int_equal(count_at(path(), 0, 201), 101);
}

/* -- what happens to a file in use -- */

static void replaced(void **state)
{
  struct he_log *log = log_of(path());
  struct he_history *h = history_new();
  (void)state;
  add_well(log, 1, 2);
  assert_int_equal(rename(path(), folder_path("elsewhere")), 0);
  hear(log, h);                           /* there is none */
  add_well(log, 2, 3);
  assert_int_equal(count_at(path(), 1, 3), 1);
  assert_int_equal(rename(folder_path("elsewhere"), path()), 0);
  hear(log, h);
  assert_true(has(h, 1));
  assert_false(has(h, 2));                /* its own it need not hear */
  he_history_free(h);
  he_log_free(log);
}

static void cut_off_in_use(void **state)
{
  (void)state;
  for(unsigned at = 0; at < 1000; at += 37) {
    struct he_log *log = log_of(path());
    struct he_history *h = history_new();
    unsigned left;
    unlink(path());
    add_well(log, 0, 100);
    hear(log, h);
    assert_int_equal(truncate(path(), (off_t)at), 0);
    left = at < 150 ? 0 : count_at(path(), 0, 100);
    assert_true(left < 100);
    if(at && at < 150)
      unlink(path());                     /* no history: puts_aside() */
    add_well(log, 200, 210);
    hear(log, h);
    assert_int_equal(count_at(path(), 0, 100), left);
    assert_int_equal(count_at(path(), 200, 210), 10);
    he_history_free(h);
    he_log_free(log);
  }
}

/* Again and again, while others read and write: nobody crashes. */
static bool cut_over;

static void *cut_off(void *arg)
{
  char *name = arg;
  for(unsigned n = 1; !__atomic_load_n(&cut_over, __ATOMIC_SEQ_CST); n++) {
    struct stat st;
    if(!stat(name, &st) && st.st_size && truncate(name, st.st_size * 2 / 3))
      break;
    sleep_ms(n % 3);
  }
  return NULL;
}

static int use_while_cut(void)
{
  static char name[4096];
  struct he_log *log = log_of(path());
  struct he_history *h = history_new();
  const uint64_t network = NETWORK;
  pthread_t thread;
  snprintf(name, sizeof(name), "%s", path());
  if(pthread_create(&thread, NULL, cut_off, name))
    return 1;
  for(unsigned i = 0; i < rounds(400); i++) {
    struct he_bytes lines = lines_of(i, i + 50);
    char why[HE_LOG_WHY];
    he_log_add(log, lines.at, lines.len, why);
    if(he_log_read(log, why))
      he_log_take(log, &network, absorb_line, h);
    if(i % 50 == 0)
      he_log_forget(log, "nobody.example", why);
    free(lines.at);
  }
  __atomic_store_n(&cut_over, true, __ATOMIC_SEQ_CST);
  pthread_join(thread, NULL);
  he_history_free(h);
  he_log_free(log);
  return 0;
}

static void cut_off_again_and_again(void **state)
{
  struct he_log *log = log_of(path());
  struct he_bytes line = line_of(1);
  char why[HE_LOG_WHY];
  (void)state;
  assert_int_equal(status_of(in_child(use_while_cut)), 0);
  assert_true(he_log_add(log, line.at, line.len, why));   /* aside, maybe */
  assert_int_equal(count_at(path(), 1, 2), 1);
  free(line.at);
  he_log_free(log);
}

/* A handle that went stale: told, and all is well when it is opened again. */
static void stale(void **state)
{
  struct he_log *log = log_of(path());
  struct he_history *h = history_new();
  struct he_bytes line = line_of(5);
  char why[HE_LOG_WHY];
  (void)state;
  add_once(0, 5);
  read_error = ESTALE;
  assert_false(he_log_read(log, why));
  assert_non_null(strstr(why, strerror(ESTALE)));
  assert_false(he_log_add(log, line.at, line.len, why));
  assert_non_null(strstr(why, strerror(ESTALE)));
  read_error = 0;
  add_well(log, 5, 6);
  hear(log, h);
  assert_int_equal(count(h, 0, 5), 5);
  assert_int_equal(count_at(path(), 0, 6), 6);
  free(line.at);
  he_history_free(h);
  he_log_free(log);
}

static int disk_full(void)
{
  struct he_log *log = log_of(path());
  struct rlimit full = { 60000, RLIM_INFINITY }, before;
  char why[HE_LOG_WHY];
  unsigned n = 0;
  sigset_t all;
  sigfillset(&all);         /* as in a scribe's thread */
  sigprocmask(SIG_SETMASK, &all, NULL);
  getrlimit(RLIMIT_FSIZE, &before);
  full.rlim_max = before.rlim_max;
  setrlimit(RLIMIT_FSIZE, &full);
  for(; n < 10000; n += 10) {
    struct he_bytes lines = lines_of(n, n + 10);
    bool ok = he_log_add(log, lines.at, lines.len, why);
    free(lines.at);
    if(!ok)
      break;
  }
  if(!strstr(why, strerror(EFBIG)) || count_at(path(), 0, n) != n ||
     count_at(path(), n, n + 10))
    return 1;
  full.rlim_cur = size_of(path()) / 2;
  setrlimit(RLIMIT_FSIZE, &full);
  if(he_log_forget(log, NULL, why) || count_at(path(), 0, n) != n)
    return 2;
  setrlimit(RLIMIT_FSIZE, &before);
  add_well(log, n, n + 10);
  he_log_free(log);
  return count_at(path(), 0, n + 10) == n + 10 ? 0 : 3;
}

static void no_space(void **state)
{
  (void)state;
  assert_int_equal(status_of(in_child(disk_full)), 0);
}

/* Each allocation fails in turn: what was written before stays, and what is
   said to be written is. */
static void no_memory(void **state)
{
  struct he_bytes line = line_of(10);
  bool done = false;
  (void)state;
  add_once(0, 10);
  for(int n = 0; !done; n++) {
    const uint64_t network = NETWORK;
    struct he_log *log;
    char why[HE_LOG_WHY];
    bool ok;
    unsigned heard = 0;
    assert_true(n < 1000);
    allocations = n;
    log = he_log_new(path());
    ok = log && he_log_read(log, why);
    if(ok)
      he_log_take(log, &network, count_line, &heard);
    ok = ok && he_log_add(log, line.at, line.len, why);
    done = ok && he_log_forget(log, "nobody.example", why) && allocations > 0;
    allocations = -1;
    he_log_free(log);
    assert_int_equal(count_at(path(), 0, 10), 10);
    assert_true(!ok || count_at(path(), 10, 11));
    assert_int_equal(access(folder_path("history.log.bad"), F_OK), -1);
  }
  free(line.at);
}

static int set_up(void **state)
{
  (void)state;
  folder_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  folder_free();
  return 0;
}

static int seed(void **state)
{
  (void)state;
  test_seed();
  return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(keeps), TEST(none_is_no_failure), TEST(reads_what_is_new),
    TEST(takes_a_network), TEST(forgets), TEST(forgets_what_is_before),
    TEST(forgets_in_vain),
    TEST(one_line_for_many), TEST(merges), TEST(evicts),
    TEST(forgets_for_a_day), TEST(stays_short),
    TEST(default_path), TEST(refuses_folders), TEST(refuses_files),
    TEST(refuses_setuid), TEST(only_read),
    TEST(puts_aside), TEST(of_no_bytes), TEST(later_format),
    TEST(learning_at_once), TEST(killed), TEST(held_up),
    TEST(twice_in_a_process),
    TEST(replaced), TEST(cut_off_in_use), TEST(cut_off_again_and_again),
    TEST(stale), TEST(no_space), TEST(no_memory)
  };
  if(argc == 3 && !strcmp(argv[1], IN_SETUID))
    _exit(in_setuid(argv[2]));   /* no leak checker: it may not trace itself */
  snprintf(program, sizeof(program), "%s", argv[0]);
  return cmocka_run_group_tests(tests, seed, NULL);
}
