/* SPDX-License-Identifier: MIT */
/* config_test.c - the configuration file and the environment: where they are
 * looked for, what of them holds, and what is said where they are wrong. Needs
 * no network. */
#include "curl/context.h"
#include "options/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#undef curl_he_setopt
#undef curl_he_host_setopt

/* -- memory that runs out, for curl-he and for this test -- */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int allocations_left = -1;    /* -1: no limit */

static bool may_allocate(void)
{
  if(allocations_left > 0)
    allocations_left--;
  return allocations_left != 0;
}

void *__wrap_malloc(size_t size)
{
  return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
  return may_allocate() ? __real_realloc(old, size) : NULL;
}

static char dir[64];          /* of this test program */
static const char *self;      /* its own path */

/* -- files -- */

static char *in_dir(const char *name)
{
  static char path[4][128];
  static unsigned next;
  char *p = path[next++ % 4];
  snprintf(p, sizeof(*path), "%s/%s", dir, name);
  return p;
}

static void write_bytes(const char *path, const char *text, size_t len)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, len, f), len);
  assert_int_equal(fclose(f), 0);
}

static void write_file(const char *path, const char *text)
{
  write_bytes(path, text, strlen(text));
}

static int count_fds(void)
{
  DIR *d = opendir("/proc/self/fd");
  int n = 0;
  assert_non_null(d);
  while(readdir(d))
    n++;
  closedir(d);
  return n;
}

/* -- around each test -- */

static const char *const variables[] = {
  "CURL_HE_CONFIG", "CURL_HE_OPTIONS", "XDG_CONFIG_HOME", "HOME",
  "CURL_HE_TRACE", "XDG_CACHE_HOME"
};

/* A new default context with the next call, and an environment that says
   nothing. */
