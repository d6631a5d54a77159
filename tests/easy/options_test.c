/* SPDX-License-Identifier: MIT */
/* options_test.c - what each option does to a race. */
#include "harness.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SETS 3

struct effect {
  const char *what;
  const char *url;
  struct {
    CURLHEoption option;
    long value;
  } set[SETS];
  enum mode least;
  CURLcode rc;
  long connect_ms;          /* CURLOPT_CONNECTTIMEOUT_MS; 0: none */
  const char *attempts;     /* NULL: not looked at */
  unsigned at_once;         /* curl-he adds none beyond this many; 0: not
                               looked at */
  const char *winner;
  bool racers;              /* about the racer's attempts: none are made where
                               libcurl races by itself */
};

static const struct effect effects[] = {
  { .what = "a delay of 400 ms for libcurl's second family",
    .url = "http://s2.lab.test/",
    .set = { { CURLHEOPT_DELAY_MS, 400 } }, .least = BESIDE,
    .attempts = "L 3fff:102::1 0, L 198.19.2.1 400",
    .winner = "198.19.2.1" },
  { .what = "a delay of 400 ms for the racer's",
    .url = "http://s9.lab.test/",
    .set = { { CURLHEOPT_DELAY_MS, 400 } }, .least = BESIDE,
    .attempts = "L 198.19.9.1 0, C 198.19.9.2 400", .winner = "198.19.9.2" },
  { .what = "two attempts at once", .url = "http://many.lab.test/",
    .set = { { CURLHEOPT_MAX_ATTEMPTS, 2 } }, .least = BESIDE,
    .racers = true, .rc = CURLE_OPERATION_TIMEDOUT, .connect_ms = 600,
    .at_once = 2 },
  { .what = "64 attempts at once", .url = "http://many.lab.test/",
    .set = { { CURLHEOPT_MAX_ATTEMPTS, 64 } }, .least = BESIDE,
    .attempts = "L 3fff:154::1 0, L 198.19.54.1 150, C 3fff:154::2 300,"
                "C 198.19.54.2 450, C 198.19.54.3 600, C 198.19.54.4 750,"
                "C 198.19.54.5 900, C 198.19.54.6 1050, C 198.19.54.7 1200,"
                "C 198.19.54.8 1350",
    .winner = "198.19.54.8" },
  /* Long enough for the good address on a busy machine, and much shorter than
     the delay: an attempt that ran as long as that would count as silence, and
     its family would go last. */
  { .what = "attempts given up after 200 ms", .url = "http://many.lab.test/",
    .set = { { CURLHEOPT_ATTEMPT_TIMEOUT_MS, 200 },
             { CURLHEOPT_MAX_ATTEMPTS, 3 },
             { CURLHEOPT_DELAY_MS, 500 } }, .least = BESIDE,
    .racers = true,
    .attempts = "L 3fff:154::1 0, L 198.19.54.1 500, C 3fff:154::2 1000,"
                "C 198.19.54.2 1200, C 3fff:154::3 1400, C 198.19.54.3 1600,"
                "C 3fff:154::4 1800, C 198.19.54.4 2000, C 3fff:154::5 2200,"
                "C 198.19.54.5 2400, C 3fff:154::6 2600, C 198.19.54.6 2800,"
                "C 3fff:154::7 3000, C 198.19.54.7 3200, C 3fff:154::8 3400,"
                "C 198.19.54.8 3600",
    .winner = "198.19.54.8" },
  { .what = "no attempt added after 400 ms", .url = "http://many.lab.test/",
    .set = { { CURLHEOPT_CONNECTTIMEOUT_MS, 400 } }, .least = BESIDE,
    .racers = true,
    .rc = CURLE_OPERATION_TIMEDOUT, .connect_ms = 1500,
    .attempts = "L 3fff:154::1 0, L 198.19.54.1 150, C 3fff:154::2 300, ..."
  },
  { .what = "IPv4 only", .url = "http://s1.lab.test/",
    .set = { { CURLHEOPT_FAMILIES, CURL_HE_FAMILIES_IPV4 } }, .least = BESIDE,
    .attempts = "L 198.19.1.1 0", .winner = "198.19.1.1" },
  { .what = "IPv4 only, raced", .url = "http://s6.lab.test/",
    .set = { { CURLHEOPT_FAMILIES, CURL_HE_FAMILIES_IPV4 } }, .least = BESIDE,
    .attempts = "L 198.19.6.1 0, C 198.19.6.2 150", .winner = "198.19.6.2" },
  { .what = "IPv6 only, raced", .url = "http://half.lab.test/",
    .set = { { CURLHEOPT_FAMILIES, CURL_HE_FAMILIES_IPV6 } }, .least = BESIDE,
    .attempts = "L 3fff:156::1 0, C 3fff:156::2 150",
    .winner = "3fff:156::2" },
  { .what = "IPv4 preferred", .url = "http://s1.lab.test/",
    .set = { { CURLHEOPT_PREFERENCE, CURL_HE_PREFER_IPV4 } },
    .least = RESOLVING,
    .attempts = "L 198.19.1.1 0", .winner = "198.19.1.1" },
  { .what = "two of the first family", .url = "http://s7.lab.test/",
    .set = { { CURLHEOPT_FIRST_FAMILY_COUNT, 2 } }, .least = RESOLVING,
    .attempts = "L 3fff:107::1 0, C 3fff:107::2 150, L 198.19.7.1 300,"
                "C 198.19.7.2 450",
    .winner = "198.19.7.2" },
};

