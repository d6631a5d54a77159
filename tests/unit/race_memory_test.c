/* SPDX-License-Identifier: MIT */
/* race_memory_test.c - what a race asks of memory, and what becomes of it
 * when there is none. Linked with --wrap: each allocation is counted, and the
 * one whose turn it is fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "race/race.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

/* Blocks know their size, so that what is held can be told. */
union block {
  size_t size;
  max_align_t align;
};

static struct {
  int allocations;
  int fail_at;         /* the allocation of this number fails; 0: none */
  bool fail_on;        /* and all after it */
  int blocks;
  size_t held;
} heap;

static bool fails(void)
{
  heap.allocations++;
  return heap.fail_at && (heap.fail_on ? heap.allocations >= heap.fail_at :
                          heap.allocations == heap.fail_at);
}

void *__wrap_malloc(size_t size)
{
  union block *b;
  if(fails())
    return NULL;
  b = __real_malloc(sizeof(*b) + size);
  if(!b)
    return NULL;
  b->size = size;
  heap.blocks++;
  heap.held += size;
  return b + 1;
}

void *__wrap_calloc(size_t n, size_t size)
{
  void *p = __wrap_malloc(n * size);
  if(p)
    memset(p, 0, n * size);
  return p;
}

void __wrap_free(void *p)
{
  union block *b = p;
  if(!b)
    return;
  b--;
  heap.blocks--;
  heap.held -= b->size;
  __real_free(b);
}

void *__wrap_realloc(void *p, size_t size)
{
  union block *b = p;
  void *grown = __wrap_malloc(size);
  if(p && grown) {
    memcpy(grown, p, b[-1].size < size ? b[-1].size : size);
    __wrap_free(p);
  }
  return grown;
}

static int reset(void **state)
{
  (void)state;
  memset(&heap, 0, sizeof(heap));
  return 0;
}

/* --- races --------------------------------------------------------------- */

static const struct he_race_config usual = {
  .resolution_delay = HE_MS(50), .attempt_delay = HE_MS(150),
  .attempt_timeout = HE_MS(1000), .total_timeout = HE_MS(60000),
  .native_grace = HE_MS(50), .first_family_count = 1, .max_attempts = 6,
  .allowed = { true, true }, .open = { true, true } };

static struct he_addr address(enum he_family f, unsigned i)
{
  struct he_addr a = { .family = (uint8_t)f, .port = 443 };
  a.ip[f == HE_IPV6 ? 15 : 3] = (uint8_t)i;
  return a;
}

static struct he_event answer(enum he_family f, unsigned n)
{
  static struct he_candidate list[100];
  for(unsigned i = 0; i < n; i++) {
    list[i] = (struct he_candidate){ .has_source = true };
    list[i].addr = list[i].source = address(f, i + 1);
  }
  return (struct he_event){ .kind = HE_EV_ANSWER, .family = f, .list = list,
                            .n = n };
}

struct ending {
  int wins;
  int losses;
  int error;
  int started;
  int running;     /* of ours */
};

static void drain(struct he_race *r, struct ending *e)
{
  struct he_action act;
  while(he_race_next(r, &act)) {
    assert_int_equal(e->wins + e->losses, 0);
    e->started += act.kind == HE_ACT_CONNECT;
    e->running += (act.kind == HE_ACT_CONNECT) - (act.kind == HE_ACT_CANCEL);
    e->wins += act.kind == HE_ACT_WON;
    e->losses += act.kind == HE_ACT_LOST;
    e->error = act.error;
  }
}

static void feed(struct he_race *r, he_time_ns now, struct he_event ev,
                 struct ending *e)
{
  he_race_handle(r, now, &ev);
  drain(r, e);
}

