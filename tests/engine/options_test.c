/* SPDX-License-Identifier: MIT */
/* options_test.c - ranges as curl_he.h promises them, and scopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "common.h"
#include "history/history.h"
#include "options/options.h"

/* from the comments of curl_he.h */
static const struct range {
  enum he_option which;
  long min;
  long max;
  long normal;
  bool zero;
} ranges[] = {
  { HE_OPT_DELAY_MS, 10, 2000, 0, true },
  { HE_OPT_RESOLUTION_DELAY_MS, 0, 2000, 25, true },
  { HE_OPT_FIRST_FAMILY_COUNT, 1, 8, 1, false },
  { HE_OPT_PREFERENCE, 0, 2, 0, true },
  { HE_OPT_FAMILIES, 0, 2, 0, true },
  { HE_OPT_MAX_ATTEMPTS, 1, 64, 6, false },
  { HE_OPT_ATTEMPT_TIMEOUT_MS, 100, 600000, 0, true },
  { HE_OPT_CONNECTTIMEOUT_MS, 100, 600000, 0, true },
  { HE_OPT_DELAY_MIN_MS, 10, 2000, 50, false },
  { HE_OPT_DELAY_MAX_MS, 10, 2000, 2000, false },
  { HE_OPT_LEEWAY_MS, 0, 2000, 50, true },
  { HE_OPT_HISTORY, 0, 1, 1, true },
  { HE_OPT_HISTORY_VERDICT_S, 10, 86400, 600, false },
  { HE_OPT_HISTORY_TIMES_S, 60, 2592000, 86400, false },
  { HE_OPT_HISTORY_SIZE, 1, 65536, 4096, false },
  { HE_OPT_PROFILE, 0, 4, 0, true },
  { HE_OPT_RACER_CALLBACKS, 0, 1, 1, true },
  { HE_OPT_LOOKUP, 0, 1, 1, true },
  { HE_OPT_TRACE_SIZE, 1, 65536, 64, false },
  { HE_OPT_HTTPS_RECORDS, 0, 1, 1, true },
  { HE_OPT_NAT64, 0, 1, 1, true },
  { HE_OPT_RESOLVER, 0, 255, 0, true }
};

static bool in_range(const struct range *r, long value)
{
  return value == -1 || (value == 0 && r->zero) ||
         (value >= r->min && value <= r->max);
}

static void check(const struct range *r, long value)
{
  struct he_options o;
  bool ok = in_range(r, value);
  he_options_clear(&o);
  assert_true(he_options_set(&o, r->which, r->min ? r->min : 1));
  assert_int_equal(he_options_set(&o, r->which, value), ok);
  if(!ok)
    assert_int_equal(he_options_get(&o, NULL, r->which), r->min ? r->min : 1);
  else
    assert_int_equal(he_options_get(&o, NULL, r->which),
                     value == -1 ? r->normal : value);
}

static void edges(void **state)
{
  static const long odd[] = { LONG_MIN, LONG_MIN + 1, -1000, -2, -1, 0, 1, 2,
    9, (long)UINT_MAX, INT_MAX, LONG_MAX - 1, LONG_MAX };
  (void)state;
  assert_int_equal(sizeof(ranges) / sizeof(*ranges), HE_OPTIONS);
  for(size_t i = 0; i < HE_OPTIONS; i++) {
    assert_int_equal(ranges[i].which, i);
    for(long d = -2; d <= 2; d++) {
      check(&ranges[i], ranges[i].min + d);
      check(&ranges[i], ranges[i].max + d);
    }
    for(size_t k = 0; k < sizeof(odd) / sizeof(*odd); k++)
      check(&ranges[i], odd[k]);
  }
}

static long some_value(const struct range *r)
{
  return roll(3) ? r->min + (long)roll((unsigned)(r->max - r->min + 1)) : -1;
}

static long or_profile(const struct he_options *o, size_t i)
{
  long said = o->value[i];
  return said != -1 ? said : he_profile_value(o->value[HE_OPT_PROFILE],
                                              (enum he_option)i);
}