struct param {
  const struct effect *e;
  enum mode mode;
  bool context;
};

static void test_effect(void **state)
{
  const struct param *p = *state;
  CURLHE *he = curl_he_init();
  struct client c;
  client_open(&c, p->mode, p->e->url);
  curl_he_attach(he, c.easy);
  for(size_t i = 0; i < SETS && p->e->set[i].option; i++)
    assert_int_equal(p->context ?
                     curl_he_setopt(he, p->e->set[i].option,
                                    p->e->set[i].value) :
                     curl_he_easy_setopt(c.easy, (int)p->e->set[i].option,
                                         p->e->set[i].value),
                     CURL_HE_OK);
  if(p->e->connect_ms)
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, p->e->connect_ms);
  assert_int_equal(client_go(&c), p->e->rc);
  if(p->e->attempts)
    expect_attempts(&c, p->e->attempts);
  if(p->e->at_once && !libcurl_races())
    assert_true(most_at_once(c.easy) <= p->e->at_once);
  if(p->e->winner)
    expect_winner(&c, p->e->winner);
  client_close(&c);
  curl_he_free(he);
}

/* AAAA is 1 s late. */
static void test_resolution_delay(void **state)
{
  curl_off_t took = 0;
  struct client c;
  (void)state;
  client_open(&c, RESOLVING, "http://s11.lab.test/");
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_RESOLUTION_DELAY_MS,
                                       300L), CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.11.1");
  assert_int_equal(curl_he_easy_getinfo(c.easy, CURLHEINFO_RESOLVE_TIME_T,
                                        &took), CURL_HE_OK);
  assert_in_range(took, 315000, 600000);
  client_close(&c);
}

/* -- the trace -- */

struct trace {
  CURL *easy;
  curl_off_t last;
  size_t count;
  size_t ends;
  bool wrong;
};

static void on_step(CURL *easy, const char *host, int port,
                    const struct curl_he_step *step, void *user)
{
  struct trace *t = user;
  t->wrong = t->wrong || easy != t->easy || port != 80 ||
             strcmp(host, "s9.lab.test") || step->time_us < t->last;
  t->last = step->time_us;
  t->count++;
  t->ends += step->step == CURL_HE_STEP_WON || step->step == CURL_HE_STEP_LOST;
}

