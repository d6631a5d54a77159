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

#define WANTS "wants system, dns://, tls://, https:// or fixed:"
#define ZEROS "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define BYTES "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8="
#define H "https://192.0.2.1/q"

static const struct {
  const char *text;
  const char *said;           /* upstreams, or "at: why" */
} values[] = {
  { "system", "" },
  { "", "0: " WANTS },
  { " ", "1: " WANTS },
  { "System", "0: " WANTS },
  { "system,", "0: " WANTS },
  { "system fixed:192.0.2.1", "0: system wants to be alone" },
  { "fixed:192.0.2.1 system", "16: system wants to be alone" },
  { "dns:/192.0.2.1", "0: " WANTS },
  { "http://192.0.2.1/dns-query", "0: " WANTS },
#ifdef HE_CARES
  { "dns://192.0.2.1", "dns 192.0.2.1:53" },
  { "dns://192.0.2.1:5353", "dns 192.0.2.1:5353" },
  { "dns://192.0.2.1:65535,192.0.2.1:1", "dns 192.0.2.1:65535 192.0.2.1:1" },
  { "dns://2001:db8::1", "dns [2001:db8::1]:53" },
  { "dns://[2001:DB8::1]", "dns [2001:db8::1]:53" },
  { "dns://[2001:db8::1]:54,::1,127.0.0.1",
    "dns [2001:db8::1]:54 [::1]:53 127.0.0.1:53" },
  { "dns://1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8",
    "dns 1.1.1.1:53 1.1.1.2:53 1.1.1.3:53 1.1.1.4:53 1.1.1.5:53 1.1.1.6:53 "
    "1.1.1.7:53 1.1.1.8:53" },
  { "dns://1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,"
    "1.1.1.9", "70: more than 8 addresses" },
  { "dns://", "6: an address is missing" },
  { "dns://,", "6: an address is missing" },
  { "dns://192.0.2.1,", "16: an address is missing" },
  { "dns://:53", "6: an address is missing" },
  { "dns://[]:53", "7: an address is missing" },
  { "dns://[::1", "6: wants [IPv6]:PORT" },
  { "dns://[::1]53", "11: wants [IPv6]:PORT" },
  { "dns://[::1]:", "12: a port is 1 to 65535" },
  { "dns://[192.0.2.1]:53", "7: no IPv6 address" },
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
  { "dns://192.0.2.1?stale=allow&private=refuse&hosts=yes&search=a.test",
    "dns 192.0.2.1:53 stale refuse, hosts search a.test" },
  { "dns://192.0.2.1?stale=never&private=allow&hosts=no", "dns 192.0.2.1:53" },
  { "dns://192.0.2.1?", "16: no key that it has" },
  { "dns://192.0.2.1?stale", "16: wants KEY=VALUE" },
  { "dns://192.0.2.1?stale=", "22: wants allow or never" },
  { "dns://192.0.2.1?stale=yes", "22: wants allow or never" },
  { "dns://192.0.2.1?stale=allow&stale=allow", "28: said twice" },
  { "dns://192.0.2.1?private=never", "24: wants allow or refuse" },
  { "dns://192.0.2.1?pin=" ZEROS, "16: no key that it has" },
  { "dns://192.0.2.1?hosts=yes dns://192.0.2.2?hosts=no", "42: said twice" },
  { "dns://192.0.2.1?ca=/x", "16: no key that it has" },
  { "dns://192.0.2.1?search=a..b", "23: nothing before a dot" },
  { "dns://192.0.2.1 dns://192.0.2.1",
    "dns 192.0.2.1:53, dns 192.0.2.1:53" },
  { "dns://192.0.2.1\tdns://192.0.2.1", "15: no printable ASCII" },
  { "dns://192.0.2.1   fixed:192.0.2.2 ",
    "dns 192.0.2.1:53, fixed 192.0.2.2:0" },
#else
  { "dns://192.0.2.1",
    "0: this curl-he was built without c-ares, which dns:// takes" },
#endif
#ifdef HE_OPENSSL
  { "tls://192.0.2.1,[2001:db8::1]:854?name=dns.test&pin=" BYTES,
    "tls 192.0.2.1:853 [2001:db8::1]:854 name dns.test pin 0..ff" },
  { "tls://192.0.2.1?pin=" ZEROS ";" BYTES "&pin=" ZEROS,
    "tls 192.0.2.1:853 pin 0..0 pin 0..ff pin 0..0" },
  { "tls://192.0.2.1?pin=sha256%2f%2FAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AA%3d", "tls 192.0.2.1:853 pin 0..0" },
  { "tls://192.0.2.1?pin=" ZEROS ";" ZEROS ";" ZEROS ";" ZEROS ";" ZEROS,
    "20: more than 4 pins" },
  { "tls://192.0.2.1?pin=" ZEROS ";", "20: wants sha256//, and 32 bytes in "
    "Base64" },
  { "tls://192.0.2.1?pin=sha256//AAAA", "20: wants sha256//, and 32 bytes in "
    "Base64" },
  /* a bit is set that says nothing */
  { "tls://192.0.2.1?pin=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
    "20: wants sha256//, and 32 bytes in Base64" },
  { "tls://192.0.2.1?pin=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "20: wants sha256//, and 32 bytes in Base64" },
  { "tls://192.0.2.1?pin=sha1//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "20: wants sha256//, and 32 bytes in Base64" },
  { "tls://192.0.2.1", "0: wants name= or pin=" },
  { "tls://192.0.2.1?opportunistic=no", "0: wants name= or pin=" },
  { "tls://192.0.2.1?opportunistic=yes",
    "tls 192.0.2.1:853 opportunistic" },
  { "tls://192.0.2.1?opportunistic=1", "30: wants yes or no" },
  { "tls://192.0.2.1?name=", "21: a name is missing" },
  { "tls://192.0.2.1?name=a%20b", "21: no character of a host's name" },
  { "tls://192.0.2.1?name=a%2", "22: wants %XX" },
  { "tls://192.0.2.1?name=a%zz", "22: wants %XX" },
  { "tls://192.0.2.1?name=a%00", "22: a control character" },
  { "tls://192.0.2.1?name=a&bootstrap=system", "23: no key that it has" },
  { "tls://192.0.2.1?name=a&ca=/etc/x%20y.pem",
    "tls 192.0.2.1:853 name a ca /etc/x y.pem" },
  { "tls://192.0.2.1?name=a&ca=x.pem", "26: wants an absolute path" },
  { "tls://192.0.2.1?name=a&ca=", "26: wants an absolute path" },
  { "tls://192.0.2.1?name=a&ca=/x&ca=/y", "29: said twice" },
#else
  { "tls://192.0.2.1?name=a", "0: this curl-he was built without OpenSSL, "
    "which tls:// takes" },
#endif
  { H, "https 192.0.2.1:443 at 192.0.2.1 443 " H },
  { H "?x=1&pin=" BYTES "&name=n&y", "https 192.0.2.1:443 at 192.0.2.1 443 "
    H "?x=1&name=n&y pin 0..ff" },
  { "https://[2001:db8::1]:8443/dns-query?stale=allow&private=refuse",
    "https [2001:db8::1]:8443 at 2001:db8::1 8443 "
    "https://[2001:db8::1]:8443/dns-query stale refuse" },
  { H "?ca=/x&y", "https 192.0.2.1:443 at 192.0.2.1 443 " H "?y ca /x" },
  { H "?ca=x", "23: wants an absolute path" },
  { "https://dns.test/q?bootstrap=system",
    "https at dns.test 443 https://dns.test/q asks 0" },
  { "https://dns.test:444/q?bootstrap=fixed:192.0.2.1",
    "https at dns.test 444 https://dns.test:444/q asks N" },
#ifdef HE_OPENSSL
  { "https://dns.test/q?bootstrap=tls://192.0.2.1%3Fname%3Da%26pin%3D" ZEROS
    "%20fixed:::1", "https at dns.test 443 https://dns.test/q asks N" },
#endif
  { "https://dns.test/q", "8: a name wants bootstrap=" },
  { "https://dns.test/q?bootstrap=", "29: " WANTS },
  { "https://dns.test/q?bootstrap=fixed:x", "35: no IP address" },
  { "https://dns.test/q?bootstrap=%66ixed:x", "29: no IP address" },
  { "https://a/q?bootstrap=https://a/q%3Fbootstrap=https://a/q%253Fbootstrap="
    "https://a/q%25253Fbootstrap=system",
    "22: too many bootstraps within each other" },
  { "https://dns.test?bootstrap=system", "16: wants a path, as /dns-query" },
  { "https://dns.test", "16: wants a path, as /dns-query" },
  { "https://", "8: wants a path, as /dns-query" },
  { "https:///q", "8: a name is missing" },
  { "https://user@dns.test/q", "8: no user can be given" },
  { "https://2001:db8::1/q", "8: wants [IPv6]:PORT" },
  { "https://[2001:db8::1/q", "8: wants [IPv6]:PORT" },
  { "https://192.0.2/q", "8: no IP address" },
  { "https://dns.0x7f/q", "8: no IP address" },
  { "https://dns.test:0/q", "17: a port is 1 to 65535" },
  { "https://192.0.2.1/q{?dns}", "19: no template is known" },
  { H "#a", "19: no fragment" },
  { "fixed:192.0.2.1,2001:db8::1", "fixed 192.0.2.1:0 [2001:db8::1]:0" },
  { "fixed:192.0.2.1:53", "6: no IP address" },
  { "fixed:[::1]", "6: no IP address" },
  { "fixed:", "6: an address is missing" },
  { "fixed:::1?private=refuse", "fixed [::1]:0 refuse" },
  { "fixed:::1 fixed:::2 fixed:::3 fixed:::4 fixed:::5",
    "40: more than 4 resolvers" },
};

static size_t describe(const struct he_upstream *u, char *out, size_t size)
{
  static const char *const kinds[] = { "dns", "tls", "https", "fixed" };
  const bool web = u->kind == HE_UPSTREAM_HTTPS;
  size_t n = (size_t)snprintf(out, size, "%s", kinds[u->kind]);
  for(size_t i = 0; i < u->n; i++) {
    char one[HE_ADDR_TEXT];
    n += (size_t)snprintf(out + n, size - n, " %s",
                          he_addr_format(&u->list[i], one));
  }
  if(web)
    n += (size_t)snprintf(out + n, size - n, " at %s %u %s", u->name, u->port,
                          u->url);
  else if(*u->name)
    n += (size_t)snprintf(out + n, size - n, " name %s", u->name);
  if(*u->ca)
    n += (size_t)snprintf(out + n, size - n, " ca %s", u->ca);
  for(size_t i = 0; i < u->pins; i++)
    n += (size_t)snprintf(out + n, size - n, " pin %x..%x", u->pin[i][0],
                          u->pin[i][31]);
  /* whose number depends on what was read before */
  if(u->bootstrap >= 0)
    n += (size_t)snprintf(out + n, size - n, " asks %s",
                          u->bootstrap ? "N" : "0");
  n += (size_t)snprintf(out + n, size - n, "%s%s%s",
                        u->opportunistic ? " opportunistic" : "",
                        u->stale ? " stale" : "",
                        u->refuse_private ? " refuse" : "");
  return n;
}

#define SAID 4096
static const char *said(const char *text, size_t len, char out[SAID])
{
  struct he_upstreams s;
  const char *why = NULL;
  size_t at = 0, n = 0;
  *out = 0;
  if(!he_resolvers_read(text, len, &s, &at, &why)) {
    assert_non_null(why);
    assert_true(at <= len);
    snprintf(out, SAID, "%zu: %s", at, why);
    return out;
  }
  assert_null(why);
  for(size_t i = 0; i < s.n; i++) {
    n += (size_t)snprintf(out + n, SAID - n, "%s", i ? ", " : "");
    n += describe(&s.list[i], out + n, SAID - n);
  }
  if(s.hosts || *s.search)
    snprintf(out + n, SAID - n, ",%s%s%s", s.hosts ? " hosts" : "",
             *s.search ? " search " : "", s.search);
  return out;
}

/* Each stands at the end of a block, so that a sanitizer sees who reads on. */
static void test_values(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(values); i++) {
    const size_t len = strlen(values[i].text);
    char out[SAID], *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, values[i].text, len);
    assert_string_equal(said(copy + 1, len, out), values[i].said);
    free(copy);
  }
}

