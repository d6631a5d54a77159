/* SPDX-License-Identifier: MIT */
/* nat64_test.c - IPv4 addresses in IPv6 addresses, and how a network tells the
 * prefix for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/nat64.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct he_addr addr(const char *text)
{
  struct he_addr a;
  assert_true(he_addr_parse(&a, text));
  a.port = 443;
  return a;
}

static struct he_nat64_prefix prefix(const char *text, unsigned bits)
{
  const struct he_addr a = addr(text);
  struct he_nat64_prefix p;
  assert_true(he_nat64_prefix(&p, a.ip, bits));
  return p;
}

static void assert_addr(const struct he_addr *a, const char *text)
{
  char is[HE_ADDR_TEXT];
  assert_string_equal(he_addr_text(a, is), text);
  assert_int_equal(a->port, 443);
}

/* -- RFC 6052 section 2.4, and one global address -- */

static const struct {
  const char *prefix;
  unsigned bits;
  const char *v4;
  const char *v6;
} embedded[] = {
  { "2001:db8::", 32, "192.0.2.33", "2001:db8:c000:221::" },
  { "2001:db8:100::", 40, "192.0.2.33", "2001:db8:1c0:2:21::" },
  { "2001:db8:122::", 48, "192.0.2.33", "2001:db8:122:c000:2:2100::" },
  { "2001:db8:122:300::", 56, "192.0.2.33", "2001:db8:122:3c0:0:221::" },
  { "2001:db8:122:344::", 64, "192.0.2.33",
    "2001:db8:122:344:c0:2:2100:0" },
  { "2001:db8:122:344::", 96, "192.0.2.33", "2001:db8:122:344::c000:221" },
  { "64:ff9b::", 96, "8.8.4.4", "64:ff9b::808:404" },
  { "64:ff9b:1::", 96, "10.1.2.3", "64:ff9b:1::a01:203" },
  { "2001:db8::", 32, "255.255.255.254", "2001:db8:ffff:fffe::" }
};

static void test_embed(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(embedded); i++) {
    const struct he_nat64_prefix p = prefix(embedded[i].prefix,
                                            embedded[i].bits);
    const struct he_addr v4 = addr(embedded[i].v4);
    struct he_addr v6, back;
    char ip[HE_ADDR_TEXT];
    const struct he_addr want = addr(embedded[i].v6);
    assert_true(he_nat64_embed(&p, &v4, &v6));
    assert_true(he_addr_equal(&v6, &want));
    assert_addr(&v6, he_addr_text(&want, ip));
    assert_true(he_nat64_extract(&p, &v6, &back));
    assert_addr(&back, embedded[i].v4);
  }
}

/* What the suffix has is for later (RFC 6052 section 2.2); byte 8 is not. */
static void test_extract_strict(void **state)
{
  const struct he_nat64_prefix p = prefix("2001:db8:122:300::", 56);
  struct he_addr v6 = addr("2001:db8:122:3c0:0:221:ffff:ffff"), v4;
  (void)state;
  assert_true(he_nat64_extract(&p, &v6, &v4));
  assert_addr(&v4, "192.0.2.33");
  memset(&v4, 0, sizeof(v4));
  v6.ip[8] = 1;
  assert_false(he_nat64_extract(&p, &v6, &v4));
  v6.ip[8] = 0;
  v6.ip[6] ^= 1;
  assert_false(he_nat64_extract(&p, &v6, &v4));
  v6 = addr("192.0.2.1");
  assert_false(he_nat64_extract(&p, &v6, &v4));
  assert_int_equal(v4.port, 0);
}

static void test_lengths(void **state)
{
  const struct he_addr a = addr("2001:db8:1:2:3:4:5:6");
  (void)state;
  for(unsigned bits = 0; bits <= 140; bits++) {
    struct he_nat64_prefix p = { .bits = 1 };
    const bool good = bits == 32 || bits == 40 || bits == 48 || bits == 56 ||
                      bits == 64 || bits == 96;
    assert_int_equal(he_nat64_prefix(&p, a.ip, bits), good);
    assert_int_equal(p.bits, good ? bits : 1);
    for(unsigned i = bits / 8; good && i < 16; i++)
      assert_int_equal(p.ip[i], 0);
  }
}

