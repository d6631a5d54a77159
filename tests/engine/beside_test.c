/* SPDX-License-Identifier: MIT */
/* beside_test.c - connects beside a libcurl that the test plays, on loopback,
 * with a resolver that says what the script says. An address that is silent is
 * a listener with a full queue.
 *
 * First one thread and exact stories, then many threads and none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "base/clock.h"
#include "connect/connect.h"

/* -- the network: one port, an address for each behaviour -- */

#define SILENT "127.0.0.2"
#define GOOD "127.0.0.3"
#define GOOD2 "127.0.0.4"
#define REFUSES "127.0.0.5"
#define STRANGER "127.0.0.6"   /* silent, and none of the host's */

static uint16_t port;
static struct {
  int silent, stranger, good, good2;
  int fill[2][FILL];
} net;

/* Whoever connects to the good addresses is taken and, after a while, let go:
   nothing piles up. */
static pthread_t server;
static bool server_stops, server_resets;

static void reset(int fd)
{
  struct linger now = { .l_onoff = 1, .l_linger = 0 };
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

static void *serve(void *arg)
{
  int ring[32], at = 0;
  (void)arg;
  memset(ring, -1, sizeof(ring));
  while(!__atomic_load_n(&server_stops, __ATOMIC_ACQUIRE)) {
    struct pollfd p[2] = { { .fd = net.good, .events = POLLIN },
                           { .fd = net.good2, .events = POLLIN } };
    poll(p, 2, 20);
    for(int i = 0; i < 32 &&
        __atomic_load_n(&server_resets, __ATOMIC_ACQUIRE); i++) {
      if(ring[i] >= 0)
        reset(ring[i]);
      ring[i] = -1;
    }
    for(int i = 0; i < 2; i++) {
      int fd = p[i].revents & POLLIN ? accept(p[i].fd, NULL, NULL) : -1;
      if(fd >= 0) {
        if(ring[at] >= 0)
          reset(ring[at]);
        ring[at] = fd;
        at = (at + 1) % 32;
      }
    }
  }
  for(int i = 0; i < 32; i++) {
    if(ring[i] >= 0)
      reset(ring[i]);
  }
  return NULL;
}

static int bring_up(void **state)
{
  (void)state;
  net.silent = silent_at(SILENT, &port, net.fill[0]);
  net.stranger = silent_at(STRANGER, &port, net.fill[1]);
  net.good = listen_at(GOOD, &port, 1000);
  net.good2 = listen_at(GOOD2, &port, 1000);
  return net.silent < 0 || net.stranger < 0 || net.good < 0 ||
         net.good2 < 0 || pthread_create(&server, NULL, serve, NULL);
}

static void take_down(void)
{
  __atomic_store_n(&server_stops, true, __ATOMIC_RELEASE);
  pthread_join(server, NULL);
  close(net.silent);
  close(net.stranger);
  close(net.good);
  close(net.good2);
  for(int i = 0; i < FILL; i++) {
    close(net.fill[0][i]);
    close(net.fill[1][i]);
  }
}

/* -- the resolver -- */

static struct script {
  const char *answer[HE_FAMILIES];    /* "127.0.0.1 127.0.0.2", or NULL */
  int error[HE_FAMILIES];
  unsigned delay_ms[HE_FAMILIES];
  const char *second;                 /* to the second question for A */
  unsigned took_ms;
} script;

struct he_query {
  struct script script;       /* as it was when it was asked */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool closed;
  he_time_ns due;
  enum he_family family;
  uint16_t port;
  he_resolver_answer answer;
  void *arg;
};

static size_t read_list(const char *text, uint16_t at, struct he_candidate *c)
{
  char copy[200], *save = NULL;
  size_t n = 0;
  snprintf(copy, sizeof(copy), "%s", text);
  for(char *word = strtok_r(copy, " ", &save); word;
      word = strtok_r(NULL, " ", &save)) {
    memset(&c[n], 0, sizeof(c[n]));
    c[n].addr = addr_of(word, at);
    he_resolver_source(&c[n++]);
  }
  return n;
}

/* any_order() changes the script while races of before may still ask. */
static pthread_mutex_t script_lock = PTHREAD_MUTEX_INITIALIZER;

static void *answer_it(void *arg)
{
  struct he_query *q = arg;
  struct timespec ts = { .tv_sec = (time_t)(q->due / 1000000000) };
  ts.tv_nsec = (long)(q->due % 1000000000);
  pthread_mutex_lock(&q->lock);
  while(!q->closed && he_clock_now() < q->due)
    pthread_cond_timedwait(&q->changed, &q->lock, &ts);
  if(!q->closed) {
    struct he_candidate *list = NULL;
    const char *text = q->script.answer[q->family];
    size_t n = 0;
    if(!q->port)
      text = q->script.second;
    if(text && !q->script.error[q->family]) {
      list = calloc(8, sizeof(*list));
      n = read_list(text, q->port, list);
    }
    q->answer(q->arg, q->family, q->script.error[q->family], list, n);
  }
  pthread_mutex_unlock(&q->lock);
  return NULL;
}

static void script_close(struct he_query *q)
{
  if(!q)
    return;
  pthread_mutex_lock(&q->lock);
  q->closed = true;
  pthread_cond_signal(&q->changed);
  pthread_mutex_unlock(&q->lock);
  pthread_join(q->thread, NULL);
  pthread_cond_destroy(&q->changed);
  pthread_mutex_destroy(&q->lock);
  free(q);
}

static struct he_query *script_start(const struct he_resolver *self,
                                     const char *host, uint16_t at,
                                     enum he_family family,
                                     he_resolver_answer answer, void *arg)
{
  struct he_query *q = calloc(1, sizeof(*q));
  pthread_condattr_t attr;
  (void)self;
  (void)host;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_mutex_init(&q->lock, NULL);
  pthread_cond_init(&q->changed, &attr);
  pthread_condattr_destroy(&attr);
  pthread_mutex_lock(&script_lock);
  q->script = script;
  pthread_mutex_unlock(&script_lock);
  q->due = he_clock_now() + HE_MS(q->script.delay_ms[family]);
  q->family = family;
  q->port = at;
  q->answer = answer;
  q->arg = arg;
  if(pthread_create(&q->thread, NULL, answer_it, q)) {
    free(q);
    return NULL;
  }
  return q;
}

static he_time_ns script_took(const struct he_query *q)
{
  return HE_MS(q->script.took_ms);
}

static const struct he_resolver scripted = {
  .name = "scripted",
  .start = script_start,
  .close = script_close,
  .took = script_took
};

/* -- connects -- */

static struct he_racer *racer;

static struct he_connect_config config(void)
{
  struct he_connect_config c = { .resolver = &scripted, .host = "job.test" };
  c.port = port;
  c.look_after = HE_MS(10);
  c.race.attempt_delay = HE_MS(30);
  c.race.resolution_delay = HE_MS(50);
  c.race.native_grace = HE_MS(10);
  c.race.attempt_timeout = c.race.total_timeout = HE_NEVER;
  c.race.first_family_count = 1;
  c.race.max_attempts = 6;
  c.race.allowed[HE_IPV4] = c.race.allowed[HE_IPV6] = true;
  return c;
}

static struct he_connect *new_connect(const struct he_connect_config *given)
{
  struct he_connect_config c = config();
  struct he_connect *j = he_connect_new(racer, given ? given : &c);
  if(!j)
    abort();
  return j;
}

static socklen_t sockaddr_of(const char *ip, uint16_t at,
                             struct sockaddr_storage *sa)
{
  struct he_addr a = addr_of(ip, at);
  return (socklen_t)he_addr_to_sockaddr(&a, (struct sockaddr *)sa,
                                        sizeof(*sa));
}

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* libcurl's attempt: told of, then bound where it is to be, and connecting. */
static int attempt_from(struct he_connect *j, const char *ip, const char *from)
{
  struct he_addr a = addr_of(ip, port);
  struct sockaddr_storage sa;
  socklen_t len;
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if(fd < 0)
    return fd;
  he_connect_started(j, fd, &a, (enum he_family)a.family);
  if(from) {
    len = sockaddr_of(from, 0, &sa);
    if(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
       bind(fd, (struct sockaddr *)&sa, len))
      abort();
  }
  len = sockaddr_of(ip, port, &sa);
  connect(fd, (struct sockaddr *)&sa, len);
  return fd;
}

static int attempt(struct he_connect *j, const char *ip)
{
  return attempt_from(j, ip, NULL);
}

/* as libcurl closes an attempt */
static bool give_up(struct he_connect *j, int fd)
{
  bool failed = he_connect_closing(j, fd);
  if(failed)
    he_connect_failed(j, fd, ECONNRESET);
  close(fd);
  return failed;
}

static bool wakes(int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLOUT };
  return poll(&p, 1, 10000) == 1;
}

