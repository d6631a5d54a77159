/* SPDX-License-Identifier: MIT */
/* file_test.c - what the connects of one process taught, and the first one of
 * the next process makes of it, by way of CURLHEOPT_HISTORY_FILE. Both are
 * this program once more, which for "connect HOST MODE FILE" makes one connect
 * and ends, and for "again HOST MODE FILE" looks at it, too. "hang HOST MODE
 * FILE" does all that there is to do, with a file whose disk hangs.
 *
 * It looks at the attempts of the race: who asks for a host of which something
 * is in doubt, and has no probe planned, has it probed in the background at
 * once, so that dead addresses do get SYNs. */
#include "harness.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* The dead of IPv6 are not all left out by curl_easy_perform(): libcurl
   chooses the first family. Of the others none is tried. */
struct expected {
  const char *host;
  const char *winner;
  const char *beside;
  const char *resolving;
};

static const struct expected table[] = {
  { "s3", "198.19.3.1",
    "L 3fff:103::1 0, L 198.19.3.1 10", "L 198.19.3.1 0" },
  { "s7", "198.19.7.2",
    "L 3fff:107::1 0, L 198.19.7.2 10", "L 198.19.7.2 0" },
  { "s8", "198.19.8.4",
    "L 3fff:108::1 0, L 198.19.8.4 10", "L 198.19.8.4 0" },
  { "s9", "198.19.9.2", "L 198.19.9.2 0", "L 198.19.9.2 0" },
  { "half", "3fff:156::2", "L 3fff:156::2 0", "L 3fff:156::2 0" },
  { NULL, NULL, NULL, NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
  bool lookup;             /* libcurl's lookup may race */
};

static const struct expected *entry(const char *host)
{
  const struct expected *e = table;
  while(e->host && strcmp(e->host, host))
    e++;
  return e;
}

/* -- one of the processes -- */

static int count(const struct curl_he_history_entry *e, void *data)
{
  (void)e;
  ++*(int *)data;
  return 0;
}

/* Until the file is read: a connect waits for that for 1 ms only, which on a
   busy machine may be too short. */
static bool await_history(void)
{
  int n = 0;
  for(int i = 0; i < 10000 && !n; i++) {
    curl_he_history_foreach(NULL, count, &n);
    pause_ms(1);
  }
  return n > 0;
}

/* An assertion that fails here ends the process. libcurl that races gets an
   order from its lookup or curl_he_perform() alone. Has the last address of a
   family had time enough to be called silent, the lookup begins with the other
   one. */
static void look(struct client *c, const struct expected *e)
{
  long attempts = info_long(c->easy, CURLHEINFO_ATTEMPTS);
  expect_winner(c, e->winner);
  if(c->mode == RESOLVING || (attempts == 1 && !libcurl_races()))
    expect_attempts(c, e->resolving);
  else if(libcurl_walks())
    expect_attempts(c, e->beside);
}

static int connect_once(const struct expected *e, enum mode mode,
                        const char *file, bool again)
{
  char url[128];
  struct client c;
  bool ok;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(!e->host || curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, file) ||
     (again && !await_history()))
    return 1;
  snprintf(url, sizeof(url), "https://%s.lab.test/", e->host);
  client_open(&c, mode, url);
  ok = !client_go(&c);
  /* and what came of it is learned when this returns */
  ok = ok && info_long(c.easy, CURLHEINFO_ATTEMPTS) > 0;
  if(again)
    look(&c, e);
  client_close(&c);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return ok ? 0 : 1;
}

/* -- a disk that hangs -- */

#define LONG_MS 3000        /* of what takes some milliseconds */

static long ms_since(he_time_ns start)
{
  return (long)((he_clock_now() - start) / 1000000);
}

static bool quick(const char *what, he_time_ns start)
{
  long took = ms_since(start);
  if(took > LONG_MS)
    fprintf(stderr, "%s took %ld ms\n", what, took);
  return took <= LONG_MS;
}

/* A race that is won, though nothing is remembered, and each call that has to
   do with the file. The process ends with a context that is not freed. */
static int live_without_file(const struct expected *e, enum mode mode,
                             const char *file)
{
  he_time_ns start = he_clock_now();
  char url[128], why[CURL_HE_ERROR_SIZE];
  CURLHE *other = curl_he_init();
  long won = -1;
  struct client c;
  bool ok;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(!e->host || !other ||
     curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, file) ||
     curl_he_setopt(other, CURLHEOPT_HISTORY_FILE, file))
    return 1;
  ok = quick("to name the file", start);
  snprintf(url, sizeof(url), "https://%s.lab.test/", e->host);
  client_open(&c, mode, url);
  start = he_clock_now();
  ok = !client_go(&c) && ok && quick("the transfer", start);
  start = he_clock_now();
  won = info_long(c.easy, CURLHEINFO_ATTEMPTS);
  curl_he_history_error(NULL, why, sizeof(why));
  ok = won > 0 && quick("to look", start) && ok;
  start = he_clock_now();
  curl_he_history_forget(NULL, "nobody.example");
  ok = quick("to forget", start) && ok;
  start = he_clock_now();
  curl_he_free(other);
  client_close(&c);
  ok = quick("to free", start) && ok;
  return ok ? 0 : 2;        /* and exit() writes what is new */
}

