/* SPDX-License-Identifier: MIT */
/* order_test.c - RFC 6724 section 6 across families, rule by rule. A list is
 * written "destination<source", "<-" for no source. After a source: "!"
 * deprecated, "~" a home address, "=" of a native interface. A policy is
 * written as gai.conf has it, with ";" between lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "race/order.h"

#define G6 "2001:db8:1::"
#define MAX 32

struct sorting {
  const char *name;
  enum he_preference preference;
  const char *list;
  const char *want;
  const char *policy;
};

static struct sorting sortings[] = {
  { "rule 1: a destination without a source goes last", HE_PREFER_SYSTEM,
    G6 "1<- 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 1: within a family, too", HE_PREFER_SYSTEM,
    G6 "1<- " G6 "2<" G6 "9 " G6 "3<- 192.0.2.1<- 192.0.2.2<192.0.2.9",
    G6 "2 192.0.2.2 " G6 "1 " G6 "3 192.0.2.1", NULL },
  { "rule 1 goes before the preference", HE_PREFER_IPV6,
    G6 "1<- 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 1: two without a source go by precedence", HE_PREFER_SYSTEM,
    "192.0.2.1<- " G6 "1<-",
    G6 "1 192.0.2.1", NULL },
  { "rule 2: matching scope", HE_PREFER_SYSTEM,
    G6 "1<fe80::2 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 2: multicast scopes", HE_PREFER_SYSTEM,
    "ff0e::1<fe80::2 192.0.2.1<192.0.2.9 ff02::1<fe80::2",
    "192.0.2.1 ff0e::1 ff02::1", NULL },
  { "rule 2: multicast of the source's scope", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 ff02::1<fe80::2",
    /* rule 5: ff02::1 and fe80::2 have one label */
    "ff02::1 192.0.2.1", NULL },
  { "rule 2: IPv4 link-local is link-local", HE_PREFER_SYSTEM,
    "169.254.2.2<169.254.1.1 " G6 "1<fe80::1",
    "169.254.2.2 " G6 "1", NULL },
  { "rule 2: IPv4 loopback is link-local", HE_PREFER_SYSTEM,
    "127.0.0.1<127.0.0.1 " G6 "1<fe80::9",
    "127.0.0.1 " G6 "1", NULL },
  { "rule 2: private IPv4 is global", HE_PREFER_SYSTEM,
    "198.51.100.1<10.0.0.1 " G6 "1<fe80::9",
    "198.51.100.1 " G6 "1", NULL },
  { "rule 2: an IPv4-mapped link-local is global", HE_PREFER_SYSTEM,
    "::ffff:169.254.1.2<::ffff:192.0.2.9 192.0.2.1<169.254.1.1",
    "::ffff:169.254.1.2 192.0.2.1", NULL },
  { "rule 2: ::1 is link-local", HE_PREFER_SYSTEM,
    "::1<" G6 "9 192.0.2.1<192.0.2.9",
    "192.0.2.1 ::1", NULL },
  { "rule 2: site-local is a scope of its own", HE_PREFER_SYSTEM,
    "fec0::1<" G6 "9 192.0.2.1<192.0.2.9",
    "192.0.2.1 fec0::1", NULL },
  { "rule 2: unique local is global", HE_PREFER_SYSTEM,
    "192.0.2.1<169.254.0.9 fd00::1<" G6 "9",
    "fd00::1 192.0.2.1", NULL },
  { "rule 3: avoid deprecated sources", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9! 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 2 goes before rule 3", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9! " G6 "1<fe80::9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 4: prefer home addresses", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9 192.0.2.1<192.0.2.9~",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 3 goes before rule 4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9!~ " G6 "1<" G6 "9",
    G6 "1 192.0.2.1", NULL },
  { "rule 5: 6to4 has a label of its own", HE_PREFER_SYSTEM,
    G6 "1<2002::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 5: Teredo has a label of its own", HE_PREFER_SYSTEM,
    G6 "1<2001::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 5: ULA to a global address is a mismatch", HE_PREFER_SYSTEM,
    G6 "1<fd00::9 192.0.2.1<192.0.2.9",
    "192.0.2.1 " G6 "1", NULL },
  { "rule 4 goes before rule 5", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<fd00::9~",
    G6 "1 192.0.2.1", NULL },
  { "rule 6: IPv6 before IPv4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<" G6 "9",
    G6 "1 192.0.2.1", NULL },
  { "rule 6: glibc has unique local before IPv4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 fd00::1<fd00::9",
    "fd00::1 192.0.2.1", NULL },
  { "rule 6: glibc has 6to4 and Teredo before IPv4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 2001::1<2001::9 2002::1<2002::9",
    "2001::1 2002::1 192.0.2.1", NULL },
  { "rule 6: mapped is as good as IPv4", HE_PREFER_SYSTEM,
    "::ffff:192.0.2.1<::ffff:192.0.2.9 192.0.2.2<192.0.2.9",
    "192.0.2.2 ::ffff:192.0.2.1", NULL },
  { "rule 6: other IPv6 goes before mapped, and IPv4 not behind",
    HE_PREFER_SYSTEM,
    "::ffff:192.0.2.1<::ffff:192.0.2.9 192.0.2.2<192.0.2.9 "
    G6 "1<" G6 "9",
    /* within a family nothing moves */
    "192.0.2.2 ::ffff:192.0.2.1 " G6 "1", NULL },
  { "rule 7: prefer native transport", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<" G6 "9=",
    G6 "1 192.0.2.1", "precedence ::/0 1" },
  { "rule 6 goes before rule 7", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9= " G6 "1<" G6 "9",
    G6 "1 192.0.2.1", NULL },
  { "rule 8: smaller scope", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 fe80::1<fe80::9",
    "fe80::1 192.0.2.1", "precedence ::/0 1" },
  { "rule 8: a scope of one's own for IPv4", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 fe80::1<fe80::9",
    "192.0.2.1 fe80::1", "precedence ::/0 1; scopev4 192.0.2.0/24 1" },
  { "rule 7 goes before rule 8", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9= fe80::1<fe80::9",
    "192.0.2.1 fe80::1", "precedence ::/0 1" },
  { "where all is equal IPv4 goes first", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9 192.0.2.1<192.0.2.9 " G6 "2<" G6 "9 192.0.2.2<192.0.2.9",
    "192.0.2.1 192.0.2.2 " G6 "1 " G6 "2", "precedence ::/0 1" },
  { "within a family the order stays, whatever the rules say",
    HE_PREFER_SYSTEM,
    "192.0.2.5<192.0.2.9 " G6 "1<" G6 "9! ::1<::1 192.0.2.1<192.0.2.9 "
    "127.0.0.1<127.0.0.1",
    "192.0.2.5 192.0.2.1 127.0.0.1 " G6 "1 ::1", NULL },
  { "the first ones left are compared", HE_PREFER_SYSTEM,
    "::1<::1 " G6 "1<2002::9 127.0.0.1<127.0.0.1 192.0.2.1<192.0.2.9",
    "::1 127.0.0.1 192.0.2.1 " G6 "1", NULL },
  { "IPv4 preferred goes before scope", HE_PREFER_IPV4,
    G6 "1<" G6 "9 192.0.2.1<169.254.0.9",
    "192.0.2.1 " G6 "1", NULL },
  { "IPv6 preferred: even a deprecated source goes before IPv4",
    HE_PREFER_IPV6,
    "192.0.2.1<192.0.2.9 fd00::1<fd00::9!",
    "fd00::1 192.0.2.1", NULL },
  { "IPv6 preferred: within it the order holds", HE_PREFER_IPV6,
    "192.0.2.1<192.0.2.9 fd00::1<fd00::9 " G6 "1<" G6 "9",
    "fd00::1 " G6 "1 192.0.2.1", NULL },

  { "gai.conf's example: IPv4 first", HE_PREFER_SYSTEM,
    G6 "1<" G6 "9 " G6 "2<" G6 "9 192.0.2.1<192.0.2.9 192.0.2.2<192.0.2.9",
    "192.0.2.1 192.0.2.2 " G6 "1 " G6 "2",
    "precedence ::ffff:0:0/96 100" },
  { "a table of one's own has nothing of the built-in one",
    HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 ::1<::1",
    "192.0.2.1 ::1", "precedence ::ffff:0:0/96 45" },
  { "but the other tables are the built-in ones", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<fd00::9",
    "192.0.2.1 " G6 "1", "precedence ::/0 1" },
  { "labels of one's own", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<fd00::9",
    G6 "1 192.0.2.1", "label ::ffff:0:0/96 7" },
  { "the longest prefix holds", HE_PREFER_SYSTEM,
    "198.51.100.1<192.0.2.9 192.0.2.1<192.0.2.9 " G6 "1<" G6 "9",
    "198.51.100.1 " G6 "1 192.0.2.1",
    "precedence ::ffff:0:0/96 1; precedence ::ffff:198.51.100.0/120 70; "
    "precedence ::ffff:198.51.0.0/112 2" },
  { "of two equal prefixes the first", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<" G6 "9",
    "192.0.2.1 " G6 "1",
    "precedence ::ffff:0:0/96 60; precedence ::ffff:0:0/96 6" },
  { "a prefix that ends within a byte", HE_PREFER_SYSTEM,
    "172.31.0.1<192.0.2.9 172.32.0.1<192.0.2.9 " G6 "1<" G6 "9",
    "172.31.0.1 " G6 "1 172.32.0.1",
    "precedence ::ffff:172.16.0.0/108 60; precedence ::ffff:0:0/96 1" },
  { "bits after the prefix mean nothing", HE_PREFER_SYSTEM,
    "192.0.2.1<192.0.2.9 " G6 "1<" G6 "9",
    "192.0.2.1 " G6 "1", "precedence ::ffff:255.255.255.255/96 60" },
  { "scopev4 decides rule 2", HE_PREFER_SYSTEM,
    "192.0.2.1<10.0.0.9 " G6 "1<" G6 "9! 10.0.0.1<10.0.0.9",
    G6 "1 192.0.2.1 10.0.0.1", "scopev4 10.0.0.0/8 5" },
  { "scopev4 alone loses link-local", HE_PREFER_SYSTEM,
    "192.0.2.1<169.254.0.9 " G6 "1<" G6 "9!",
    "192.0.2.1 " G6 "1", "scopev4 10.0.0.0/8 5" },

  { "RFC 6724 s10.2: 1, matching scope", HE_PREFER_SYSTEM,
    "198.51.100.121<169.254.13.78 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 198.51.100.121", NULL },
  { "RFC 6724 s10.2: 2, matching scope", HE_PREFER_SYSTEM,
    "2001:db8:1::1<fe80::1 198.51.100.121<198.51.100.117",
    "198.51.100.121 2001:db8:1::1", NULL },
  { "RFC 6724 s10.2: 3, higher precedence", HE_PREFER_SYSTEM,
    "10.1.2.3<10.1.2.4 2001:db8:1::1<2001:db8:1::2",
    "2001:db8:1::1 10.1.2.3", NULL }
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
      c.source_deprecated = strchr(source, '!');
      c.source_home = strchr(source, '~');
      c.source_native = strchr(source, '=');
      source[strcspn(source, "!~=")] = 0;
      *source++ = 0;
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

