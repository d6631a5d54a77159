/* SPDX-License-Identifier: MIT */
/* connect_test.c - curl_he_connect() in the situations of the laboratory's
 * table: who wins, what was tried, in which order, when, and that nothing is
 * left. Never how fast anything was. */
#include "../lab/labctl.h"
#include "../lab/scenarios.h"

#include <curl_he/curl_he.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static CURLHE *he;
static int fds_before;

static int count_fds(void)
{
  DIR *d = opendir("/proc/self/fd");
  int n = 0;
  while(d && readdir(d))
    n++;
  closedir(d);
  return n;
}

static int set_up(void **state)
{
  (void)state;
  fds_before = count_fds();
  he = curl_he_init();
  assert_int_equal(lab_restore(), 0);
  return lab_reset();
}

/* Within a second. */
static int tear_down(void **state)
{
  (void)state;
  curl_he_free(he);
  for(int i = 0; i < 100 && (lab_syn_sent() || count_fds() > fds_before); i++)
    usleep(10000);
  assert_int_equal(lab_syn_sent(), 0);
  assert_int_equal(count_fds(), fds_before);
  return 0;
}

/* -- what is expected -- */

struct expected {
  int scenario;
  CURLHEcode code;
  const char *winner;         /* NULL: nobody */
  const char *attempts;       /* in order, with the time when each may start at
                                 the earliest, ms after the first */
};

static const struct expected table[] = {
  { 1, CURL_HE_OK, "3fff:101::1", "3fff:101::1 0" },
  { 2, CURL_HE_OK, "198.19.2.1", "3fff:102::1 0, 198.19.2.1 50" },
  { 3, CURL_HE_OK, "198.19.3.1", "3fff:103::1 0, 198.19.3.1 15" },
  { 4, CURL_HE_OK, "198.19.4.1", "198.19.4.1 0" },
  { 5, CURL_HE_OK, "198.19.5.1", "3fff:105::1 0, 198.19.5.1 50" },
  { 6, CURL_HE_OK, "198.19.6.2",
    "3fff:106::1 0, 198.19.6.1 50, 198.19.6.2 150" },
  { 7, CURL_HE_OK, "198.19.7.2",
    "3fff:107::1 0, 198.19.7.1 50, 3fff:107::2 150, 198.19.7.2 300" },
  { 8, CURL_HE_OK, "198.19.8.4",
    "3fff:108::1 0, 198.19.8.1 50, 3fff:108::2 150, 198.19.8.2 300, "
    "198.19.8.3 450, 198.19.8.4 600" },
  { 9, CURL_HE_OK, "198.19.9.2", "198.19.9.1 0, 198.19.9.2 50" },
  { 17, CURL_HE_COULDNT_CONNECT, NULL,
    "3fff:117::1 0, 198.19.17.1 15, 3fff:117::2 30, 198.19.17.2 45" },
  { 18, CURL_HE_TIMEDOUT, NULL,
    "3fff:118::1 0, 198.19.18.1 50, 3fff:118::2 150, 198.19.18.2 300" },
  { 19, CURL_HE_OK, "198.19.19.1", "3fff:119::1 0, 198.19.19.1 50" },
  { 24, CURL_HE_OK, "3fff:124::1",
    "3fff:124::1 0, 198.19.24.1 50, 3fff:124::2 150, 198.19.24.2 300" }
};

/* "3fff:101::1" of "[3fff:101::1]:80". */
static void bare(const char *address, char *out, size_t size)
{
  const char *end = strrchr(address, ':');
  const int v6 = *address == '[';
  snprintf(out, size, "%.*s", (int)(end - address) - 2 * v6, address + v6);
}

/* Each attempt is to the address whose turn it is, and not too early. */
static void check_attempts(CURLHErace *race, const char *script)
{
  struct curl_he_steps all;
  char address[64], wanted[64];
  curl_off_t first = -1;
  int least, used;
  assert_int_equal(curl_he_connect_getinfo(race, CURLHEINFO_RACE, &all),
                   CURL_HE_OK);
  for(size_t i = 0; i < all.count; i++) {
    const struct curl_he_step *s = &all.steps[i];
    if(s->step != CURL_HE_STEP_START)
      continue;
    first = first < 0 ? s->time_us : first;
    bare(s->address, address, sizeof(address));
    assert_int_equal(sscanf(script, "%63s %d%n", wanted, &least, &used), 2);
    assert_string_equal(address, wanted);
    assert_true(s->time_us - first >= (curl_off_t)(least - 1) * 1000);
    script += used;
    script += strspn(script, ", ");
  }
  assert_string_equal(script, "");
}

