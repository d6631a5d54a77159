/* SPDX-License-Identifier: MIT */
/* chosen_test.c - the resolver of configured name servers: what it says, whom
 * it asks, and that no answer comes after close(). Name servers are the test's
 * own; where the machine allows no such world, the test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "messages.h"
#include "nameserver.h"
#include "base/clock.h"
#include "net/racer.h"
#include "options/resolvers.h"
#include "resolve/chosen.h"

/* What came. */
struct asked {
  pthread_mutex_t lock;
  pthread_cond_t came;
  int answers;
  bool closed;
  bool late;                  /* an answer came after close() */
  int error;
  char said[1024];            /* "127.0.0.1:80 ..." */
};

static void init(struct asked *a)
{
  *a = (struct asked){ .closed = false };
  pthread_mutex_init(&a->lock, NULL);
  pthread_cond_init(&a->came, NULL);
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct asked *a = arg;
  size_t at = 0;
  pthread_mutex_lock(&a->lock);
  a->answers++;
  a->late = a->late || a->closed;
  a->error = error;
  for(size_t i = 0; i < n && at + HE_ADDR_TEXT < sizeof(a->said); i++) {
    char one[HE_ADDR_TEXT];
    assert_int_equal(list[i].addr.family, family);
    at += (size_t)snprintf(a->said + at, sizeof(a->said) - at, "%s ",
                           he_addr_format(&list[i].addr, one));
  }
  free(list);
  pthread_cond_signal(&a->came);
  pthread_mutex_unlock(&a->lock);
}

static void await(struct asked *a)
{
  pthread_mutex_lock(&a->lock);
  while(!a->answers)
    pthread_cond_wait(&a->came, &a->lock);
  pthread_mutex_unlock(&a->lock);
}

static const struct he_resolver *resolver(const char *text)
{
  struct he_upstreams s;
  const char *why;
  size_t at;
  assert_true(he_resolvers_read(text, strlen(text), &s, &at, &why));
  return he_chosen(he_resolvers_number(&s));
}

/* The answer as text, or its error's; static. */
static const char *ask(const struct he_resolver *r, const char *host,
                       enum he_family f)
{
  static struct asked a;
  struct he_query *q;
  init(&a);
  q = he_resolver_ask(r, host, 80, f, false, on_answer, &a);
  assert_non_null(q);
  await(&a);
  r->close(q);
  assert_int_equal(a.answers, 1);
  return a.error ? gai_strerror(a.error) : a.said;
}

static struct he_racer *racer;

/* The system's own servers are others, which never answer. */
static int setup(void **state)
{
  (void)state;
  ns_etc("resolv.conf", "nameserver 127.0.0.54\nsearch corp.test\n");
  ns_etc("hosts", "127.0.0.9 he.test\n");
  ns_etc("nsswitch.conf", "hosts: files dns\n");
  racer = he_racer_get();
  return racer ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  he_racer_put(racer);
  he_chosen_flush();
  assert_int_equal(threads_left(1), 0);   /* that of the name servers */
  return 0;
}

static const struct ns_record zone[] = {
  { "he.test", NS_AAAA, "::2" },
  { "he.test", NS_A, "127.0.0.3 127.0.0.4" },
  { "alias.test", NS_A, "=he.test 127.0.0.3" },
  { "four.test", NS_A, "127.0.0.5" },
  { "bad.test", NS_A, "servfail" },
  { "no.test", NS_A, "refused" },
  { "late.test", NS_A, "300:127.0.0.6" },
  { "late.test", NS_AAAA, "::6" },
  { "silent.test", NS_A, "silent" },
  { "long.test", NS_A, "truncated" },
  { "short.corp.test", NS_A, "127.0.0.7" },
  { 0 }
};