/* The narrowest scope that says something, itself or by its profile; the rest
   is left as it is. */
static void scopes(void **state)
{
  (void)state;
  for(unsigned n = rounds(20000); n; n--) {
    struct he_options narrow, wide;
    struct he_options filled;
    long want[HE_OPTIONS];
    he_options_clear(&narrow);
    he_options_clear(&wide);
    for(size_t i = 0; i < HE_OPTIONS; i++) {
      long a = some_value(&ranges[i]), b = some_value(&ranges[i]);
      assert_true(he_options_set(&narrow, ranges[i].which, a));
      assert_true(he_options_set(&wide, ranges[i].which, b));
    }
    for(size_t i = 0; i < HE_OPTIONS; i++) {
      long a = or_profile(&narrow, i), b = or_profile(&wide, i);
      want[i] = a != -1 ? a : b != -1 ? b : ranges[i].normal;
    }
    filled = narrow;
    he_options_fill(&filled, &wide);
    for(size_t i = 0; i < HE_OPTIONS; i++)
      assert_int_equal(he_options_get(&narrow, &wide, ranges[i].which),
                       want[i]);
    /* three scopes and more are filled into one */
    for(size_t i = 0; i < HE_OPT_PROFILE; i++)
      assert_int_equal(he_options_get(&filled, NULL, ranges[i].which),
                       want[i]);
  }
}

/* A profile is its values at its own scope: less than what is set there, more
   than what any wider scope says. */
static void profiles(void **state)
{
  struct he_options handle, rule, context;
  (void)state;
  he_options_clear(&handle);
  he_options_clear(&rule);
  he_options_clear(&context);
  he_options_set(&context, HE_OPT_DELAY_MS, 400);
  he_options_set(&context, HE_OPT_FAMILIES, 1);
  he_options_set(&rule, HE_OPT_PROFILE, 1);
  he_options_fill(&rule, &context);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_DELAY_MS), 250);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_FAMILIES), 1);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_HISTORY), 0);
  he_options_set(&rule, HE_OPT_DELAY_MS, 300);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_DELAY_MS), 300);
  he_options_set(&handle, HE_OPT_PROFILE, 4);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_DELAY_MS), 10);
  he_options_set(&handle, HE_OPT_PROFILE, 0);
  assert_int_equal(he_options_get(&handle, &rule, HE_OPT_DELAY_MS), 300);
  for(long p = -1; p <= 4; p++) {
    for(int i = 0; i < HE_OPTIONS; i++) {
      assert_true(he_options_set(&context, (enum he_option)i,
                                 he_profile_value(p, (enum he_option)i)));
      if(he_option_contexts((enum he_option)i))
        assert_int_equal(he_profile_value(p, (enum he_option)i), -1);
    }
  }
  assert_int_equal(he_profile_value(5, HE_OPT_DELAY_MS), -1);
}

static void bounds(void **state)
{
  static const struct {
    long min, max, want, first;
  } some[] = { { -1, -1, 150, 50 }, { 300, -1, 300, 300 },
               { 100, -1, 150, 100 }, { -1, 120, 120, 50 },
               { -1, 30, 30, 30 }, { 50, 100, 100, 50 },
               { 500, 200, 200, 200 }, { 10, 10, 10, 10 } };
  (void)state;
  for(size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
    struct he_race_config c = { .beside = true };
    struct he_options o;
    he_options_clear(&o);
    he_options_set(&o, HE_OPT_DELAY_MIN_MS, some[i].min);
    he_options_set(&o, HE_OPT_DELAY_MAX_MS, some[i].max);
    he_options_race(&o, &c);
    assert_true(c.attempt_delay == HE_MS(some[i].want));
    assert_true(c.first_delay == HE_MS(some[i].first));
    he_options_set(&o, HE_OPT_DELAY_MS, 1500);
    he_options_race(&o, &c);
    assert_true(c.attempt_delay == HE_MS(1500));
    assert_true(c.first_delay == 0);
  }
}

