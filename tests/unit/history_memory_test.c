/* SPDX-License-Identifier: MIT */
/* history_memory_test.c - a history's memory: bounded, flat, the least
 * recently used go first, and what becomes of it when there is none. Linked
 * with --wrap: each allocation is counted, and the one whose turn it is
 * fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/history.h"

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
  unsigned allocations;
  unsigned fail_at;    /* the allocation of this number fails; 0: none */
  size_t blocks;
  size_t held;
} heap;

void *__wrap_malloc(size_t size)
{
  union block *b;
  if(++heap.allocations == heap.fail_at)
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

/* --- histories ----------------------------------------------------------- */

#define WALL INT64_C(1700000000000)

static struct he_history *history(unsigned hosts)
{
  struct he_history_limits limits;
  he_history_limits_usual(&limits);
  limits.max_hosts = hosts;
  return he_history_new(&limits);
}

static struct he_addr address(enum he_family f, unsigned i)
{
  struct he_addr a = { .family = (uint8_t)f, .port = 443 };
  a.ip[0] = (uint8_t)(i >> 16);
  a.ip[1] = (uint8_t)(i >> 8);
  a.ip[2] = (uint8_t)i;
  return a;
}

static bool connected(struct he_history *h, unsigned host, unsigned addr,
                      he_time_ns now)
{
  const struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                                .addr = address(HE_IPV6, addr),
                                .handshake = HE_MS(20) };
  char name[32];
  snprintf(name, sizeof(name), "host%u.example", host);
  return he_history_learn(h, 1, name, &o, now);
}

static bool lost(struct he_history *h, unsigned host, unsigned addr,
                 he_time_ns now)
{
  const struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED,
                                .addr = address(HE_IPV6, addr),
                                .delay = HE_MS(150),
                                .pending = HE_MS(5000) };
  char name[32];
  snprintf(name, sizeof(name), "host%u.example", host);
  return he_history_learn(h, 1, name, &o, now);
}

static void memory_is_flat(void **state)
{
  struct he_history *h = history(64);
  size_t full = 0;
  (void)state;
  for(unsigned i = 0; i < 1000000; i++) {
    unsigned host = (i * 7919) % (i & 1024 ? 200 : 60);
    he_time_ns now = HE_MS(i);
    bool learned = i % 3 ? connected(h, host, host + i % 11, now) :
                   lost(h, host, host + i % 13, now);
    struct he_probe probe;
    if(!learned)
      fail_msg("nothing learned");
    if(i % 10 == 0)
      he_history_next_probe(h, 1, &probe, now);
    if(heap.held > full && i > 100000)
      fail_msg("%zu bytes after %u updates, %zu before", heap.held, i, full);
    if(heap.held > full)
      full = heap.held;
  }
  assert_int_equal(he_history_hosts(h), 64);
  print_message("# 64 hosts of 200 that come and go: %zu bytes\n", full);
  he_history_free(h);
  assert_int_equal(heap.blocks, 0);
}

static void a_full_one_is_small(void **state)
{
  struct he_history *h = history(4096);
  (void)state;
  for(unsigned i = 0; i < 10000; i++)
    for(unsigned a = 0; a < 2; a++)
      assert_true(connected(h, i, i + a, HE_MS(i)));
  assert_int_equal(he_history_hosts(h), 4096);
  print_message("# 4096 hosts of 2 addresses: %zu bytes\n", heap.held);
  assert_true(heap.held < 4096 * 1280);
  he_history_free(h);
  assert_int_equal(heap.blocks, 0);
}