/* "table prefix/bits value; ..."; NULL: the built-in one */
static const struct he_policy *policy_of(const char *text)
{
  static const char *const names[] = { "label", "precedence", "scopev4" };
  struct he_policy_line lines[MAX];
  const struct he_policy *p;
  char buf[512];
  char *rest = NULL;
  size_t n = 0;
  if(!text)
    return NULL;
  snprintf(buf, sizeof(buf), "%s", text);
  for(char *s = strtok_r(buf, ";", &rest); s; s = strtok_r(NULL, ";", &rest)) {
    char name[16], prefix[64];
    struct he_addr a;
    unsigned bits;
    int t = 0;
    struct he_policy_line *l = &lines[n++];
    memset(l, 0, sizeof(*l));
    assert_int_equal(sscanf(s, "%15s %63[^/]/%u %d", name, prefix, &bits,
                            &l->value), 4);
    while(strcmp(name, names[t]))
      t++;
    l->table = (enum he_policy_table)t;
    assert_true(he_addr_parse(&a, prefix));
    l->bits = (uint8_t)(bits + (a.family == HE_IPV4 ? 96 : 0));
    if(a.family == HE_IPV4) {
      l->prefix[10] = l->prefix[11] = 0xff;
      memcpy(l->prefix + 12, a.ip, 4);
    }
    else
      memcpy(l->prefix, a.ip, 16);
  }
  p = he_policy_new(lines, n);
  assert_non_null(p);
  return p;
}