/* -- and their parent -- */

static pid_t run_myself(const struct param *p, const char *what,
                        const char *file)
{
  char mode[12], me[1000];
  ssize_t n = readlink("/proc/self/exe", me, sizeof(me) - 1);
  pid_t pid;
  assert_true(n > 0);
  me[n] = 0;
  snprintf(mode, sizeof(mode), "%d", (int)p->mode);
  pid = fork();
  if(!pid) {
    if(p->lookup)
      unsetenv("CURL_HE_LOOKUP");
    execl(me, "file_test", what, p->e->host, mode, file, (char *)NULL);
    _exit(127);
  }
  return pid;
}

static void run_one(const struct param *p, const char *what,
                    const char *file)
{
  int status = -1;
  pid_t pid = run_myself(p, what, file);
  assert_true(pid > 0);
  while(waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  assert_int_equal(status, 0);
}

/* A file system of which nobody answers for. -1: there can be none here. */
static int mount_dead(const char *folder)
{
  char how[100];
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if(fd < 0)
    return -1;
  snprintf(how, sizeof(how), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
  if(!mount("dead", folder, "fuse", MS_NOSUID | MS_NODEV, how))
    return fd;
  close(fd);
  return -1;
}

/* False where the process had to be killed. */
static bool ends_within(pid_t pid, long limit_ms, int *status)
{
  he_time_ns start = he_clock_now();
  while(!waitpid(pid, status, WNOHANG)) {
    if(ms_since(start) > limit_ms) {
      kill(pid, SIGKILL);
      return false;
    }
    pause_ms(5);
  }
  return true;
}

static void make_folder(char *out, size_t size)
{
  const char *tmp = getenv("TMPDIR");
  snprintf(out, size, "%s/file_test.XXXXXX", tmp ? tmp : "/tmp");
  assert_non_null(mkdtemp(out));
}

static void remove_folder(const char *folder, const char *file)
{
  assert_int_equal(unlink(file), 0);
  assert_int_equal(rmdir(folder), 0);
}

static void test_second_process(void **state)
{
  const struct param *p = *state;
  char folder[512], file[560];
  make_folder(folder, sizeof(folder));
  snprintf(file, sizeof(file), "%s/history.log", folder);
  run_one(p, "connect", file);
  run_one(p, "again", file);
  remove_folder(folder, file);
}

static void test_dead_disk(void **state)
{
  const struct param *p = *state;
  char folder[512], file[560];
  int status = -1, fuse;
  bool ended;
  pid_t pid;
  make_folder(folder, sizeof(folder));
  fuse = mount_dead(folder);
  if(fuse < 0) {
    rmdir(folder);
    skip();
  }
  snprintf(file, sizeof(file), "%s/history.log", folder);
  pid = run_myself(p, "hang", file);
  ended = pid > 0 && ends_within(pid, 5 * LONG_MS, &status);
  close(fuse);                     /* lets go of whoever waits */
  if(!ended && pid > 0)
    waitpid(pid, &status, 0);
  umount2(folder, MNT_DETACH);
  rmdir(folder);
  assert_true(ended);
  assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static struct param params[2 * sizeof(table) / sizeof(*table)];
  static struct param lookup = { &table[0], BESIDE, true };
  struct param *p = params;
  struct suite s = { NULL, 0 };
  if(argc == 5 && !strcmp(argv[1], "hang"))
    return live_without_file(entry(argv[2]), (enum mode)atoi(argv[3]),
                             argv[4]);
  if(argc == 5)
    return connect_once(entry(argv[2]), (enum mode)atoi(argv[3]), argv[4],
                        !strcmp(argv[1], "again"));
  for(size_t i = 0; i < 2; i++) {
    for(const struct expected *e = table; e->host; e++, p++) {
      *p = (struct param){ e, modes[i], false };
      suite_add(&s, test_second_process, p, "%s, in another process, by %s",
                e->host, mode_name(modes[i]));
    }
    suite_add(&s, test_dead_disk, p - 1,
              "a file whose disk hangs, by %s", mode_name(modes[i]));
  }
  suite_add(&s, test_dead_disk, &lookup,
            "a file whose disk hangs, in the lookup");
  return suite_run(&s, "file");
}
