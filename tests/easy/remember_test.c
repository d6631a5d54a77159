/* SPDX-License-Identifier: MIT */
/* remember_test.c - a context's history and its file, as an application has
 * them. What connects would teach is told to the context's recall. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "curl/context.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[PATH_MAX];
static char file[PATH_MAX + 32];

static int folder_make(void **state)
{
  const char *tmp = getenv("TMPDIR");
  (void)state;
  snprintf(folder, sizeof(folder), "%s/he-remember.XXXXXX",
           tmp ? tmp : "/tmp");
  assert_non_null(mkdtemp(folder));
  snprintf(file, sizeof(file), "%s/curl-he/history.log", folder);
  assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
  return 0;
}

static int folder_remove(void **state)
{
  char line[PATH_MAX + 16];
  (void)state;
  snprintf(line, sizeof(line), "rm -rf '%s'", folder);
  return system(line);
}

/* As a connect would have it, so long ago. */
static void teach_ago(CURLHE *he, const char *host, const char *ip,
                      bool refused, he_time_ns ago)
{
  struct he_outcome o = {
    .kind = refused ? HE_OUTCOME_FAILED : HE_OUTCOME_CONNECTED,
    .handshake = refused ? 0 : HE_MS(20),
    .error = refused ? ECONNREFUSED : 0
  };
  struct he_history *h;
  uint64_t network = 0;
  assert_true(he_addr_parse(&o.addr, ip));
  o.addr.port = 443;
  he_recall_want(he->recall);
  for(int i = 0; i < 20000 && !network; i++) {
    he_recall_open(he->recall, &network);
    he_recall_close(he->recall, false);
    usleep(1000);
  }
  assert_true(network);
  h = he_recall_open(he->recall, &network);
  assert_true(he_history_learn(h, network, host, &o, he_clock_now() - ago));
  he_recall_close(he->recall, true);
}

static void teach(CURLHE *he, const char *host, const char *ip, bool refused)
{
  teach_ago(he, host, ip, refused, 0);
}

struct count {
  int n;
  int stop_at;
  CURLHE *he;
  char text[2048];
};

static int note(const struct curl_he_history_entry *e, void *data)
{
  struct count *c = data;
  size_t len = strlen(c->text);
  snprintf(c->text + len, sizeof(c->text) - len, "%s %s %d %ld %lu/%lu/%lu;",
           e->host, e->address, e->family == AF_INET6 ? 6 : 4, e->verdict,
           e->successes, e->failures, e->losses);
  assert_true(e->network);
  assert_in_range(e->age_ms, 0, 600000);
  if(e->successes)
    assert_int_equal(e->connect_us, 20000);
  if(c->he)   /* it may call back */
    assert_int_equal(curl_he_history_forget(c->he, NULL), CURL_HE_OK);
  return ++c->n == c->stop_at;
}

static struct count all(CURLHE *he)
{
  struct count c = { .n = 0 };
  assert_int_equal(curl_he_history_foreach(he, note, &c), CURL_HE_OK);
  return c;
}

/* The file is read in the background. */
static struct count wait_for(CURLHE *he, int n)
{
  struct count c = all(he);
  for(int i = 0; i < 2000 && c.n < n; i++) {
    usleep(5000);
    c = all(he);
  }
  return c;
}

/* The delay that history has for a host of which nothing but this is known. */
static he_time_ns delay(CURLHE *he, const char *host)
{
  struct he_recall_ask ask = { .host = host, .port = 443 };
  struct he_outlook o;
  ask.allowed[HE_IPV6] = ask.allowed[HE_IPV4] = true;
  ask.first_count = 1;
  ask.min_delay_ms = 100;
  ask.max_delay_ms = 2000;
  ask.first_delay_ms = 150;
  he_recall_outlook(he->recall, &ask, &o, he_clock_now());
  return o.delay;
}

/* A verdict of a minute ago, and times of two, by these options. */
static void age(long verdict_s, long times_s, long verdict, he_time_ns known)
{
  CURLHE *he = curl_he_init();
  char entry[64];
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_VERDICT_S, verdict_s),
                   CURL_HE_OK);
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_TIMES_S, times_s),
                   CURL_HE_OK);
  teach_ago(he, "old.example", "2001:db8::1", false, HE_MS(120000));
  teach_ago(he, "bad.example", "192.0.2.2", true, HE_MS(60000));
  snprintf(entry, sizeof(entry), "bad.example 192.0.2.2 4 %ld 0/1/0;",
           verdict);
  assert_non_null(strstr(all(he).text, entry));
  assert_int_equal(delay(he, "old.example"), known);
  curl_he_free(he);
}