static void answers(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  (void)state;
  ns_zone(zone);
  assert_string_equal(ask(r, "he.test", HE_IPV6), "[::2]:80 ");
  assert_string_equal(ask(r, "HE.test.", HE_IPV4),
                      "127.0.0.3:80 127.0.0.4:80 ");
  assert_string_equal(ns_log(), "he.test/AAAA he.test/A");
  assert_string_equal(ask(r, "alias.test", HE_IPV4), "127.0.0.3:80 ");
  assert_string_equal(ask(r, "four.test", HE_IPV6),
                      gai_strerror(EAI_NODATA));
  assert_string_equal(ask(r, "none.test", HE_IPV4),
                      gai_strerror(EAI_NONAME));
  assert_string_equal(ask(r, "bad.test", HE_IPV4), gai_strerror(EAI_AGAIN));
  assert_string_equal(ask(r, "no.test", HE_IPV4), gai_strerror(EAI_AGAIN));
  /* no search list */
  assert_string_equal(ask(r, "short", HE_IPV4), gai_strerror(EAI_NONAME));
  assert_int_equal(ns_asked("short.corp.test", NS_ANY), 0);
}

/* A slow family holds nothing up. */
static void apart(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  struct asked four, six;
  struct he_query *q4, *q6;
  (void)state;
  ns_zone(zone);
  init(&four);
  init(&six);
  q4 = he_resolver_ask(r, "late.test", 80, HE_IPV4, false, on_answer, &four);
  q6 = he_resolver_ask(r, "late.test", 80, HE_IPV6, false, on_answer, &six);
  await(&six);
  pthread_mutex_lock(&four.lock);
  assert_int_equal(four.answers, 0);
  pthread_mutex_unlock(&four.lock);
  await(&four);
  assert_true(r->took(q4) >= HE_MS(290));
  assert_true(r->took(q6) < HE_MS(290));
  r->close(q4);
  r->close(q6);
  assert_string_equal(four.said, "127.0.0.6:80 ");
  assert_string_equal(six.said, "[::6]:80 ");
}

/* These are nobody's business. */
static void not_asked(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  (void)state;
  ns_zone(zone);
  assert_string_equal(ask(r, "localhost", HE_IPV4), "127.0.0.1:80 ");
  assert_string_equal(ask(r, "a.LocalHost.", HE_IPV6), "[::1]:80 ");
  assert_string_equal(ask(r, "printer.local", HE_IPV4),
                      gai_strerror(EAI_NONAME));
  assert_string_equal(ask(r, "x.onion.", HE_IPV4), gai_strerror(EAI_NONAME));
  assert_int_equal(ns_asked(NULL, NS_ANY), 0);
  assert_string_equal(ask(r, "notlocal", HE_IPV4), gai_strerror(EAI_NONAME));
  assert_int_equal(ns_asked(NULL, NS_ANY), 1);
}

/* The first of two servers is dead, the second one is asked. */
static void dead_server(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.54,127.0.0.53");
  (void)state;
  ns_zone(zone);
  assert_string_equal(ask(r, "four.test", HE_IPV4), "127.0.0.5:80 ");
  assert_int_equal(ns_asked("four.test", NS_A), 2);
}

/* One where nobody listens says so at once; nobody else is asked. */
static void refusing(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53:54");
  const he_time_ns before = he_clock_now();
  (void)state;
  ns_zone(zone);
  assert_string_equal(ask(r, "four.test", HE_IPV4), gai_strerror(EAI_AGAIN));
  assert_true(he_clock_now() - before < HE_MS(1500));
  assert_int_equal(ns_asked(NULL, NS_ANY), 0);
}

/* -- TCP -- */

static bool read_all(int fd, unsigned char *to, size_t n)
{
  while(n) {
    const ssize_t got = read(fd, to, n);
    if(got <= 0)
      return false;
    to += got;
    n -= (size_t)got;
  }
  return true;
}

/* Answers one question by TCP, with more addresses than are taken, and byte by
   byte at its beginning. */
static void *tcp_server(void *arg)
{
  const int listener = *(const int *)arg;
  const int fd = accept(listener, NULL, NULL);
  unsigned char head[2], question[512];
  static struct message m;
  size_t n;
  if(fd < 0 || !read_all(fd, head, 2))
    return NULL;
  n = (size_t)head[0] << 8 | head[1];
  if(n > sizeof(question) || !read_all(fd, question, n))
    return NULL;
  message_begin(&m, "long.test", NS_A);
  memcpy(m.bytes, question, 2);
  for(int i = 0; i < 100; i++)
    message_address(&m, "long.test", 60, "127.0.0.9");
  head[0] = (unsigned char)(m.len >> 8);
  head[1] = (unsigned char)m.len;
  for(int i = 0; i < 2; i++) {
    if(write(fd, &head[i], 1) != 1)
      return NULL;
    sleep_ms(20);
  }
  n = write(fd, m.bytes, m.len) == (ssize_t)m.len;
  close(fd);
  return (void *)n;
}