static unsigned count_steps(struct he_connect *j, enum he_step_kind kind,
                            bool native)
{
  size_t n;
  struct he_step *s = he_connect_steps(j, &n);
  unsigned count = 0;
  for(size_t i = 0; i < n; i++)
    count += s[i].kind == kind && s[i].native == native;
  free(s);
  return count;
}

/* Are there so many, within ten seconds? */
static bool steps_come(struct he_connect *j, enum he_step_kind kind,
                       unsigned count)
{
  for(int ms = 0; ms < 10000; ms++) {
    if(count_steps(j, kind, false) == count)
      return true;
    sleep_ms(1);
  }
  return false;
}

static bool comes(struct he_connect *j, enum he_step_kind kind, bool native)
{
  for(int ms = 0; ms < 10000; ms++) {
    if(count_steps(j, kind, native))
      return true;
    sleep_ms(1);
  }
  return false;
}

static int take_within(struct he_connect *j, struct he_addr *a)
{
  int fd = -1;
  for(int ms = 0; fd < 0 && ms < 10000; ms++) {
    fd = he_connect_take(j, a);
    if(fd < 0)
      sleep_ms(1);
  }
  return fd;
}

static enum he_begin wait_for(struct he_connect *j, unsigned ms, bool whole,
                              size_t *n, bool *complete)
{
  struct he_candidate list[8];
  return he_connect_wait(j, he_clock_now() + HE_MS(ms), whole, list, 8, n,
                         complete);
}

static int begin(void **state)
{
  (void)state;
  memset(&script, 0, sizeof(script));
  __atomic_store_n(&server_resets, false, __ATOMIC_RELEASE);
  racer = he_racer_get();
  return !racer;
}

static int end(void **state)
{
  (void)state;
  he_racer_put(racer);
  return 0;
}

static void over(struct he_connect *j)
{
  he_connect_stop(j, HE_NEVER);
  he_connect_unref(j);
}

/* -- stories -- */

/* A healthy connect: nobody is asked, nothing is added. */
static void healthy(void **state)
{
  struct he_connect *j = new_connect(NULL);
  int fd = attempt(j, GOOD);
  struct he_addr a = addr_of(GOOD2, port);
  (void)state;
  assert_true(connects(fd));
  assert_int_equal(he_connect_take(j, &a), -1);
  assert_false(he_connect_continues(j, &a));
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_START, true), 1);
  assert_int_equal(count_steps(j, HE_STEP_WON, true), 1);
  assert_int_equal(count_steps(j, HE_STEP_RESOLVE, false), 0);
  assert_false(give_up(j, fd));
  over(j);
}

/* An attempt that was connected before the next one began is found to be only
   afterwards: times do not step back for it. */
static void told_late(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  struct he_step *s;
  int fd, second;
  size_t n;
  (void)state;
  c.look_after = HE_MS(5000);
  j = new_connect(&c);
  fd = attempt(j, GOOD);
  sleep_ms(20);
  second = attempt(j, SILENT);
  he_connect_sync(j);
  s = he_connect_steps(j, &n);
  assert_true(n >= 3);
  assert_int_equal(s[1].kind, HE_STEP_START);
  assert_int_equal(s[2].kind, HE_STEP_CONNECTED);
  assert_true(s[1].at_us >= 20000);
  for(size_t i = 1; i < n; i++)
    assert_true(s[i].at_us >= s[i - 1].at_us);
  free(s);
  give_up(j, second);
  give_up(j, fd);
  over(j);
}

static void refused(void **state)
{
  struct he_connect *j = new_connect(NULL);
  int fd = attempt(j, REFUSES);
  (void)state;
  assert_false(connects(fd));
  assert_true(give_up(j, fd));
  over(j);
}

/* Over before the racer has looked. False where this thread was held up for so
   long that the racer may have looked: that says nothing. */
static bool over_soon(struct he_connect *j, const char *ip, bool won)
{
  const he_time_ns look = he_time_add(he_clock_now(), HE_MS(10));
  struct he_addr a = addr_of(GOOD2, port);
  int fd = attempt(j, ip);
  const bool failed = he_connect_closing(j, fd);
  bool continues;
  close(fd);
  continues = he_connect_continues(j, &a);
  if(he_clock_now() >= look) {
    over(j);
    return false;
  }
  assert_false(failed);
  assert_int_equal(continues, !won);
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_START, true), 1);
  assert_int_equal(count_steps(j, HE_STEP_CONNECTED, true), won);
  assert_int_equal(count_steps(j, HE_STEP_WON, true), won);
  assert_int_equal(count_steps(j, HE_STEP_RESOLVE, false), 0);
  over(j);
  return true;
}

static void soon_over(void **state)
{
  struct he_connect_config c = config();
  int tries = 100;
  (void)state;
  while(!over_soon(new_connect(&c), GOOD, true))
    assert_true(--tries);
  while(!over_soon(new_connect(&c), SILENT, false))
    assert_true(--tries);
}

/* What happened before the racer's first look is told all the same: an address
   that refused, then one that is silent. */