static int fresh(void **state)
{
  (void)state;
  for(size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
    unsetenv(variables[i]);
  curl_he_free(curl_he_default());
  return 0;
}

static long option(CURLHE *he, const char *host, enum he_option which)
{
  struct he_options o;
  he_context_options(he, host, &o);
  return he_options_get(&o, NULL, which);
}

static long delay(CURLHE *he, const char *host)
{
  return option(he ? he : curl_he_default(), host, HE_OPT_DELAY_MS);
}

static void expect_error(CURLHE *he, CURLHEcode code, const char *message)
{
  char said[CURL_HE_ERROR_SIZE] = "-";
  CURLHEcode got = curl_he_config_error(he, said, sizeof(said));
  assert_string_equal(said, message);
  assert_int_equal(got, code);
}

/* What loading this text gives; "%s" in `message` is the file's name. */
static void expect_load(CURLHE *he, const char *text, size_t len,
                        const char *message)
{
  char said[CURL_HE_ERROR_SIZE] = "-", want[CURL_HE_ERROR_SIZE];
  const char *path = in_dir("loaded");
  CURLHEcode code = *message ? CURL_HE_BAD_CONFIG : CURL_HE_OK;
  snprintf(want, sizeof(want), message, path);
  write_bytes(path, text, len);
  assert_int_equal(curl_he_load_config(he, path, said, sizeof(said)), code);
  assert_string_equal(said, want);
  expect_error(he, code, want);
}

/* -- where -- */

static void test_nowhere(void **state)
{
  (void)state;
  assert_int_equal(delay(NULL, "a"), 0);
  expect_error(NULL, CURL_HE_OK, "");
  setenv("HOME", in_dir("none"), 1);
  setenv("XDG_CONFIG_HOME", in_dir("none"), 1);
  assert_int_equal(curl_he_load_config(NULL, NULL, NULL, 0), CURL_HE_OK);
  setenv("XDG_CONFIG_HOME", self, 1);        /* a file on the way: ENOTDIR */
  assert_int_equal(curl_he_load_config(NULL, NULL, NULL, 0), CURL_HE_OK);
}

/* CURL_HE_CONFIG, else XDG_CONFIG_HOME, else HOME; paths that are not
   absolute count for nothing. */
static void test_where(void **state)
{
  char want[CURL_HE_ERROR_SIZE];
  (void)state;
  mkdir(in_dir("home"), 0700);
  mkdir(in_dir("home/.config"), 0700);
  mkdir(in_dir("home/.config/curl-he"), 0700);
  mkdir(in_dir("xdg"), 0700);
  mkdir(in_dir("xdg/curl-he"), 0700);
  write_file(in_dir("home/.config/curl-he/config"), "* delay=100\n");
  write_file(in_dir("xdg/curl-he/config"), "* delay=200\n");
  write_file(in_dir("named"), "* delay=300");
  setenv("HOME", in_dir("home"), 1);
  setenv("XDG_CONFIG_HOME", "relative", 1);
  assert_int_equal(delay(NULL, "a"), 100);
  setenv("XDG_CONFIG_HOME", in_dir("xdg"), 1);
  assert_int_equal(delay(NULL, "a"), 100);    /* it is not read again */
  curl_he_free(curl_he_default());
  assert_int_equal(delay(NULL, "a"), 200);
  setenv("CURL_HE_CONFIG", in_dir("named"), 1);
  curl_he_free(curl_he_default());
  assert_int_equal(delay(NULL, "a"), 300);
  setenv("CURL_HE_CONFIG", "", 1);
  curl_he_free(curl_he_default());
  assert_int_equal(delay(NULL, "a"), 0);
  expect_error(NULL, CURL_HE_OK, "");
  setenv("CURL_HE_CONFIG", in_dir("none"), 1);
  curl_he_free(curl_he_default());
  snprintf(want, sizeof(want), "%s: No such file or directory",
           in_dir("none"));
  expect_error(NULL, CURL_HE_BAD_CONFIG, want);
}

/* A context of one's own reads nothing by itself. */
static void test_own_context(void **state)
{
  CURLHE *he;
  (void)state;
  setenv("CURL_HE_OPTIONS", "* delay=70", 1);
  he = curl_he_init();
  assert_int_equal(delay(he, "a"), 0);
  assert_int_equal(curl_he_load_config(he, NULL, NULL, 0), CURL_HE_OK);
  assert_int_equal(delay(he, "a"), 70);
  curl_he_free(he);
}

/* -- who wins -- */

static void test_precedence(void **state)
{
  CURLHE *he = curl_he_init();
  (void)state;
  write_file(in_dir("named"), "a.b delay=101\n*.b delay=102\n* delay=103\n");
  setenv("CURL_HE_CONFIG", in_dir("named"), 1);
  assert_int_equal(curl_he_load_config(he, NULL, NULL, 0), CURL_HE_OK);
  assert_int_equal(delay(he, "a.b"), 101);
  assert_int_equal(delay(he, "c.b"), 102);
  assert_int_equal(delay(he, "c"), 103);
  assert_int_equal(delay(he, NULL), 103);
  /* the environment's widest rule beats the file's narrowest */
  setenv("CURL_HE_OPTIONS", "a.b delay=201; * delay=203", 1);
  assert_int_equal(curl_he_load_config(he, NULL, NULL, 0), CURL_HE_OK);
  assert_int_equal(delay(he, "a.b"), 201);
  assert_int_equal(delay(he, "c.b"), 203);
  /* and the program both */
  curl_he_setopt(he, CURLHEOPT_DELAY_MS, 303L);
  assert_int_equal(delay(he, "a.b"), 303);
  assert_int_equal(delay(he, "c"), 303);
  curl_he_host_setopt(he, "*.b", CURLHEOPT_DELAY_MS, 302L);
  assert_int_equal(delay(he, "a.b"), 302);
  curl_he_host_setopt(he, "a.b", CURLHEOPT_DELAY_MS, 301L);
  assert_int_equal(delay(he, "a.b"), 301);
  assert_int_equal(delay(he, "A.B."), 301);
  assert_int_equal(delay(he, "c"), 303);
  /* one after the other is taken back */
  curl_he_host_setopt(he, "A.b.", CURLHEOPT_DELAY_MS, -1L);
  assert_int_equal(delay(he, "a.b"), 302);
  curl_he_host_setopt(he, "*.b", CURLHEOPT_DELAY_MS, -1L);
  assert_int_equal(delay(he, "a.b"), 303);
  curl_he_host_setopt(he, "*", CURLHEOPT_DELAY_MS, -1L);
  assert_int_equal(delay(he, "a.b"), 201);
  /* a profile is what its scope says, and what is set there beats it */
  curl_he_setopt(he, CURLHEOPT_PROFILE, CURL_HE_PROFILE_RFC8305);
  assert_int_equal(delay(he, "a.b"), 250);
  curl_he_host_setopt(he, "a.b", CURLHEOPT_PROFILE, CURL_HE_PROFILE_LOOPBACK);
  assert_int_equal(delay(he, "a.b"), 10);
  curl_he_setopt(he, CURLHEOPT_DELAY_MS, 303L);
  assert_int_equal(delay(he, "a.b"), 10);
  assert_int_equal(delay(he, "c"), 303);
  curl_he_free(he);
}

/* A file that is loaded takes the place of the one before. */
static void test_again(void **state)
{
  CURLHE *he = curl_he_init();
  (void)state;
  expect_load(he, "a delay=100\nb delay=100\n", 24, "");
  expect_load(he, "a delay=200\n", 12, "");
  assert_int_equal(delay(he, "a"), 200);
  assert_int_equal(delay(he, "b"), 0);
  expect_load(he, "", 0, "");
  assert_int_equal(delay(he, "a"), 0);
  /* within one, the later line beats an earlier one for the same hosts */
  expect_load(he, "a delay=90 leeway=7\nA. delay=91\n", 32, "");
  assert_int_equal(delay(he, "a"), 91);
  assert_int_equal(option(he, "a", HE_OPT_LEEWAY_MS), 7);
  curl_he_free(he);
}

/* -- files -- */

/* The files that are used; "": none. */
static void expect_files(CURLHE *he, const char *history, const char *trace)
{
  assert_string_equal(he->history_file ? he->history_file : "", history);
  assert_string_equal(he->trace_file ? he->trace_file : "", trace);
  assert_int_equal(he->sink != NULL, *trace != 0);
}

/* What the configuration says. */
static void expect_named(CURLHE *he, CURLHEoption option, const char *want)
{
  char path[4096] = "before";
  assert_int_equal(curl_he_config_file(he, option, path, sizeof(path)),
                   CURL_HE_OK);
  assert_string_equal(path, want);
}

static void load_user(CURLHE *he, const char *file, const char *variable)
{
  write_file(in_dir("named"), file);
  setenv("CURL_HE_CONFIG", in_dir("named"), 1);
  setenv("CURL_HE_OPTIONS", variable, 1);
  assert_int_equal(curl_he_load_config(he, NULL, NULL, 0), CURL_HE_OK);
}

static void test_files(void **state)
{
  CURLHE *he = curl_he_init();
  const char *used;
  (void)state;
  load_user(he, "* history-file=/proc/n/f trace-file=/proc/n/ft", "");
  expect_files(he, "/proc/n/f", "/proc/n/ft");
  /* the same file is not begun anew */
  used = he->history_file;
  load_user(he, "* history-file=/proc/n/f trace-file=/proc/n/ft", "");
  assert_ptr_equal(he->history_file, used);
  load_user(he, "* history-file=/proc/n/f trace-file=/proc/n/ft",
            "* history-file=/proc/n/v; * trace-file=off; "
            "* history-file=/proc/n/w");
  expect_files(he, "/proc/n/w", "");
  expect_named(he, CURLHEOPT_HISTORY_FILE, "/proc/n/w");
  expect_named(he, CURLHEOPT_TRACE_FILE, "");
  /* a file alone does not beat it, and what it does not say is gone */
  expect_load(he, "* history-file=/proc/n/g", 24, "");
  expect_files(he, "/proc/n/w", "");
  load_user(he, "* history-file=/proc/n/f", "");
  expect_files(he, "/proc/n/f", "");
  load_user(he, "", "* trace-file=-");
  expect_files(he, "", "-");
  /* what cannot be read takes nothing away */
  assert_int_equal(curl_he_load_config(he, "/none", NULL, 0),
                   CURL_HE_BAD_CONFIG);
  expect_files(he, "", "-");
  load_user(he, "", "");
  expect_files(he, "", "");
  expect_named(he, CURLHEOPT_TRACE_FILE, "");
  curl_he_free(he);
}

/* The program's word holds, whenever it was said, and though that is none. */
static void test_programs_files(void **state)
{
  const char *config = "* history-file=/proc/n/f trace-file=/proc/n/ft";
  CURLHE *he = curl_he_init();
  (void)state;
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, "/proc/n/p"),
                   CURL_HE_OK);
  load_user(he, config, "");
  expect_files(he, "/proc/n/p", "/proc/n/ft");
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_TRACE_FILE, "/proc/n/pt"),
                   CURL_HE_OK);
  expect_files(he, "/proc/n/p", "/proc/n/pt");
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_HISTORY_FILE, NULL),
                   CURL_HE_OK);
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_TRACE_FILE, ""), CURL_HE_OK);
  load_user(he, config, config);
  expect_files(he, "", "");
  expect_named(he, CURLHEOPT_HISTORY_FILE, "/proc/n/f");
  expect_named(he, CURLHEOPT_TRACE_FILE, "/proc/n/ft");
  curl_he_free(he);
}