/* What does not fit into a datagram is asked for by TCP. */
static void truncated(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  uint16_t port = 53;
  int listener = listen_at("127.0.0.53", &port, 1);
  size_t found = 0;
  pthread_t thread;
  const char *said;
  void *sent;
  (void)state;
  ns_zone(zone);
  assert_true(listener >= 0);
  assert_int_equal(0, pthread_create(&thread, NULL, tcp_server, &listener));
  said = ask(r, "long.test", HE_IPV4);
  pthread_join(thread, &sent);
  close(listener);
  assert_non_null(sent);
  for(const char *p = said; (p = strstr(p, "127.0.0.9:80 ")); p++)
    found++;
  assert_int_equal(found, 64);
  assert_int_equal(ns_asked("long.test", NS_A), 1);
}

/* -- close -- */

static void *hammer(void *arg)
{
  static const char *const names[] = {
    "he.test", "four.test", "none.test", "silent.test", "localhost", "a.onion"
  };
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  uint64_t dice = *(uint64_t *)arg;
  size_t bad = 0;
  for(unsigned i = rounds(1000); i; i--) {
    struct asked a;
    struct he_query *q;
    init(&a);
    q = he_resolver_ask(r, names[roll_of(&dice, 6)], 80,
                        roll_of(&dice, 2) ? HE_IPV4 : HE_IPV6, false,
                        on_answer, &a);
    if(roll_of(&dice, 2))
      sleep_ms(roll_of(&dice, 3));
    r->close(q);
    pthread_mutex_lock(&a.lock);
    a.closed = true;
    pthread_mutex_unlock(&a.lock);
    bad += !q || a.late || a.answers > 1;
  }
  return (void *)bad;
}

static void closed(void **state)
{
  pthread_t thread[4];
  uint64_t dice[4];
  (void)state;
  ns_zone(zone);
  for(int i = 0; i < 4; i++) {
    dice[i] = new_dice();
    assert_int_equal(0, pthread_create(&thread[i], NULL, hammer, &dice[i]));
  }
  for(int i = 0; i < 4; i++) {
    void *bad;
    pthread_join(thread[i], &bad);
    assert_null(bad);
  }
}

/* Who waits when the racer ends hears it; with the next racer all is well, in a
   child of fork(), too. */
static void racer_ends(void **state)
{
  const struct he_resolver *r = resolver("dns://127.0.0.53");
  struct asked a;
  struct he_query *q;
  int status;
  pid_t child;
  (void)state;
  ns_zone(zone);
  init(&a);
  q = he_resolver_ask(r, "silent.test", 80, HE_IPV4, false, on_answer, &a);
  while(!ns_asked("silent.test", NS_A))
    sleep_ms(1);
  child = fork_with_threads();
  if(!child) {
    struct he_racer *mine = he_racer_get();
    const bool ok = !strcmp(ask(r, "four.test", HE_IPV4), "127.0.0.5:80 ");
    he_racer_put(mine);
    _exit(!ok);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(a.answers, 0);
  he_racer_put(racer);
  assert_int_equal(a.answers, 1);
  assert_int_equal(a.error, EAI_AGAIN);
  r->close(q);
  racer = he_racer_get();
  assert_string_equal(ask(r, "four.test", HE_IPV4), "127.0.0.5:80 ");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(answers), TEST(apart), TEST(not_asked), TEST(dead_server),
    TEST(refusing), TEST(truncated), TEST(closed), TEST(racer_ends)
  };
  int failed;
  test_seed();
  count_start();
  if(!ns_world()) {
    printf("1..0 # SKIP no network namespace of its own: %s\n",
           strerror(errno));
    return 77;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  ns_end();
  return failed;
}