static void test_no_prefix(void **state)
{
  static const char *const taken[] = {
    "::", "::1", "::ffff:192.0.0.170", "::192.0.0.170", "ff02::c000:aa",
    "fe80::c000:aa", "febf::c000:aa"
  };
  (void)state;
  for(size_t i = 0; i < COUNT(taken); i++) {
    const struct he_addr a = addr(taken[i]);
    struct he_nat64_prefix p;
    assert_false(he_nat64_prefix(&p, a.ip, 96));
  }
}

/* -- which addresses -- */

static void test_never(void **state)
{
  static const char *const near[] = {
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "169.254.0.1",
    "169.254.169.254", "224.0.0.1", "239.255.255.255", "255.255.255.255"
  };
  const struct he_nat64_prefix p = prefix("2001:db8:64::", 96);
  (void)state;
  for(size_t i = 0; i < COUNT(near); i++) {
    const struct he_addr a = addr(near[i]);
    struct he_addr out = { .port = 7 };
    assert_false(he_nat64_may(&a));
    assert_false(he_nat64_embed(&p, &a, &out));
    assert_int_equal(out.port, 7);
  }
}

/* RFC 6052 section 3.1: the well-known prefix is for global addresses. */
static void test_well_known(void **state)
{
  static const char *const private[] = {
    "10.0.0.1", "100.64.0.1", "100.127.255.255", "172.16.0.1",
    "172.31.255.255", "192.0.0.170", "192.0.2.33", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "240.0.0.1"
  };
  static const char *const global[] = {
    "1.1.1.1", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255",
    "198.20.0.0", "223.255.255.255"
  };
  const struct he_nat64_prefix known = prefix("64:ff9b::", 96);
  const struct he_nat64_prefix own = prefix("64:ff9b:1::", 96);
  struct he_addr a, out;
  (void)state;
  for(size_t i = 0; i < COUNT(private); i++) {
    a = addr(private[i]);
    assert_false(he_nat64_embed(&known, &a, &out));
    assert_true(he_nat64_embed(&own, &a, &out));
  }
  for(size_t i = 0; i < COUNT(global); i++) {
    a = addr(global[i]);
    assert_true(he_nat64_embed(&known, &a, &out));
  }
}

/* -- RFC 8781 -- */

static void test_option(void **state)
{
  static const struct {
    uint8_t bytes[16];
    unsigned bits;
    unsigned lifetime_s;
  } options[] = {
    { { 38, 2, 0x07, 0x08, 0, 0x64, 0xff, 0x9b }, 96, 1800 },
    { { 38, 2, 0x00, 0x01, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9, 9, 9, 9 }, 64,
      0 },
    { { 38, 2, 0x00, 0x0a, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9, 9, 9, 9 }, 56,
      8 },
    { { 38, 2, 0xff, 0xfb, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9, 9, 9, 9 }, 48,
      65528 },
    { { 38, 2, 0x00, 0x0c, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9, 9, 9, 9 }, 40,
      8 },
    { { 38, 2, 0x00, 0x0d, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9, 9, 9, 9 }, 32,
      8 }
  };
  (void)state;
  for(size_t i = 0; i < COUNT(options); i++) {
    struct he_nat64_prefix p;
    unsigned lifetime = 1;
    const unsigned whole = options[i].bits / 8;
    assert_true(he_nat64_option(options[i].bytes, 16, &p, &lifetime));
    assert_int_equal(p.bits, options[i].bits);
    assert_int_equal(lifetime, options[i].lifetime_s);
    assert_memory_equal(p.ip, options[i].bytes + 4, whole);
    for(unsigned j = whole; j < 16; j++)
      assert_int_equal(p.ip[j], 0);
  }
}

static void test_bad_option(void **state)
{
  uint8_t good[16] = { 38, 2, 0, 8, 0x20, 1, 0xd, 0xb8 }, bad[16];
  struct he_nat64_prefix p;
  unsigned lifetime;
  (void)state;
  assert_true(he_nat64_option(good, 16, &p, &lifetime));
  assert_false(he_nat64_option(good, 15, &p, &lifetime));
  memcpy(bad, good, 16);
  bad[0] = 25;                /* another option */
  assert_false(he_nat64_option(bad, 16, &p, &lifetime));
  memcpy(bad, good, 16);
  bad[1] = 3;
  assert_false(he_nat64_option(bad, 16, &p, &lifetime));
  for(int code = 6; code < 8; code++) {
    memcpy(bad, good, 16);
    bad[3] = (uint8_t)(8 | code);
    assert_false(he_nat64_option(bad, 16, &p, &lifetime));
  }
  memcpy(bad, good, 16);
  bad[4] = 0xff;              /* multicast */
  assert_false(he_nat64_option(bad, 16, &p, &lifetime));
}