/* CURL_HE_TRACE stands between the program and CURL_HE_OPTIONS. */
static void test_trace_variable(void **state)
{
  const char *config = "* trace-file=/proc/n/ft";
  CURLHE *he;
  (void)state;
  setenv("CURL_HE_TRACE", "/proc/n/v", 1);
  he = curl_he_init();
  load_user(he, config, config);
  expect_files(he, "", "/proc/n/v");
  assert_int_equal(curl_he_setopt(he, CURLHEOPT_TRACE_FILE, "/proc/n/p"),
                   CURL_HE_OK);
  expect_files(he, "", "/proc/n/p");
  curl_he_free(he);
  setenv("CURL_HE_TRACE", "", 1);
  he = curl_he_init();
  load_user(he, config, config);
  expect_files(he, "", "");
  curl_he_free(he);
}

/* The user's file; a line that means one which is not to be had is wrong. */
static void test_default_file(void **state)
{
  const char *line = "* delay=80\n* delay=90  history-file=default";
  CURLHE *he = curl_he_init();
  char want[192];
  (void)state;
  setenv("XDG_CACHE_HOME", dir, 1);
  expect_load(he, line, strlen(line), "");
  snprintf(want, sizeof(want), "%s/curl-he/history.log", dir);
  expect_files(he, want, "");
  expect_named(he, CURLHEOPT_HISTORY_FILE, want);
  assert_int_equal(delay(he, "a"), 90);
  setenv("XDG_CACHE_HOME", "relative", 1);
  expect_load(he, line, strlen(line), "%s:2:26: default: neither "
              "XDG_CACHE_HOME nor HOME names a folder");
  expect_files(he, "", "");
  assert_int_equal(delay(he, "a"), 80);
  curl_he_free(he);
}