static void ages(void **state)
{
  (void)state;
  age(600, 86400, 2, HE_MS(100));
  age(30, 86400, 0, HE_MS(100));
  age(600, 100, 2, HE_MS(150));
}

static void shows(void **state)
{
  CURLHE *he = curl_he_init();
  struct count c;
  (void)state;
  assert_int_equal(all(he).n, 0);
  teach(he, "old.example", "192.0.2.1", false);
  teach(he, "new.example", "2001:db8::1", true);
  teach(he, "new.example", "192.0.2.2", false);
  c = all(he);
  assert_int_equal(c.n, 3);
  assert_true(!strncmp(c.text, "new.example", 11));
  assert_non_null(strstr(c.text, "new.example 2001:db8::1 6 2 0/1/0;"));
  assert_non_null(strstr(c.text, "new.example 192.0.2.2 4 0 1/0/0;"));
  assert_non_null(strstr(c.text, "old.example 192.0.2.1 4 0 1/0/0;"));
  memset(&c, 0, sizeof(c));
  c.stop_at = 2;
  assert_int_equal(curl_he_history_foreach(he, note, &c), CURL_HE_OK);
  assert_int_equal(c.n, 2);
  memset(&c, 0, sizeof(c));
  c.he = he;
  assert_int_equal(curl_he_history_foreach(he, note, &c), CURL_HE_OK);
  assert_int_equal(c.n, 3);
  assert_int_equal(all(he).n, 0);
  curl_he_free(he);
}

static int note_turn(const struct curl_he_history_turn *t, void *data)
{
  struct count *c = data;
  size_t len = strlen(c->text);
  snprintf(c->text + len, sizeof(c->text) - len, "%s %ld %ld %ld;",
           t->address, t->verdict, t->start_ms, t->delay_from);
  return ++c->n == c->stop_at;
}

static void expect_next(CURLHE *he, const char *host, int port,
                        const char *text)
{
  struct count c = { .n = 0 };
  assert_int_equal(curl_he_history_next(he, host, port, note_turn, &c),
                   CURL_HE_OK);
  assert_string_equal(c.text, text);
}

static void tells_next(void **state)
{
  CURLHE *he = curl_he_init();
  struct count c = { .n = 0, .stop_at = 1 };
  (void)state;
  expect_next(he, "a.example", 443, "");
  teach(he, "a.example", "192.0.2.1", false);
  teach(he, "a.example", "2001:db8::1", false);
  /* measured at 20 ms: 20 + 4 * 10 */
  expect_next(he, "a.example", 443, "2001:db8::1 0 0 2;192.0.2.1 0 60 2;");
  expect_next(he, "A.example.", 443, "2001:db8::1 0 0 2;192.0.2.1 0 60 2;");
  expect_next(he, "b.example", 443, "");
  teach(he, "a.example", "2001:db8::1", true);
  teach(he, "a.example", "2001:db8::1", true);
  expect_next(he, "a.example", 443, "192.0.2.1 0 0 2;2001:db8::1 2 60 2;");
  /* a refusal is of one port */
  expect_next(he, "a.example", 80, "2001:db8::1 0 0 2;192.0.2.1 0 60 2;");
  assert_int_equal(curl_he_host_setopt(he, "a.example", CURLHEOPT_DELAY_MS,
                                       300L), CURL_HE_OK);
  expect_next(he, "a.example", 443, "192.0.2.1 0 0 3;2001:db8::1 2 300 3;");
  assert_int_equal(curl_he_host_setopt(he, "*", CURLHEOPT_FAMILIES,
                                       CURL_HE_FAMILIES_IPV6), CURL_HE_OK);
  expect_next(he, "a.example", 443, "2001:db8::1 2 0 3;");
  assert_int_equal(curl_he_host_setopt(he, "*", CURLHEOPT_FAMILIES,
                                       CURL_HE_FAMILIES_ANY), CURL_HE_OK);
  assert_int_equal(curl_he_history_next(he, "a.example", 443, note_turn, &c),
                   CURL_HE_OK);
  assert_int_equal(c.n, 1);
  curl_he_free(he);
}