/* Any bytes: an answer, and one that is within the text. */
static void test_noise(void **state)
{
  static const char *const words[] = {
    "dns://", "tls://", "https://", "fixed:", "system", "192.0.2.1", "[::1]",
    "a.test", ":53", ",", "?", "&", "=", " ", "%20", "%", "/q", "name=", "pin=",
    "bootstrap=", ZEROS, "hosts=yes", "search=a", "stale=allow"
  };
  (void)state;
  for(int i = 0; i < 100000; i++) {
    char text[1024], out[SAID], *exact;
    size_t n = 0;
    for(unsigned k = roll(12); k; k--) {
      const char *w = words[roll((unsigned)COUNT(words))];
      memcpy(text + n, w, strlen(w));
      n += strlen(w);
    }
    for(unsigned k = n ? roll(2) : 0; k; k--)
      text[roll((unsigned)n)] = (char)roll(256);
    exact = malloc(n + 1);
    assert_non_null(exact);
    memcpy(exact + 1, text, n);
    said(exact + 1, n, out);
    free(exact);
  }
}

static long number_of(const char *text)
{
  struct he_upstreams s;
  const char *why;
  size_t at;
  assert_true(he_resolvers_read(text, strlen(text), &s, &at, &why));
  return he_resolvers_number(&s);
}