/* The default context does it by itself, and tells what is wrong with it. */
static void test_default_context(void **state)
{
  (void)state;
  setenv("CURL_HE_OPTIONS", "* history-file=/proc/n/h", 1);
  expect_files(curl_he_default(), "/proc/n/h", "");
  expect_named(NULL, CURLHEOPT_HISTORY_FILE, "/proc/n/h");
  curl_he_free(curl_he_default());
  setenv("CURL_HE_OPTIONS", "* history-file=h trace-file=/proc/n/t", 1);
  expect_files(curl_he_default(), "", "");
  expect_error(NULL, CURL_HE_BAD_CONFIG, "CURL_HE_OPTIONS:1:16: h: wants an "
               "absolute path, or one of: off default");
}

static void test_config_file(void **state)
{
  char path[8] = "before";
  (void)state;
  setenv("CURL_HE_OPTIONS", "* history-file=/proc/no", 1);
  assert_int_equal(curl_he_config_file(NULL, CURLHEOPT_HISTORY_FILE, path, 8),
                   CURL_HE_BAD_POINTER);
  assert_string_equal(path, "");
  setenv("CURL_HE_OPTIONS", "* history-file=/proc/n", 1);
  curl_he_free(curl_he_default());
  assert_int_equal(curl_he_config_file(NULL, CURLHEOPT_HISTORY_FILE, path, 8),
                   CURL_HE_OK);
  assert_string_equal(path, "/proc/n");
  assert_int_equal(curl_he_config_file(NULL, CURLHEOPT_HISTORY_FILE, NULL, 8),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_config_file(NULL, CURLHEOPT_DELAY_MS, path, 8),
                   CURL_HE_UNKNOWN_OPTION);
  assert_string_equal(path, "");
  assert_int_equal(curl_he_config_file(NULL, CURLHEOPT_TRACEDATA, path, 8),
                   CURL_HE_UNKNOWN_OPTION);
  assert_int_equal(curl_he_config_file((CURLHE *)(void *)dir,
                                       CURLHEOPT_HISTORY_FILE, path, 8),
                   CURL_HE_BAD_POINTER);
}

