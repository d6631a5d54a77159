/* SPDX-License-Identifier: MIT */
/* dial_test.c - connects that are not by libcurl, on loopback: what wins, what
 * is tried after it, what is left when one is called off. */
#include "base/clock.h"
#include "dial/dial.h"
#include "net/tcp.h"
#include "tests/engine/common.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct he_racer *racer;

/* What done() was told. */
struct told {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned times;
  int fd;
  int error;
  struct he_addr addr;
  bool here;                  /* on the thread that began it */
  pthread_t starter;
  unsigned slow_ms;           /* so long does done() take */
};

static void told_init(struct told *t)
{
  memset(t, 0, sizeof(*t));
  pthread_mutex_init(&t->lock, NULL);
  pthread_cond_init(&t->changed, NULL);
  t->fd = -1;
  t->starter = pthread_self();
}

static void on_done(void *arg, int fd, const struct he_addr *addr, int error)
{
  struct told *t = arg;
  if(t->slow_ms)
    sleep_ms(t->slow_ms);
  pthread_mutex_lock(&t->lock);
  t->times++;
  t->fd = fd;
  t->error = error;
  if(addr)
    t->addr = *addr;
  t->here = pthread_equal(pthread_self(), t->starter);
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->lock);
}

static void wait_told(struct told *t, unsigned times)
{
  pthread_mutex_lock(&t->lock);
  while(t->times < times)
    pthread_cond_wait(&t->changed, &t->lock);
  assert_int_equal(t->times, times);
  pthread_mutex_unlock(&t->lock);
}

static void assert_connected(const struct told *t, const struct he_addr *to)
{
  assert_int_equal(t->error, 0);
  assert_true(t->fd >= 0);
  assert_true(he_addr_equal(&t->addr, to));
  assert_true(fcntl(t->fd, F_GETFL) & O_NONBLOCK);
  assert_true(fcntl(t->fd, F_GETFD) & FD_CLOEXEC);
  assert_true(connects(t->fd));
}

static struct he_dial_config to(const struct he_addr *list, size_t n)
{
  struct he_dial_config c;
  he_dial_defaults(&c, racer);
  c.list = list;
  c.n = n;
  return c;
}

/* On this thread: it is over when this returns. */
static struct he_dial *run_here(const struct he_dial_config *c,
                                struct told *t)
{
  struct he_dial *d = he_dial_new(c, on_done, t);
  assert_non_null(d);
  assert_true(he_dial_go(d, true));
  assert_int_equal(t->times, 1);
  return d;
}

static void close_all(const int *fds, size_t n)
{
  for(size_t i = 0; i < n; i++)
    close(fds[i]);
}

/* -- tests -- */

static void one_address(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  const struct he_addr a = addr_of("127.0.0.1", port);
  const struct he_dial_config c = to(&a, 1);
  struct told t;
  struct he_dial *d;
  (void)state;
  told_init(&t);
  d = he_dial_start(&c, on_done, &t);
  assert_non_null(d);
  wait_told(&t, 1);
  assert_connected(&t, &a);
  assert_false(t.here);
  assert_int_equal(he_dial_unresolved(d), 0);
  he_dial_cancel(d);
  close(t.fd);
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.times, 1);
  assert_true(t.here);
  assert_connected(&t, &a);
  he_dial_cancel(d);
  close(t.fd);
  close(l);
}

/* A silent address costs one delay; its socket does not outlast the race. */
static void silent_first(void **state)
{
  uint16_t port = 0, sport = 0;
  int fill[FILL];
  const int l = listen_at("127.0.0.1", &port, 5);
  const int s = silent_at("127.0.0.2", &sport, fill);
  const struct he_addr list[] = { addr_of("127.0.0.2", sport),
                                  addr_of("127.0.0.1", port) };
  const struct he_dial_config c = to(list, 2);
  const he_time_ns began = he_clock_now();
  struct told t;
  struct he_dial *d;
  (void)state;
  told_init(&t);
  d = run_here(&c, &t);
  assert_connected(&t, &list[1]);
  assert_in_range(elapsed_ms(began), 45, 5000);
  he_dial_cancel(d);
  close(t.fd);
  close_all(fill, FILL);
  close(s);
  close(l);
}

static unsigned count_steps(struct he_dial *d, enum he_step_kind kind)
{
  unsigned found = 0;
  size_t n;
  struct he_step *s = he_dial_steps(d, &n);
  for(size_t i = 0; i < n; i++) {
    assert_true(!i || s[i].at_us >= s[i - 1].at_us);
    found += s[i].kind == kind;
  }
  free(s);
  return found;
}