static void retold(void **state)
{
  struct he_connect *j = new_connect(NULL);
  struct he_addr a;
  int fd, won;
  (void)state;
  script.answer[HE_IPV4] = REFUSES " " SILENT " " GOOD;
  fd = attempt(j, REFUSES);
  assert_false(connects(fd));
  assert_true(give_up(j, fd));
  fd = attempt(j, SILENT);
  won = take_within(j, &a);
  assert_true(won >= 0);
  assert_int_equal(a.ip[3], 3);
  assert_int_equal(count_steps(j, HE_STEP_FAILED, true), 1);
  give_up(j, fd);
  close(won);
  over(j);
}

static int connecting(const char *ip)
{
  struct sockaddr_storage sa;
  socklen_t len = sockaddr_of(ip, port, &sa);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  connect(fd, (struct sockaddr *)&sa, len);
  return fd;
}

/* libcurl closes an attempt without a word, and its number is another's at
   once (if no other thread is faster): a stranger's, to another peer. That one
   is let alone. */
static void number_taken(void **state)
{
  struct he_connect *j = NULL;
  int fd = -1, other = -1;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  for(int i = 0; i < 100 && (!j || other != fd); i++) {
    if(j) {
      close(other);
      over(j);
    }
    j = new_connect(NULL);
    fd = attempt(j, SILENT);
    close(fd);
    other = connecting(STRANGER);
  }
  assert_int_equal(other, fd);
  assert_true(comes(j, HE_STEP_GONE, true));
  sleep_ms(100);
  assert_int_equal(count_steps(j, HE_STEP_PROVOKED, true), 0);
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  over(j);
  close(other);
}

/* The number is that of another transfer to the same address: that one is
   raced for, this one is over. */
static void number_inherited(void **state)
{
  struct he_connect *j = NULL, *heir = NULL;
  struct he_addr a;
  int fd = -1, other = -1, won;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  for(int i = 0; i < 100 && (!j || other != fd); i++) {
    if(j) {
      close(other);
      over(j);
      over(heir);
    }
    j = new_connect(NULL);
    heir = new_connect(NULL);
    fd = attempt(j, SILENT);
    close(fd);
    other = attempt(heir, SILENT);
  }
  assert_int_equal(other, fd);
  assert_true(comes(j, HE_STEP_GONE, true));
  won = take_within(heir, &a);
  assert_true(won >= 0);
  assert_int_equal(count_steps(j, HE_STEP_PROVOKED, true), 0);
  give_up(heir, other);
  close(won);
  over(heir);
  over(j);
}

/* The first address is silent: the second one wins and is handed over when
   libcurl, provoked, asks again. */
static void hand_over(void **state)
{
  struct he_connect *j = new_connect(NULL);
  struct he_addr a = addr_of(GOOD, port);
  struct sockaddr_storage sa;
  socklen_t len;
  int fd, won;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  fd = attempt(j, SILENT);
  assert_true(wakes(fd));
  assert_true(he_connect_continues(j, &a));
  won = he_connect_take(j, &a);
  assert_true(won >= 0);
  assert_int_equal(a.ip[3], 3);
  assert_int_equal(a.port, port);
  assert_true(give_up(j, fd));
  /* what libcurl 7.88.1 does with it */
  len = (socklen_t)he_addr_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof(sa));
  assert_int_equal(0, connect(won, (struct sockaddr *)&sa, len));
  assert_int_equal(1, write(won, "x", 1));
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_PROVOKED, true), 1);
  assert_int_equal(count_steps(j, HE_STEP_HANDED_OVER, false), 1);
  assert_int_equal(count_steps(j, HE_STEP_WON, false), 1);
  close(won);
  over(j);
}

/* libcurl has no other address: it is not provoked, and gets the winner when
   it asks by itself. */
static void not_provoked(void **state)
{
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 1 };
  struct he_connect *j = new_connect(NULL);
  struct he_addr a;
  struct pollfd p = { .events = POLLOUT };
  int fd, won;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  fd = attempt(j, SILENT);
  he_connect_listed(j, counts, false);
  assert_true(comes(j, HE_STEP_CONNECTED, false));
  p.fd = fd;
  assert_int_equal(poll(&p, 1, 100), 0);
  won = he_connect_take(j, &a);
  assert_true(won >= 0);
  assert_int_equal(a.ip[3], 3);
  close(won);
  give_up(j, fd);
  over(j);
}

/* Is libcurl's attempt provoked, where the second answer is this? */
static bool provoked_by(const char *host, const char *second)
{
  struct he_connect_config c = config();
  struct pollfd p = { .events = POLLOUT };
  struct he_connect *j;
  bool yes;
  c.host = host;
  c.confirm = true;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  script.second = second;
  j = new_connect(&c);
  p.fd = attempt(j, SILENT);
  assert_true(comes(j, HE_STEP_CONNECTED, false));
  yes = poll(&p, 1, 100) == 1;
  assert_int_equal(count_steps(j, HE_STEP_PROVOKED, true), yes);
  give_up(j, p.fd);
  over(j);
  return yes;
}

/* What libcurl has is believed of a name server that says the same twice, in
   whatever order; what was found out is remembered. */
static void confirmed(void **state)
{
  (void)state;
  assert_true(provoked_by("same.test", SILENT " " GOOD));
  assert_true(provoked_by("turns.test", GOOD " " SILENT));
  assert_false(provoked_by("less.test", SILENT));
  assert_false(provoked_by("none.test", NULL));
  assert_false(provoked_by("more.test", SILENT " " GOOD " " GOOD2));
  assert_false(provoked_by("less.test", SILENT " " GOOD));
  assert_true(provoked_by("same.test", NULL));   /* it is not asked again */
}

static bool host_aside_after(const char *host, he_time_ns lookup,
                             unsigned took_ms)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  bool yes;
  int fd;
  c.host = host;
  c.lookup = lookup;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  script.took_ms = took_ms;
  j = new_connect(&c);
  fd = attempt(j, SILENT);
  assert_true(comes(j, HE_STEP_ANSWER, false));
  sleep_ms(100);
  yes = count_steps(j, HE_STEP_ASIDE, false);
  assert_int_equal(count_steps(j, HE_STEP_START, false), yes ? 0 : 1);
  give_up(j, fd);
  over(j);
  return yes;
}

static bool aside_after(he_time_ns lookup, unsigned took_ms)
{
  return host_aside_after(config().host, lookup, took_ms);
}

/* A lookup that took no time was none. */
static void no_lookup(void **state)
{
  (void)state;
  assert_true(aside_after(30000, 20));
  assert_false(aside_after(30000, 2));        /* may be the scheduler's */
  assert_false(aside_after(140000, 20));      /* a thread had looked it up */
  assert_false(aside_after(30000, 0));        /* nor did ours */
  assert_false(aside_after(300000, 1));       /* a cache next door */
  assert_false(aside_after(HE_MS(20), 5000)); /* ours was unlucky */
  assert_false(aside_after(0, 20));
}

/* The answer at which a connect stands aside is no sign that answers vary. */
static void aside_teaches_nothing(void **state)
{
  (void)state;
  assert_true(provoked_by("aside.test", SILENT " " GOOD));
  assert_true(host_aside_after("aside.test", 30000, 20));
  script.took_ms = 0;
  assert_true(provoked_by("aside.test", NULL));
}

