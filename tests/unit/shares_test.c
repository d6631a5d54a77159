/* SPDX-License-Identifier: MIT */
/* shares_test.c - healthy hosts stay on IPv6, and what is known of a host or
 * of its network spares the second SYN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "shares.h"

#define CONNECTS 8000

static const int rtts[] = { 5, 20, 60, 120, 250 };
static const double losses[] = { 0, 0.005, 0.01 };

static struct shares go(enum shares_known known, int rtt, double loss,
                        long fixed)
{
  const struct shares_case c = { .path = shares_path(HE_MS(rtt), loss),
                                 .fixed_ms = fixed, .known = known,
                                 .connects = CONNECTS, .seed = 8 };
  struct shares s;
  assert_true(shares_run(&c, &s));
  assert_int_equal(s.connects, CONNECTS);
  return s;
}

/* Both aims, in one cell. */
static void check(enum shares_known known, int rtt, double loss, double most)
{
  const struct shares s = go(known, rtt, loss, 0);
  if(s.whole_ipv6 < s.whole / 100.0 * 99 || s.syns > most * CONNECTS)
    fail_msg("known %d, rtt %d, loss %g %%: %u IPv6, of %u whole ones %u, "
             "%u SYNs", (int)known, rtt, 100 * loss, s.ipv6, s.whole,
             s.whole_ipv6, s.syns);
}

/* The model itself: what is lost is what was asked for, and a delay shorter
   than each round trip always costs a second SYN. */
static void model(void **state)
{
  const struct shares none = go(SHARES_COLD, 120, 0, 50);
  const struct shares some = go(SHARES_COLD, 5, 0.01, 150);
  (void)state;
  assert_int_equal(none.whole, CONNECTS);
  assert_int_equal(none.syns, 2 * CONNECTS);
  assert_int_equal(none.abandoned, CONNECTS);
  /* 0.99 squared, within three deviations and more */
  assert_in_range(some.whole, CONNECTS * 975 / 1000, CONNECTS * 985 / 1000);
  assert_in_range(some.syns, some.whole, CONNECTS * 103 / 100);
}

static void cold(void **state)
{
  (void)state;
  for(size_t r = 0; r < 5; r++)
    for(size_t l = 0; l < 3; l++)
      check(SHARES_COLD, rtts[r], losses[l], 2.01);
}

/* A lost packet costs a SYN, whoever sends it: where 1 % is lost each way,
   1 / 0.99 / 0.99 is the least there is, 1.0203. A run of this length is
   within 0.006 of its mean. */
static void with_memory(void **state)
{
  static const double most[] = { 1.005, 1.016, 1.026 };
  (void)state;
  for(int known = SHARES_NETWORK; known <= SHARES_HOST; known++)
    for(size_t r = 0; r < 5; r++)
      for(size_t l = 0; l < 3; l++)
        check((enum shares_known)known, rtts[r], losses[l], most[l]);
}

/* Nearer than the first delay nothing is wasted, known or not. */
static void near_is_one_syn(void **state)
{
  (void)state;
  assert_int_equal(go(SHARES_COLD, 5, 0, 0).syns, CONNECTS);
  assert_int_equal(go(SHARES_COLD, 20, 0, 0).syns, CONNECTS);
  assert_int_equal(go(SHARES_COLD, 250, 0, 0).syns, 2 * CONNECTS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(model),
    cmocka_unit_test(cold),
    cmocka_unit_test(with_memory),
    cmocka_unit_test(near_is_one_syn)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
