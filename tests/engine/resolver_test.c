/* SPDX-License-Identifier: MIT */
/* resolver_test.c - the system's resolver: who gets an answer, how often, from
 * how many threads; and that none comes after close() has returned, whoever is
 * faster. What the answers are is answers_test.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "names.h"
#include "base/clock.h"
#include "resolve/dns.h"
#include "resolve/resolver.h"

static const struct he_resolver *const r = &he_resolver_shared;

/* What came; the lock is also held by who closes, to see that an answer is
   over when close() returns. */
struct asked {
  pthread_mutex_t lock;
  pthread_cond_t came;
  int answers;
  bool closed;
  bool late;                  /* an answer came after close() */
  int error;
  enum he_family family;
  struct he_candidate *list;
  size_t n;
};

static void init(struct asked *a)
{
  *a = (struct asked){ .closed = false };
  pthread_mutex_init(&a->lock, NULL);
  pthread_cond_init(&a->came, NULL);
}

static void clear(struct asked *a)
{
  free(a->list);
  pthread_cond_destroy(&a->came);
  pthread_mutex_destroy(&a->lock);
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct asked *a = arg;
  pthread_mutex_lock(&a->lock);
  a->answers++;
  a->late = a->late || a->closed;
  a->error = error;
  a->family = family;
  free(a->list);
  a->list = list;
  a->n = n;
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

static void localhost(void **state)
{
  (void)state;
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct asked a;
    struct he_query *q;
    init(&a);
    q = r->start(r, "localhost", 443, (enum he_family)f, on_answer, &a);
    assert_non_null(q);
    await(&a);
    r->close(q);
    assert_int_equal(a.answers, 1);
    assert_int_equal(a.family, f);
    assert_true(f == HE_IPV6 || a.n > 0);
    assert_true(a.n ? !a.error : he_resolver_says_none(a.error));
    for(size_t i = 0; i < a.n; i++) {
      assert_int_equal(a.list[i].addr.family, f);
      assert_int_equal(a.list[i].addr.port, 443);
      if(f == HE_IPV4) {
        assert_int_equal(a.list[i].addr.ip[0], 127);
        assert_true(a.list[i].has_source);
      }
    }
    clear(&a);
  }
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* Whatever it fails with, it is no address. */
static void no_such_name(void **state)
{
  struct asked a;
  struct he_query *q;
  (void)state;
  init(&a);
  q = r->start(r, "no name has spaces", 80, HE_IPV4, on_answer, &a);
  assert_non_null(q);
  await(&a);
  r->close(q);
  assert_int_not_equal(a.error, 0);
  assert_int_equal(a.n, 0);
  assert_null(a.list);
  clear(&a);
}

/* A literal is an answer of its own family, and none of the other. */
static void literal(void **state)
{
  struct asked a;
  struct he_query *q;
  (void)state;
  init(&a);
  q = r->start(r, "127.0.0.77", 80, HE_IPV6, on_answer, &a);
  assert_non_null(q);
  await(&a);
  r->close(q);
  assert_true(he_resolver_says_none(a.error));
  assert_int_equal(a.n, 0);
  clear(&a);
}

static void close_nothing(void **state)
{
  (void)state;
  r->close(NULL);
}

static void *hammer(void *arg)
{
  uint64_t dice = *(uint64_t *)arg;
  size_t bad = 0;
  for(unsigned i = rounds(800); i; i--) {
    struct asked a;
    struct he_query *q;
    init(&a);
    /* half of them are asked by others, too, or were a moment ago */
    q = r->start(r, roll_of(&dice, 2) ? "127.0.0.1" : "quick.life.test",
                 (uint16_t)(1 + roll_of(&dice, 2) * roll_of(&dice, 60000)),
                 roll_of(&dice, 2) ? HE_IPV4 : HE_IPV6, on_answer, &a);
    if(!q) {
      bad++;
      clear(&a);
      continue;
    }
    switch(roll_of(&dice, 4)) {
    case 0:           /* before the answer, mostly */
      break;
    case 1:           /* after it */
      await(&a);
      break;
    case 2:           /* about when it comes */
      for(unsigned k = roll_of(&dice, 2000); k; k--)
        __asm__ volatile("" ::: "memory");
      break;
    case 3: {
      he_time_ns until = he_clock_now() + (he_time_ns)roll_of(&dice, 150000);
      while(he_clock_now() < until)
        ;
      break;
    }
    }
    r->close(q);
    /* here the asker would free what the answer is for */
    pthread_mutex_lock(&a.lock);
    a.closed = true;
    bad += a.late || a.answers > 1;
    pthread_mutex_unlock(&a.lock);
    clear(&a);
  }
  return (void *)bad;
}

static void close_any_time(void **state)
{
  pthread_t thread[4];
  uint64_t dice[4];
  (void)state;
  names_mean("127.0.0.9");
  for(int i = 0; i < 4; i++) {
    dice[i] = new_dice();
    assert_int_equal(0, pthread_create(&thread[i], NULL, hammer, &dice[i]));
  }
  for(int i = 0; i < 4; i++) {
    void *bad;
    pthread_join(thread[i], &bad);
    assert_null(bad);
  }
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* -- one question for all -- */

#define CROWD 40

/* Those of either family who want to know the same share one question. */
static void shared(void **state)
{
  static struct asked crowd[CROWD];
  struct he_query *q[CROWD];
  const unsigned before = names_asked();
  (void)state;
  names_mean("127.0.0.9");
  names_hang(true);
  for(int i = 0; i < CROWD; i++) {
    init(&crowd[i]);
    q[i] = r->start(r, i % 3 ? "Crowd.life.test" : "crowd.LIFE.test", 80,
                    i % 2 ? HE_IPV4 : HE_IPV6, on_answer, &crowd[i]);
    assert_non_null(q[i]);
  }
  sleep_ms(50);
  names_hang(false);
  for(int i = 0; i < CROWD; i++) {
    await(&crowd[i]);
    r->close(q[i]);
    assert_int_equal(crowd[i].answers, 1);
    assert_int_equal(crowd[i].family, i % 2 ? HE_IPV4 : HE_IPV6);
    assert_int_equal(crowd[i].n, i % 2);
    clear(&crowd[i]);
  }
  assert_true(names_asked() - before <= 2);
}

/* Another port is another question, and so is one family alone. */
static void not_shared(void **state)
{
  struct asked a[3];
  struct he_query *q[3];
  unsigned before = names_asked();
  (void)state;
  for(int i = 0; i < 3; i++)
    init(&a[i]);
  names_mean("127.0.0.9");
  q[0] = r->start(r, "apart.life.test", 80, HE_IPV4, on_answer, &a[0]);
  await(&a[0]);
  q[1] = r->start(r, "apart.life.test", 81, HE_IPV4, on_answer, &a[1]);
  await(&a[1]);
  q[2] = r->start_alone(r, "apart.life.test", 81, HE_IPV4, on_answer, &a[2]);
  await(&a[2]);
  assert_int_equal(names_asked() - before, 3);
  for(int i = 0; i < 3; i++) {
    assert_int_equal(a[i].n, 1);
    r->close(q[i]);
    clear(&a[i]);
  }
}

/* -- names that hang -- */

#define MANY 150

static struct asked many[MANY];
static struct he_query *queries[MANY];

/* Asks for many names that hang, others each time; returns when a thread hangs
   on each. */
static void ask_many(void)
{
  static int crowds;
  unsigned before = names_asked();
  names_mean("127.0.0.9");
  names_hang(true);
  for(int i = 0; i < MANY; i++) {
    char host[40];
    snprintf(host, sizeof(host), "n%d.%d.life.test", i, crowds);
    init(&many[i]);
    queries[i] = r->start(r, host, 80, HE_IPV4, on_answer, &many[i]);
    assert_non_null(queries[i]);
  }
  for(int ms = 0; names_asked() - before < MANY; ms++) {
    assert_true(ms < 20000);
    sleep_ms(1);
  }
  crowds++;
}

static void close_many(void)
{
  for(int i = 0; i < MANY; i++) {
    r->close(queries[i]);
    assert_int_equal(many[i].answers, 0);
    clear(&many[i]);
  }
  names_hang(false);
  assert_int_equal(threads_left(0), 0);
}

static bool answers_one(const char *host)
{
  struct asked a;
  struct he_query *q;
  bool one;
  init(&a);
  q = r->start(r, host, 80, HE_IPV4, on_answer, &a);
  if(!q)
    return false;
  await(&a);
  r->close(q);
  one = a.n == 1;
  clear(&a);
  return one;
}

/* However many hang, a name that does not is not held up. */
static void nobody_waits(void **state)
{
  (void)state;
  ask_many();
  alarm(60);   /* else this would hang */
  assert_true(answers_one("quick.life.test"));
  alarm(0);
  close_many();
}

/* A child has threads of its own, however many hang in the parent. */
static void in_a_child(void **state)
{
  int status = -1;
  pid_t pid;
  (void)state;
  ask_many();
  pid = fork_with_threads();
  if(!pid) {
    alarm(20);
    names_hang(false);
    if(answers_one("n3.0.life.test"))
      raise(SIGKILL);   /* valgrind would count what was the parent's */
    _exit(1);
  }
  assert_true(pid > 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGKILL);
  close_many();
}

/* -- no thread -- */

static int threads_to_be_had = -1;   /* -1: any number */

int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg)
{
  int left = __atomic_load_n(&threads_to_be_had, __ATOMIC_SEQ_CST);
  if(!left)
    return EAGAIN;
  if(left > 0)
    __atomic_sub_fetch(&threads_to_be_had, 1, __ATOMIC_SEQ_CST);
  return __real_pthread_create(t, attr, run, arg);
}

static void let_there_be(int threads)
{
  __atomic_store_n(&threads_to_be_had, threads, __ATOMIC_SEQ_CST);
}

/* Without a thread the answer is that there is none now; nobody is served it
   later. */
static void no_thread(void **state)
{
  (void)state;
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct asked a;
    struct he_query *q;
    init(&a);
    let_there_be(0);
    q = r->start(r, "none.life.test", 80, (enum he_family)f, on_answer, &a);
    let_there_be(-1);
    assert_non_null(q);
    assert_int_equal(a.answers, 1);
    assert_int_equal(a.error, EAI_AGAIN);
    r->close(q);
    clear(&a);
  }
  names_mean("127.0.0.9");
  assert_true(answers_one("none.life.test"));
}