/* The attempt of libcurl's connects while the winner waits: that one goes. */
static void late_native(void **state)
{
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 1 };
  struct he_connect *j = new_connect(NULL);
  struct he_addr a;
  int fd, second;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD " " GOOD2;
  fd = attempt(j, SILENT);
  he_connect_listed(j, counts, false);
  assert_true(comes(j, HE_STEP_CONNECTED, false));
  second = attempt(j, GOOD2);
  assert_true(connects(second));
  give_up(j, fd);
  assert_true(comes(j, HE_STEP_WON, true));
  assert_int_equal(he_connect_take(j, &a), -1);
  assert_int_equal(count_steps(j, HE_STEP_LOST, false), 0);
  give_up(j, second);
  over(j);
}

/* An address that is none of the host's: libcurl goes where we do not know. */
static void stranger(void **state)
{
  struct he_connect *j = new_connect(NULL);
  int fd;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  fd = attempt(j, STRANGER);
  assert_true(comes(j, HE_STEP_ASIDE, false));
  sleep_ms(100);
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  give_up(j, fd);
  over(j);
}

static void bound(void **state)
{
  struct he_connect *j = new_connect(NULL);
  int fd;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  fd = attempt_from(j, SILENT, "127.0.0.1");
  assert_true(comes(j, HE_STEP_ASIDE, false));
  sleep_ms(100);
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  give_up(j, fd);
  over(j);
}

/* As long as nothing says that libcurl's address is the host's, as with a
   proxy that we were not told of, nothing is tried: not even the other
   family's addresses, which are known. */
static void unproven(void **state)
{
  struct he_connect *j;
  int fd;
  (void)state;
  script.answer[HE_IPV6] = "::ffff:" GOOD;
  script.answer[HE_IPV4] = GOOD2;
  script.delay_ms[HE_IPV4] = 300;
  j = new_connect(NULL);
  fd = attempt(j, STRANGER);
  assert_true(comes(j, HE_STEP_ASIDE, false));
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  give_up(j, fd);
  over(j);
}

/* Resolved ahead, nobody looks at the attempt because it is slow: it is looked
   at all the same before one of ours is made. */
static void bound_ahead(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  size_t n;
  bool complete;
  int fd;
  (void)state;
  c.attended = true;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, true, &n, &complete), HE_BEGIN_NOW);
  fd = attempt_from(j, SILENT, "127.0.0.1");
  assert_true(comes(j, HE_STEP_ASIDE, false));
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  give_up(j, fd);
  over(j);
}

/* libcurl goes without a word, as 7.88.1 does: what ran for it ends too. */
static void orphan(void **state)
{
  struct he_connect *j = new_connect(NULL);
  int fd;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " STRANGER;
  fd = attempt(j, SILENT);
  assert_true(comes(j, HE_STEP_START, false));
  close(fd);
  assert_true(comes(j, HE_STEP_LOST, false));
  he_connect_unref(j);
}

/* The winner's peer hangs up before libcurl asks: then libcurl goes on by
   itself, and is not disturbed. */
static void spoilt(void **state)
{
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 1 };
  static const size_t more[HE_FAMILIES] = { [HE_IPV4] = 5 };
  struct he_connect *j = new_connect(NULL);
  struct he_addr a;
  struct pollfd p = { .events = POLLOUT };
  int fd;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD " " STRANGER;
  fd = attempt(j, SILENT);
  he_connect_listed(j, counts, false);
  assert_true(comes(j, HE_STEP_CONNECTED, false));
  __atomic_store_n(&server_resets, true, __ATOMIC_RELEASE);
  sleep_ms(200);
  he_connect_listed(j, more, false);
  assert_int_equal(he_connect_take(j, &a), -1);
  give_up(j, fd);
  fd = attempt(j, STRANGER);
  p.fd = fd;
  assert_int_equal(poll(&p, 1, 100), 0);
  give_up(j, fd);
  over(j);
}

/* The winner comes when libcurl has just asked, and been told that there is
   none: then the attempt that it makes is looked at, and provoked. */
static void missed(void **state)
{
  static const size_t one[HE_FAMILIES] = { [HE_IPV4] = 1 };
  static const size_t more[HE_FAMILIES] = { [HE_IPV4] = 5 };
  struct he_connect *j = new_connect(NULL);
  struct he_addr a;
  int fd, second, won;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD " " STRANGER;
  fd = attempt(j, SILENT);
  he_connect_listed(j, one, false);
  assert_true(comes(j, HE_STEP_CONNECTED, false));
  he_connect_listed(j, more, false);
  second = attempt(j, STRANGER);
  give_up(j, fd);
  assert_true(wakes(second));
  won = he_connect_take(j, &a);
  assert_true(won >= 0);
  close(won);
  give_up(j, second);
  over(j);
}

/* -- an application with callbacks of its own -- */

/* Its open() takes its time, or as long as `shut`; now and then it has the
   attempt go elsewhere, refuses it, or gives no TCP socket. */
struct slow_app {
  struct he_app base;         /* first */
  uint64_t dice;              /* the racer's thread's; 0: it does as asked */
  bool shut, inside;          /* atomic */
};