/* Both families answer and nobody connects: everything times out. */
static struct ending run_alone(void)
{
  struct ending e = { .wins = 0 };
  struct he_race *r = he_race_new(&usual);
  he_time_ns now = 0;
  if(!r)
    return e;
  feed(r, now, (struct he_event){ .kind = HE_EV_START }, &e);
  feed(r, HE_MS(10), answer(HE_IPV6, 4), &e);
  feed(r, HE_MS(20), answer(HE_IPV4, 4), &e);
  feed(r, HE_MS(30), answer(HE_IPV6, 9), &e);
  while(!he_race_over(r)) {
    assert_true(he_race_due(r) > now && he_race_due(r) != HE_NEVER);
    now = he_race_due(r);
    feed(r, now, (struct he_event){ .kind = HE_EV_TIME }, &e);
  }
  assert_true(now <= HE_MS(60000));
  he_race_free(r);
  return e;
}

static struct ending run_beside(void)
{
  struct he_race_config config = usual;
  struct ending e = { .wins = 0 };
  struct he_race *r;
  he_time_ns now = 0;
  config.beside = true;
  r = he_race_new(&config);
  if(!r)
    return e;
  for(unsigned i = 0; i < 12; i++, now += HE_MS(20)) {
    struct he_event ev = { .kind = HE_EV_STARTED,
                           .addr = address(i % 2 ? HE_IPV4 : HE_IPV6, i) };
    const int before = he_race_attempts(r);
    he_race_handle(r, now, &ev);
    assert_int_equal(he_race_attempts(r), before + (ev.attempt >= 0));
    drain(r, &e);
    if(i == 3)
      feed(r, now, answer(HE_IPV6, 5), &e);
    else if(i == 6)
      feed(r, now, answer(HE_IPV4, 9), &e);
    else if(i > 6)
      feed(r, now, (struct he_event){ .kind = HE_EV_GONE,
                                      .attempt = (int)(i - 7) * 2 }, &e);
  }
  while(!he_race_over(r)) {
    assert_true(he_race_due(r) > now - HE_MS(20));
    now = he_race_due(r);
    feed(r, now, (struct he_event){ .kind = HE_EV_TIME }, &e);
  }
  he_race_free(r);
  return e;
}

/* Runs it with each allocation failing in turn, alone and with all after
   it. */
static void fail_each(struct ending (*run)(void), bool fail_on)
{
  int total;
  run();
  total = heap.allocations;
  assert_true(total >= 3);
  for(int i = 1; i <= total; i++) {
    struct ending e;
    reset(NULL);
    heap.fail_at = i;
    heap.fail_on = fail_on;
    e = run();
    assert_int_equal(heap.blocks, 0);
    assert_int_equal(e.wins, 0);
    assert_int_equal(e.losses, i > 1);
    assert_int_equal(e.running, 0);
  }
}

static void alone_each(void **state)
{
  (void)state;
  fail_each(run_alone, false);
}

static void alone_from_then_on(void **state)
{
  (void)state;
  fail_each(run_alone, true);
}

static void beside_each(void **state)
{
  (void)state;
  fail_each(run_beside, false);
}

static void beside_from_then_on(void **state)
{
  (void)state;
  fail_each(run_beside, true);
}

static void no_memory_is_said(void **state)
{
  struct ending e;
  (void)state;
  heap.fail_at = 2;
  heap.fail_on = true;
  e = run_alone();
  assert_int_equal(e.started, 0);
  assert_int_equal(e.losses, 1);
  assert_int_equal(e.error, ENOMEM);
}

/* A native start that cannot be kept still paces ours. */
static void unkept_start_paces(void **state)
{
  struct he_race_config config = usual;
  struct ending e = { .wins = 0 };
  struct he_event ev = { .kind = HE_EV_STARTED, .addr = address(HE_IPV4, 9) };
  struct he_race *r;
  (void)state;
  config.beside = true;
  r = he_race_new(&config);
  heap.fail_at = heap.allocations + 1;
  he_race_handle(r, HE_MS(5), &ev);
  assert_int_equal(ev.attempt, -1);
  assert_int_equal(he_race_attempts(r), 0);
  feed(r, HE_MS(6), answer(HE_IPV6, 1), &e);
  assert_int_equal(e.started, 0);
  assert_true(he_race_due(r) == HE_MS(155));
  he_race_free(r);
  assert_int_equal(heap.blocks, 0);
}