/* All refuse: the errno is theirs. One of them is of another errno: none is. */
static void all_refuse(void **state)
{
  const struct he_addr list[] = {
    addr_of("127.0.0.1", closed_port("127.0.0.1")),
    addr_of("127.0.0.2", closed_port("127.0.0.2")),
    addr_of("255.255.255.255", 7)   /* EACCES, or ENETUNREACH */
  };
  struct he_dial_config c = to(list, 2);
  struct told t;
  struct he_dial *d;
  (void)state;
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.fd, -1);
  assert_int_equal(t.error, ECONNREFUSED);
  assert_int_equal(count_steps(d, HE_STEP_FAILED), 2);
  assert_int_equal(count_steps(d, HE_STEP_LOST), 1);
  he_dial_cancel(d);
  c = to(list, 3);
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.error, EHOSTUNREACH);
  assert_int_equal(count_steps(d, HE_STEP_FAILED), 3);
  he_dial_cancel(d);
}

/* Longer than a second, as a lookup of libcurl's would not. */
static void the_deadline(void **state)
{
  uint16_t port = 0;
  int fill[FILL];
  const int s = silent_at("127.0.0.2", &port, fill);
  const struct he_addr a = addr_of("127.0.0.2", port);
  struct he_dial_config c = to(&a, 1);
  const he_time_ns began = he_clock_now();
  struct told t;
  struct he_dial *d;
  (void)state;
  c.race.total_timeout = HE_MS(1300);
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.fd, -1);
  assert_int_equal(t.error, ETIMEDOUT);
  assert_in_range(elapsed_ms(began), 1290, 8000);
  he_dial_cancel(d);
  close_all(fill, FILL);
  close(s);
}

/* The upper layer goes on: what was called off for the winner is tried, what
   has failed or won is not. */
static void goes_on(void **state)
{
  uint16_t port[3] = { 0, 0, 0 };
  int l[3];
  struct he_addr list[4] = { { .port = 0 } };
  struct he_dial_config c = to(list, 4);
  struct told t;
  struct he_dial *d;
  (void)state;
  for(int i = 0; i < 3; i++) {
    l[i] = listen_at("127.0.0.1", &port[i], 5);
    list[i + 1] = addr_of("127.0.0.1", port[i]);
  }
  list[0] = addr_of("127.0.0.3", closed_port("127.0.0.3"));
  told_init(&t);
  d = run_here(&c, &t);
  for(unsigned i = 1; i <= 3; i++) {
    wait_told(&t, i);
    assert_connected(&t, &list[i]);
    close(t.fd);
    t.fd = -1;
    if(i < 3)
      assert_true(he_dial_go(d, i == 1));
  }
  assert_true(he_dial_go(d, true));
  assert_int_equal(t.times, 4);
  assert_int_equal(t.fd, -1);
  assert_int_equal(t.error, ECONNREFUSED);   /* of the one that has failed */
  assert_int_equal(count_steps(d, HE_STEP_START), 4);
  assert_int_equal(count_steps(d, HE_STEP_WON), 3);
  he_dial_cancel(d);
  close_all(l, 3);
}

/* Nothing is told once he_dial_cancel() has returned, and nothing is left. */
static void called_off(void **state)
{
  uint16_t port = 0, sport = 0;
  int fill[FILL];
  const int l = listen_at("127.0.0.1", &port, 100);
  const int s = silent_at("127.0.0.2", &sport, fill);
  const struct he_addr list[] = { addr_of("127.0.0.2", sport),
                                  addr_of("127.0.0.1", port) };
  (void)state;
  for(unsigned i = 0; i < rounds(120); i++) {
    const struct he_dial_config c = to(list, 2);
    struct told t;
    struct he_dial *d;
    unsigned before;
    told_init(&t);
    t.slow_ms = roll(3);
    d = he_dial_start(&c, on_done, &t);
    sleep_ms(roll(70));
    if(roll(4) == 0)
      he_dial_abort(d, 1);
    he_dial_cancel(d);
    before = t.times;
    assert_true(before <= 1);
    sleep_ms(roll(4));
    assert_int_equal(t.times, before);
    if(t.fd >= 0)
      close(t.fd);
  }
  close_all(fill, FILL);
  close(s);
  close(l);
}

static void *abort_soon(void *arg)
{
  sleep_ms(60);
  he_dial_abort(arg, 1);
  return NULL;
}