/* A profile of a fixed delay has no schedule, one with bounds has its own. */
static void schedules(void **state)
{
  static const struct {
    long first, then, resolution;
  } of[] = { { 50, 150, 25 }, { 0, 250, 50 }, { 50, 150, 25 },
             { 100, 150, 25 }, { 0, 10, 0 } };
  (void)state;
  for(long p = 0; p <= 4; p++) {
    struct he_race_config c;
    struct he_options o;
    he_options_clear(&o);
    he_options_set(&o, HE_OPT_PROFILE, p);
    he_options_race(&o, &c);
    assert_true(c.first_delay == HE_MS(of[p].first));
    assert_true(c.attempt_delay == HE_MS(of[p].then));
    assert_true(c.resolution_delay == HE_MS(of[p].resolution));
  }
}

/* What is known changes the schedule, but not a delay that the user has
   set. */
static void pace(void **state)
{
  static const struct {
    enum he_pace_from from;
    long delay, first, then;
  } some[] = { { HE_PACE_COLD, 150, 50, 150 },
               { HE_PACE_NETWORK, 80, 80, 150 },
               { HE_PACE_NETWORK, 750, 750, 750 },
               { HE_PACE_HOST, 80, 0, 80 }, { HE_PACE_HOST, 750, 0, 750 } };
  (void)state;
  for(size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
    struct he_race_config c;
    struct he_options o;
    he_options_clear(&o);
    he_options_race(&o, &c);
    he_pace(&c, HE_MS(some[i].delay), some[i].from);
    assert_true(c.first_delay == HE_MS(some[i].first));
    assert_true(c.attempt_delay == HE_MS(some[i].then));
    he_options_set(&o, HE_OPT_DELAY_MS, 200);
    he_options_race(&o, &c);
    he_pace(&c, HE_MS(some[i].delay), some[i].from);
    assert_true(c.first_delay == 0 && c.attempt_delay == HE_MS(200));
  }
}

static void config(void **state)
{
  struct he_options o;
  struct he_race_config c = { .beside = true };
  (void)state;
  he_options_clear(&o);
  he_options_race(&o, &c);
  assert_true(c.attempt_delay == HE_MS(HE_FIRST_CONTACT_DELAY_MS));
  assert_true(c.first_delay == HE_MS(HE_FIRST_CONTACT_FIRST_MS));
  assert_true(c.resolution_delay == HE_MS(25));
  assert_int_equal(c.first_family_count, 1);
  assert_int_equal(c.max_attempts, 6);
  assert_true(c.attempt_timeout == HE_NEVER && c.total_timeout == HE_NEVER);
  assert_true(c.allowed[HE_IPV4] && c.allowed[HE_IPV6]);
  assert_true(c.beside);

  /* what a race asserts holds for the smallest of everything */
  for(size_t i = 0; i < HE_OPTIONS; i++)
    assert_true(he_options_set(&o, ranges[i].which, ranges[i].min));
  he_options_race(&o, &c);
  assert_true(c.attempt_delay == HE_RACE_MIN_GAP);
  assert_true(c.resolution_delay == 0);
  assert_true(c.attempt_timeout == HE_MS(100));

  assert_true(he_options_set(&o, HE_OPT_FAMILIES, 1));
  he_options_race(&o, &c);
  assert_true(c.allowed[HE_IPV4] && !c.allowed[HE_IPV6]);
  assert_true(he_options_set(&o, HE_OPT_FAMILIES, 2));
  he_options_race(&o, &c);
  assert_true(!c.allowed[HE_IPV4] && c.allowed[HE_IPV6]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(edges),
    cmocka_unit_test(scopes),
    cmocka_unit_test(profiles),
    cmocka_unit_test(bounds),
    cmocka_unit_test(schedules),
    cmocka_unit_test(pace),
    cmocka_unit_test(config)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