static int slow_open(struct he_app *base, struct he_addr *addr)
{
  struct slow_app *a = (struct slow_app *)base;
  __atomic_store_n(&a->inside, true, __ATOMIC_SEQ_CST);
  for(int ms = 0; ms < 10000 && __atomic_load_n(&a->shut, __ATOMIC_SEQ_CST);
      ms++)
    sleep_ms(1);
  if(a->dice) {
    sleep_ms(roll_of(&a->dice, 30));
    switch(roll_of(&a->dice, 8)) {
    case 0:
      return -1;
    case 1:
      *addr = addr_of(STRANGER, port);
      break;
    case 2:
      return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
  }
  return socket(addr->family == HE_IPV4 ? AF_INET : AF_INET6,
                SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static enum he_app_says slow_prepare(struct he_app *base, int fd)
{
  struct slow_app *a = (struct slow_app *)base;
  (void)fd;
  return a->dice && !roll_of(&a->dice, 8) ? HE_APP_DROP : HE_APP_CONNECT;
}

static void slow_close(struct he_app *base, int fd)
{
  (void)base;
  close(fd);
}

static void slow_ref(struct he_app *base)
{
  (void)base;                 /* the test has it for longer */
}

static const struct he_app_ops slow_ops = {
  .open = slow_open,
  .prepare = slow_prepare,
  .close = slow_close,
  .ref = slow_ref,
  .unref = slow_ref
};

/* The application of this connect holds the racer's thread up, until that is
   let go. */
static struct he_connect *connect_inside(struct slow_app *app, int *fd)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  *app = (struct slow_app){ .base = { .ops = &slow_ops, .opens = true } };
  app->shut = true;
  c.app = &app->base;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  j = new_connect(&c);
  *fd = attempt(j, SILENT);
  for(int ms = 0; ms < 10000 &&
      !__atomic_load_n(&app->inside, __ATOMIC_SEQ_CST); ms++)
    sleep_ms(1);
  assert_true(app->inside);
  return j;
}

static void let_go(struct slow_app *app, struct he_connect *j, int fd)
{
  __atomic_store_n(&app->shut, false, __ATOMIC_SEQ_CST);
  he_connect_sync(j);
  give_up(j, fd);
  over(j);
}

/* The application redirects libcurl's second request, the first one having been
   refused at once, and the racer hears of all that later. */
static void steered_while_busy(void **state)
{
  struct slow_app other;
  (void)state;
  for(int after = 0; after < 3; after++) {
    int held, fd;
    struct he_connect *holds = connect_inside(&other, &held);
    struct he_connect *j = new_connect(NULL);
    fd = attempt(j, REFUSES);
    assert_false(connects(fd));
    assert_true(give_up(j, fd));
    fd = attempt(j, after == 2 ? GOOD : STRANGER);
    he_connect_steered(j);
    if(after == 1)
      give_up(j, fd);
    let_go(&other, holds, held);
    he_connect_sync(j);
    assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
    if(after != 1)
      give_up(j, fd);
    over(j);
  }
}

/* libcurl takes the winner, or finds it spoilt, while the racer has yet to hear
   that the application steers. */
static void taken_while_busy(void **state)
{
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 1 };
  (void)state;
  for(int spoils = 0; spoils < 2; spoils++) {
    struct he_connect *j = new_connect(NULL), *holds;
    struct slow_app other;
    struct he_addr a;
    int fd, held, won;
    script.answer[HE_IPV4] = SILENT " " GOOD;
    fd = attempt(j, SILENT);
    he_connect_listed(j, counts, false);
    assert_true(comes(j, HE_STEP_CONNECTED, false));
    holds = connect_inside(&other, &held);
    if(spoils) {
      __atomic_store_n(&server_resets, true, __ATOMIC_RELEASE);
      sleep_ms(200);
    }
    he_connect_steered(j);
    won = he_connect_take(j, &a);
    assert_int_equal(won < 0, spoils);
    let_go(&other, holds, held);
    he_connect_sync(j);
    assert_int_equal(count_steps(j, HE_STEP_WON, false), !spoils);
    give_up(j, fd);
    if(won >= 0)
      close(won);
    over(j);
  }
}

/* -- resolving ahead -- */

static void resolves(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  size_t n;
  bool complete;
  (void)state;
  c.attended = true;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  script.answer[HE_IPV6] = "::1";
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, true, &n, &complete), HE_BEGIN_NOW);
  assert_int_equal(n, 3);
  assert_true(complete);
  over(j);
}

static void resolves_late(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  size_t n;
  bool complete;
  (void)state;
  c.attended = true;
  script.answer[HE_IPV4] = GOOD;
  script.answer[HE_IPV6] = "::1";
  script.delay_ms[HE_IPV6] = 400;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, false, &n, &complete), HE_BEGIN_NOW);
  assert_int_equal(n, 1);
  assert_false(complete);
  assert_int_equal(wait_for(j, 1, true, &n, &complete), HE_BEGIN_LATE);
  assert_int_equal(wait_for(j, 10000, true, &n, &complete), HE_BEGIN_NOW);
  assert_int_equal(n, 2);
  assert_true(complete);
  over(j);
}

static void resolves_nothing(void **state)
{
  struct he_connect_config c = config();
  size_t n;
  bool complete;
  (void)state;
  c.attended = true;
  for(int i = 0; i < 3; i++) {
    static const int errors[] = { 0, EAI_NONAME, EAI_AGAIN };
    struct he_connect *j = new_connect(&c);
    script.error[HE_IPV4] = script.error[HE_IPV6] = errors[i];
    assert_true(he_connect_resolve(j));
    assert_int_equal(wait_for(j, 10000, false, &n, &complete),
                     i == 2 ? HE_BEGIN_FAILED : HE_BEGIN_NOTHING);
    assert_int_equal(n, 0);
    over(j);
  }
}

/* -- what earlier answers said -- */

/* A history with an answer a family: "": there are none, NULL: never told. */
static struct he_recall *taught(const char *v4, const char *v6)
{
  const char *text[HE_FAMILIES] = { [HE_IPV4] = v4, [HE_IPV6] = v6 };
  struct he_history_limits limits;
  struct he_recall *r;
  he_history_limits_usual(&limits);
  r = he_recall_new(&limits);
  assert_non_null(r);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_candidate list[8];
    if(text[f])
      he_recall_answer(r, "job.test", (enum he_family)f, list,
                       read_list(text[f], port, list), he_clock_now());
  }
  return r;
}

/* A connect that asks it, of a connect that is authenticated. */
static struct he_connect_config with_history(struct he_recall *r)
{
  struct he_connect_config c = config();
  c.attended = true;
  c.recall = r;
  c.ask.authenticated = true;
  c.ask.first_count = 1;
  c.ask.leeway_ms = c.ask.min_delay_ms = c.ask.first_delay_ms = 50;
  c.ask.max_delay_ms = 2000;
  return c;
}

/* Is this what history has of A, within ten seconds? */
static bool knows(struct he_recall *r, const char *ip)
{
  const struct he_recall_ask ask = { .host = "job.test", .port = port,
                                     .authenticated = true };
  const struct he_addr want = addr_of(ip, port);
  for(int ms = 0; ms < 10000; ms++) {
    struct he_candidate list[8];
    size_t n;
    if(he_recall_remembered(r, &ask, HE_IPV4, list, 8, &n, he_clock_now()) &&
       n == 1 && he_addr_equal(&list[0].addr, &want))
      return true;
    sleep_ms(1);
  }
  return false;
}

/* The name server is silent: it is not waited for where history knows, and who
   answers is known. */
static void remembers(void **state)
{
  static const struct {
    const char *v4, *v6;
    bool authenticated;
    enum he_begin begins;
    size_t n;
  } cases[] = {
    { GOOD, "::1", true, HE_BEGIN_NOW, 2 },
    { GOOD, "", true, HE_BEGIN_NOW, 1 },
    { GOOD, NULL, true, HE_BEGIN_NOW, 1 },  /* after the Resolution Delay */
    { GOOD, "::1", false, HE_BEGIN_LATE, 0 },
    { "", "", true, HE_BEGIN_LATE, 0 },
    { NULL, NULL, true, HE_BEGIN_LATE, 0 }
  };
  (void)state;
  script.answer[HE_IPV4] = GOOD;
  script.answer[HE_IPV6] = "::1";
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 60000;
  for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    struct he_recall *r = taught(cases[i].v4, cases[i].v6);
    struct he_connect_config c = with_history(r);
    struct he_connect *j;
    bool complete;
    size_t n;
    c.ask.authenticated = cases[i].authenticated;
    j = new_connect(&c);
    assert_true(he_connect_resolve(j));
    assert_int_equal(wait_for(j, cases[i].n ? 10000 : 100, false, &n,
                              &complete), cases[i].begins);
    assert_int_equal(n, cases[i].n);
    assert_false(complete);
    assert_true(steps_come(j, HE_STEP_RESOLVE, 2));
    assert_int_equal(count_steps(j, HE_STEP_ANSWER, false), 0);
    assert_true(steps_come(j, HE_STEP_REMEMBERED,
                     cases[i].authenticated ?
                     (cases[i].v4 ? 1u : 0u) + (cases[i].v6 ? 1u : 0u) :
                     0));
    over(j);
    he_recall_unref(r);
  }
}