/* Whoever gave it up from another thread is heard at once. */
static void aborted(void **state)
{
  uint16_t port = 0;
  int fill[FILL];
  const int s = silent_at("127.0.0.2", &port, fill);
  const struct he_addr a = addr_of("127.0.0.2", port);
  const struct he_dial_config c = to(&a, 1);
  const he_time_ns began = he_clock_now();
  struct told t;
  struct he_dial *d;
  pthread_t thread;
  (void)state;
  told_init(&t);
  d = he_dial_start(&c, on_done, &t);
  assert_int_equal(pthread_create(&thread, NULL, abort_soon, d), 0);
  wait_told(&t, 1);
  pthread_join(thread, NULL);
  assert_int_equal(t.error, ECANCELED);
  assert_in_range(elapsed_ms(began), 50, 5000);
  he_dial_cancel(d);
  close_all(fill, FILL);
  close(s);
}

/* Only the race that is meant, be it before it begins; not the one after. */
static void aborted_late(void **state)
{
  uint16_t port[3] = { 0, 0, 0 };
  struct he_addr list[3];
  struct he_dial_config c;
  int l[3];
  struct told t;
  struct he_dial *d;
  (void)state;
  for(int i = 0; i < 3; i++) {
    l[i] = listen_at("127.0.0.1", &port[i], 5);
    list[i] = addr_of("127.0.0.1", port[i]);
  }
  told_init(&t);
  c = to(list, 3);
  d = run_here(&c, &t);
  assert_connected(&t, &list[0]);
  close(t.fd);
  t.fd = -1;
  he_dial_abort(d, 1);         /* it is over */
  assert_true(he_dial_go(d, true));
  assert_connected(&t, &list[1]);
  close(t.fd);
  t.fd = -1;
  he_dial_abort(d, 3);
  he_dial_abort(d, 2);
  assert_true(he_dial_go(d, true));
  assert_int_equal(t.fd, -1);
  assert_int_equal(t.error, ECANCELED);
  assert_true(he_dial_go(d, true));
  assert_connected(&t, &list[2]);
  close(t.fd);
  he_dial_cancel(d);
  close_all(l, 3);
}

/* Sent from where it is told; a family without such an address is left out. */
static void bound(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  struct he_addr list[] = { addr_of("::1", port), addr_of("127.0.0.1", port) };
  struct he_dial_config c = to(list, 2);
  struct told t;
  struct he_dial *d;
  struct he_addr from;
  (void)state;
  c.has_local[HE_IPV4] = true;
  c.local[HE_IPV4] = addr_of("127.0.0.9", 0);
  told_init(&t);
  d = run_here(&c, &t);
  assert_connected(&t, &list[1]);
  assert_true(he_wire_local(t.fd, &from));
  from.port = 0;
  assert_true(he_addr_equal(&from, &c.local[HE_IPV4]));
  assert_int_equal(count_steps(d, HE_STEP_START), 1);
  he_dial_cancel(d);
  close(t.fd);
  c.local[HE_IPV4] = addr_of("192.0.2.1", 0);   /* it is not this machine's */
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.error, EADDRNOTAVAIL);
  he_dial_cancel(d);
  close(l);
}

/* -- a host, by a resolver of the test's own -- */

static struct he_candidate answers[HE_FAMILIES][2];
static size_t answer_count[HE_FAMILIES];
static unsigned asked;
static bool keeps_quiet;

static struct he_query *start(const struct he_resolver *self, const char *host,
                              uint16_t port, enum he_family f,
                              he_resolver_answer answer, void *arg)
{
  const size_t n = answer_count[f];
  struct he_candidate *list;
  (void)self;
  (void)port;
  assert_string_equal(host, "he.test");
  asked++;
  if(keeps_quiet)
    return (struct he_query *)answers;
  list = n ? calloc(n, sizeof(*list)) : NULL;
  if(list)
    memcpy(list, answers[f], n * sizeof(*list));
  for(size_t i = 0; i < n; i++)
    he_resolver_source(&list[i]);
  answer(arg, f, n ? 0 : EAI_NONAME, list, n);
  return (struct he_query *)answers;
}

static void finish(struct he_query *q)
{
  (void)q;
}

static const struct he_resolver resolver = {
  .name = "test", .start = start, .close = finish
};

static struct he_dial_config to_host(uint16_t first, uint16_t second)
{
  struct he_dial_config c;
  he_dial_defaults(&c, racer);
  c.host = "he.test";
  c.ports[0] = first;
  c.ports[1] = second;
  c.port_count = 2;
  c.resolver = &resolver;
  asked = 0;
  return c;
}

/* Every address at the first port, then at the second, each once; who asks
   again is told without a question. */