/* -- what is wrong -- */

static void test_wrong_lines(void **state)
{
  CURLHE *he = curl_he_init();
  static const char nul[] = "a delay=90\n* d\0elay=1\n";
  (void)state;
  expect_load(he, "\xef\xbb\xbf* delay=80\r\n\r\n#x\n", 20, "");
  assert_int_equal(delay(he, "a"), 80);
  expect_load(he, "a delay=100 max-attempts=99\nb delay=70\n*x y\n", 44,
              "%s:1:26: 99: wants 1 to 64 (and 1 more)");
  assert_int_equal(delay(he, "a"), 0);    /* nothing of a wrong line */
  assert_int_equal(delay(he, "b"), 70);   /* but the others hold */
  expect_load(he, nul, sizeof(nul) - 1, "%s:2:4: \\x00: a control character");
  assert_int_equal(delay(he, "a"), 90);
  expect_load(he, "\n\n* \xff", 5, "%s:3:3: \\xff: not UTF-8");
  expect_load(he, "a;b delay=90\n", 13,
              "%s:1:2: a;b: no character of a host's name");
  curl_he_free(he);
}

static void test_wrong_variable(void **state)
{
  (void)state;
  setenv("CURL_HE_OPTIONS", "a delay=70;b delay=7\n;c delay=90#;x", 1);
  expect_error(NULL, CURL_HE_BAD_CONFIG, "CURL_HE_OPTIONS:2:9: 7: wants 10 to "
               "2000 ms, or 0 (and 1 more)");
  assert_int_equal(delay(NULL, "a"), 70);
  assert_int_equal(delay(NULL, "b"), 0);
  assert_int_equal(delay(NULL, "c"), 90);
  /* of a wrong file nothing holds, of the variable everything */
  setenv("CURL_HE_CONFIG", dir, 1);
  setenv("CURL_HE_OPTIONS", "a delay=70", 1);
  curl_he_free(curl_he_default());
  assert_int_equal(delay(NULL, "a"), 70);
}