/* The host has moved: what libcurl has begun with goes on, and the race with
   what the answer says. */
static void moved_host(void **state)
{
  struct he_recall *r = taught(SILENT, "");
  struct he_connect_config c = with_history(r);
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 3 };
  struct he_addr a = addr_of(SILENT, port);
  struct he_connect *j;
  int fd, won;
  bool complete;
  size_t n;
  (void)state;
  script.answer[HE_IPV4] = GOOD;
  script.delay_ms[HE_IPV4] = 20;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, false, &n, &complete), HE_BEGIN_NOW);
  assert_int_equal(n, 1);
  he_connect_listed(j, counts, false);
  fd = attempt(j, SILENT);
  assert_true(comes(j, HE_STEP_PROVOKED, true));
  assert_true(wakes(fd));
  assert_true(give_up(j, fd));
  won = take_within(j, &a);
  assert_true(won >= 0);
  assert_int_equal(count_steps(j, HE_STEP_ASIDE, false), 0);
  assert_true(knows(r, GOOD));
  close(won);
  over(j);
  he_recall_unref(r);
}

/* The connect is over before the answer is there: the next one has it. */
static void late_answer(void **state)
{
  struct he_recall *r = taught(GOOD2, "");
  struct he_connect_config c = with_history(r);
  static const size_t counts[HE_FAMILIES] = { [HE_IPV4] = 1 };
  struct he_connect *j;
  bool complete;
  size_t n;
  int fd;
  (void)state;
  script.answer[HE_IPV4] = GOOD;
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 300;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, false, &n, &complete), HE_BEGIN_NOW);
  he_connect_listed(j, counts, false);
  fd = attempt(j, GOOD2);
  assert_true(connects(fd));
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_WON, true), 1);
  assert_int_equal(count_steps(j, HE_STEP_ANSWER, false), 0);
  assert_false(give_up(j, fd));
  over(j);
  assert_true(knows(r, GOOD));
  he_recall_unref(r);
}

/* The racer's end does not wait for an answer that nobody needs. */
static void no_late_answer(void **state)
{
  struct he_recall *r = taught(GOOD, "");
  struct he_connect_config c = with_history(r);
  struct he_connect *j;
  bool complete;
  size_t n;
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 600000;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, false, &n, &complete), HE_BEGIN_NOW);
  over(j);
  assert_int_equal(end(state), 0);
  assert_int_equal(begin(state), 0);
  he_recall_unref(r);
}

/* -- which address libcurl is given -- */

/* It asks for a socket to this one: which one does it get? The attempt is told
   of, and never made. */
static void expect_given(struct he_connect *j, int *fd, const char *asked,
                         const char *given)
{
  struct he_addr a = addr_of(asked, port), want = addr_of(given, port);
  enum he_family f = (enum he_family)a.family;
  he_connect_prefer(j, &a);
  assert_true(he_addr_equal(&a, &want));
  assert_true(he_connect_continues(j, &a));
  *fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  he_connect_started(j, *fd, &a, f);
}

static void close_all(const int *fd, size_t n)
{
  for(size_t i = 0; i < n; i++)
    close(fd[i]);
}

/* A connect that has resolved, and libcurl with all that was found. */
static struct he_connect *resolved(const struct he_connect_config *c)
{
  static const size_t counts[HE_FAMILIES] = { 3, 3 };
  struct he_connect *j = new_connect(c);
  size_t n;
  bool complete;
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 10000, true, &n, &complete), HE_BEGIN_NOW);
  assert_int_equal(n, 6);
  he_connect_listed(j, counts, c->libcurl_races);
  return j;
}

static void three_of_each(void)
{
  script.answer[HE_IPV4] = "127.1.0.1 127.1.0.2 127.1.0.3";
  script.answer[HE_IPV6] = "3fff::1 3fff::2 3fff::3";
}

/* It begins with IPv6, whatever it was told: it gets IPv4 where that is first,
   and IPv6 when it asks for what it has had. */
static void begins_otherwise(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  int fd[4];
  (void)state;
  c.attended = c.libcurl_begins_with_ipv6 = true;
  c.race.preference = HE_PREFER_IPV4;
  three_of_each();
  j = resolved(&c);
  expect_given(j, &fd[3], "3fff::9", "3fff::9");   /* not the host's */
  close(fd[3]);
  over(j);
  j = resolved(&c);
  expect_given(j, &fd[0], "3fff::1", "127.1.0.1");
  expect_given(j, &fd[1], "127.1.0.1", "3fff::1");
  expect_given(j, &fd[2], "3fff::2", "3fff::2");
  close_all(fd, 3);
  over(j);
  /* one that begins with its list's first family, if it may use that */
  c.libcurl_begins_with_ipv6 = false;
  j = resolved(&c);
  expect_given(j, &fd[0], "3fff::1", "3fff::1");
  close_all(fd, 1);
  over(j);
}

/* It begins with IPv4 although it was given IPv6: it may not use that, and gets
   none in IPv4's place, in whatever order the addresses are. */
static void ipv4_only(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  int fd[3];
  (void)state;
  c.attended = c.libcurl_begins_with_ipv6 = true;
  c.race.preference = HE_PREFER_IPV6;
  three_of_each();
  for(int races = 0; races < 2; races++) {
    c.libcurl_races = races;
    j = resolved(&c);
    expect_given(j, &fd[0], "127.1.0.1", "127.1.0.1");
    expect_given(j, &fd[1], "127.1.0.2", "127.1.0.2");
    expect_given(j, &fd[2], "127.1.0.3", "127.1.0.3");
    close_all(fd, 3);
    over(j);
  }
}

/* Two attempts to IPv6 have had no answer for a delay: IPv4 goes on, and what
   was passed over comes last. */
static void silent_family(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  int fd[7];
  (void)state;
  c.attended = c.libcurl_races = c.libcurl_begins_with_ipv6 = true;
  c.race.preference = HE_PREFER_IPV6;
  three_of_each();
  j = resolved(&c);
  expect_given(j, &fd[0], "3fff::1", "3fff::1");
  expect_given(j, &fd[1], "127.1.0.1", "127.1.0.1");
  expect_given(j, &fd[2], "3fff::2", "3fff::2");
  sleep_ms(40);
  expect_given(j, &fd[3], "127.1.0.2", "127.1.0.2");
  expect_given(j, &fd[4], "3fff::3", "127.1.0.3");
  expect_given(j, &fd[5], "3fff::9", "3fff::9");   /* not the host's */
  expect_given(j, &fd[6], "127.1.0.3", "3fff::3");
  close_all(fd, 7);
  over(j);
}

