/* SPDX-License-Identifier: MIT */
/* resolvers_test.c - what CURLHEOPT_RESOLVER may say, and the numbers that it
 * gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/common.h"
#include "options/resolvers.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define WANTS "wants system, or dns://ADDRESS[:PORT],..."

static const struct {
  const char *text;
  const char *said;           /* servers, or "at: why" */
} values[] = {
  { "system", "" },
  { "", "0: " WANTS },
  { "System", "0: " WANTS },
  { "system,", "0: " WANTS },
  { "dns:/192.0.2.1", "0: " WANTS },
  { "https://192.0.2.1/dns-query", "0: " WANTS },
#ifdef HE_CARES
  { "dns://192.0.2.1", "192.0.2.1:53 " },
  { "dns://192.0.2.1:5353", "192.0.2.1:5353 " },
  { "dns://192.0.2.1:65535,192.0.2.1:1", "192.0.2.1:65535 192.0.2.1:1 " },
  { "dns://2001:db8::1", "[2001:db8::1]:53 " },
  { "dns://[2001:DB8::1]", "[2001:db8::1]:53 " },
  { "dns://[2001:db8::1]:54,::1,127.0.0.1",
    "[2001:db8::1]:54 [::1]:53 127.0.0.1:53 " },
  { "dns://1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8",
    "1.1.1.1:53 1.1.1.2:53 1.1.1.3:53 1.1.1.4:53 1.1.1.5:53 1.1.1.6:53 "
    "1.1.1.7:53 1.1.1.8:53 " },
  { "dns://1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,"
    "1.1.1.9", "70: more than 8 servers" },
  { "dns://", "6: a server's address is missing" },
  { "dns://,", "6: a server's address is missing" },
  { "dns://192.0.2.1,", "16: a server's address is missing" },
  { "dns://:53", "6: a server's address is missing" },
  { "dns://[]:53", "7: a server's address is missing" },
  { "dns://[::1", "6: wants [IPv6]:PORT" },
  { "dns://[::1]53", "11: wants [IPv6]:PORT" },
  { "dns://[::1]:", "12: a port is 1 to 65535" },
  { "dns://[192.0.2.1]:53", "7: no IP address" },
  { "dns://192.0.2.1:", "16: a port is 1 to 65535" },
  { "dns://192.0.2.1:0", "16: a port is 1 to 65535" },
  { "dns://192.0.2.1:65536", "20: a port is 1 to 65535" },
  { "dns://192.0.2.1:5x", "17: a port is 1 to 65535" },
  { "dns://192.0.2.1:-1", "16: a port is 1 to 65535" },
  { "dns://192.0.2", "6: no IP address" },
  { "dns://dns.example", "6: no IP address" },
  { "dns://user@192.0.2.1", "6: no IP address" },
  { "dns://192.0.2.1/", "6: no IP address" },
  { "dns://fe80::1%eth0", "6: no scope can be given" },
  { "dns://[fe80::1%1]:53", "7: no scope can be given" },
  { "dns://" "1111111111111111111111111111111111111111111111111111111111111111"
    "11111111111111", "6: no IP address" },
#else
  { "dns://192.0.2.1",
    "0: this curl-he was built without c-ares, which dns:// takes" },
#endif
};

static const char *said(const char *text, size_t len, char out[1024])
{
  struct he_servers s;
  const char *why = NULL;
  size_t at = 0, n = 0;
  *out = 0;
  if(!he_resolvers_read(text, len, &s, &at, &why)) {
    assert_non_null(why);
    assert_true(at <= len);
    snprintf(out, 1024, "%zu: %s", at, why);
    return out;
  }
  assert_null(why);
  for(size_t i = 0; i < s.n; i++) {
    char one[HE_ADDR_TEXT];
    n += (size_t)snprintf(out + n, 1024 - n, "%s ",
                          he_addr_format(&s.list[i], one));
  }
  return out;
}

/* Each stands at the end of a block, so that a sanitizer sees who reads on. */
static void test_values(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(values); i++) {
    const size_t len = strlen(values[i].text);
    char out[1024], *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, values[i].text, len);
    assert_string_equal(said(copy + 1, len, out), values[i].said);
    free(copy);
  }
}

/* Any bytes: what is taken reads the same when it is written anew. */
static void test_noise(void **state)
{
  static const char letters[] = "0123456789abcdef:::...,,[]%x";
  (void)state;
  for(int i = 0; i < 200000; i++) {
    char text[64] = "dns://", first[1024], again[1024 + 8];
    size_t n = 6 + roll(40);
    for(size_t k = 6; k < n; k++)
      text[k] = roll(50) ?
        letters[roll((unsigned)sizeof(letters) - 1)] :
        (char)roll(256);
    said(text, n, first);
    if(*first && !strstr(first, ": ")) {
      snprintf(again, sizeof(again), "dns://%s", first);
      for(char *p = again; *p; p++)
        if(*p == ' ')
          *p = p[1] ? ',' : 0;
      char out[1024];
      assert_string_equal(said(again, strlen(again), out), first);
    }
  }
}

static long number_of(uint8_t last, uint16_t port)
{
  struct he_servers s = { .n = 1 };
  s.list[0].family = HE_IPV4;
  s.list[0].ip[3] = last;
  s.list[0].port = port;
  return he_resolvers_number(&s);
}

static void test_numbers(void **state)
{
  const struct he_servers none = { .n = 0 };
  long first;
  (void)state;
  assert_int_equal(he_resolvers_number(&none), 0);
  assert_null(he_resolvers_servers(0));
  assert_null(he_resolvers_servers(-1));
  assert_null(he_resolvers_servers(HE_RESOLVERS_MAX));
  first = number_of(1, 53);
  assert_true(first > 0);
  assert_int_equal(number_of(1, 53), first);
  assert_int_not_equal(number_of(1, 54), first);
  assert_int_equal(he_resolvers_servers(first)->list[0].ip[3], 1);
  for(int i = 0; i < 2 * HE_RESOLVERS_MAX; i++)
    number_of((uint8_t)(i / 2), (uint16_t)(100 + i % 2));
  assert_int_equal(number_of(0, 100), first + 2);   /* as it was */
  assert_int_equal(number_of(255, 99), -1);         /* no more room */
  assert_non_null(he_resolvers_servers(HE_RESOLVERS_MAX - 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_noise),
    cmocka_unit_test(test_numbers)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