static void test_bounds(void **state)
{
  static char text[(1 << 20) + 1];
  CURLHE *he = curl_he_init();
  size_t n = 0;
  (void)state;
  memset(text, '\n', sizeof(text));
  expect_load(he, text, sizeof(text) - 1, "");
  expect_load(he, "a delay=90", 10, "");
  expect_load(he, text, sizeof(text), "%s: longer than 1 MiB");
  assert_int_equal(delay(he, "a"), 90);   /* as it was */
  memset(text, ' ', 5000);
  expect_load(he, text, 5001, "%s:1:4097: a line is longer than 4096 bytes");
  for(int i = 0; i <= HE_RULES_MAX + 1; i++)
    n += (size_t)snprintf(text + n, sizeof(text) - n, "h%d delay=90\n", i);
  expect_load(he, text, n, "%s:4097: more than 4096 hosts (and 1 more)");
  assert_int_equal(delay(he, "h4095"), 90);
  assert_int_equal(delay(he, "h4096"), 0);
  curl_he_free(he);
}

/* None of these is waited for. */
static void test_no_files(void **state)
{
  CURLHE *he = curl_he_init();
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  int fds;
  char want[CURL_HE_ERROR_SIZE];
  struct {
    const char *name;
    const char *error;
  } const none[] = {
    { "fifo", "not a regular file" }, { "/dev/zero", "not a regular file" },
    { "dir", "Is a directory" }, { "none", "No such file or directory" },
    { "loop", "Too many levels of symbolic links" },
    { "socket", "No such device or address" },
    { "secret", "Permission denied" },
  };
  (void)state;
  mkfifo(in_dir("fifo"), 0600);
  mkdir(in_dir("dir"), 0700);
  assert_int_equal(symlink("loop", in_dir("loop")), 0);
  snprintf(un.sun_path, sizeof(un.sun_path), "%s", in_dir("socket"));
  bind(fd, (struct sockaddr *)&un, sizeof(un));
  write_file(in_dir("secret"), "* delay=80\n");
  chmod(in_dir("secret"), 0);
  fds = count_fds();
  for(size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
    const char *path = *none[i].name == '/' ? none[i].name :
                       in_dir(none[i].name);
    char said[CURL_HE_ERROR_SIZE];
    if(!strcmp(none[i].name, "secret") && !access(path, R_OK))
      continue;   /* root reads everything */
    snprintf(want, sizeof(want), "%s: %s", path, none[i].error);
    assert_int_equal(curl_he_load_config(he, path, said, sizeof(said)),
                     CURL_HE_BAD_CONFIG);
    assert_string_equal(said, want);
    assert_int_equal(count_fds(), fds);
  }
  close(fd);
  curl_he_free(he);
}

/* Each allocation fails in turn: what was loaded stays, all of it, until the
   new is there. */
static void test_memory(void **state)
{
  CURLHE *he = curl_he_init();
  const char *path = in_dir("loaded");
  CURLHEcode code = CURL_HE_NO_MEMORY;
  int left, fds;
  (void)state;
  expect_load(he, "a delay=90\nz delay=91", 21, "");
  write_file(path, "a delay=70\nb delay=71\nc delay=72\n");
  fds = count_fds();
  for(left = 1; code == CURL_HE_NO_MEMORY; left++) {
    assert_int_equal(delay(he, "a"), 90);
    assert_int_equal(delay(he, "b"), 0);
    assert_int_equal(delay(he, "z"), 91);
    allocations_left = left;   /* the last one of these fails */
    code = curl_he_load_config(he, path, NULL, 0);
    allocations_left = -1;
    assert_int_equal(count_fds(), fds);
    if(code == CURL_HE_NO_MEMORY)
      expect_error(he, code, curl_he_strerror(code));
  }
  assert_int_equal(code, CURL_HE_OK);
  assert_true(left > 5);
  assert_int_equal(delay(he, "c"), 72);
  assert_int_equal(delay(he, "z"), 0);
  curl_he_free(he);
}

/* -- the message's buffer, and pointers -- */

