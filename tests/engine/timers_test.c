/* SPDX-License-Identifier: MIT */
/* timers_test.c - the heap of deadlines beside an array that is searched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "common.h"
#include "base/heap.h"

#define TIMERS 150

/* The memory that runs out: --wrap=realloc. */
static bool out_of_memory;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
  return out_of_memory ? NULL : __real_realloc(p, size);
}

static he_time_ns earliest(const struct he_timer *timer, const bool *set)
{
  he_time_ns due = HE_NEVER;
  for(int i = 0; i < TIMERS; i++) {
    if(set[i] && timer[i].due < due)
      due = timer[i].due;
  }
  return due;
}

/* A few moments only, so that many timers are due at the same one. */
static he_time_ns some_time(void)
{
  return roll(8) ? (he_time_ns)roll(1 + roll(400)) : HE_NEVER;
}

static void model(void **state)
{
  struct he_timers t = { .heap = NULL };
  struct he_timer timer[TIMERS] = { { .due = HE_NEVER } };
  bool set[TIMERS] = { false };
  (void)state;
  for(int i = 0; i < TIMERS; i++)
    assert_true(he_timers_reserve(&t));
  for(unsigned n = rounds(300000); n; n--) {
    unsigned i = roll(TIMERS);
    he_time_ns due = earliest(timer, set);
    assert_true(he_timers_due(&t) == due);
    if(roll(3)) {
      he_time_ns when = some_time();
      he_timer_set(&t, &timer[i], when);
      set[i] = when != HE_NEVER;
      assert_true(timer[i].due == when);
      assert_int_equal(!!timer[i].place, set[i]);
    }
    else {
      he_time_ns now = (he_time_ns)roll(400);
      struct he_timer *out = he_timers_pop(&t, now);
      assert_int_equal(out != NULL, due <= now);
      if(out) {
        assert_true(out->due == due);
        assert_true(set[out - timer]);
        assert_int_equal(out->place, 0);
        set[out - timer] = false;
      }
    }
  }
  he_timers_free(&t);
}

static void sorts(void **state)
{
  struct he_timers t = { .heap = NULL };
  struct he_timer timer[TIMERS];
  he_time_ns last = -1;
  (void)state;
  for(int i = 0; i < TIMERS; i++) {
    timer[i].place = 0;
    assert_true(he_timers_reserve(&t));
    he_timer_set(&t, &timer[i], (he_time_ns)roll(1000));
  }
  for(int i = 0; i < TIMERS; i++) {
    struct he_timer *out = he_timers_pop(&t, 1000);
    assert_non_null(out);
    assert_true(out->due >= last);
    last = out->due;
  }
  assert_null(he_timers_pop(&t, 1000));
  assert_true(he_timers_due(&t) == HE_NEVER);
  he_timers_free(&t);
}

/* A place that was not got is not needed: those that were still hold. */
static void no_memory(void **state)
{
  struct he_timers t = { .heap = NULL };
  struct he_timer timer[TIMERS];
  int n = 0;
  (void)state;
  out_of_memory = true;
  assert_false(he_timers_reserve(&t));
  assert_true(he_timers_due(&t) == HE_NEVER);
  assert_null(he_timers_pop(&t, HE_NEVER));
  out_of_memory = false;
  assert_true(he_timers_reserve(&t));
  out_of_memory = true;
  for(n = 1; n < TIMERS && he_timers_reserve(&t); n++)
    ;
  assert_in_range(n, 2, TIMERS - 1);
  for(int i = 0; i < n; i++) {
    timer[i].place = 0;
    he_timer_set(&t, &timer[i], TIMERS - i);
    assert_true(he_timers_due(&t) == TIMERS - i);
  }
  for(int i = 0; i < n; i++) {
    he_timer_set(&t, &timer[i], HE_NEVER);
    he_timers_release(&t);
  }
  assert_int_equal(t.count, 0);
  assert_int_equal(t.reserved, 0);
  out_of_memory = false;
  he_timers_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(model),
    cmocka_unit_test(sorts),
    cmocka_unit_test(no_memory)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