/* The application refuses the sockets: each address is named once. */
static void refused_sockets(void **state)
{
  static const char *const order[] = {
    "3fff::1", "127.1.0.1", "3fff::2", "127.1.0.2", "3fff::3", "127.1.0.3"
  };
  struct he_connect_config c = config();
  struct he_connect *j;
  (void)state;
  c.attended = c.libcurl_races = c.libcurl_begins_with_ipv6 = true;
  c.race.preference = HE_PREFER_IPV6;
  three_of_each();
  j = resolved(&c);
  for(size_t i = 0; i < 6; i++) {
    struct he_addr a = addr_of(order[i], port), want = a;
    he_connect_prefer(j, &a);
    assert_true(he_addr_equal(&a, &want));
  }
  over(j);
}

/* The same where an attempt was refused: that is an answer. */
static void refusing_family(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  int fd[5];
  (void)state;
  c.attended = c.libcurl_races = c.libcurl_begins_with_ipv6 = true;
  c.race.preference = HE_PREFER_IPV6;
  three_of_each();
  j = resolved(&c);
  expect_given(j, &fd[0], "3fff::1", "3fff::1");
  expect_given(j, &fd[1], "127.1.0.1", "127.1.0.1");
  expect_given(j, &fd[2], "3fff::2", "3fff::2");
  assert_true(he_connect_closing(j, fd[2]));
  he_connect_failed(j, fd[2], ECONNREFUSED);
  assert_true(he_connect_closing(j, fd[1]));
  he_connect_failed(j, fd[1], ECONNREFUSED);
  sleep_ms(40);
  expect_given(j, &fd[3], "127.1.0.2", "127.1.0.2");
  expect_given(j, &fd[4], "3fff::3", "3fff::3");
  close_all(fd, 5);
  over(j);
}

/* Beside a libcurl that races by itself, addresses are asked for when there is
   an order to choose, and no attempt is made. */
static void passive(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  int fd[6];
  (void)state;
  c.libcurl_races = c.race.passive = true;
  script.answer[HE_IPV4] = SILENT " " STRANGER " 127.1.0.3";
  script.answer[HE_IPV6] = "3fff::1 3fff::2 3fff::3";
  j = new_connect(&c);
  expect_given(j, &fd[0], "3fff::1", "3fff::1");
  fd[1] = attempt(j, SILENT);
  he_connect_sync(j);
  sleep_ms(40);
  assert_int_equal(count_steps(j, HE_STEP_RESOLVE, false), 0);
  expect_given(j, &fd[2], "3fff::2", "3fff::2");
  for(int ms = 0; ms < 10000 && count_steps(j, HE_STEP_ANSWER, false) < 2;
      ms++)
    sleep_ms(1);
  sleep_ms(40);
  fd[3] = attempt(j, STRANGER);
  expect_given(j, &fd[4], "3fff::3", "127.1.0.3");
  expect_given(j, &fd[5], "127.1.0.3", "3fff::3");
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_RESOLVE, false), 2);
  assert_int_equal(count_steps(j, HE_STEP_START, false), 0);
  assert_int_equal(count_steps(j, HE_STEP_ASIDE, false), 0);
  close_all(fd, 6);
  over(j);
}

static void never_resolves(void **state)
{
  struct he_connect_config c = config();
  struct he_connect *j;
  size_t n;
  bool complete;
  (void)state;
  c.attended = true;
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 3600000;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(wait_for(j, 20, false, &n, &complete), HE_BEGIN_LATE);
  over(j);
}

static void *stop_soon(void *arg)
{
  sleep_ms(20);
  he_connect_stop(arg, HE_NEVER);
  return NULL;
}

/* Who waits without limit is woken when the race is called off, or its racer
   ends. */
static void called_off(void **state)
{
  struct he_connect_config c = config();
  (void)state;
  c.attended = true;
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 3600000;
  for(int i = 0; i < 10; i++) {
    struct he_connect *j = new_connect(&c);
    struct he_candidate list[8];
    pthread_t thread;
    size_t n;
    bool complete;
    assert_true(he_connect_resolve(j));
    assert_int_equal(0, pthread_create(&thread, NULL, stop_soon, j));
    assert_int_equal(he_connect_wait(j, HE_NEVER, false, list, 8, &n,
                                     &complete),
                     HE_BEGIN_FAILED);
    pthread_join(thread, NULL);
    he_connect_unref(j);
  }
}

static void *put_soon(void *arg)
{
  sleep_ms(20);
  he_racer_put(arg);
  return NULL;
}

static void racer_ends(void **state)
{
  struct he_connect_config c = config();
  struct he_racer *mine = racer;
  struct he_connect *j;
  struct he_candidate list[8];
  struct he_addr a;
  pthread_t thread;
  size_t n;
  bool complete;
  int fd;
  (void)state;
  c.attended = true;
  script.delay_ms[HE_IPV4] = script.delay_ms[HE_IPV6] = 3600000;
  j = new_connect(&c);
  assert_true(he_connect_resolve(j));
  assert_int_equal(0, pthread_create(&thread, NULL, put_soon, mine));
  assert_int_equal(he_connect_wait(j, HE_NEVER, false, list, 8, &n, &complete),
                   HE_BEGIN_FAILED);
  pthread_join(thread, NULL);
  /* and what is told or asked now is answered at once */
  fd = attempt(j, SILENT);
  assert_int_equal(he_connect_take(j, &a), -1);
  he_connect_sync(j);
  assert_false(he_connect_resolve(j));
  give_up(j, fd);
  over(j);
  racer = he_racer_get();
  assert_non_null(racer);
}

/* -- no descriptors left -- */

static void no_descriptors(void **state)
{
  struct he_connect *j = new_connect(NULL);
  struct rlimit was, none;
  int fd, won;
  struct he_addr a;
  (void)state;
  script.answer[HE_IPV4] = SILENT " " GOOD;
  fd = attempt(j, REFUSES);   /* the racer's thread is there */
  give_up(j, fd);
  he_connect_sync(j);
  over(j);
  j = new_connect(NULL);
  assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &was));
  fd = attempt(j, SILENT);
  none = was;
  none.rlim_cur = 3;
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
  sleep_ms(100);
  he_connect_sync(j);
  assert_int_equal(count_steps(j, HE_STEP_CONNECTED, false), 0);
  assert_int_equal(count_steps(j, HE_STEP_GONE, true), 0);
  assert_int_equal(he_connect_take(j, &a), -1);
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &was));
  /* now there are some again, and the race goes on */
  won = take_within(j, &a);
  assert_true(won >= 0);
  close(won);
  give_up(j, fd);
  over(j);
}

/* -- who watches -- */

static unsigned watched;
static bool watch_is_over, watched_late;

static void watch(const struct he_connect *j, const struct he_step *s,
                  const struct he_addr *local)
{
  (void)j;
  (void)s;
  (void)local;
  __atomic_add_fetch(&watched, 1, __ATOMIC_SEQ_CST);
  if(__atomic_load_n(&watch_is_over, __ATOMIC_SEQ_CST))
    __atomic_store_n(&watched_late, true, __ATOMIC_SEQ_CST);
}