/* -- RFC 7050 -- */

static const struct {
  const char *what;
  const char *answer[6];
  const char *found;          /* prefixes, each with a blank behind it */
} discoveries[] = {
  { "the well-known prefix", { "64:ff9b::c000:aa", "64:ff9b::c000:ab" },
    "64:ff9b::/96 " },
  { "one address will do", { "64:ff9b::c000:ab" }, "64:ff9b::/96 " },
  { "each length", { "2001:db8:c000:aa::", "2001:db8:1c0:0:aa::",
                     "2001:db8:122:c000:0:aa00::",
                     "2001:db8:122:3c0:0:aa::" },
    "2001:db8::/32 2001:db8:100::/40 2001:db8:122::/48 "
    "2001:db8:122:300::/56 " },
  { "64 bits", { "2001:db8:122:344:c0:0:aa00:0" },
    "2001:db8:122:344::/64 " },
  { "several prefixes, in their order",
    { "2001:db8:2::c000:aa", "2001:db8:1::c000:aa", "2001:db8:2::c000:ab",
      "2001:db8:1::c000:ab" }, "2001:db8:2::/96 2001:db8:1::/96 " },
  { "none", { "2001:db8::1" }, "" },
  { "nearly", { "64:ff9b::c000:ac", "64:ff9b::c001:aa" }, "" },
  { "byte 8 is not zero", { "2001:db8:122:3c0:100:aa::" }, "" },
  { "an IPv4-mapped address is no prefix", { "::ffff:192.0.0.170" }, "" },
  { "nor one of the link", { "fe80::c000:aa" }, "" },
  { "two places, and the counterpart tells which",
    { "2001:db8:c000:aa::c000:aa", "2001:db8:c000:aa::c000:ab" },
    "2001:db8:c000:aa::/96 " },
  { "two places and no counterpart", { "2001:db8:c000:aa::c000:aa" }, "" },
  { "no answer", { NULL }, "" }
};

static void test_discover(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(discoveries); i++) {
    struct he_addr list[6];
    struct he_nat64_prefix out[HE_NAT64_PREFIXES];
    char said[256] = "";
    size_t n = 0, found;
    for(; n < 6 && discoveries[i].answer[n]; n++)
      list[n] = addr(discoveries[i].answer[n]);
    found = he_nat64_discover(list, n, out);
    for(size_t j = 0; j < found; j++) {
      struct he_addr a = { .family = HE_IPV6 };
      char ip[HE_ADDR_TEXT];
      const size_t at = strlen(said);
      memcpy(a.ip, out[j].ip, 16);
      snprintf(said + at, sizeof(said) - at, "%s/%d ", he_addr_text(&a, ip),
               out[j].bits);
    }
    if(strcmp(said, discoveries[i].found))
      fail_msg("%s: \"%s\", not \"%s\"", discoveries[i].what, said,
               discoveries[i].found);
  }
}

/* However many there are, no more are taken than there is room for. */
static void test_many(void **state)
{
  struct he_nat64_prefix out[HE_NAT64_PREFIXES];
  struct he_addr list[10];
  (void)state;
  for(unsigned i = 0; i < COUNT(list); i++) {
    list[i] = addr("2001:db8::c000:aa");
    list[i].ip[5] = (uint8_t)(i + 1);
  }
  assert_int_equal(he_nat64_discover(list, COUNT(list), out),
                   HE_NAT64_PREFIXES);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    { "RFC 6052: addresses of all lengths", test_embed, NULL, NULL, NULL },
    { "RFC 6052: what is no such address", test_extract_strict, NULL, NULL,
      NULL },
    { "six lengths, no others", test_lengths, NULL, NULL, NULL },
    { "where nobody translates", test_no_prefix, NULL, NULL, NULL },
    { "this machine and its link stay here", test_never, NULL, NULL, NULL },
    { "the well-known prefix is for global addresses", test_well_known, NULL,
      NULL, NULL },
    { "RFC 8781: options", test_option, NULL, NULL, NULL },
    { "RFC 8781: what is to be ignored", test_bad_option, NULL, NULL, NULL },
    { "RFC 7050: answers", test_discover, NULL, NULL, NULL },
    { "RFC 7050: many prefixes", test_many, NULL, NULL, NULL },
  };
  return cmocka_run_group_tests_name("nat64", tests, NULL, NULL);
}