static void test_buffers(void **state)
{
  CURLHE *he = curl_he_init();
  CURLHE *foreign = (CURLHE *)(void *)dir;
  char small[8] = "-------", path[4096];
  (void)state;
  assert_int_equal(curl_he_load_config(he, "/none", small, 5),
                   CURL_HE_BAD_CONFIG);
  assert_memory_equal(small, "/non\0--", 8);
  assert_int_equal(curl_he_load_config(he, "/none", small, 0),
                   CURL_HE_BAD_CONFIG);
  assert_memory_equal(small, "/non\0--", 8);
  assert_int_equal(curl_he_load_config(he, "/none", NULL, 99),
                   CURL_HE_BAD_CONFIG);
  assert_int_equal(curl_he_config_error(he, small, 3), CURL_HE_BAD_CONFIG);
  assert_string_equal(small, "/n");
  assert_int_equal(curl_he_config_error(he, NULL, 0), CURL_HE_BAD_CONFIG);
  /* a path of any length and of any bytes */
  memset(path, 'x', sizeof(path));
  memcpy(path + sizeof(path) - 6, "\x1b[1m\n", 6);
  {
    char said[CURL_HE_ERROR_SIZE];
    assert_int_equal(curl_he_load_config(he, path, said, sizeof(said)),
                     CURL_HE_BAD_CONFIG);
    assert_non_null(strstr(said, "xxx?[1m?: File name too long"));
    assert_memory_equal(said, "...xxx", 6);
  }
  assert_int_equal(curl_he_load_config(foreign, NULL, small, 8),
                   CURL_HE_BAD_POINTER);
  assert_string_equal(small, "");
  assert_int_equal(curl_he_config_error(foreign, NULL, 0),
                   CURL_HE_BAD_POINTER);
  curl_he_free(he);
}

/* -- curl_he_host_setopt() -- */

static void test_host_setopt(void **state)
{
  CURLHE *he = curl_he_init();
  char long_name[300];
  (void)state;
  memset(long_name, 'a', sizeof(long_name));
  long_name[254] = 0;
  assert_int_equal(curl_he_host_setopt(he, "a", CURLHEOPT_DELAY_MS, 9L),
                   CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_host_setopt(he, NULL, CURLHEOPT_DELAY_MS, 90L),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_host_setopt((CURLHE *)(void *)dir, "a",
                                       CURLHEOPT_DELAY_MS, 90L),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_host_setopt(he, "", CURLHEOPT_DELAY_MS, 90L),
                   CURL_HE_BAD_PATTERN);
  assert_int_equal(curl_he_host_setopt(he, "*a", CURLHEOPT_DELAY_MS, 90L),
                   CURL_HE_BAD_PATTERN);
  assert_int_equal(curl_he_host_setopt(he, long_name, CURLHEOPT_DELAY_MS,
                                       90L), CURL_HE_BAD_PATTERN);
  assert_int_equal(curl_he_host_setopt(he, "a", CURLHEOPT_TRACEDATA, dir),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_host_setopt(he, "a", CURLHEOPT_HISTORY_SIZE, 90L),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_host_setopt(he, "*", CURLHEOPT_HISTORY_SIZE, 90L),
                   CURL_HE_OK);
  assert_int_equal(curl_he_host_setopt(he, "a", (CURLHEoption)
                                       (CURLHEOPTTYPE_LONG + 999), 90L),
                   CURL_HE_UNKNOWN_OPTION);
  for(int i = 0; i < HE_RULES_MAX; i++) {
    char host[32];
    snprintf(host, sizeof(host), "h%d", i);
    assert_int_equal(curl_he_host_setopt(he, host, CURLHEOPT_DELAY_MS, 90L),
                     CURL_HE_OK);
  }
  assert_int_equal(curl_he_host_setopt(he, "a", CURLHEOPT_DELAY_MS, 90L),
                   CURL_HE_TOO_MANY_RULES);
  assert_int_equal(option(he, NULL, HE_OPT_HISTORY_SIZE), 90);
  curl_he_free(he);
}

/* -- threads -- */