static const char *text(CURLHErace *race, CURLHEINFO info)
{
  const char *s = NULL;
  assert_int_equal(curl_he_connect_getinfo(race, info, &s), CURL_HE_OK);
  return s;
}

static const char *host_of(int scenario)
{
  return lab_scenario_number(scenario)->host;
}

static CURLHEcode go(CURLHErace *race, const char *host, curl_socket_t *fd)
{
  const unsigned short port = 80;
  struct pollfd p = { .events = POLLIN };
  if(fd)
    return curl_he_connect(race, host, &port, 1, fd);
  assert_int_equal(curl_he_connect_start(race, host, &port, 1), CURL_HE_OK);
  p.fd = curl_he_connect_fd(race);
  assert_int_equal(poll(&p, 1, 20000), 1);
  return CURL_HE_OK;
}

static void check(const struct expected *e, bool blocks)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd = CURL_SOCKET_BAD;
  CURLHEcode code;
  if(e->scenario == 18)
    curl_he_connect_setopt(race, CURLHEOPT_CONNECTTIMEOUT_MS, 900L);
  code = go(race, host_of(e->scenario), blocks ? &fd : NULL);
  if(!blocks)
    code = curl_he_connect_result(race, &fd);
  assert_int_equal(code, e->code);
  check_attempts(race, e->attempts);
  if(e->winner)
    assert_string_equal(text(race, CURLHEINFO_WINNER), e->winner);
  else
    assert_null(text(race, CURLHEINFO_WINNER));
  if(fd != CURL_SOCKET_BAD)
    close(fd);
  assert_int_equal(lab_syn_sent(), 0);   /* when it is over, not later */
  curl_he_connect_cleanup(race);
}

static void scenario(void **state)
{
  check(*state, true);
}

static void scenario_by_descriptor(void **state)
{
  check(*state, false);
}

/* -- the error -- */

static void names_each_address(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  long error;
  (void)state;
  assert_int_equal(go(race, host_of(17), &fd), CURL_HE_COULDNT_CONNECT);
  assert_int_equal(curl_he_connect_getinfo(race, CURLHEINFO_OS_ERRNO, &error),
                   CURL_HE_OK);
  assert_int_equal(error, ECONNREFUSED);
  assert_string_equal(text(race, CURLHEINFO_FAILURES),
                      "[3fff:117::1]:80: Connection refused; "
                      "198.19.17.1:80: Connection refused; "
                      "[3fff:117::2]:80: Connection refused; "
                      "198.19.17.2:80: Connection refused");
  curl_he_connect_cleanup(race);
}

/* -- ports, and going on -- */

/* At the first port all refuse; nothing is asked of the name server again. */
static void two_ports_and_the_rest(void **state)
{
  static const unsigned short ports[] = { 465, 80, 443 };
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  long port;
  (void)state;
  assert_int_equal(curl_he_connect(race, host_of(1), ports, 3, &fd),
                   CURL_HE_OK);
  close(fd);
  check_attempts(race, "3fff:101::1 0, 198.19.1.1 15, 3fff:101::1 30");
  for(int i = 1; i < 4; i++) {
    assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_OK);
    close(fd);
    curl_he_connect_getinfo(race, CURLHEINFO_PORT, &port);
    assert_int_equal(port, i == 1 ? 80 : 443);
  }
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_COULDNT_CONNECT);
  assert_int_equal(lab_syns("3fff:101::1"), 3);
  assert_int_equal(lab_syns("198.19.1.1"), 3);
  curl_he_connect_cleanup(race);
}

/* A winner called the others off: they are tried when it was of no use. */
static void called_off_is_not_lost(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  (void)state;
  assert_int_equal(go(race, host_of(5), &fd), CURL_HE_OK);
  assert_string_equal(text(race, CURLHEINFO_WINNER), "198.19.5.1");
  close(fd);
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_OK);
  assert_string_equal(text(race, CURLHEINFO_WINNER), "3fff:105::1");
  close(fd);
  curl_he_connect_cleanup(race);
}

/* -- memory -- */

/* The second connect knows what the first one has learned; so does libcurl's,
   for it is the same history. */
static void remembers(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  long attempts;
  (void)state;
  assert_int_equal(go(race, host_of(8), &fd), CURL_HE_OK);
  close(fd);
  assert_int_equal(go(race, host_of(8), &fd), CURL_HE_OK);
  close(fd);
  curl_he_connect_getinfo(race, CURLHEINFO_ATTEMPTS, &attempts);
  assert_int_equal(attempts, 1);
  assert_string_equal(text(race, CURLHEINFO_WINNER), "198.19.8.4");
  curl_he_connect_cleanup(race);
}

/* -- where from -- */

