/* SPDX-License-Identifier: MIT */
/* order_test.c - RFC 6724 section 6 rule by rule. A list is written
 * "destination<source", "<-" for no source, "!" after a deprecated one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/order.h"

#define G6 "2001:db8:1::"
#define MAX 32

struct sorting {
  const char *name;
  enum he_preference preference;
  const char *list;
  const char *want;
};

static struct sorting sortings[] = {
  { "rule 1: a destination without a source goes last", HE_PREFER_SYSTEM,
    G6 "1<- 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1" },
  { "rule 1 goes before the preference", HE_PREFER_IPV6,
    G6 "1<- 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1" },
  { "rule 1: two without a source go by precedence", HE_PREFER_SYSTEM,
    "192.0.2.1<- " G6 "1<-",
    G6 "1 192.0.2.1" },
  { "rule 2: matching scope", HE_PREFER_SYSTEM,
    G6 "1<fe80::2 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1" },
  { "rule 2: multicast scopes", HE_PREFER_SYSTEM,
    "ff0e::1<fe80::2 ff02::1<fe80::2",
    "ff02::1 ff0e::1" },
  { "rule 2: IPv4 link-local is link-local", HE_PREFER_SYSTEM,
    "192.0.2.1<169.254.1.1 169.254.2.2<169.254.1.1",
    "169.254.2.2 192.0.2.1" },
  { "rule 2: IPv4 loopback is link-local", HE_PREFER_SYSTEM,
    "127.0.0.1<192.0.2.9 192.0.2.1<192.0.2.9",
    "192.0.2.1 127.0.0.1" },
  { "rule 2: private IPv4 is global", HE_PREFER_SYSTEM,
    "192.0.2.1<169.254.1.1 198.51.100.1<10.0.0.1",
    "198.51.100.1 192.0.2.1" },
  { "rule 2: an IPv4-mapped link-local is link-local", HE_PREFER_SYSTEM,
    "::ffff:169.254.1.2<::ffff:192.0.2.9 ::ffff:192.0.2.1<::ffff:192.0.2.9",
    "::ffff:192.0.2.1 ::ffff:169.254.1.2" },
  { "rule 2: ::1 is link-local", HE_PREFER_SYSTEM,
    "::1<" G6 "9 192.0.2.1<192.0.2.9",
    "192.0.2.1 ::1" },
  { "rule 2: site-local is a scope of its own", HE_PREFER_SYSTEM,
    "fec0::1<" G6 "9 3ffe::1<3ffe::2",
    "3ffe::1 fec0::1" },
  { "rule 2: unique local is global", HE_PREFER_SYSTEM,
    "fd00::1<" G6 "9 " G6 "1<fe80::1",
    "fd00::1 " G6 "1" },
  { "rule 3: avoid deprecated sources", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9! 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1" },
  { "rule 2 goes before rule 3", HE_PREFER_SYSTEM,
    G6 "1<fe80::9 192.0.2.1<192.0.2.9!",
    "192.0.2.1 " G6 "1" },
  { "rule 5: matching label", HE_PREFER_SYSTEM,
    "2002::1<" G6 "9 " G6 "1<2002::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1 2002::1" },
  { "rule 5: Teredo has a label of its own", HE_PREFER_SYSTEM,
    G6 "1<2001::9 2001:0:1::1<2001::9",
    "2001:0:1::1 " G6 "1" },
  { "rule 5: 6to4 has a label of its own", HE_PREFER_SYSTEM,
    G6 "1<2002::9 2002:1::1<2002::9",
    "2002:1::1 " G6 "1" },
  { "rule 5: ULA to a global address is a mismatch", HE_PREFER_SYSTEM,
    G6 "1<fd00::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1" },
  { "rule 6: IPv6 before IPv4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<" G6 "9",
    G6 "1 192.0.2.1" },
  { "rule 6: IPv4 before ULA", HE_PREFER_SYSTEM,
    "fd00::1<fd00::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 fd00::1" },
  { "rule 6: IPv4 before 6to4 before Teredo", HE_PREFER_SYSTEM,
    "2001::1<2001::9 2002::1<2002::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 2002::1 2001::1" },
  { "rule 6: 3fff::/20 is an ordinary global prefix", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 3fff::1<" G6 "9",
    "3fff::1 192.0.2.1" },
  { "rule 6: 3ffe::/16 is not", HE_PREFER_SYSTEM,
    "3ffe::1<3ffe::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 3ffe::1" },
  { "rule 6: ::1 first of all", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9 127.0.0.1<127.0.0.1 ::1<::1",
    "::1 " G6 "1 127.0.0.1" },
  { "rule 6: mapped is IPv4", HE_PREFER_SYSTEM,
    "::ffff:192.0.2.1<::ffff:192.0.2.9 " G6 "1<" G6 "9",
    G6 "1 ::ffff:192.0.2.1" },
  { "rule 8: smaller scope", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9 fe80::1<fe80::9",
    "fe80::1 " G6 "1" },
  { "rule 9: longest matching prefix", HE_PREFER_SYSTEM,
    "2001:db8:8::1<2001:db8:1::9 2001:db8:2::1<2001:db8:1::9",
    "2001:db8:2::1 2001:db8:8::1" },
  { "rule 9: not beyond 64 bits", HE_PREFER_SYSTEM,
    "2001:db8:1::8000<2001:db8:1::9 2001:db8:1::8<2001:db8:1::9",
    "2001:db8:1::8000 2001:db8:1::8" },
  { "rule 9: not for IPv4", HE_PREFER_SYSTEM,
    "23.1.1.1<192.168.0.9 192.0.2.1<192.168.0.9",
    "23.1.1.1 192.0.2.1" },
  { "rule 10: otherwise as it was", HE_PREFER_SYSTEM,
    "192.0.2.5<192.0.2.9 192.0.2.1<192.0.2.9 192.0.2.4<192.0.2.9 "
    "192.0.2.2<192.0.2.9",
    "192.0.2.5 192.0.2.1 192.0.2.4 192.0.2.2" },
  { "IPv4 preferred goes before scope", HE_PREFER_IPV4,
    G6 "1<" G6 "9 192.0.2.1<169.254.0.9",
    "192.0.2.1 " G6 "1" },
  { "IPv6 preferred: even ULA goes before IPv4", HE_PREFER_IPV6,
    "192.0.2.1<192.0.2.9 fd00::1<fd00::9",
    "fd00::1 192.0.2.1" },
  { "IPv6 preferred: within it the rules hold", HE_PREFER_IPV6,
    "192.0.2.1<192.0.2.9 fd00::1<fd00::9 " G6 "1<" G6 "9",
    G6 "1 fd00::1 192.0.2.1" },

  { "RFC 6724 s10.2: 1, matching scope", HE_PREFER_SYSTEM,
    "198.51.100.121<169.254.13.78 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 198.51.100.121" },
  { "RFC 6724 s10.2: 2, matching scope", HE_PREFER_SYSTEM,
    "2001:db8:1::1<fe80::1 198.51.100.121<198.51.100.117",
    "198.51.100.121 2001:db8:1::1" },
  { "RFC 6724 s10.2: 3, higher precedence", HE_PREFER_SYSTEM,
    "10.1.2.3<10.1.2.4 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 10.1.2.3" },
  { "RFC 6724 s10.2: 4, smaller scope", HE_PREFER_SYSTEM,
    "2001:db8:1::1<2001:db8:1::2 fe80::1<fe80::2",
    "fe80::1 2001:db8:1::1" },
  { "RFC 6724 s10.2: 6, avoid deprecated", HE_PREFER_SYSTEM,
    "fe80::1<fe80::2! 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 fe80::1" },
  { "RFC 6724 s10.2: 7, longest matching prefix", HE_PREFER_SYSTEM,
    "2001:db8:3ffe::1<2001:db8:3f44::2 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 2001:db8:3ffe::1" },
  { "RFC 6724 s10.2: 8, matching label", HE_PREFER_SYSTEM,
    "2001:db8:1::1<2002:c633:6401::2 2002:c633:6401::1<2002:c633:6401::2",
    "2002:c633:6401::1 2001:db8:1::1" },
  { "RFC 6724 s10.2: 9, higher precedence", HE_PREFER_SYSTEM,
    "2002:c633:6401::1<2002:c633:6401::2 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 2002:c633:6401::1" }
};

#define SORTINGS (sizeof(sortings) / sizeof(sortings[0]))

static size_t parse(const char *text, struct he_candidate *list)
{
  char buf[512];
  char *rest = NULL;
  size_t n = 0;
  snprintf(buf, sizeof(buf), "%s", text);
  for(char *s = strtok_r(buf, " ", &rest); s; s = strtok_r(NULL, " ", &rest)) {
    struct he_candidate c = { .has_source = false };
    char *source = strchr(s, '<');
    if(source) {
      char *bang = strchr(source, '!');
      *source++ = 0;
      c.source_deprecated = bang != NULL;
      if(bang)
        *bang = 0;
      c.has_source = he_addr_parse(&c.source, source);
      assert_int_equal(c.has_source, strcmp(source, "-") != 0);
    }
    assert_true(he_addr_parse(&c.addr, s));
    assert_true(n < MAX);
    list[n++] = c;
  }
  return n;
}

static void check(const struct he_candidate *list, size_t n, const char *want)
{
  char got[512] = "";
  for(size_t i = 0; i < n; i++) {
    char text[HE_ADDR_TEXT];
    const size_t len = strlen(got);
    snprintf(got + len, sizeof(got) - len, "%s%s", i ? " " : "",
             he_addr_text(&list[i].addr, text));
  }
  assert_string_equal(got, want);
}

static void sorts(void **state)
{
  const struct sorting *t = *state;
  struct he_candidate list[MAX];
  const size_t n = parse(t->list, list);
  he_order_sort(list, n, t->preference);
  check(list, n, t->want);
  /* and a sorted list stays as it is */
  he_order_sort(list, n, t->preference);
  check(list, n, t->want);
}