static void *first_use(void *barrier)
{
  pthread_barrier_wait(barrier);
  return curl_he_default();
}

/* Whoever is first: there is one default context, and it is configured. */
static void test_threads(void **state)
{
  pthread_barrier_t barrier;
  pthread_t t[4];
  (void)state;
  setenv("CURL_HE_OPTIONS", "* delay=70", 1);
  pthread_barrier_init(&barrier, NULL, 4);
  for(int round = 0; round < 50; round++) {
    void *he[4];
    for(int i = 0; i < 4; i++)
      assert_int_equal(pthread_create(&t[i], NULL, first_use, &barrier), 0);
    for(int i = 0; i < 4; i++)
      pthread_join(t[i], &he[i]);
    for(int i = 0; i < 4; i++) {
      assert_ptr_equal(he[i], curl_he_default());
      assert_int_equal(delay(he[i], "a"), 70);
    }
    curl_he_free(curl_he_default());
  }
  pthread_barrier_destroy(&barrier);
}

/* -- the privileges of another -- */

#define PLAIN 10
#define SECURE_IGNORED 20
#define SECURE_OBEYED 30

/* What the copy of this program that runs as another user finds. */
static int as_another(void)
{
  CURLHE *he = curl_he_default();
  bool obeyed = delay(he, "a") == 70 || he->history_file || he->sink;
  if(!getauxval(AT_SECURE))
    return PLAIN;
  return obeyed ? SECURE_OBEYED : SECURE_IGNORED;
}

static bool copy_file(const char *from, const char *to)
{
  char buffer[65536];
  FILE *in = fopen(from, "r"), *out = fopen(to, "w");
  size_t n = 0;
  bool ok = in && out;
  while(ok && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
    ok = fwrite(buffer, 1, n, out) == n;
  if(in)
    fclose(in);
  return out && !fclose(out) && ok;
}

static void test_setuid(void **state)
{
  const char *copy = in_dir("copy");
  int status = -1;
  pid_t pid;
  (void)state;
  if(geteuid() || !copy_file("/proc/self/exe", copy) ||
     chown(copy, 65534, (gid_t)-1) || chmod(copy, 04755) || chmod(dir, 0755))
    skip();
  setenv("CURL_HE_OPTIONS", "* delay=70 history-file=/proc/n/h "
         "trace-file=/proc/n/t", 1);
  pid = fork();
  if(!pid) {
    execl(copy, copy, "as-another", (char *)NULL);
    _exit(PLAIN);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if(!WIFEXITED(status) || WEXITSTATUS(status) == PLAIN)
    skip();   /* mounted nosuid, or its libraries are not to be had */
  assert_int_equal(WEXITSTATUS(status), SECURE_IGNORED);
}

static int make_dir(void **state)
{
  const char *tmp = getenv("TMPDIR");
  (void)state;
  snprintf(dir, sizeof(dir), "%s/he-config.XXXXXX",
           tmp && strlen(tmp) < 32 ? tmp : "/tmp");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
  pid_t pid = fork();
  int status = -1;
  (void)state;
  if(!pid) {
    execlp("rm", "rm", "-rf", dir, (char *)NULL);
    _exit(1);
  }
  curl_he_free(curl_he_default());
  return waitpid(pid, &status, 0) == pid ? status : -1;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_nowhere), TEST(test_where), TEST(test_own_context),
    TEST(test_precedence), TEST(test_again), TEST(test_wrong_lines),
    TEST(test_files), TEST(test_programs_files), TEST(test_trace_variable),
    TEST(test_default_file), TEST(test_default_context),
    TEST(test_config_file),
    TEST(test_wrong_variable), TEST(test_bounds), TEST(test_no_files),
    TEST(test_memory), TEST(test_buffers), TEST(test_host_setopt),
    TEST(test_threads), TEST(test_setuid)
  };
  if(argc > 1)
    _exit(as_another());   /* LeakSanitizer cannot look at such a process */
  self = argv[0];
  return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
