/* SPDX-License-Identifier: MIT */
/* kept_test.c - answers that are kept for the next lookup: whose they are, and
 * for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "resolve/kept.h"

#define NOW HE_MS(5000)
#define LONG HE_MS(1000000)

static void put(const char *host, uint16_t port, uint8_t lasts)
{
  struct he_candidate c[2];
  memset(c, 0, sizeof(c));
  c[0].addr.family = c[1].addr.family = HE_IPV6;
  c[0].addr.port = c[1].addr.port = port;
  c[0].lasts = c[1].lasts = lasts;
  c[1].addr.ip[15] = 1;
  he_kept_put(host, port, HE_IPV6, c, 2, NOW);
}

static size_t get(const char *host, uint16_t port, enum he_family f,
                  he_time_ns most, he_time_ns now)
{
  size_t n = 7;
  struct he_candidate *list = he_kept_get(host, port, f, most, &n, now);
  assert_int_equal(list != NULL, n > 0);
  if(list)
    assert_int_equal(list[1].addr.ip[15], 1);
  free(list);
  return n;
}

static void whose(void **state)
{
  (void)state;
  put("a.test", 80, 0);
  assert_int_equal(get("a.test", 80, HE_IPV6, LONG, NOW), 2);
  assert_int_equal(get("A.Test", 80, HE_IPV6, LONG, NOW), 2);
  assert_int_equal(get("a.test", 80, HE_IPV4, LONG, NOW), 0);
  assert_int_equal(get("a.test", 443, HE_IPV6, LONG, NOW), 0);
  assert_int_equal(get("b.test", 80, HE_IPV6, LONG, NOW), 0);
  he_kept_forget();
  assert_int_equal(get("a.test", 80, HE_IPV6, LONG, NOW), 0);
}

/* Its TTL, a minute, what the caller wants: the shortest. */
static void how_long(void **state)
{
  static const struct {
    uint8_t lasts;
    he_time_ns most, until;
  } t[] = {
    { 0, LONG, HE_MS(60000) }, { 255, LONG, HE_MS(60000) },
    { 10, LONG, HE_MS(10000) }, { 10, HE_MS(3000), HE_MS(3000) },
    { 0, HE_MS(3000), HE_MS(3000) }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
    put("a.test", 80, t[i].lasts);
    assert_int_equal(get("a.test", 80, HE_IPV6, 0, NOW), 0);
    assert_int_equal(get("a.test", 80, HE_IPV6, t[i].most,
                         NOW + t[i].until - 1), 2);
    assert_int_equal(get("a.test", 80, HE_IPV6, t[i].most,
                         NOW + t[i].until), 0);
  }
  he_kept_forget();
}

/* More names than there are places. */
static void many(void **state)
{
  char host[32];
  size_t found = 0;
  (void)state;
  for(int i = 0; i < 2000; i++) {
    snprintf(host, sizeof(host), "host%d.test", i);
    put(host, 80, 0);
    assert_int_equal(get(host, 80, HE_IPV6, LONG, NOW), 2);
  }
  for(int i = 0; i < 2000; i++) {
    snprintf(host, sizeof(host), "host%d.test", i);
    found += get(host, 80, HE_IPV6, LONG, NOW) != 0;
  }
  assert_in_range(found, 100, 256);
  he_kept_forget();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(whose),
    cmocka_unit_test(how_long),
    cmocka_unit_test(many)
  };
  return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
