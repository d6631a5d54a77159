/* SPDX-License-Identifier: MIT */
/* addr_test.c - addresses to sockaddr and text and back, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"

static struct he_addr some_addr(void)
{
  struct he_addr a;
  memset(&a, 0, sizeof(a));
  a.family = roll(2) ? HE_IPV4 : HE_IPV6;
  for(int i = 0; i < (a.family == HE_IPV4 ? 4 : 16); i++)
    a.ip[i] = roll(3) ? (uint8_t)roll(256) : 0;   /* with runs of zeros */
  if(a.family == HE_IPV6 && !roll(4))   /* the longest way to write one */
    memcpy(a.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  a.port = (uint16_t)roll(65536);
  if(a.family == HE_IPV6 && roll(2))
    a.scope = roll(2) ? UINT32_MAX - roll(3) : 1 + roll(100);
  return a;
}

static void round_trips(void **state)
{
  (void)state;
  for(unsigned n = rounds(200000); n; n--) {
    struct he_addr a = some_addr(), b, c;
    struct sockaddr_storage sa;
    char text[HE_ADDR_TEXT];
    size_t len = he_addr_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof(sa));
    assert_true(len > 0);
    assert_true(he_addr_from_sockaddr(&b, (struct sockaddr *)&sa, len));
    assert_true(he_addr_equal(&a, &b));
    assert_true(he_addr_parse(&c, he_addr_text(&a, text)));
    assert_int_equal(c.port, 0);
    c.port = a.port;
    assert_true(he_addr_equal(&a, &c));
    he_addr_format(&a, text);
    assert_true(strlen(text) < HE_ADDR_TEXT - 1);
    assert_int_equal(text[0] == '[', a.family == HE_IPV6);
  }
}

static void lengths(void **state)
{
  (void)state;
  for(int f = 0; f < 2; f++) {
    struct he_addr a = addr_of(f ? "127.0.0.1" : "::1", 443), b = a;
    struct sockaddr_storage sa;
    size_t whole = he_addr_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof(sa));
    memset(b.ip, 7, sizeof(b.ip));
    for(size_t len = 0; len < whole; len++) {
      struct he_addr before = b;
      assert_int_equal(0, he_addr_to_sockaddr(&a, (struct sockaddr *)&sa,
                                              len));
      assert_false(he_addr_from_sockaddr(&b, (struct sockaddr *)&sa, len));
      assert_true(he_addr_equal(&before, &b));
    }
  }
}

static void foreign(void **state)
{
  struct sockaddr_storage sa;
  struct he_addr a;
  (void)state;
  memset(&sa, 0xff, sizeof(sa));
  sa.ss_family = AF_UNIX;
  assert_false(he_addr_from_sockaddr(&a, (struct sockaddr *)&sa, sizeof(sa)));
  sa.ss_family = AF_UNSPEC;
  assert_false(he_addr_from_sockaddr(&a, (struct sockaddr *)&sa, sizeof(sa)));
}

static void known(void **state)
{
  static const char *const same[][2] = {
    { "192.0.2.1", "192.0.2.1:443" },
    { "2001:db8::1", "[2001:db8::1]:443" },
    { "fe80::1%7", "[fe80::1%7]:443" },
    { "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:443" }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
    char text[HE_ADDR_TEXT];
    struct he_addr a = addr_of(same[i][0], 443);
    assert_string_equal(he_addr_text(&a, text), same[i][0]);
    assert_string_equal(he_addr_format(&a, text), same[i][1]);
  }
}

static void hostile(void **state)
{
  static const char *const none[] = {
    "", "%", "%1", "1.2.3.4%1", "1.2.3", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4",
    "1.2.3.4 ", "1.2.3.4:80", "[::1]", "::1%", "::1%0", "::1%-1", "::1%+1",
    "::1% 1", "::1%1x", "::1%1%1", "::1%4294967296", "::1%eth0",
    "::1%99999999999999999999999", ":", ":::", "1::2::3", "12345::",
    "0x7f.1", "localhost", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4.5",
    "0000:0000:0000:0000:0000:ffff:255.255.255.2555"
  };
  char longest[4096];
  struct he_addr a = addr_of("192.0.2.1", 1), before = a;
  (void)state;
  for(size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
    assert_false(he_addr_parse(&a, none[i]));
  memset(longest, '1', sizeof(longest) - 1);
  longest[sizeof(longest) - 1] = 0;
  assert_false(he_addr_parse(&a, longest));
  memcpy(longest, "::1%", 4);
  assert_false(he_addr_parse(&a, longest));
  assert_true(he_addr_equal(&a, &before));
}

/* Whatever is taken for an address means the same when written and read. */
static void noise(void **state)
{
  static const char letters[] = "0123456789abcdef:.%[] xg-+";
  (void)state;
  for(unsigned n = rounds(500000); n; n--) {
    char text[64];
    unsigned len = roll(sizeof(text) - 1);
    struct he_addr a, b;
    for(unsigned i = 0; i < len; i++)
      text[i] = roll(40) ? letters[roll(sizeof(letters) - 1)] :
                (char)roll(256);
    text[len] = 0;
    if(he_addr_parse(&a, text)) {
      char again[HE_ADDR_TEXT];
      assert_true(he_addr_parse(&b, he_addr_text(&a, again)));
      assert_true(he_addr_equal(&a, &b));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(round_trips),
    cmocka_unit_test(lengths),
    cmocka_unit_test(foreign),
    cmocka_unit_test(known),
    cmocka_unit_test(hostile),
    cmocka_unit_test(noise)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
