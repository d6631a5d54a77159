/* SPDX-License-Identifier: MIT */
/* file_test.c - what the connects of one process taught, and the first one of
 * the next process makes of it, by way of CURLHEOPT_HISTORY_FILE. Both are this
 * program once more, which for "connect MODE FILE HOST WINNER" makes one
 * connect and ends. */
#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of the other family libcurl tries the first address beside, where IPv6 goes
   first by its own rules; curl_he_perform() has a say in that. */
struct expected {
  const char *host;
  const char *winner;
  const char *beside;       /* where SYNs may go to then, a blank after each */
  const char *resolving;
};

static const struct expected table[] = {
  { "s3", "198.19.3.1", "3fff:103::1 198.19.3.1 ", "198.19.3.1 " },
  { "s7", "198.19.7.2", "3fff:107::1 198.19.7.2 ", "198.19.7.2 " },
  { "s8", "198.19.8.4", "3fff:108::1 198.19.8.4 ", "198.19.8.4 " },
  { "s9", "198.19.9.2", "198.19.9.2 ", "198.19.9.2 " },
  { "half", "3fff:156::2", "3fff:156::2 ", "3fff:156::2 " },
  { NULL, NULL, NULL, NULL }
};

struct param {
  const struct expected *e;
  enum mode mode;
};

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
  const struct timespec pause = { .tv_nsec = 1000000 };
  int n = 0;
  for(int i = 0; i < 10000 && !n; i++) {
    curl_he_history_foreach(NULL, count, &n);
    nanosleep(&pause, NULL);
  }
  return n > 0;
}

static int connect_once(enum mode mode, const char *file, const char *host,
                        const char *winner)
{
  bool known = !access(file, F_OK);
  char url[128], body[128];
  struct client c;
  bool ok;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, file) ||
     (known && !await_history()))
    return 1;
  snprintf(url, sizeof(url), "https://%s.lab.test/", host);
  snprintf(body, sizeof(body), "hello from %s\n", winner);
  client_open(&c, mode, url);
  ok = !client_go(&c) && !strcmp(c.body, body);
  if(!ok)
    fprintf(stderr, "%s: %s%s\n", url, c.error, c.body);
  client_close(&c);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return ok ? 0 : 1;
}

/* -- and their parent -- */

static pid_t run_myself(const struct param *p, const char *file)
{
  char mode[12], me[1000];
  ssize_t n = readlink("/proc/self/exe", me, sizeof(me) - 1);
  pid_t pid;
  assert_true(n > 0);
  me[n] = 0;
  snprintf(mode, sizeof(mode), "%d", (int)p->mode);
  pid = fork();
  if(!pid) {
    execl(me, "file_test", "connect", mode, file, p->e->host, p->e->winner,
          (char *)NULL);
    _exit(127);
  }
  return pid;
}

static void run_one(const struct param *p, const char *file)
{
  int status = -1;
  pid_t pid = run_myself(p, file);
  assert_true(pid > 0);
  while(waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  assert_int_equal(status, 0);
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

static void expect_syns(const struct param *p)
{
  const char *script = p->mode == BESIDE ? p->e->beside : p->e->resolving;
  struct addresses sent, may;
  syn_addresses(&sent);
  snprintf(may.text, sizeof(may.text), "%s", script);
  if(!addresses_within(&sent, &may))
    fail_msg("SYNs to \"%s\", wanted \"%s\" at most", sent.text, may.text);
}

static void test_second_process(void **state)
{
  const struct param *p = *state;
  char folder[512], file[560];
  make_folder(folder, sizeof(folder));
  snprintf(file, sizeof(file), "%s/history.mdb", folder);
  run_one(p, file);
  lab_reset();
  run_one(p, file);
  /* libcurl that races gets an order from curl_he_perform() alone */
  if(libcurl_walks() || p->mode == RESOLVING)
    expect_syns(p);
  remove_folder(folder, file);
}

int main(int argc, char **argv)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static struct param params[2 * sizeof(table) / sizeof(*table)];
  struct param *p = params;
  struct suite s = { NULL, 0 };
  if(argc == 6 && !strcmp(argv[1], "connect"))
    return connect_once((enum mode)atoi(argv[2]), argv[3], argv[4], argv[5]);
  for(size_t i = 0; i < 2; i++) {
    for(const struct expected *e = table; e->host; e++, p++) {
      *p = (struct param){ e, modes[i] };
      suite_add(&s, test_second_process, p, "%s, in another process, by %s",
                e->host, mode_name(modes[i]));
    }
  }
  return suite_run(&s, "file");
}
