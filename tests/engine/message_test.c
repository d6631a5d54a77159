/* SPDX-License-Identifier: MIT */
/* message_test.c - what a DNS message says to a question, whoever wrote it;
 * and the small tables beside: private addresses, names that nobody hears of,
 * the hosts file, the answers of fixed:, answers that are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "messages.h"
#include "resolve/answers.h"
#include "resolve/fixed.h"
#include "resolve/hosts.h"
#include "resolve/message.h"
#include "resolve/private.h"
#include "resolve/special.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* -- messages -- */

static struct message m;

/* "found 30: 192.0.2.1 ..." */
static const char *said_of(const char *name, enum he_dns_type type)
{
  static const char *const words[] = {
    "found", "none", "no name", "failure", "nonsense"
  };
  static char out[8192];
  /* at the end of a block, so that a sanitizer sees who reads on */
  unsigned char *copy = malloc(m.len + 1);
  struct he_addr list[HE_MESSAGE_ADDRESSES];
  struct he_message said;
  size_t n, at;
  assert_non_null(copy);
  memcpy(copy + 1, m.bytes, m.len);
  said = he_message_read(copy + 1, m.len, name, type);
  at = (size_t)snprintf(out, sizeof(out), "%s %lu:", words[said.says],
                        (unsigned long)said.ttl);
  n = said.says == HE_MESSAGE_FOUND ?
    he_message_addresses(copy + 1, m.len, name, type, list) : 0;
  for(size_t i = 0; i < n; i++) {
    char one[HE_ADDR_TEXT];
    at += (size_t)snprintf(out + at, sizeof(out) - at, " %s",
                           he_addr_text(&list[i], one));
  }
  free(copy);
  return out;
}

static const char *said(void)
{
  return said_of("he.test", HE_DNS_A);
}

static void test_found(void **state)
{
  (void)state;
  message_begin(&m, "HE.test", 1);
  message_address(&m, "he.TEST", 60, "192.0.2.1");
  message_address(&m, "other.test", 1, "192.0.2.9");
  message_address(&m, "he.test", 30, "192.0.2.2");
  message_address(&m, "he.test", 1, "2001:db8::1");
  assert_string_equal(said(), "found 30: 192.0.2.1 192.0.2.2");
  message_begin(&m, "he.test", 28);
  message_address(&m, "he.test", 0, "2001:db8::1");
  assert_string_equal(said_of("he.test", HE_DNS_AAAA), "found 0: 2001:db8::1");
  /* of the right type, but of another length */
  message_begin(&m, "he.test", 1);
  message_record(&m, MESSAGE_ANSWER, "he.test", 1, 5, "12345", 5);
  assert_string_equal(said(), "nonsense 0:");
  message_record(&m, MESSAGE_ANSWER, "he.test", 1, 5, NULL, 0);
  assert_string_equal(said(), "nonsense 0:");
  message_address(&m, "he.test", 60, "192.0.2.1");
  assert_string_equal(said(), "found 60: 192.0.2.1");
  message_begin(&m, "he.test", 28);
  message_record(&m, MESSAGE_ANSWER, "he.test", 28, 5, "1234", 4);
  assert_string_equal(said_of("he.test", HE_DNS_AAAA), "nonsense 0:");
  /* RFC 8767 section 4 */
  message_begin(&m, "he.test", 1);
  message_address(&m, "he.test", 0x80000001u, "192.0.2.1");
  assert_string_equal(said(), "found 2147483649: 192.0.2.1");
}

static void test_aliases(void **state)
{
  char from[8] = "he.test", to[16];
  (void)state;
  message_begin(&m, "he.test", 1);
  message_address(&m, "b.test", 60, "192.0.2.1");   /* in any order */
  message_alias(&m, "a.test", 20, "b.test");
  message_alias(&m, "he.test", 40, "a.test");
  assert_string_equal(said(), "found 20: 192.0.2.1");
  message_begin(&m, "he.test", 1);
  message_alias(&m, "he.test", 40, "a.test");
  message_soa(&m, 600, 50);
  assert_string_equal(said(), "none 40:");
  for(int most = 16; most <= 17; most++) {
    message_begin(&m, "he.test", 1);
    snprintf(to, sizeof(to), "%s", from);
    for(int i = 0; i < most; i++) {
      char next[16];
      snprintf(next, sizeof(next), "a%d.test", i);
      message_alias(&m, to, 9, next);
      memcpy(to, next, sizeof(to));
    }
    message_address(&m, to, 9, "192.0.2.1");
    assert_string_equal(said(), most == 16 ? "found 9: 192.0.2.1" :
                        "nonsense 0:");
  }
  message_begin(&m, "he.test", 1);
  message_alias(&m, "he.test", 9, "a.test");
  message_alias(&m, "a.test", 9, "he.test");
  assert_string_equal(said(), "nonsense 0:");
  message_begin(&m, "he.test", 1);
  message_alias(&m, "he.test", 9, "he.test");
  assert_string_equal(said(), "nonsense 0:");
}