static void pointers(void **state)
{
  long none[64] = { 0 };
  CURLHE *foreign = (CURLHE *)(void *)none;
  CURLHE *he = curl_he_init();
  struct count c = { .n = 0 };
  char text[8] = "before";
  (void)state;
  assert_int_equal(curl_he_history_foreach(foreign, note, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_foreach(he, NULL, &c), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_next(foreign, "a", 1, note_turn, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_next(he, NULL, 1, note_turn, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_next(he, "a", 0, note_turn, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_next(he, "a", 65536, note_turn, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_next(he, "a", 1, NULL, &c),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(c.n, 0);
  assert_int_equal(curl_he_history_forget(foreign, "a"), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_error(foreign, text, sizeof(text)),
                   CURL_HE_BAD_POINTER);
  assert_string_equal(text, "");
  assert_int_equal(curl_he_history_error(he, NULL, 0), CURL_HE_OK);
  curl_he_free(he);
}

static void scopes(void **state)
{
  CURLHE *he = curl_he_init();
  CURL *easy = curl_easy_init();
  (void)state;
  assert_int_equal(curl_he_attach(he, easy), CURL_HE_OK);
  assert_int_equal(curl_he_easy_setopt(easy, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_host_setopt(he, "*", CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, ""),
                   CURL_HE_OK);
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, NULL),
                   CURL_HE_OK);
  curl_easy_cleanup(easy);
  curl_he_free(he);
}

/* From one context to the next, through the user's file. */
static void outlives(void **state)
{
  CURLHE *he = curl_he_init();
  struct stat st;
  (void)state;
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE,
                                  CURL_HE_HISTORY_DEFAULT), CURL_HE_OK);
  teach(he, "a.example", "192.0.2.1", true);
  teach(he, "b.example", "192.0.2.2", false);
  curl_he_free(he);
  assert_int_equal(stat(file, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  he = curl_he_init();
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_OK);
  /* what is set later is as good */
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_SIZE, 100L),
                   CURL_HE_OK);
  assert_int_equal(wait_for(he, 2).n, 2);
  assert_int_equal(curl_he_history_error(he, NULL, 0), CURL_HE_OK);
  assert_int_equal(curl_he_history_forget(he, "A.example"), CURL_HE_OK);
  assert_int_equal(all(he).n, 1);
  curl_he_free(he);
  he = curl_he_init();
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_OK);
  assert_string_equal(wait_for(he, 1).text, "b.example 192.0.2.2 4 0 1/0/0;");
  assert_int_equal(curl_he_history_forget(he, NULL), CURL_HE_OK);
  curl_he_free(he);
}

/* TSan allows no threads in the child of a process that has some. */
#if defined(__SANITIZE_THREAD__)
#define NO_CHILDREN true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_CHILDREN true
#endif
#endif
#ifndef NO_CHILDREN
#define NO_CHILDREN false
#endif

static bool file_has(const char *text)
{
  char line[512];
  bool has = false;
  FILE *f = fopen(file, "r");
  while(f && fgets(line, sizeof(line), f))
    has = has || strstr(line, text);
  if(f)
    fclose(f);
  return has;
}

/* Until the threads of the tests before have gone: what they had is lost in a
   child, which LeakSanitizer tells when that ends. */
static void wait_alone(void)
{
  const struct timespec pause = { .tv_nsec = 1000000 };
  struct stat st;
  for(unsigned i = 0; i < 5000; i++) {
    if(!stat("/proc/self/task", &st) && st.st_nlink == 3)   /* ".", "..", it */
      return;
    nanosleep(&pause, NULL);
  }
  fail_msg("there are threads still");
}

/* A process of its own learns of a host, and ends at once. */
static void end_a_process(void)
{
  const pid_t pid = fork();
  int status;
  if(!pid) {
    if(curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, file))
      _exit(1);
    teach(curl_he_default(), "exit.example", "192.0.2.3", false);
    exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

/* Who uses the default context frees nothing, and loses nothing: unless the
   machine is so busy that 50 ms are too short. */
static void process_ends(void **state)
{
  CURLHE *he;
  (void)state;
  if(NO_CHILDREN)   /* the last test's file may still be written */
    return;
  for(unsigned tries = 0; tries < 10 && !file_has("exit.example"); tries++) {
    wait_alone();
    end_a_process();
  }
  he = curl_he_init();
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_OK);
  assert_string_equal(wait_for(he, 1).text,
                      "exit.example 192.0.2.3 4 0 1/0/0;");
  curl_he_free(he);
}

/* A child opens the file for itself when it next needs its context. */
static void child_goes_on(void **state)
{
  CURLHE *he;
  int status;
  pid_t pid;
  (void)state;
  if(NO_CHILDREN)   /* the sanitizer allows no threads in such a child */
    return;
  he = curl_he_init();
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_OK);
  teach(he, "parent.example", "192.0.2.4", false);
  pid = fork();
  if(!pid) {
    CURL *easy = curl_easy_init();
    if(curl_he_attach(he, easy))
      _exit(1);
    he_racer_unref(he_context_racer(he));
    teach(he, "child.example", "192.0.2.5", false);
    curl_easy_cleanup(easy);
    curl_he_free(he);
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  curl_he_free(he);
  he = curl_he_init();
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, file),
                   CURL_HE_OK);
  wait_for(he, 3);
  assert_non_null(strstr(all(he).text, "parent.example"));
  assert_non_null(strstr(all(he).text, "child.example"));
  curl_he_free(he);
}