static long numbered(int a, int b)
{
  char text[32];
  snprintf(text, sizeof(text), "fixed:192.0.%d.%d", a, b);
  return number_of(text);
}

static void test_numbers(void **state)
{
  long first;
  (void)state;
  assert_int_equal(number_of("system"), 0);
  assert_null(he_resolvers_upstreams(0));
  assert_null(he_resolvers_upstreams(-1));
  assert_null(he_resolvers_upstreams(HE_RESOLVERS_MAX));
  first = numbered(2, 1);
  assert_true(first > 0);
  assert_int_equal(number_of("fixed:192.0.2.1?stale=never"), first);
  assert_int_equal(number_of(" fixed:192.0.2.1 "), first);
  assert_int_not_equal(number_of("fixed:192.0.2.1?stale=allow"), first);
  assert_int_not_equal(number_of("fixed:192.0.2.1?hosts=yes"), first);
  assert_int_not_equal(number_of("https://192.0.2.1/a"),
                       number_of("https://192.0.2.1/b"));
  assert_int_equal(he_resolvers_upstreams(first)->list[0].list[0].ip[3], 1);
  for(int i = 0; i < 2 * HE_RESOLVERS_MAX; i++)
    numbered(i % 2, i / 2);
  assert_int_equal(numbered(2, 1), first);          /* as it was */
  assert_int_equal(numbered(3, 1), -1);             /* no more room */
  assert_non_null(he_resolvers_upstreams(HE_RESOLVERS_REFUSED - 1));
  assert_null(he_resolvers_upstreams(HE_RESOLVERS_REFUSED));
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