/* Many equal ones, of two families, marked by their ports. */
static void is_stable(void **state)
{
  struct he_candidate list[200] = { { .has_source = false } };
  (void)state;
  for(unsigned i = 0; i < 200; i++) {
    he_addr_parse(&list[i].addr, i % 3 ? "192.0.2.1" : "2001:db8::1");
    list[i].addr.port = (uint16_t)i;
  }
  he_order_sort(list, 200, HE_PREFER_SYSTEM);
  for(unsigned i = 1; i < 200; i++) {
    assert_true(list[i - 1].addr.family <= list[i].addr.family);
    if(list[i - 1].addr.family == list[i].addr.family)
      assert_true(list[i - 1].addr.port < list[i].addr.port);
  }
}

/* Whatever order a list comes in, what differs comes out the same. */
static void is_an_order(void **state)
{
  static const char *const best_first[] = {
    "::1<::1", "fe80::1<fe80::9", "2001:db8:1::1<2001:db8:1::9",
    "2001:db8:2::1<2001:db8:1::9", "192.0.2.1<192.0.2.9", "2002::1<2002::9",
    "2001::1<2001::9", "fd00::1<fd00::9", "2001:db8:7::1<2002::9",
    "198.51.100.1<-" };
  const size_t n = sizeof(best_first) / sizeof(best_first[0]);
  struct he_candidate want[MAX];
  unsigned seed = 1;
  (void)state;
  for(size_t i = 0; i < n; i++)
    parse(best_first[i], &want[i]);
  for(int round = 0; round < 1000; round++) {
    struct he_candidate list[MAX];
    memcpy(list, want, n * sizeof(*list));
    for(size_t i = n; i > 1; i--) {
      const struct he_candidate one = list[i - 1];
      size_t j;
      seed = seed * 1103515245u + 12345u;
      j = (seed >> 8) % i;
      list[i - 1] = list[j];
      list[j] = one;
    }
    he_order_sort(list, n, HE_PREFER_SYSTEM);
    for(size_t i = 0; i < n; i++)
      assert_true(he_addr_equal(&list[i].addr, &want[i].addr));
  }
}

int main(void)
{
  static struct CMUnitTest tests[SORTINGS + 2];
  size_t n = 0;
  for(size_t i = 0; i < SORTINGS; i++)
    tests[n++] = (struct CMUnitTest){ .name = sortings[i].name,
                                      .test_func = sorts,
                                      .initial_state = &sortings[i] };
  tests[n++] = (struct CMUnitTest){ .name = "the sort is stable",
                                    .test_func = is_stable };
  tests[n++] = (struct CMUnitTest){ .name = "the sort is an order",
                                    .test_func = is_an_order };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