static void two_ports(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.2", &port, 5);
  const uint16_t closed = closed_port("127.0.0.1");
  const struct he_dial_config c = to_host(closed, port);
  const struct he_addr expected[] = {
    addr_of("127.0.0.1", closed), addr_of("127.0.0.2", closed),
    addr_of("127.0.0.1", port), addr_of("127.0.0.2", port)
  };
  struct told t;
  struct he_dial *d;
  struct he_step *s;
  size_t n, starts = 0;
  (void)state;
  answer_count[HE_IPV6] = 0;
  answer_count[HE_IPV4] = 2;
  answers[HE_IPV4][0].addr = addr_of("127.0.0.1", 0);
  answers[HE_IPV4][1].addr = addr_of("127.0.0.2", 0);
  told_init(&t);
  d = run_here(&c, &t);
  assert_connected(&t, &expected[3]);
  close(t.fd);
  assert_int_equal(asked, 2);
  s = he_dial_steps(d, &n);
  for(size_t i = 0; i < n; i++) {
    if(s[i].kind == HE_STEP_START)
      assert_true(he_addr_equal(&s[i].addr, &expected[starts++]));
  }
  assert_int_equal(starts, 4);
  free(s);
  assert_true(he_dial_go(d, true));
  assert_int_equal(t.error, ECONNREFUSED);
  assert_int_equal(asked, 2);
  he_dial_cancel(d);
  close(l);
}

/* A family with fewer addresses does not come to its second port while the
   other one has addresses left to try at the first. */
static void port_by_port(void **state)
{
  const uint16_t first = closed_port("127.0.0.1");
  const uint16_t second = closed_port("127.0.0.2");
  const struct he_dial_config c = to_host(first, second);
  const struct he_addr expected[] = {
    addr_of("::1", first), addr_of("127.0.0.1", first),
    addr_of("127.0.0.2", first), addr_of("::1", second),
    addr_of("127.0.0.1", second), addr_of("127.0.0.2", second)
  };
  struct told t;
  struct he_dial *d;
  struct he_step *s;
  size_t n, starts = 0;
  (void)state;
  answer_count[HE_IPV6] = 1;
  answer_count[HE_IPV4] = 2;
  answers[HE_IPV6][0].addr = addr_of("::1", 0);
  answers[HE_IPV4][0].addr = addr_of("127.0.0.1", 0);
  answers[HE_IPV4][1].addr = addr_of("127.0.0.2", 0);
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.error, ECONNREFUSED);
  s = he_dial_steps(d, &n);
  for(size_t i = 0; i < n; i++) {
    if(s[i].kind == HE_STEP_START)
      assert_true(he_addr_equal(&s[i].addr, &expected[starts++]));
  }
  assert_int_equal(starts, 6);
  free(s);
  he_dial_cancel(d);
}

static void no_such_name(void **state)
{
  const struct he_dial_config c = to_host(465, 587);
  struct told t;
  struct he_dial *d;
  (void)state;
  answer_count[HE_IPV6] = answer_count[HE_IPV4] = 0;
  told_init(&t);
  d = run_here(&c, &t);
  assert_int_equal(t.fd, -1);
  assert_int_equal(t.error, HE_RACE_NO_ADDRESS);
  assert_int_equal(he_dial_unresolved(d), EAI_NONAME);
  he_dial_cancel(d);
}

/* Called off before there was an answer; then it goes on, and there is one. */
static void answered_later(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  const uint16_t closed = closed_port("127.0.0.1");
  const struct he_dial_config c = to_host(port, closed);
  struct told t;
  struct he_dial *d;
  (void)state;
  answer_count[HE_IPV6] = 0;
  answer_count[HE_IPV4] = 1;
  answers[HE_IPV4][0].addr = addr_of("127.0.0.1", 0);
  told_init(&t);
  keeps_quiet = true;
  d = he_dial_start(&c, on_done, &t);
  sleep_ms(50);
  he_dial_abort(d, 1);
  wait_told(&t, 1);
  keeps_quiet = false;
  assert_int_equal(t.error, ECANCELED);
  assert_int_equal(he_dial_unresolved(d), EAI_AGAIN);
  assert_true(he_dial_go(d, false));
  wait_told(&t, 2);
  assert_connected(&t, &(struct he_addr){ .family = HE_IPV4, .port = port,
                                          .ip = { 127, 0, 0, 1 } });
  assert_int_equal(he_dial_unresolved(d), 0);
  close(t.fd);
  assert_true(he_dial_go(d, false));
  wait_told(&t, 3);
  assert_int_equal(t.error, ECONNREFUSED);
  assert_int_equal(he_dial_end(d), HE_DIAL_FAILED);
  he_dial_cancel(d);
  close(l);
}

