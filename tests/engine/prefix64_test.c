/* SPDX-License-Identifier: MIT */
/* prefix64_test.c - which resolvers' prefixes are known. The resolvers are the
 * test's own, and answer at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "resolve/prefix64.h"

/* More than prefix64.c has room for. */
#define RESOLVERS 20

/* Each has a prefix of its own, 3fff:N::/96. */
static struct he_resolver list[RESOLVERS];
static unsigned asked[RESOLVERS], open_queries[RESOLVERS];

/* 8 bytes: whose it is. */
static struct he_query *ask(const struct he_resolver *self, const char *host,
                            uint16_t port, enum he_family family,
                            he_resolver_answer answer, void *arg)
{
  struct he_candidate *c = calloc(1, sizeof(*c));
  const size_t i = (size_t)(self - list);
  size_t *q = malloc(sizeof(*q));
  const uint8_t ip[16] = { 0x3f, 0xff, 0, (uint8_t)(i + 1), 0, 0, 0, 0,
                           0, 0, 0, 0, 192, 0, 0, 170 };
  assert_non_null(c);
  assert_non_null(q);
  assert_string_equal(host, "ipv4only.arpa");
  c->addr = (struct he_addr){ .family = HE_IPV6, .port = port };
  memcpy(c->addr.ip, ip, sizeof(ip));
  *q = i;
  asked[i]++;
  open_queries[i]++;
  answer(arg, family, 0, c, 1);
  return (struct he_query *)q;
}

/* It has to be this resolver's own. */
static void close_of(struct he_query *q, size_t i)
{
  if(q) {
    assert_int_equal(*(size_t *)q, i);
    open_queries[i]--;
    free(q);
  }
}

static void close_even(struct he_query *q)
{
  if(q) {
    const size_t i = *(size_t *)q;
    assert_int_equal(i % 2, 0);
    close_of(q, i);
  }
}

static void close_odd(struct he_query *q)
{
  if(q) {
    const size_t i = *(size_t *)q;
    assert_int_equal(i % 2, 1);
    close_of(q, i);
  }
}

static bool knows(size_t i)
{
  struct he_addr v6 = { .family = HE_IPV6, .port = 80 }, v4;
  const uint8_t ip[16] = { 0x3f, 0xff, 0, (uint8_t)(i + 1), 0, 0, 0, 0,
                           0, 0, 0, 0, 198, 51, 100, 7 };
  memcpy(v6.ip, ip, sizeof(ip));
  return he_prefix64_within(&list[i], &v6, &v4);
}

static void learn(size_t i)
{
  assert_int_equal(he_prefix64_ask(&list[i], NULL), HE_PREFIX64_KNOWN);
  assert_true(knows(i));
}

static int setup(void **state)
{
  (void)state;
  for(size_t i = 0; i < RESOLVERS; i++)
    list[i] = (struct he_resolver){ .name = "test", .start = ask,
                                    .close = i % 2 ? close_odd : close_even };
  memset(asked, 0, sizeof(asked));
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  he_prefix64_flush();
  for(size_t i = 0; i < RESOLVERS; i++)
    assert_int_equal(open_queries[i], 0);
  return 0;
}

/* However many there are, each gets its prefix; one that stays in use is asked
   once. */
static void many(void **state)
{
  (void)state;
  for(size_t i = 0; i < RESOLVERS; i++) {
    learn(i);
    assert_true(knows(0));
    assert_int_equal(asked[i], 1);
  }
  assert_int_equal(he_prefix64_ask(&list[0], NULL), HE_PREFIX64_KNOWN);
  assert_int_equal(asked[0], 1);
}

/* One that made room is asked again. */
static void again(void **state)
{
  (void)state;
  for(size_t i = 0; i < RESOLVERS; i++)
    learn(i);
  assert_false(knows(0));
  learn(0);
  assert_int_equal(asked[0], 2);
  assert_true(knows(RESOLVERS - 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(many, setup, teardown),
    cmocka_unit_test_setup_teardown(again, setup, teardown)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