static void sorts(void **state)
{
  const struct sorting *t = *state;
  const struct he_policy *p = policy_of(t->policy);
  struct he_candidate list[MAX];
  const size_t n = parse(t->list, list);
  he_order_merge(list, n, p, t->preference);
  check(list, n, t->want);
  /* and a merged list stays as it is */
  he_order_merge(list, n, p, t->preference);
  check(list, n, t->want);
  he_policy_unref(p);
}

/* Which family is worth a wait. */
static void says_what_is_first(void **state)
{
  static const struct {
    const char *policy;
    enum he_family first;
  } tries[] = {
    { NULL, HE_IPV6 },
    { "precedence ::ffff:0:0/96 100", HE_IPV4 },
    { "precedence ::ffff:0:0/96 39", HE_IPV6 },
    { "precedence ::/0 1", HE_IPV4 },         /* equal */
    { "label ::/0 1", HE_IPV6 },
    { "precedence ::ffff:10.0.0.0/104 100; precedence ::ffff:0:0/96 1",
      HE_IPV6 }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
    const struct he_policy *p = policy_of(tries[i].policy);
    assert_int_equal(he_order_first(p, HE_PREFER_SYSTEM), tries[i].first);
    assert_int_equal(he_order_first(p, HE_PREFER_IPV6), HE_IPV6);
    assert_int_equal(he_order_first(p, HE_PREFER_IPV4), HE_IPV4);
    he_policy_unref(p);
  }
}