/* -- what is wanting -- */

static int allowance = -1;    /* allocations that succeed; -1: all */

static bool may_have(void)
{
  if(allowance > 0)
    allowance--;
  return allowance != 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
  return may_have() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
  return may_have() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
  return may_have() ? __real_realloc(p, size) : NULL;
}

/* From some allocation on none succeeds: it fails, or it connects. */
static void without_memory(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 100);
  const struct he_addr list[] = {
    addr_of("127.0.0.2", closed_port("127.0.0.2")), addr_of("127.0.0.1", port)
  };
  const struct he_dial_config c = to(list, 2);
  int failed = 0;
  bool connected = false;
  (void)state;
  for(int n = 1; n < 100 && !connected; n++) {
    struct he_dial *d;
    struct told t;
    told_init(&t);
    allowance = n;
    d = he_dial_new(&c, on_done, &t);
    if(d && he_dial_go(d, true))
      assert_int_equal(t.times, 1);
    allowance = -1;
    connected = t.fd >= 0;
    failed += !connected;
    if(connected)
      close(t.fd);
    else if(t.times)
      assert_true(t.error);
    he_dial_cancel(d);
  }
  assert_true(connected);
  assert_true(failed > 3);
  close(l);
}

static void without_descriptors(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  const struct he_addr a = addr_of("127.0.0.1", port);
  const struct he_dial_config c = to(&a, 1);
  struct rlimit limit, few;
  struct he_dial *d;
  struct told t;
  (void)state;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  few = limit;
  few.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  told_init(&t);
  d = run_here(&c, &t);
  setrlimit(RLIMIT_NOFILE, &limit);
  assert_int_equal(t.error, EMFILE);
  he_dial_cancel(d);
  close(l);
}

/* -- many, and two processes -- */

#define MANY 200

static void many_at_once(void **state)
{
  uint16_t port = 0, sport = 0;
  int fill[FILL];
  const int l = listen_at("127.0.0.1", &port, MANY);
  const int s = silent_at("127.0.0.2", &sport, fill);
  const struct he_addr list[] = { addr_of("127.0.0.2", sport),
                                  addr_of("127.0.0.1", port) };
  const struct he_dial_config c = to(list, 2);
  static struct told t[MANY];
  struct he_dial *d[MANY];
  (void)state;
  for(int i = 0; i < MANY; i++) {
    told_init(&t[i]);
    d[i] = he_dial_start(&c, on_done, &t[i]);
    assert_non_null(d[i]);
  }
  for(int i = 0; i < MANY; i++) {
    wait_told(&t[i], 1);
    assert_connected(&t[i], &list[1]);
    close(t[i].fd);
    he_dial_cancel(d[i]);
  }
  close_all(fill, FILL);
  close(s);
  close(l);
}

/* A child has none of the race's descriptors, and may give its copy up. */
static void in_a_child(void **state)
{
  uint16_t port = 0;
  int fill[FILL], status;
  const int s = silent_at("127.0.0.2", &port, fill);
  const struct he_addr a = addr_of("127.0.0.2", port);
  const struct he_dial_config c = to(&a, 1);
  struct told t;
  struct he_dial *d;
  pid_t pid;
  (void)state;
  told_init(&t);
  d = he_dial_start(&c, on_done, &t);
  sleep_ms(30);
  pid = fork();
  if(!pid) {
    he_dial_abort(d, 1);
    he_dial_cancel(d);
    _exit(fds_left() == 1 + FILL ? 0 : 1);   /* the listener's and its own */
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  he_dial_cancel(d);
  assert_int_equal(t.times, 0);
  close_all(fill, FILL);
  close(s);
}

static int nothing_left(void **state)
{
  (void)state;
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
  return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, nothing_left)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(one_address),
    TEST(silent_first),
    TEST(all_refuse),
    TEST(the_deadline),
    TEST(goes_on),
    TEST(called_off),
    TEST(aborted),
    TEST(aborted_late),
    TEST(bound),
    TEST(two_ports),
    TEST(port_by_port),
    TEST(no_such_name),
    TEST(answered_later),
    TEST(without_memory),
    TEST(without_descriptors),
    TEST(many_at_once),
    TEST(in_a_child)
  };
  int failed;
  test_seed();
  racer = he_racer_get();
  he_racer_ref(racer);
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  he_racer_put(racer);
  he_racer_unref(racer);
  return failed;
}
