/* SPDX-License-Identifier: MIT */
/* faults_test.c - what went wrong once: each an input, and what is right. Built
 * twice: for races beside libcurl's own connects, and, with "lookup" in its
 * name, for those in its lookup. There, too, the unknown handles race
 * beside. */
#include "harness.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct param {
  enum mode mode;
  enum way way;
};

static void open_for(struct client *c, const struct param *p, const char *url)
{
  client_open_for(c, p->way, p->mode, url);
}

static void expect_ok(struct client *c, CURLcode rc)
{
  if(rc) {
    print_race(c->easy);
    print_packets();
    fail_msg("%d: %s", (int)rc, c->error);
  }
}

/* -- the family that is answered first fails at once -- */

static void expect_other_family(const struct param *p, const char *host,
                                const char *dead, const char *how,
                                const char *winner)
{
  struct client c;
  char url[64];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  assert_int_equal(lab_rule(dead, how), 0);
  open_for(&c, p, url);
  expect_ok(&c, client_go(&c));
  expect_winner(&c, winner);
  client_close(&c);
}

/* The other one's answer comes 0.7 s later. */
static void test_late_family(void **state)
{
  static const char *const how[] = { "reset", "unreach" };
  for(size_t i = 0; i < 2; i++) {
    expect_other_family(*state, "late6", "198.19.69.1", how[i],
                        "3fff:169::1");
    expect_other_family(*state, "late4", "3fff:170::1", how[i],
                        "198.19.70.1");
    pause_ms(1300);   /* so long is an answer that came kept */
  }
}

/* A failed HTTP transfer is performed once more with present addresses; of FTP
   it is not known what was sent, so the late answer has to be waited for. */
static void test_late_family_of_ftp(void **state)
{
  struct client c;
  assert_int_equal(lab_rule("3fff:170::1", "reset"), 0);
  open_for(&c, *state, "ftp://late4.lab.test:2121/file");
  expect_ok(&c, client_go(&c));
  client_close(&c);
}

/* -- TCP Fast Open -- */

/* "5": data goes with the first SYN, as it does where a cookie is known. */
static void set_fast_open(const char *value)
{
  int fd = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, value, 1), 1);
  close(fd);
}

/* To libcurl's own race nothing is added, so that nobody looks how libcurl
   connects. */
static bool adds_nothing(const struct param *p)
{
  return libcurl_races() && p->mode == BESIDE && p->way == UNDECLARED;
}

/* libcurl takes the socket for connected before the peer has answered: nobody
   may take that from it. */
static void test_fast_open(void **state)
{
  static const char *const slow[] = { "rtt=400", "syndrop=1" };
  set_fast_open("5");
  for(size_t i = 0; i < 2; i++) {
    const struct param *p = *state;
    struct client c;
    assert_int_equal(lab_rule("198.19.9.1", slow[i]), 0);
    open_for(&c, p, "http://s9.lab.test/");
    client_set(&c, p->way, CURLOPT_TCP_FASTOPEN, 1L);
    expect_ok(&c, client_go(&c));
    assert_string_equal(c.body, "hello from 198.19.9.1\n");
    assert_int_equal(own_attempts(c.easy), 0);
    assert_int_equal(steps(c.easy, CURL_HE_STEP_PROVOKED), 0);
    assert_int_equal(steps(c.easy, CURL_HE_STEP_HANDED_OVER), 0);
    if(!adds_nothing(p))
      assert_int_equal(steps(c.easy, CURL_HE_STEP_ASIDE), 1);
    client_close(&c);
  }
  set_fast_open("1");
}

/* -- what was sent is not sent again -- */

static unsigned commands;

static int count_commands(CURL *easy, curl_infotype what, char *text,
                          size_t size, void *user)
{
  (void)easy, (void)user;
  commands += what == CURLINFO_HEADER_OUT && size > 4 &&
              !memcmp(text, "DELE", 4);
  return 0;
}

/* The control connection is reused, or its name in libcurl's cache: the first
   that libcurl asks for is the data connection's address. */