static void counts_references(void **state)
{
  const struct he_policy *p = policy_of("label ::/0 9");
  struct he_addr a;
  (void)state;
  assert_true(he_addr_parse(&a, "::1"));
  assert_ptr_equal(he_policy_ref(p), p);
  he_policy_unref(p);
  assert_int_equal(he_policy_label(p, &a), 9);
  he_policy_unref(p);
  assert_null(he_policy_ref(NULL));
  he_policy_unref(NULL);
}

static unsigned long seed = 1;

static unsigned roll(unsigned n)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

static bool is_usable_and_of(const struct he_candidate *c, bool usable,
                             enum he_family f)
{
  return c->has_source == usable && c->addr.family == f;
}

/* Whatever goes in comes out, and each family in its order. */
static void keeps_each_family(void **state)
{
  (void)state;
  for(int round = 0; round < 2000; round++) {
    static const char *const tables[] = { NULL, "precedence ::/0 1",
      "precedence ::ffff:0:0/96 100; label ::/0 1" };
    const struct he_policy *p = policy_of(tables[roll(3)]);
    struct he_candidate list[200] = { { .has_source = false } };
    const unsigned n = roll(200);
    unsigned seen = 0;
    for(unsigned i = 0; i < n; i++) {
      static const char *const ips[] = { "192.0.2.1", "127.0.0.1",
        "169.254.1.1", "2001:db8::1", "::1", "fe80::1", "fd00::1", "2002::1" };
      he_addr_parse(&list[i].addr, ips[roll(8)]);
      he_addr_parse(&list[i].source, list[i].addr.family == HE_IPV4 ?
                    ips[roll(3)] : ips[3 + roll(5)]);
      list[i].has_source = roll(4);
      list[i].source_deprecated = !roll(4);
      list[i].source_native = roll(2);
      list[i].addr.port = (uint16_t)i;
    }
    he_order_merge(list, n, p, (enum he_preference)roll(3));
    for(int k = 0; k < 4; k++) {
      int last = -1;
      for(unsigned i = 0; i < n; i++) {
        if(!is_usable_and_of(&list[i], k & 1, (enum he_family)(k >> 1)))
          continue;
        assert_true(list[i].addr.port > last);
        last = list[i].addr.port;
        seen++;
      }
    }
    assert_int_equal(seen, n);
    for(unsigned i = 1; i < n; i++)
      assert_true(list[i - 1].has_source || !list[i].has_source);
    he_policy_unref(p);
  }
}

int main(void)
{
  static struct CMUnitTest tests[SORTINGS + 3];
  size_t n = 0;
  for(size_t i = 0; i < SORTINGS; i++)
    tests[n++] = (struct CMUnitTest){ .name = sortings[i].name,
                                      .test_func = sorts,
                                      .initial_state = &sortings[i] };
  tests[n++] = (struct CMUnitTest){ .name = "which family is first",
                                    .test_func = says_what_is_first };
  tests[n++] = (struct CMUnitTest){ .name = "references are counted",
                                    .test_func = counts_references };
  tests[n++] = (struct CMUnitTest){ .name = "each family keeps its order",
                                    .test_func = keeps_each_family };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