/* A copy by way of a file, once. */
static void copies(void **state)
{
  char path[PATH_MAX + 32], why[CURL_HE_ERROR_SIZE];
  CURLHE *he = curl_he_init(), *other = curl_he_init();
  (void)state;
  snprintf(path, sizeof(path), "%s/copy.log", folder);
  assert_int_equal(curl_he_history_load(he, path, why, sizeof(why)),
                   CURL_HE_BAD_HISTORY);
  assert_string_not_equal(why, "");
  for(int i = 0; i < 40; i++) {
    char host[32];
    snprintf(host, sizeof(host), "h%d.example", i);
    teach(he, host, "192.0.2.1", i % 2);
    teach(he, host, "2001:db8::1", false);
  }
  assert_int_equal(curl_he_history_save(he, path, why, sizeof(why)),
                   CURL_HE_OK);
  assert_string_equal(why, "");
  teach(he, "later.example", "192.0.2.1", false);
  teach(other, "other.example", "192.0.2.9", false);
  assert_int_equal(curl_he_history_load(other, path, NULL, 0),
                   CURL_HE_OK);
  assert_int_equal(all(other).n, 81);
  assert_non_null(strstr(all(other).text, "192.0.2.1 4 2 0/1/0;"));
  /* beside what is there */
  assert_int_equal(curl_he_history_save(other, path, NULL, 0),
                   CURL_HE_OK);
  assert_int_equal(curl_he_history_load(he, path, NULL, 0), CURL_HE_OK);
  assert_int_equal(all(he).n, 82);
  assert_int_equal(curl_he_history_save(he, NULL, NULL, 0),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_load(he, NULL, NULL, 0),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_history_save(he, "/proc/none/h.log", why,
                                        sizeof(why)), CURL_HE_BAD_HISTORY);
  assert_string_not_equal(why, "");
  assert_int_equal(curl_he_history_error(he, NULL, 0), CURL_HE_OK);
  curl_he_free(other);
  /* the user's own file */
  unlink(file);
  other = curl_he_init();
  assert_int_equal(curl_he_history_save(he, CURL_HE_HISTORY_DEFAULT, NULL, 0),
                   CURL_HE_OK);
  assert_int_equal(curl_he_history_load(other, file, NULL, 0), CURL_HE_OK);
  assert_int_equal(all(other).n, 82);
  curl_he_free(other);
  other = curl_he_init();
  assert_int_equal(curl_he_history_load(other, CURL_HE_HISTORY_DEFAULT, why,
                                        sizeof(why)), CURL_HE_OK);
  assert_int_equal(all(other).n, 82);
  assert_int_equal(unlink(file), 0);
  curl_he_free(he);
  curl_he_free(other);
}

static void refused_file(void **state)
{
  CURLHE *he = curl_he_init();
  char why[CURL_HE_ERROR_SIZE] = "";
  (void)state;
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE,
                                  "/proc/none/h.log"), CURL_HE_OK);
  for(int i = 0; i < 2000; i++) {
    if(curl_he_history_error(he, why, sizeof(why)))
      break;
    usleep(5000);
  }
  assert_int_equal(curl_he_history_error(he, why, sizeof(why)),
                   CURL_HE_BAD_HISTORY);
  assert_string_not_equal(why, "");
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, NULL),
                   CURL_HE_OK);
  assert_int_equal(curl_he_history_error(he, why, sizeof(why)),
                   CURL_HE_OK);
  assert_int_equal(unsetenv("XDG_CACHE_HOME"), 0);
  assert_int_equal(setenv("HOME", "relative", 1), 0);
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE,
                                  CURL_HE_HISTORY_DEFAULT),
                   CURL_HE_BAD_HISTORY);
  curl_he_free(he);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(shows),
    cmocka_unit_test(ages),
    cmocka_unit_test(tells_next),
    cmocka_unit_test(pointers),
    cmocka_unit_test(scopes),
    cmocka_unit_test(outlives),
    cmocka_unit_test(process_ends),
    cmocka_unit_test(child_goes_on),
    cmocka_unit_test(copies),
    cmocka_unit_test(refused_file)
  };
  return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