/* Over all networks, and by use: asking counts, probing does not. */
static void the_least_recently_used_goes(void **state)
{
  struct he_history *h = history(3);
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .addr = address(HE_IPV4, 1) };
  struct he_advice_rules rules;
  struct he_candidate c = { .addr = o.addr };
  struct he_advice advice;
  (void)state;
  he_advice_rules_usual(&rules);
  he_history_learn(h, 1, "a", &o, 1);
  he_history_learn(h, 2, "b", &o, 2);
  he_history_learn(h, 1, "c", &o, 3);
  he_history_advise(h, 1, "a", &rules, &c, 1, &advice, 4);
  o.probe = true;
  he_history_learn(h, 2, "b", &o, 5);
  o.probe = false;
  he_history_learn(h, 3, "d", &o, 6);
  assert_true(he_history_has(h, 1, "a"));
  assert_false(he_history_has(h, 2, "b"));
  assert_true(he_history_has(h, 1, "c"));
  assert_true(he_history_has(h, 3, "d"));
  assert_false(he_history_has(h, 2, "a"));
  he_history_free(h);
}

static void networks_are_bounded(void **state)
{
  struct he_history_limits limits;
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                          .addr = address(HE_IPV4, 1) };
  struct he_history *h;
  (void)state;
  he_history_limits_usual(&limits);
  limits.max_networks = 2;
  h = he_history_new(&limits);
  he_history_learn(h, 1, "a", &o, 1);
  he_history_learn(h, 2, "a", &o, 2);
  he_history_learn(h, 1, "a", &o, 3);
  he_history_learn(h, 3, "a", &o, 4);
  assert_true(he_history_has(h, 1, NULL));
  assert_false(he_history_has(h, 2, NULL));
  assert_true(he_history_has(h, 3, NULL));
  assert_true(he_history_has(h, 2, "a"));
  he_history_free(h);
}

/* --- without memory ------------------------------------------------------ */

/* Everything that asks for memory; what is refused must be as if it had never
   been. Returns how many calls were refused. */
static unsigned exercise(struct he_history *h)
{
  struct he_addr list[6];
  struct he_remembered known[6];
  struct he_record record;
  unsigned refused = 0;
  for(unsigned i = 0; i < 6; i++)
    list[i] = address(HE_IPV4, i + 1);
  for(unsigned host = 0; host < 40; host++) {
    refused += !lost(h, host, 1, HE_MS(host));
  }
  if(!he_history_answer(h, 1, "new.example", HE_IPV4, list, 6, 60, 7)) {
    refused++;
    assert_int_equal(he_history_known(h, 1, "new.example", known, 6, 7), 0);
  }
  if(!he_history_answer(h, 1, "host0.example", HE_IPV4, list, 6, 60, 8)) {
    struct he_remembered out[8];
    refused++;
    assert_int_equal(he_history_addresses(h, 1, "host0.example", true, out, 8,
                                          8), 0);
  }
  while(he_history_take(h, &record, HE_MS(50), WALL)) {
    uint64_t network = 1;
    he_history_forget(h, &network, "host0.example");
    switch(he_history_absorb(h, record.line, record.len, HE_MS(50), WALL)) {
    case HE_ABSORBED:
      break;
    case HE_ABSORB_REJECTED:
      fail();
      break;
    case HE_ABSORB_NO_MEMORY:
      refused++;
      break;
    }
  }
  return refused;
}

static void each_allocation_fails(void **state)
{
  struct he_history *h = history(4096);
  unsigned total;
  (void)state;
  assert_int_equal(exercise(h), 0);
  he_history_free(h);
  total = heap.allocations;
  assert_true(total > 80);
  for(unsigned i = 1; i <= total; i++) {
    reset(NULL);
    heap.fail_at = i;
    h = history(4096);
    if(h)
      assert_true(exercise(h) >= 1);
    else
      assert_true(i <= 3);
    he_history_free(h);
    assert_int_equal(heap.blocks, 0);
  }
}

static void null_is_freed(void **state)
{
  (void)state;
  he_history_free(NULL);
  assert_int_equal(heap.blocks, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(memory_is_flat, reset),
    cmocka_unit_test_setup(a_full_one_is_small, reset),
    cmocka_unit_test_setup(the_least_recently_used_goes, reset),
    cmocka_unit_test_setup(networks_are_bounded, reset),
    cmocka_unit_test_setup(each_allocation_fails, reset),
    cmocka_unit_test_setup(null_is_freed, reset)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