static void no_watcher_after_stop(void **state)
{
  struct he_connect_config c = config();
  (void)state;
  c.watcher = watch;
  script.answer[HE_IPV4] = SILENT " " REFUSES " " GOOD;
  watched_late = false;
  watched = 0;
  for(unsigned i = 0; i < rounds(100); i++) {
    struct he_connect *j = new_connect(&c);
    int fd;
    watch_is_over = false;
    fd = attempt(j, SILENT);
    sleep_ms(roll(60));
    he_connect_stop(j, HE_NEVER);
    __atomic_store_n(&watch_is_over, true, __ATOMIC_SEQ_CST);
    give_up(j, fd);
    sleep_ms(roll(3));
    he_connect_unref(j);
  }
  he_racer_put(racer);
  assert_true(watched > 0);
  assert_false(watched_late);
  racer = he_racer_get();
  assert_non_null(racer);
}

/* -- any order, any thread -- */

static const char *const places[] = { SILENT, GOOD, GOOD2, REFUSES, STRANGER };

struct player {
  pthread_t thread;
  struct he_connect *job;
  uint64_t dice;
  unsigned steps;
};

static void play(struct he_connect *j, uint64_t *dice, int fds[4])
{
  unsigned k = roll_of(dice, 4);
  struct he_addr a = addr_of(places[roll_of(dice, 5)], port);
  size_t n;
  bool complete;
  int fd;
  switch(roll_of(dice, 12)) {
  case 0: case 1: case 2: case 3:
    if(fds[k] < 0)
      fds[k] = attempt(j, places[roll_of(dice, 5)]);
    break;
  case 4: case 5: case 6:
    if(fds[k] >= 0) {
      if(roll_of(dice, 3))
        give_up(j, fds[k]);
      else
        close(fds[k]);
      fds[k] = -1;
    }
    break;
  case 7:
    fd = he_connect_take(j, &a);
    if(fd >= 0)
      close(fd);
    break;
  case 8:
    he_connect_sync(j);
    break;
  case 9:
    if(!roll_of(dice, 6))
      he_connect_steered(j);
    he_connect_continues(j, &a);
    he_connect_instead(j, &a);
    free(he_connect_steps(j, &n));
    break;
  case 10:
    if(!roll_of(dice, 4))
      he_connect_resolve(j);
    else
      wait_for(j, 1, roll_of(dice, 2), &n, &complete);
    break;
  case 11:
    sleep_ms(roll_of(dice, 40));
    break;
  }
}

static void *play_on(void *arg)
{
  struct player *p = arg;
  int fds[4] = { -1, -1, -1, -1 };
  for(unsigned i = 0; i < p->steps; i++)
    play(p->job, &p->dice, fds);
  if(roll_of(&p->dice, 2))
    he_connect_stop(p->job, roll_of(&p->dice, 2) ? HE_NEVER : 0);
  for(int i = 0; i < 4; i++) {
    if(fds[i] >= 0)
      give_up(p->job, fds[i]);
  }
  he_connect_unref(p->job);
  return NULL;
}

/* Each job with a thread of its own, as libcurl uses them, or with several. */
static void play_all(unsigned connects, unsigned each, unsigned steps)
{
  struct he_recall *recall = taught(SILENT " " GOOD, "::1");
  struct slow_app app = { .base = { .ops = &slow_ops, .opens = true } };
  struct player players[8];
  unsigned n = 0;
  app.dice = new_dice() | 1;
  for(unsigned i = 0; i < connects; i++) {
    struct he_connect_config c = roll(2) ? with_history(recall) : config();
    struct he_connect *j;
    c.attended = roll(2);
    c.libcurl_races = !roll(6);
    c.look_after = HE_MS(roll(30));
    c.race.total_timeout = roll(3) ? HE_NEVER : HE_MS(100 + roll(100));
    c.race.attempt_timeout = roll(3) ? HE_NEVER : HE_MS(20 + roll(100));
    c.watcher = roll(3) ? NULL : watch;
    c.aside = roll(6) ? NULL : "the dice say so";
    c.realm = roll(4) ? &port : NULL;
    c.app = roll(3) ? NULL : &app.base;
    j = new_connect(&c);
    for(unsigned k = 0; k < each; k++) {
      he_connect_ref(j);
      players[n] = (struct player){ .job = j, .dice = new_dice(),
                                    .steps = steps };
      if(pthread_create(&players[n].thread, NULL, play_on, &players[n]))
        abort();
      n++;
    }
    if(!roll(8))   /* some end early */
      he_connect_stop(j, roll(2) ? HE_NEVER : 0);
    he_connect_unref(j);
  }
  while(n)
    pthread_join(players[--n].thread, NULL);
  /* the racer lets go of the application */
  he_racer_put(racer);
  racer = he_racer_get();
  assert_non_null(racer);
  he_recall_unref(recall);
}

static void any_order(void **state)
{
  (void)state;
  pthread_mutex_lock(&script_lock);
  script.answer[HE_IPV4] = SILENT " " REFUSES " " GOOD " " GOOD2;
  script.answer[HE_IPV6] = "::1";
  pthread_mutex_unlock(&script_lock);
  watch_is_over = false;
  for(unsigned i = rounds(40); i; i--) {
    pthread_mutex_lock(&script_lock);
    script.delay_ms[HE_IPV4] = roll(30);
    script.delay_ms[HE_IPV6] = roll(30);
    script.error[HE_IPV6] = roll(3) ? 0 : -2;
    pthread_mutex_unlock(&script_lock);
    if(roll(2))
      play_all(6, 1, 20 + roll(40));
    else
      play_all(2, 4, 20 + roll(40));
  }
}

static void nothing_left(void **state)
{
  (void)state;
  take_down();
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
    STORY(healthy),
    STORY(told_late),
    STORY(refused),
    STORY(soon_over),
    STORY(retold),
    STORY(number_taken),
    STORY(number_inherited),
    STORY(hand_over),
    STORY(not_provoked),
    STORY(confirmed),
    STORY(no_lookup),
    STORY(aside_teaches_nothing),
    STORY(late_native),
    STORY(stranger),
    STORY(bound),
    STORY(unproven),
    STORY(bound_ahead),
    STORY(orphan),
    STORY(spoilt),
    STORY(missed),
    STORY(steered_while_busy),
    STORY(taken_while_busy),
    STORY(resolves),
    STORY(resolves_late),
    STORY(resolves_nothing),
    STORY(remembers),
    STORY(moved_host),
    STORY(late_answer),
    STORY(no_late_answer),
    STORY(never_resolves),
    STORY(begins_otherwise),
    STORY(ipv4_only),
    STORY(silent_family),
    STORY(refused_sockets),
    STORY(refusing_family),
    STORY(passive),
    STORY(called_off),
    STORY(racer_ends),
    STORY(no_descriptors),
    STORY(no_watcher_after_stop),
    STORY(any_order),
    cmocka_unit_test(nothing_left)
  };
  test_seed();
  count_start();
  return cmocka_run_group_tests(tests, bring_up, NULL);
}