static void test_none(void **state)
{
  (void)state;
  message_begin(&m, "he.test", 1);
  assert_string_equal(said(), "none 0:");
  message_soa(&m, 600, 50);
  assert_string_equal(said(), "none 50:");
  message_flag(&m, 3);
  assert_string_equal(said(), "no name 50:");
  message_begin(&m, "he.test", 1);
  message_soa(&m, 60, 500);
  assert_string_equal(said(), "none 60:");
  /* "no such name" with one is of the alias's target */
  message_begin(&m, "he.test", 1);
  message_alias(&m, "he.test", 9, "a.test");
  message_flag(&m, 3);
  assert_string_equal(said(), "no name 0:");
}

static void test_no_answer(void **state)
{
  unsigned char *b = m.bytes;
  (void)state;
  for(unsigned rcode = 1; rcode < 16; rcode++) {
    message_begin(&m, "he.test", 1);
    message_address(&m, "he.test", 60, "192.0.2.1");
    message_flag(&m, rcode);
    if(rcode != 3)
      assert_string_equal(said(), "failure 0:");
  }
#define WITH(change) \
  message_begin(&m, "he.test", 1); \
  message_address(&m, "he.test", 60, "192.0.2.1"); \
  change; \
  assert_string_equal(said(), "nonsense 0:");
  WITH(message_flag(&m, 0x0200))      /* truncated */
  WITH(b[2] &= 0x7f)                  /* a question */
  WITH(b[2] |= 0x08)                  /* no query */
  WITH(b[5] = 0)                      /* no question */
  WITH(b[5] = 2)
  WITH(b[7] = 2)                      /* one record is missing */
  WITH(b[13] ^= 1)                    /* about another name */
  WITH(b[22] = 28)                    /* of another type */
  WITH(b[24] = 3)                     /* of another class */
  WITH(b[12] = 0xc0; b[13] = 12)      /* a name that leads to itself */
  WITH(m.len--)
  WITH(m.len = 11)
  WITH(m.len = 0)
}

/* More addresses than are taken, more records than are looked at. */
static void test_many(void **state)
{
  const char *first;
  size_t n = 0;
  (void)state;
  message_begin(&m, "he.test", 1);
  for(int i = 0; i < 100; i++)
    message_address(&m, "he.test", 60, "192.0.2.1");
  first = said();
  for(const char *p = first; (p = strstr(p, "192")); p++)
    n++;
  assert_int_equal(n, HE_MESSAGE_ADDRESSES);
  message_begin(&m, "he.test", 1);
  for(int i = 0; i < HE_MESSAGE_RECORDS; i++)
    message_address(&m, "other.test", 60, "192.0.2.1");
  message_address(&m, "he.test", 60, "192.0.2.1");
  assert_string_equal(said(), "none 0:");
}

/* -- private addresses -- */

static bool is_private(const char *text)
{
  struct he_addr a;
  assert_true(he_addr_parse(&a, text));
  return he_private_is(&a);
}

static void test_private(void **state)
{
  static const char *const yes[] = {
    "0.0.0.0", "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255",
    "127.0.0.1", "127.255.255.255", "169.254.1.1", "172.16.0.0",
    "172.31.255.255", "192.0.0.8", "192.168.0.1", "224.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
    "::10.1.2.3", "64:ff9b::192.168.1.1", "64:ff9b:1::1", "2002:a00:1::1",
    "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "100::1"
  };
  static const char *const no[] = {
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.0.0.1", "128.0.0.1", "169.253.1.1", "172.15.255.255", "172.32.0.0",
    "192.0.2.1", "192.167.1.1", "223.255.255.255", "2001:db8::1",
    "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "64:ff9b:0:1::1",
    "2002:101:101::1", "fbff::1", "100:0:0:1::1"
  };
  (void)state;
  for(size_t i = 0; i < COUNT(yes); i++)
    if(!is_private(yes[i]))
      fail_msg("%s", yes[i]);
  for(size_t i = 0; i < COUNT(no); i++)
    if(is_private(no[i]))
      fail_msg("%s", no[i]);
}

static void test_special(void **state)
{
  static const char *const mine[] = {
    "localhost", "a.LOCALHOST", "printer.local", "local", "x.onion",
    "a.x.Onion", "192.0.2.1", "127.1", "1", "a.1", "::1", "fe80::1%1"
  };
  static const char *const others[] = {
    "notlocal", "local.test", "onion.test", "localhost.test", "1.test",
    "a.1b", "test", "_8443._https.he.test"
  };
  (void)state;
  for(int k = 0; k < HE_UPSTREAM_KINDS; k++) {
    const enum he_upstream_kind kind = (enum he_upstream_kind)k;
    for(size_t i = 0; i < COUNT(mine); i++)
      assert_int_equal(he_special_may_ask(mine[i], kind),
                       kind == HE_UPSTREAM_FIXED);
    for(size_t i = 0; i < COUNT(others); i++)
      assert_true(he_special_may_ask(others[i], kind));
  }
}

