/* SPDX-License-Identifier: MIT */
/* resolver_test.c - the system's resolver: what it answers, and that no answer
 * comes after close() has returned, whoever is faster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "names.h"
#include "base/clock.h"
#include "resolve/resolver.h"
#include "resolve/threads.h"

static const struct he_resolver *const r = &he_resolver_system;

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
    q = r->start("localhost", 443, (enum he_family)f, on_answer, &a);
    assert_non_null(q);
    await(&a);
    r->close(q);
    assert_int_equal(a.answers, 1);
    assert_int_equal(a.error, 0);
    assert_int_equal(a.family, f);
    assert_true(f == HE_IPV6 || a.n > 0);
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

/* Without a network it is a failure, with one it is "no addresses": never
   both, and never an address. */
static void no_such_name(void **state)
{
  struct asked a;
  struct he_query *q;
  (void)state;
  init(&a);
  q = r->start("no name has spaces", 80, HE_IPV4, on_answer, &a);
  assert_non_null(q);
  await(&a);
  r->close(q);
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
  q = r->start("127.0.0.77", 80, HE_IPV6, on_answer, &a);
  assert_non_null(q);
  await(&a);
  r->close(q);
  assert_int_equal(a.error, 0);
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
    q = r->start("127.0.0.1", 80, roll_of(&dice, 2) ? HE_IPV4 : HE_IPV6,
                 on_answer, &a);
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

/* -- more than there may be threads -- */

#define MANY (2 * HE_THREADS_MOST + 10)

static struct asked many[MANY];
static struct he_query *queries[MANY];

/* Asks for many names that hang; returns when all threads hang on them. */
static void ask_many(void)
{
  unsigned before = names_asked();
  names_hang(true);
  for(int i = 0; i < MANY; i++) {
    char host[40];
    snprintf(host, sizeof(host), "n%d.life.test", i);
    init(&many[i]);
    queries[i] = r->start(host, 80, HE_IPV4, on_answer, &many[i]);
    assert_non_null(queries[i]);
  }
  for(int ms = 0; names_asked() - before < HE_THREADS_MOST; ms++) {
    assert_true(ms < 20000);
    sleep_ms(1);
  }
}

/* Those that come later wait, and have their turn. */
static void turns(void **state)
{
  unsigned before = names_asked();
  (void)state;
  names_mean("127.0.0.9");
  ask_many();
  sleep_ms(50);
  assert_int_equal(names_asked() - before, HE_THREADS_MOST);
  names_hang(false);
  for(int i = 0; i < MANY; i++) {
    await(&many[i]);
    r->close(queries[i]);
    assert_int_equal(many[i].error, 0);
    assert_int_equal(many[i].n, 1);
    clear(&many[i]);
  }
  assert_int_equal(names_asked() - before, MANY);
  assert_int_equal(names_most(), HE_THREADS_MOST);
  assert_int_equal(threads_left(0), 0);
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

/* What nobody wants any more before its turn is never asked. */
static void turns_given_up(void **state)
{
  unsigned before = names_asked();
  (void)state;
  ask_many();
  close_many();
  assert_int_equal(names_asked() - before, HE_THREADS_MOST);
}

static bool answered(void)
{
  struct asked a;
  struct he_query *q;
  names_hang(false);
  init(&a);
  q = r->start("child.life.test", 80, HE_IPV4, on_answer, &a);
  if(!q)
    return false;
  await(&a);
  r->close(q);
  return a.n == 1;
}

/* A child has threads of its own, however many hang in the parent. */
static void turns_of_a_child(void **state)
{
  int status = -1;
  pid_t pid;
  (void)state;
  ask_many();
  pid = fork_with_threads();
  if(!pid) {
    alarm(20);
    if(answered())
      raise(SIGKILL);   /* valgrind would count what was the parent's */
    _exit(1);
  }
  assert_true(pid > 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGKILL);
  close_many();
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
    cmocka_unit_test(turns),
    cmocka_unit_test(turns_given_up),
    cmocka_unit_test(turns_of_a_child),
    cmocka_unit_test(sources)
  };
  test_seed();
  count_start();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