/* With one thread in place of two, both families are answered all the same. */
static void one_thread(void **state)
{
  struct asked a[HE_FAMILIES];
  struct he_query *q[HE_FAMILIES];
  (void)state;
  names_mean("127.0.0.9");
  let_there_be(1);
  for(int f = 0; f < HE_FAMILIES; f++) {
    init(&a[f]);
    q[f] = r->start(r, "one.life.test", 80, (enum he_family)f, on_answer,
                    &a[f]);
    assert_non_null(q[f]);
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    await(&a[f]);
  let_there_be(-1);
  assert_int_equal(a[HE_IPV4].error, 0);
  assert_int_equal(a[HE_IPV4].n, 1);
  assert_int_equal(a[HE_IPV6].n, 0);
  for(int f = 0; f < HE_FAMILIES; f++) {
    r->close(q[f]);
    assert_int_equal(a[f].answers, 1);
    clear(&a[f]);
  }
}

/* -- errors -- */

static void errors(void **state)
{
  static const struct {
    int error6, error4, both;
  } t[] = {
    { 0, 0, 0 }, { 0, EAI_AGAIN, 0 }, { EAI_NONAME, 0, 0 },
    { EAI_NONAME, EAI_NONAME, EAI_NONAME },
    { EAI_AGAIN, EAI_AGAIN, EAI_AGAIN },
    { EAI_NONAME, EAI_AGAIN, EAI_NONAME },
    { EAI_AGAIN, EAI_NONAME, EAI_NONAME },
    { EAI_FAIL, EAI_AGAIN, EAI_AGAIN }, { EAI_AGAIN, EAI_FAIL, EAI_AGAIN },
    { EAI_MEMORY, EAI_FAIL, EAI_MEMORY },
#ifdef EAI_NODATA
    { EAI_NODATA, EAI_NONAME, EAI_NONAME },
    { EAI_NODATA, EAI_AGAIN, EAI_NODATA },
    { EAI_AGAIN, EAI_NODATA, EAI_NODATA },
    { EAI_ADDRFAMILY, EAI_NODATA, EAI_NODATA },
    { EAI_ADDRFAMILY, EAI_ADDRFAMILY, EAI_ADDRFAMILY },
#endif
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
    assert_int_equal(he_resolver_error(t[i].error6, t[i].error4), t[i].both);
  assert_true(he_resolver_says_none(EAI_NONAME));
  assert_false(he_resolver_says_none(EAI_AGAIN));
  assert_false(he_resolver_says_none(0));
}

/* The source is the kernel's choice; where there is no route there is none. */
static void sources(void **state)
{
  struct he_candidate c = { .addr = addr_of("127.0.0.1", 80) };
  (void)state;
  he_resolver_source(&c);
  assert_true(c.has_source);
  assert_int_equal(c.source.ip[0], 127);
  c.addr = addr_of("255.255.255.255", 80);
  he_resolver_source(&c);
  assert_false(c.has_source);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(localhost),
    cmocka_unit_test(no_such_name),
    cmocka_unit_test(literal),
    cmocka_unit_test(close_nothing),
    cmocka_unit_test(close_any_time),
    cmocka_unit_test(shared),
    cmocka_unit_test(not_shared),
    cmocka_unit_test(nobody_waits),
    cmocka_unit_test(in_a_child),
    cmocka_unit_test(no_thread),
    cmocka_unit_test(one_thread),
    cmocka_unit_test(errors),
    cmocka_unit_test(sources)
  };
  test_seed();
  count_start();
  he_dns_assume(false);   /* name servers are not asked past getaddrinfo() */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