static void a_race_is_small(void **state)
{
  struct ending e = { .wins = 0 };
  struct he_race *r = he_race_new(&usual);
  (void)state;
  feed(r, 0, (struct he_event){ .kind = HE_EV_START }, &e);
  feed(r, 0, answer(HE_IPV6, 4), &e);
  feed(r, 0, answer(HE_IPV4, 4), &e);
  print_message("# a race with 4 + 4 addresses: %zu bytes\n", heap.held);
  assert_true(heap.held < 1280);
  he_race_free(r);
}

static void a_native_race_is_smaller(void **state)
{
  struct he_race_config config = usual;
  struct he_race *r;
  (void)state;
  config.beside = true;
  r = he_race_new(&config);
  for(unsigned i = 0; i < 4; i++) {
    struct he_event ev = { .kind = HE_EV_STARTED,
                           .addr = address(HE_IPV6, i) };
    he_race_handle(r, 0, &ev);
    assert_int_equal(ev.attempt, i);
  }
  print_message("# a race with native attempts only: %zu bytes\n",
                heap.held);
  assert_true(heap.held < 512);
  he_race_free(r);
}

/* After the answers, attempts of ours need no memory. */
static void attempts_need_no_memory(void **state)
{
  struct ending e = { .wins = 0 };
  struct he_race *r = he_race_new(&usual);
  int before;
  (void)state;
  feed(r, 0, (struct he_event){ .kind = HE_EV_START }, &e);
  feed(r, 0, answer(HE_IPV6, 4), &e);
  feed(r, 0, answer(HE_IPV4, 4), &e);
  before = heap.allocations;
  while(!he_race_over(r))
    feed(r, he_race_due(r), (struct he_event){ .kind = HE_EV_TIME }, &e);
  assert_int_equal(e.started, 8);
  assert_int_equal(heap.allocations, before);
  he_race_free(r);
}

static void answers_are_bounded(void **state)
{
  struct ending e = { .wins = 0 };
  struct he_race *r = he_race_new(&usual);
  struct he_addr a = address(HE_IPV6, HE_RACE_MAX_ADDRS);
  (void)state;
  feed(r, 0, (struct he_event){ .kind = HE_EV_START }, &e);
  feed(r, 0, answer(HE_IPV6, 100), &e);
  assert_int_equal(he_race_known(r, HE_IPV6), HE_RACE_MAX_ADDRS);
  assert_int_equal(he_race_untried(r, NULL, 0), HE_RACE_MAX_ADDRS - 1);
  assert_true(he_race_knows(r, &a));
  a = address(HE_IPV6, HE_RACE_MAX_ADDRS + 1);
  assert_false(he_race_knows(r, &a));
  a = address(HE_IPV6, 1);     /* is being tried */
  assert_true(he_race_knows(r, &a));
  feed(r, 0, answer(HE_IPV6, 0), &e);
  assert_false(he_race_knows(r, &a));
  assert_int_equal(he_race_known(r, HE_IPV6), 0);
  assert_true(he_race_answered(r, HE_IPV6));
  assert_false(he_race_answered(r, HE_IPV4));
  he_race_free(r);
}

static void null_is_freed(void **state)
{
  (void)state;
  he_race_free(NULL);
  assert_int_equal(heap.blocks, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(a_race_is_small, reset),
    cmocka_unit_test_setup(a_native_race_is_smaller, reset),
    cmocka_unit_test_setup(attempts_need_no_memory, reset),
    cmocka_unit_test_setup(answers_are_bounded, reset),
    cmocka_unit_test_setup(alone_each, reset),
    cmocka_unit_test_setup(alone_from_then_on, reset),
    cmocka_unit_test_setup(beside_each, reset),
    cmocka_unit_test_setup(beside_from_then_on, reset),
    cmocka_unit_test_setup(no_memory_is_said, reset),
    cmocka_unit_test_setup(unkept_start_paces, reset),
    cmocka_unit_test_setup(null_is_freed, reset)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