/* -- the hosts file -- */

static const char hosts[] =
  "# a comment he.test\n"
  "127.0.0.1\tlocalhost\n"
  "192.0.2.1 he.test www.he.test#x\r\n"
  "  192.0.2.2   HE.test.not HE.TEST  \n"
  "2001:db8::1 six.test\n"
  "bad he.test\n"
  "\n"
  "192.0.2.3 last.test";

static const char *in_hosts(const char *name, enum he_family f)
{
  static char out[256];
  struct he_addr list[2];
  size_t n, at = 0;
  *out = 0;
  if(!he_hosts_read(hosts, sizeof(hosts) - 1, name, f, list, 2, &n))
    return "-";
  for(size_t i = 0; i < n; i++) {
    char one[HE_ADDR_TEXT];
    at += (size_t)snprintf(out + at, sizeof(out) - at, "%s ",
                           he_addr_text(&list[i], one));
  }
  return out;
}

static void test_hosts(void **state)
{
  (void)state;
  assert_string_equal(in_hosts("he.test", HE_IPV4), "192.0.2.1 192.0.2.2 ");
  assert_string_equal(in_hosts("He.Test.", HE_IPV4), "192.0.2.1 192.0.2.2 ");
  assert_string_equal(in_hosts("he.test", HE_IPV6), "");
  assert_string_equal(in_hosts("www.he.test", HE_IPV4), "192.0.2.1 ");
  assert_string_equal(in_hosts("six.test", HE_IPV6), "2001:db8::1 ");
  assert_string_equal(in_hosts("last.test", HE_IPV4), "192.0.2.3 ");
  assert_string_equal(in_hosts("comment", HE_IPV4), "-");
  assert_string_equal(in_hosts("e.test", HE_IPV4), "-");
  assert_string_equal(in_hosts("192.0.2.1", HE_IPV4), "-");
}

/* -- fixed: -- */

static void test_fixed(void **state)
{
  struct he_upstream u = { .kind = HE_UPSTREAM_FIXED, .n = 8 };
  char name[260];
  (void)state;
  for(int i = 0; i < 8; i++) {
    u.list[i].family = i % 2 ? HE_IPV6 : HE_IPV4;
    u.list[i].ip[0] = 32;
    u.list[i].ip[3] = (uint8_t)i;
  }
  m.len = he_fixed_write(&u, "he.test", HE_DNS_A, m.bytes, 1024);
  assert_string_equal(said(), "found 3600: 32.0.0.0 32.0.0.2 32.0.0.4 "
                      "32.0.0.6");
  m.len = he_fixed_write(&u, "he.test", HE_DNS_AAAA, m.bytes, 1024);
  assert_string_equal(said_of("he.test", HE_DNS_AAAA), "found 3600: "
                      "2000:1:: 2000:3:: 2000:5:: 2000:7::");
  m.len = he_fixed_write(&u, "he.test", HE_DNS_HTTPS, m.bytes, 1024);
  assert_string_equal(said_of("he.test", HE_DNS_HTTPS), "none 3600:");
  memset(name, 'a', sizeof(name));
  name[259] = 0;
  assert_int_equal(he_fixed_write(&u, name, HE_DNS_A, m.bytes, 1024), 0);
  assert_int_equal(he_fixed_write(&u, "he.test", HE_DNS_A, m.bytes, 40), 0);
}

/* -- answers that are kept -- */

static const struct he_upstream plain = { .kind = HE_UPSTREAM_DNS };
static const struct he_upstream lasting = { .kind = HE_UPSTREAM_DNS,
                                            .stale = true };

static void keep(struct he_answers *a, long number, const char *name,
                 size_t len, uint32_t ttl, he_time_ns now)
{
  static const unsigned char bytes[4096];
  const struct he_answer what = {
    .state = HE_RRSET_FOUND, .from = number == 2 ? &lasting : &plain,
    .message = bytes, .len = len
  };
  he_answers_put(a, &(struct he_answers_key){ number, HE_DNS_A, name }, &what,
                 ttl, now);
}

static const struct he_answer *kept(struct he_answers *a, long number,
                                    const char *name, he_time_ns now)
{
  return he_answers_get(a, &(struct he_answers_key){ number, HE_DNS_A, name },
                        now);
}

#define S(n) ((he_time_ns)(n) * HE_MS(1000))