/* What the callback was told is what CURLHEINFO_RACE has. */
static void test_trace(void **state)
{
  const enum mode *mode = *state;
  struct curl_he_steps race;
  struct trace t = { .last = 0 };
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  t.easy = c.easy;
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_TRACEFUNCTION,
                                       on_step), CURL_HE_OK);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_TRACEDATA, &t),
                   CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  assert_int_equal(curl_he_easy_getinfo(c.easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  assert_int_equal(curl_he_detach(c.easy), CURL_HE_OK);
  assert_false(t.wrong);
  assert_int_equal(t.ends, 1);
  /* libcurl's attempts, what became of them, who won; the racer's queries,
     answers and attempt */
  assert_true(t.count >= (libcurl_races() ? 4 : 6));
  client_close(&c);
}

/* -- the application's own callbacks -- */

struct calls {
  int open, opt, close;
};

static curl_socket_t own_open(void *user, curlsocktype purpose,
                              struct curl_sockaddr *sa)
{
  (void)purpose;
  ((struct calls *)user)->open++;
  return socket(sa->family, sa->socktype, sa->protocol);
}

static int own_sockopt(void *user, curl_socket_t fd, curlsocktype purpose)
{
  (void)fd;
  (void)purpose;
  ((struct calls *)user)->opt++;
  return CURL_SOCKOPT_OK;
}

static int own_close(void *user, curl_socket_t fd)
{
  ((struct calls *)user)->close++;
  return close(fd);
}

/* They are called as libcurl would call them. */
static void test_own_callbacks(void **state)
{
  const enum mode *mode = *state;
  struct calls calls = { 0, 0, 0 };
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, DECLARED, CURLOPT_CLOSESOCKETFUNCTION, own_close);
  client_set(&c, DECLARED, CURLOPT_CLOSESOCKETDATA, &calls);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  assert_int_equal(info_long(c.easy, CURLHEINFO_HANDED_OVER),
                   !libcurl_races());
  client_close(&c);
  assert_int_equal(calls.close, 2);
}

/* Nothing is added where nothing is needed. */
static void test_own_sockets(void **state)
{
  const enum mode *mode = *state;
  struct calls calls = { 0, 0, 0 };
  struct client c;
  client_open(&c, *mode, "http://s2.lab.test/");
  client_set(&c, DECLARED, CURLOPT_OPENSOCKETFUNCTION, own_open);
  client_set(&c, DECLARED, CURLOPT_OPENSOCKETDATA, &calls);
  client_set(&c, DECLARED, CURLOPT_SOCKOPTFUNCTION, own_sockopt);
  client_set(&c, DECLARED, CURLOPT_SOCKOPTDATA, &calls);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_string_equal(c.body, "hello from 198.19.2.1\n");
  /* two of libcurl's; on a busy machine the racer may have been faster */
  assert_in_range(calls.open, 2, 3);
  assert_int_equal(calls.open, info_long(c.easy, CURLHEINFO_ATTEMPTS));
  assert_int_equal(calls.opt, calls.open);
  client_close(&c);
}

/* An application that refuses every socket is obeyed. */
static curl_socket_t refuse(void *user, curlsocktype purpose,
                            struct curl_sockaddr *sa)
{
  (void)user;
  (void)purpose;
  (void)sa;
  return CURL_SOCKET_BAD;
}

static void test_refusing_callback(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, DECLARED, CURLOPT_OPENSOCKETFUNCTION, refuse);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
  assert_int_equal(client_go(&c), CURLE_COULDNT_CONNECT);
  assert_int_equal(syns_to_servers(), 0);
  client_close(&c);
}

static void add_effects(struct suite *s, enum mode mode)
{
  static struct param params[64];
  static size_t used;
  for(size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++) {
    struct param *p = &params[used++];
    p->e = &effects[i];
    p->mode = mode;
    /* a context's families are no option of libcurl's handle */
    p->context = i % 2 && effects[i].set[0].option != CURLHEOPT_FAMILIES;
    if(mode >= p->e->least && !(p->e->racers && libcurl_races()))
      suite_add(s, test_effect, p, "%s, by the %s, %s", p->e->what,
                p->context ? "context" : "handle", mode_name(mode));
  }
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    const char *mode = mode_name(modes[m]);
    add_effects(&s, modes[m]);
    suite_add(&s, test_trace, &modes[m], "the trace callback, %s", mode);
    suite_add(&s, test_own_callbacks, &modes[m],
              "the application's callbacks, %s", mode);
    suite_add(&s, test_own_sockets, &modes[m],
              "the application's sockets, %s", mode);
    suite_add(&s, test_refusing_callback, &modes[m],
              "the application refuses sockets, %s", mode);
  }
  suite_add(&s, test_resolution_delay, NULL, "a resolution delay of 300 ms");
  return suite_run(&s, "options");
}