static void expect_once(const struct param *p, bool fresh)
{
  struct curl_slist *quote = curl_slist_append(NULL, "*DELE old");
  struct client c;
  open_for(&c, p, "ftp://v4only.lab.test:2121/file");
  client_set(&c, UNDECLARED, CURLOPT_QUOTE, quote);
  client_set(&c, UNDECLARED, CURLOPT_DEBUGFUNCTION, count_commands);
  client_set(&c, UNDECLARED, CURLOPT_VERBOSE, 1L);
  for(int i = 0; i < 3; i++) {
    commands = 0;
    expect_ok(&c, client_go(&c));
    assert_int_equal(commands, 1);
    assert_string_equal(c.body, "a file by FTP\n");
    client_set(&c, UNDECLARED, CURLOPT_FRESH_CONNECT, (long)fresh);
  }
  client_close(&c);
  curl_slist_free_all(quote);
}

static void test_ftp_once(void **state)
{
  expect_once(*state, false);
  expect_once(*state, true);
}

/* -- descriptors -- */

#define LIMIT 256
#define SPARE 11

static int take_all_but_spare(int taken[LIMIT])
{
  int n = 0;
  while(n < LIMIT && (taken[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n++;
  assert_true(n > SPARE && n < LIMIT);
  for(int i = 0; i < SPARE; i++)
    close(taken[--n]);
  return n;
}

static unsigned count_open(void)
{
  unsigned n = 0;
  for(int fd = 0; fd < LIMIT; fd++)
    n += fcntl(fd, F_GETFD) >= 0;
  return n;
}

/* None is taken before a race needs it, and one transfer needs few. */
static void test_few_descriptors(void **state)
{
  struct rlimit was, few;
  static int taken[LIMIT];
  struct client c;
  unsigned before;
  CURLcode rc;
  int n;
  curl_he_free(curl_he_default());
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
  few = was;
  few.rlim_cur = LIMIT;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  before = count_open();
  n = take_all_but_spare(taken);
  open_for(&c, *state, "http://s1.lab.test/");
  assert_int_equal(count_open(), before + (unsigned)n);
  rc = client_go(&c);
  while(n)
    close(taken[--n]);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
  expect_ok(&c, rc);
  client_close(&c);
}

/* -- who is woken looks at once -- */

static bool is_resolved(struct client *c)
{
  curl_off_t us = 0;
  curl_easy_getinfo(c->easy, CURLINFO_NAMELOOKUP_TIME_T, &us);
  return us > 0;
}

/* Has libcurl asked for the second address's socket? */
static bool asked_again(CURL *easy)
{
  return steps(easy, CURL_HE_STEP_START) - own_attempts(easy) > 1 ||
         steps(easy, CURL_HE_STEP_HANDED_OVER);
}

/* How long libcurl would wait after its look at an attempt that was
   provoked; 0: it asked for the next socket in that look. */
static long waits_after_pause(CURLM *m, struct client *c)
{
  int running = 1;
  long ms = 0;
  while(running && !is_resolved(c)) {
    curl_multi_perform(m, &running);
    curl_multi_poll(m, NULL, 0, 5, NULL);
  }
  pause_ms(600);      /* the machine is busy: libcurl does not run */
  curl_multi_perform(m, &running);
  if(!asked_again(c->easy))
    curl_multi_timeout(m, &ms);
  while(running) {
    curl_multi_perform(m, &running);
    curl_multi_poll(m, NULL, 0, 5, NULL);
  }
  return ms;
}

/* The name takes 140 ms, so that one of libcurl's looks at its resolver is due
   after that, at 255: it runs out in the pause, together with the attempt that
   is provoked. */
static void test_woken(void **state)
{
  const struct param *p = *state;
  struct client c;
  CURLM *m;
  long ms;
  if(p->way == UNDECLARED)    /* not known, and so not raced in a lookup */
    needs_beside();
  m = curl_multi_init();
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=140"), 0);
  open_for(&c, p, "http://s9.lab.test/");
  curl_multi_add_handle(m, c.easy);
  ms = waits_after_pause(m, &c);
  /* a race in the lookup makes nobody ask */
  if(steps(c.easy, CURL_HE_STEP_LOOKUP))
    assert_int_equal(steps(c.easy, CURL_HE_STEP_PROVOKED), 0);
  else if(ms < 0 || ms > 100) {
    print_race(c.easy);
    fail_msg("libcurl would have waited for %ld ms", ms);
  }
  expect_winner(&c, "198.19.9.2");
  curl_multi_remove_handle(m, c.easy);
  client_close(&c);
  curl_multi_cleanup(m);
}

/* -- the program's own socket filter -- */

static struct {
  _Atomic curl_socket_t fd;   /* the first with the filter; -1: none yet */
  atomic_bool over;           /* so is the transfer */
  bool seen, missing;         /* after half a second, and gone by then */
} filtered;

static int attach_filter(void *user, curl_socket_t fd, curlsocktype purpose)
{
  struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, UINT32_MAX) };
  struct sock_fprog program = { 1, code };
  curl_socket_t none = -1;
  (void)user, (void)purpose;
  if(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
    return CURL_SOCKOPT_ERROR;
  atomic_compare_exchange_strong(&filtered.fd, &none, fd);
  return CURL_SOCKOPT_OK;
}

/* A thread, since not every libcurl calls back while it connects. */
static void *look_for_filter(void *user)
{
  int64_t since = 0;
  (void)user;
  while(!filtered.over && !filtered.seen) {
    if(!since && filtered.fd >= 0)
      since = lab_now_ns();
    else if(since && lab_now_ns() - since >= 500000000) {
      socklen_t count = 0;
      filtered.missing = getsockopt(filtered.fd, SOL_SOCKET, SO_GET_FILTER,
                                    NULL, &count) || count != 1;
      filtered.seen = true;
    }
    pause_ms(5);
  }
  return NULL;
}

/* Of a host whose TLS is known not to complete. */
static void test_filter(void **state)
{
  const struct param *p = *state;
  pthread_t watcher;
  remember();
  filtered.seen = filtered.missing = false;
  filtered.over = false;
  filtered.fd = -1;
  assert_int_equal(pthread_create(&watcher, NULL, look_for_filter, NULL), 0);
  for(int i = 0; i < 2; i++) {
    struct client c;
    open_for(&c, p, "https://mtu.lab.test/");
    client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 2500L);
    if(i)
      client_set(&c, UNDECLARED, CURLOPT_SOCKOPTFUNCTION, attach_filter);
    client_go(&c);
    client_close(&c);
  }
  filtered.over = true;
  pthread_join(watcher, NULL);
  assert_false(filtered.missing);
  /* where another address was chosen all is over by then */
  if(p->mode == BESIDE && p->way != SEEN)
    assert_true(filtered.seen);
}

struct fault {
  CMUnitTestFunction run;
  const char *what;
  bool declared;              /* there is something to declare */
};

static void add(struct suite *s, const struct fault *f)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static const enum way ways[] = { SEEN, UNDECLARED, DECLARED };
  static struct param params[6];
  for(size_t m = 0; m < 2; m++) {
    for(size_t w = 0; w < (f->declared ? 3 : 2); w++) {
      struct param *p = &params[3 * m + w];
      p->mode = modes[m];
      p->way = ways[w];
      suite_add(s, f->run, p, "%s, %s, by %s", f->what, way_name(ways[w]),
                mode_name(modes[m]));
    }
  }
}

int main(void)
{
  static const struct fault faults[] = {
    { test_late_family, "the first family refuses, the other is late", false },
    { test_fast_open, "TCP Fast Open", true },
    { test_few_descriptors, "eleven descriptors", false },
    { test_woken, "woken late", false },
    { test_filter, "a socket filter of the program's", false },
  };
  static const struct fault ftp[] = {
    { test_late_family_of_ftp, "FTP, the first family refuses", false },
    { test_ftp_once, "FTP commands, once", false },
  };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
    add(&s, &faults[i]);
  if(!access("/usr/lib/python3/dist-packages/pyftpdlib", F_OK)) {
    for(size_t i = 0; i < sizeof(ftp) / sizeof(*ftp); i++)
      add(&s, &ftp[i]);
  }
  return suite_run(&s, "faults");
}