static void sent_from(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV4, LAB_CLIENT_V4);
  assert_int_equal(go(race, host_of(1), &fd), CURL_HE_OK);
  close(fd);
  assert_string_equal(text(race, CURLHEINFO_WINNER), "198.19.1.1");
  assert_int_equal(lab_syns("3fff:101::1"), 0);
  curl_he_connect_cleanup(race);
}

/* -- options of the race, and of its context -- */

static void interleaved(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHEOPT_FIRST_FAMILY_COUNT, 2L);
  curl_he_connect_setopt(race, CURLHEOPT_DELAY_MS, 100L);
  assert_int_equal(go(race, host_of(7), &fd), CURL_HE_OK);
  close(fd);
  check_attempts(race, "3fff:107::1 0, 3fff:107::2 100, 198.19.7.1 200, "
                 "198.19.7.2 300");
  curl_he_connect_cleanup(race);
}

/* What the context says of the host: another resolver, which nobody is behind.
   The system's is not asked in its place. */
static void by_another_resolver(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  curl_socket_t fd;
  (void)state;
  if(curl_he_setopt(he, CURLHEOPT_RESOLVER, "dns://" LAB_DNS_V4)) {
    curl_he_connect_cleanup(race);
    skip();                   /* built without c-ares */
  }
  assert_int_equal(go(race, host_of(1), &fd), CURL_HE_OK);
  close(fd);
  assert_int_equal(lab_rule("198.18.0.99", "drop"), 0);
  assert_int_equal(curl_he_host_setopt(he, host_of(2), CURLHEOPT_RESOLVER,
                                       "dns://198.18.0.99"), CURL_HE_OK);
  curl_he_connect_setopt(race, CURLHEOPT_CONNECTTIMEOUT_MS, 1000L);
  assert_int_equal(go(race, host_of(2), &fd), CURL_HE_TIMEDOUT);
  assert_int_equal(lab_syns_host(host_of(2)), 0);
  curl_he_connect_cleanup(race);
}

/* -- many, and one that is given up -- */

#define MANY 200

static void many_at_once(void **state)
{
  CURLHErace *race[MANY];
  const unsigned short port = 80;
  curl_socket_t fd;
  (void)state;
  for(int i = 0; i < MANY; i++) {
    race[i] = curl_he_connect_init(he);
    assert_int_equal(curl_he_connect_start(race[i], host_of(22), &port, 1),
                     CURL_HE_OK);
  }
  for(int i = 0; i < MANY; i++) {
    struct pollfd p = { .fd = curl_he_connect_fd(race[i]), .events = POLLIN };
    assert_int_equal(poll(&p, 1, 60000), 1);
    assert_int_equal(curl_he_connect_result(race[i], &fd), CURL_HE_OK);
    close(fd);
    curl_he_connect_cleanup(race[i]);
  }
}

static void given_up(void **state)
{
  CURLHErace *race = curl_he_connect_init(he);
  const unsigned short port = 80;
  (void)state;
  assert_int_equal(curl_he_connect_start(race, host_of(18), &port, 1),
                   CURL_HE_OK);
  usleep(200000);
  assert_true(lab_syn_sent() > 0);
  curl_he_connect_cleanup(race);
}

#define AROUND(run, name, state) \
  { name, run, set_up, tear_down, (void *)(state) }

int main(void)
{
  enum { ROWS = sizeof(table) / sizeof(*table) };
  static char names[2 * ROWS][40];
  static const struct CMUnitTest others[] = {
    AROUND(names_each_address, "each address is named", NULL),
    AROUND(two_ports_and_the_rest, "ports in their order, and the rest", NULL),
    AROUND(called_off_is_not_lost, "what was called off is tried", NULL),
    AROUND(remembers, "a second connect", NULL),
    AROUND(sent_from, "sent from one family's address", NULL),
    AROUND(interleaved, "first address family count", NULL),
    AROUND(by_another_resolver, "another resolver", NULL),
    AROUND(many_at_once, "200 at once", NULL),
    AROUND(given_up, "given up", NULL)
  };
  enum { OTHERS = sizeof(others) / sizeof(*others) };
  struct CMUnitTest tests[2 * ROWS + OTHERS];
  for(size_t i = 0; i < ROWS; i++) {
    snprintf(names[2 * i], sizeof(*names), "scenario %d", table[i].scenario);
    snprintf(names[2 * i + 1], sizeof(*names), "scenario %d, by descriptor",
             table[i].scenario);
    tests[2 * i] = (struct CMUnitTest)
      AROUND(scenario, names[2 * i], &table[i]);
    tests[2 * i + 1] = (struct CMUnitTest)
      AROUND(scenario_by_descriptor, names[2 * i + 1], &table[i]);
  }
  memcpy(tests + 2 * ROWS, others, sizeof(others));
  setenv("CURL_HE_CONFIG", "", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
