/* SPDX-License-Identifier: MIT */
/* replay_test.c - how long a client of RFC 8305 takes that remembers nothing.
 * Each case is a world; the figures are those of the RFC, added up by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "race/replay.h"

#include <string.h>

/* A way is "6c20": a family, what it does (c connects, f fails, s silent), and
   after how many ms. */
struct world {
  const char *what;
  int aaaa;                   /* ms; -1: never asked for */
  int a;
  const char *ways[6];
  int alone;                  /* ms; -1: never */
};

static const struct world worlds[] = {
  { "IPv6 is well", 20, 20, { "6c30", "4c10" }, 50 },
  { "IPv6 is silent: one delay", 20, 20, { "6s0", "4c20" }, 290 },
  { "IPv6 is slower than a delay", 0, 0, { "6c260", "4c20" }, 260 },
  { "and much slower", 0, 0, { "6c400", "4c20" }, 270 },
  { "a refusal takes the place of the delay", 0, 0, { "6f30", "4c20" }, 50 },
  { "families alternate", 0, 0, { "6s0", "6s0", "4s0", "4c20" }, 770 },
  { "AAAA is waited for, for 50 ms", 70, 20, { "6c10", "4c10" }, 80 },
  { "and no longer", 90, 20, { "6c10", "4c10" }, 80 },
  { "A alone", -1, 20, { "4s0", "4c10" }, 280 },
  { "a name of one family", 20, 20, { "4s0", "4c10" }, 280 },
  { "nobody answers", 0, 0, { "6s0", "4s0" }, -1 },
  { "everybody refuses", 0, 0, { "6f10", "4f10" }, -1 },
  { "a name without addresses", 0, 0, { NULL }, -1 }
};

static struct he_replay_way way_of(const char *text, uint8_t number)
{
  struct he_replay_way w = { .has_source = true };
  he_time_ns ms = 0;
  w.addr.family = text[0] == '6' ? HE_IPV6 : HE_IPV4;
  w.addr.ip[0] = 0x20;
  w.addr.ip[3] = number;
  w.addr.port = 443;
  w.does = text[1] == 'c' ? HE_REPLAY_CONNECTS : text[1] == 'f' ?
           HE_REPLAY_FAILS : HE_REPLAY_SILENT;
  for(const char *p = text + 2; *p; p++)
    ms = 10 * ms + (*p - '0');
  w.took = HE_MS(ms);
  return w;
}

static void test_world(void **state)
{
  const struct world *w = *state;
  struct he_replay_way ways[6];
  struct he_replay r = { .ways = ways, .preference = HE_PREFER_IPV6 };
  r.answered[HE_IPV6] = w->aaaa < 0 ? HE_NEVER : HE_MS(w->aaaa);
  r.answered[HE_IPV4] = w->a < 0 ? HE_NEVER : HE_MS(w->a);
  for(; r.n < 6 && w->ways[r.n]; r.n++)
    ways[r.n] = way_of(w->ways[r.n], (uint8_t)(r.n + 1));
  assert_int_equal(he_replay(&r),
                   w->alone < 0 ? HE_NEVER : HE_MS(w->alone));
}

/* However many there are: it ends, and asks for no more than it has. */
static void test_many(void **state)
{
  static struct he_replay_way ways[1000];
  struct he_replay r = { .ways = ways, .n = 1000,
                         .preference = HE_PREFER_IPV6 };
  (void)state;
  for(size_t i = 0; i < 1000; i++) {
    ways[i] = way_of(i % 2 ? "6s0" : "4s0", (uint8_t)i);
    ways[i].addr.ip[2] = (uint8_t)(i >> 8);
  }
  assert_true(he_replay(&r) == HE_NEVER);
}

int main(void)
{
  enum { N = sizeof(worlds) / sizeof(*worlds) };
  struct CMUnitTest tests[N + 1];
  memset(tests, 0, sizeof(tests));
  for(size_t i = 0; i < N; i++) {
    tests[i].name = worlds[i].what;
    tests[i].test_func = test_world;
    tests[i].initial_state = (void *)&worlds[i];
  }
  tests[N] = (struct CMUnitTest)cmocka_unit_test(test_many);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