static void test_kept(void **state)
{
  struct he_answers *a = he_answers_new(3, 100000);
  const struct he_answer *got;
  (void)state;
  assert_non_null(a);
  keep(a, 1, "a", 10, 5, S(100));
  got = kept(a, 1, "a", S(105) - 1);
  assert_non_null(got);
  assert_int_equal(got->len, 10);
  assert_true(got->until == S(105));
  assert_null(kept(a, 3, "a", S(100)));
  assert_null(he_answers_get(a, &(struct he_answers_key){ 1, HE_DNS_AAAA,
                                                          "a" }, S(100)));
  assert_null(kept(a, 1, "a", S(105)));       /* its time is over */
  assert_int_equal(he_answers_count(a), 0);
  keep(a, 1, "a", 10, 5, S(100));
  keep(a, 1, "a", 10, 0, S(101));             /* a new one, of no use */
  assert_null(kept(a, 1, "a", S(101)));
  keep(a, 1, "a", 10, UINT32_MAX, S(0));
  assert_true(kept(a, 1, "a", S(1))->until == S(HE_ANSWERS_MOST_S));
  keep(a, 2, "b", 10, 5, S(100));             /* may be used later */
  got = kept(a, 2, "b", S(106));
  assert_non_null(got);
  assert_true(got->until == S(105));
  assert_true(got->stale_until == S(105 + HE_ANSWERS_STALE_S));
  assert_null(kept(a, 2, "b", S(105 + HE_ANSWERS_STALE_S)));
  he_answers_free(a);
}

/* What was not asked for the longest goes first. */
static void test_bounded(void **state)
{
  struct he_answers *a = he_answers_new(3, 100000);
  (void)state;
  keep(a, 1, "a", 10, 99, S(0));
  keep(a, 1, "b", 10, 99, S(0));
  keep(a, 1, "c", 10, 99, S(0));
  assert_non_null(kept(a, 1, "a", S(1)));
  keep(a, 1, "d", 10, 99, S(0));
  assert_null(kept(a, 1, "b", S(1)));
  assert_non_null(kept(a, 1, "a", S(1)));
  assert_non_null(kept(a, 1, "c", S(1)));
  assert_non_null(kept(a, 1, "d", S(1)));
  he_answers_free(a);
  a = he_answers_new(100, 6000);
  keep(a, 1, "a", 4096, 99, S(0));
  keep(a, 1, "b", 4096, 99, S(0));            /* no room for two */
  assert_int_equal(he_answers_count(a), 1);
  assert_non_null(kept(a, 1, "b", S(1)));
  he_answers_free(a);
  a = he_answers_new(100, 1000);
  keep(a, 1, "a", 4096, 99, S(0));
  assert_int_equal(he_answers_count(a), 0);
  he_answers_free(a);
}

/* Beside a list that is searched from its beginning. */
static void test_model(void **state)
{
  enum { MOST = 8, NAMES = 12 };
  struct he_answers *a = he_answers_new(MOST, 1u << 20);
  struct { int name; he_time_ns until; } list[MOST + 1];
  size_t n = 0;
  (void)state;
  for(unsigned i = rounds(50000); i; i--) {
    const he_time_ns now = S(100000) - S(i);
    const int name = (int)roll(NAMES);
    const bool put = roll(3) == 0;
    const uint32_t ttl = roll(4) ? 1 + roll(40) : 0;
    char text[8];
    size_t at = 0;
    snprintf(text, sizeof(text), "n%d", name);
    while(at < n && list[at].name != name)
      at++;
    if(put) {
      keep(a, 1, text, roll(100), ttl, now);
      if(at < n)
        memmove(&list[at], &list[at + 1], (--n - at) * sizeof(*list));
      if(ttl) {
        memmove(&list[1], list, n * sizeof(*list));
        list[0].name = name;
        list[0].until = now + S(ttl);
        n = n < MOST ? n + 1 : MOST;
      }
    }
    else {
      const bool there = at < n && now < list[at].until;
      const he_time_ns until = at < n ? list[at].until : 0;
      const struct he_answer *got = kept(a, 1, text, now);
      assert_int_equal(got != NULL, there);
      if(at < n)
        memmove(&list[at], &list[at + 1], (--n - at) * sizeof(*list));
      if(there) {
        assert_true(got->until == until);
        memmove(&list[1], list, n++ * sizeof(*list));
        list[0].name = name;
        list[0].until = until;
      }
    }
    assert_int_equal(he_answers_count(a), n);
  }
  he_answers_free(a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_found),
    cmocka_unit_test(test_aliases),
    cmocka_unit_test(test_none),
    cmocka_unit_test(test_no_answer),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_private),
    cmocka_unit_test(test_special),
    cmocka_unit_test(test_hosts),
    cmocka_unit_test(test_fixed),
    cmocka_unit_test(test_kept),
    cmocka_unit_test(test_bounded),
    cmocka_unit_test(test_model)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
