/* SPDX-License-Identifier: MIT */
/* judge_test.c - curl-he doctor's sentences by facts that no machine has to
 * have, and the texts that it reads. */
#include "judge.h"
#include "texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- a machine and a host without fault -- */

struct scene {
  struct he_facts facts;
  struct he_site host;
};

static void add(struct he_site *h, enum he_six_four family,
                const char *address, double ms)
{
  struct he_trial *t = &h->tried[h->tried_n++];
  t->family = family;
  t->reach = HE_REACH_CONNECTED;
  t->ms = ms;
  t->shook.shake = HE_SHAKE_COMPLETED;
  snprintf(t->address, sizeof(t->address), "%s", address);
}

static struct scene *healthy(void)
{
  static struct scene s;
  struct he_way six = { .global = 1, .route = true, .address = "2001:db8::9" };
  struct he_way four = { .global = 1, .route = true, .address = "192.0.2.9" };
  struct he_query asked = { HE_ANSWER_ADDRESSES, 20, 1 };
  memset(&s, 0, sizeof(s));
  s.facts.limit_ms = 5000;
  s.facts.way[HE_SIX] = six;
  s.facts.way[HE_FOUR] = four;
  strcpy(s.facts.hosts_sources, "files dns");
  s.facts.asks_dns = s.facts.has_resolv = true;
  s.facts.servers = 1;
  s.facts.ours.module = true;
  s.facts.hosts = &s.host;
  s.facts.hosts_n = 1;
  strcpy(s.host.name, "host.test");
  s.host.port = 443;
  s.host.tls = true;
  s.host.asked[HE_SIX] = s.host.asked[HE_FOUR] = asked;
  add(&s.host, HE_SIX, "2001:db8::1", 20);
  add(&s.host, HE_FOUR, "192.0.2.1", 20);
  s.host.raced = true;
  strcpy(s.host.winner, "2001:db8::1");
  return &s;
}

/* These symptoms are found, in this order, and no others: names, with blanks
   between them. */
static void expect(const struct scene *s, const char *names)
{
  struct he_findings found;
  char got[512] = "";
  he_judge(&s->facts, &found);
  for(size_t i = 0; i < found.n; i++) {
    const struct he_finding *f = &found.list[i];
    /* nothing is left to be filled in */
    assert_null(strchr(f->text, '{'));
    assert_null(strchr(f->advice, '{'));
    assert_true(*f->text);
    if(f->symptom) {
      assert_true(*f->advice);
      snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
               *got ? " " : "", f->symptom->name);
    }
  }
  he_findings_free(&found);
  assert_string_equal(got, names);
}

static void test_healthy(void **state)
{
  struct he_findings found;
  (void)state;
  expect(healthy(), "");
  he_judge(&healthy()->facts, &found);
  assert_false(he_findings_wrong(&found));
  he_findings_free(&found);
}

/* -- this machine -- */

static void test_ways(void **state)
{
  struct scene *s = healthy();
  (void)state;
  s->facts.hosts_n = 0;
  s->facts.way[HE_SIX].route = false;
  expect(s, "no-ipv6-route");
  s->facts.way[HE_FOUR].route = false;
  expect(s, "no-network no-ipv6-route");
  s = healthy();
  s->facts.way[HE_SIX] = (struct he_way){ 0 };
  expect(s, "no-ipv6-address");
  s->facts.ipv6_disabled = true;
  expect(s, "ipv6-disabled");
  s = healthy();
  s->facts.way[HE_SIX] = (struct he_way){ .local = 1, .address = "fd00::1" };
  expect(s, "ipv6-local-only");
}

static void test_files(void **state)
{
  struct scene *s = healthy();
  (void)state;
  s->facts.gai_line = 3;
  expect(s, "gai-ipv4-first");
  s = healthy();
  s->facts.asks_dns = false;
  expect(s, "nsswitch-no-dns");
  *s->facts.hosts_sources = 0;      /* no such line: the C library asks */
  expect(s, "");
  s->facts.servers = 0;
  expect(s, "no-name-server");
  s->facts.has_resolv = false;
  expect(s, "");
}

static void test_ours(void **state)
{
  struct scene *s = healthy();
  (void)state;
  strcpy(s->facts.ours.config_error, "CURL_HE_OPTIONS:1:9: xx");
  s->facts.ours.off = true;
  s->facts.ours.module = false;
  strcpy(s->facts.proxy, "https_proxy");
  expect(s, "config-wrong switched-off no-module proxy");
}

static void test_sockets(void **state)
{
  struct scene *s = healthy();
  struct he_findings found;
  (void)state;
  s->facts.stuck_n = 2;
  s->facts.stuck[0] = (struct he_stuck){ "192.0.2.7:443", 1, "git", 7 };
  s->facts.stuck[1] = (struct he_stuck){ "[2001:db8::7]:443", 3, "", 0 };
  expect(s, "stuck-syn stuck-syn");
  he_judge(&s->facts, &found);
  assert_true(he_findings_wrong(&found));
  assert_string_equal(found.list[2].text, "A connect waits to 192.0.2.7:443 "
                      "without an answer: git (process 7).");
  assert_non_null(strstr(found.list[3].text, "3 connects wait to "));
  he_findings_free(&found);
}

static void test_libcurls(void **state)
{
  static const struct {
    unsigned number;
    bool cares;
    const char *names;
  } rows[] = {
    { 0x074a00, false, "libcurl-old" },
    { 0x074b00, false, "libcurl-serial" },
    { 0x075801, true, "libcurl-serial libcurl-cares" },
    { 0x080f00, false, "libcurl-serial" },
    { 0x081000, false, "libcurl-late" },
    { 0x081500, false, "libcurl-late" },
  };
  struct scene *s = healthy();
  (void)state;
  s->facts.libcurls_n = 1;
  strcpy(s->facts.libcurls[0].path, "/usr/lib/libcurl.so.4");
  expect(s, "");
  for(size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
    s->facts.libcurls[0].number = rows[i].number;
    s->facts.libcurls[0].cares = rows[i].cares;
    s->facts.libcurls[0].users = (unsigned)i;
    strcpy(s->facts.libcurls[0].version, "1.2.3");
    expect(s, rows[i].names);
  }
}

/* -- a host -- */

static void test_lookup(void **state)
{
  struct scene *s = healthy();
  struct he_query *six = &s->host.asked[HE_SIX];
  struct he_query *four = &s->host.asked[HE_FOUR];
  (void)state;
  six->ms = 219;                    /* not yet late */
  expect(s, "");
  six->ms = 221;
  expect(s, "aaaa-late");
  *four = (struct he_query){ HE_ANSWER_ADDRESSES, 1221, 1 };
  expect(s, "a-late");
  six->answer = HE_ANSWER_NONE;     /* a late A, and no other: so it is */
  expect(s, "");
  six->answer = HE_ANSWER_FAILED;
  expect(s, "aaaa-fails");
  six->answer = HE_ANSWER_SILENT;
  expect(s, "aaaa-silent");
  s = healthy();
  four->answer = HE_ANSWER_SILENT;
  expect(s, "a-silent");
  s->host.tried_n = 0;
  six->answer = HE_ANSWER_SILENT;
  expect(s, "dns-silent");
  six->answer = four->answer = HE_ANSWER_NONE;
  expect(s, "no-such-name");
  four->answer = HE_ANSWER_FAILED;
  expect(s, "dns-fails");
  s->host.literal = true;           /* nothing was asked */
  expect(s, "");
  s = healthy();
  s->host.hosts_line = 4;
  expect(s, "hosts-file");
}

static void test_connects(void **state)
{
  static const struct {
    enum he_reach reach;
    const char *six;
    const char *four;
  } rows[] = {
    { HE_REACH_SILENT, "ipv6-silent", "ipv4-silent" },
    { HE_REACH_REFUSED, "ipv6-refused", "ipv4-refused" },
    { HE_REACH_UNREACHABLE, "ipv6-unreachable", "ipv4-unreachable" },
    { HE_REACH_UNTRIED, "", "" }
  };
  struct scene *s;
  (void)state;
  for(size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
    s = healthy();
    s->host.tried[0].reach = rows[i].reach;
    expect(s, rows[i].six);
    s = healthy();
    s->host.tried[1].reach = rows[i].reach;
    expect(s, rows[i].four);
    if(rows[i].reach != HE_REACH_UNTRIED) {
      s->host.tried[0].reach = rows[i].reach;
      expect(s, "nothing-answers");
    }
  }
  /* a machine without IPv6 is told so once */
  s = healthy();
  s->host.tried[0].reach = HE_REACH_UNREACHABLE;
  s->facts.way[HE_SIX] = (struct he_way){ 0 };
  expect(s, "no-ipv6-address");
  s = healthy();
  add(&s->host, HE_FOUR, "192.0.2.2", 20);
  s->host.tried[2].reach = HE_REACH_SILENT;
  expect(s, "some-silent");
  s = healthy();
  s->host.tried[0].ms = 71;
  expect(s, "ipv6-slow");
  *s->host.winner = 0;
  expect(s, "ipv6-slow race-lost");
}

static void test_shakes(void **state)
{
  struct scene *s = healthy();
  (void)state;
  s->host.tried[0].shook.shake = HE_SHAKE_STALLED;
  expect(s, "large-packets");
  s->host.tried[1].shook.shake = HE_SHAKE_STALLED;
  expect(s, "tls-silent");
  s->host.tried[1].shook.shake = HE_SHAKE_FAILED;
  expect(s, "large-packets tls-fails");
  s->host.tried[0].shook.shake = HE_SHAKE_UNTRIED;
  s->host.tried[1].shook.shake = HE_SHAKE_UNTRIED;
  expect(s, "");
}

/* A program may be called anything. */
static void test_hostile(void **state)
{
  struct scene *s = healthy();
  struct he_findings found;
  (void)state;
  s->facts.stuck_n = 1;
  s->facts.stuck[0] = (struct he_stuck){ "192.0.2.7:443", 1,
                                         "{ADDRESS}\033[31m\n\xff", 7 };
  strcpy(s->host.name, "h\033.test");
  he_judge(&s->facts, &found);
  for(size_t i = 0; i < found.n; i++) {
    assert_null(strchr(found.list[i].text, '\033'));
    assert_null(strchr(found.list[i].text, '\n'));
    assert_null(strchr(found.list[i].text, '\xff'));
  }
  assert_non_null(strstr(found.list[2].text, "{ADDRESS}"));
  he_findings_free(&found);
}

/* Of each symptom there is one scene above; this is the table itself. */
static void test_table(void **state)
{
  (void)state;
  for(int i = 0; i < HE_SYMPTOMS; i++) {
    assert_non_null(he_symptoms[i].name);
    assert_non_null(he_symptoms[i].sentence);
    assert_non_null(he_symptoms[i].advice);
    assert_int_equal(strspn(he_symptoms[i].name,
                            "abcdefghijklmnopqrstuvwxyz0123456789-"),
                     strlen(he_symptoms[i].name));
  }
}

static void test_fill(void **state)
{
  static const char *const pairs[] = { "A", "one", "B", "{A}", NULL };
  char out[32];
  (void)state;
  he_symptom_fill("{A}, {B}, {C}, {", pairs, out, sizeof(out));
  assert_string_equal(out, "one, {A}, {C}, {");
  he_symptom_fill("{A}{A}", pairs, out, 5);
  assert_string_equal(out, "oneo");
  he_symptom_fill("x", NULL, out, 1);
  assert_string_equal(out, "");
}

/* -- texts -- */

static void test_hosts_file(void **state)
{
  static const char text[] =
    "127.0.0.1 localhost\n# 192.0.2.9 host.test\n"
    "192.0.2.1\tother.test HOST.test # host2.test\n"
    "2001:db8::1 host.test";
  char address[HE_ADDRESS_TEXT];
  (void)state;
  assert_int_equal(he_text_hosts(text, "host.test", address), 3);
  assert_string_equal(address, "192.0.2.1");
  assert_int_equal(he_text_hosts(text, "host2.test", address), 0);
  assert_string_equal(address, "");
  assert_int_equal(he_text_hosts(text, "192.0.2.1", address), 0);
  assert_int_equal(he_text_hosts("", "host.test", address), 0);
}

static void test_gai(void **state)
{
  (void)state;
  assert_int_equal(he_text_gai(""), 0);
  assert_int_equal(he_text_gai("#precedence ::ffff:0:0/96  100\n"), 0);
  assert_int_equal(he_text_gai("\nprecedence ::ffff:0:0/96  100\n"), 2);
  assert_int_equal(he_text_gai("precedence ::ffff:0:0/96 10"), 0);
  assert_int_equal(he_text_gai("precedence ::/0 200\n"
                               "precedence ::ffff:0:0/96 100\n"), 0);
  assert_int_equal(he_text_gai("precedence\nprecedence ::/0\nlabel ::/0 1"),
                   0);
}

static void test_nsswitch(void **state)
{
  char sources[64];
  bool asks;
  (void)state;
  he_text_nsswitch("passwd: files\nhosts:  files mymachines dns # all\n",
                   sources, sizeof(sources), &asks);
  assert_true(asks);
  he_text_nsswitch("hosts: files resolve [!UNAVAIL=return]\n", sources,
                   sizeof(sources), &asks);
  assert_true(asks);
  he_text_nsswitch("hosts: files dnsmasq\n", sources, sizeof(sources), &asks);
  assert_false(asks);
  assert_string_equal(sources, "files dnsmasq");
  he_text_nsswitch("#hosts: dns\n", sources, sizeof(sources), &asks);
  assert_string_equal(sources, "");
  assert_int_equal(he_text_resolv("nameserver 192.0.2.1\n#nameserver 1\n"
                                  "nameserver\nsearch test\n"
                                  " nameserver ::1"), 2);
}

static void test_sockets_text(void **state)
{
  static const char waits[] =
    "   3: 0200C0C6:B4D2 0112C6C6:01BB 02 00000001:00000000 01:00000157 "
    "00000002  1000        0 4711 2 0000000000000000 800 0 0 1 7\n";
  static const char waits6[] =
    "   0: 00000000000000000000000001000000:B4D2 "
    "B80D0120000000000000000001000000:0050 02 00000001:00000000 01:00000157 "
    "00000001     0        0 99 2 0000000000000000 800 0 0 1 7\n";
  struct he_socket s;
  char other[256];
  (void)state;
  assert_true(he_text_stuck(waits, false, &s));
  assert_int_equal(s.inode, 4711);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  assert_string_equal(s.remote, "198.198.18.1:443");
#endif
  assert_true(he_text_stuck(waits6, true, &s));
  assert_int_equal(s.inode, 99);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  assert_string_equal(s.remote, "[2001:db8::1]:80");
#endif
  assert_false(he_text_stuck(waits, true, &s));
  assert_false(he_text_stuck(waits6, false, &s));
  assert_false(he_text_stuck("  sl  local_address rem_address   st", false,
                             &s));
  strcpy(other, waits);
  memcpy(strstr(other, "00000002  1000"), "00000000", 8);
  assert_false(he_text_stuck(other, false, &s));   /* its first SYN */
  strcpy(other, waits);
  memcpy(strstr(other, " 02 "), " 01 ", 4);
  assert_false(he_text_stuck(other, false, &s));   /* connected */
}

static void test_libcurl_files(void **state)
{
  static const char bytes[] = "x\0libcurl/%s\0libcurl/8.21.0-DEV\0zlib/1.2";
  struct he_libcurl l;
  (void)state;
  assert_true(he_text_is_libcurl("/usr/lib/libcurl.so.4.8.0"));
  assert_true(he_text_is_libcurl("/usr/lib/libcurl-gnutls.so.4"));
  assert_true(he_text_is_libcurl("libcurl-2a6c.so.4"));
  assert_false(he_text_is_libcurl("/usr/lib/libcurl-he.so.0"));
  assert_false(he_text_is_libcurl("/usr/lib/libcurl-he-preload.so"));
  assert_false(he_text_is_libcurl("/usr/lib/libcurlpp.so.0"));
  assert_false(he_text_is_libcurl("/usr/lib/libcurl.a"));
  assert_false(he_text_is_libcurl("/usr/lib/libcurl.sorted"));
  memset(&l, 0, sizeof(l));
  assert_true(he_text_version(bytes, sizeof(bytes), &l));
  assert_string_equal(l.version, "8.21.0");
  assert_int_equal(l.number, 0x081500);
  assert_false(l.cares);
  assert_false(he_text_version(bytes, 20, &l));
  assert_false(he_text_version("libcurl/7.88", 12, &l));
  assert_true(he_text_version("libcares.so.2\0libcurl/7.88.1", 28, &l));
  assert_true(l.cares);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_healthy), cmocka_unit_test(test_ways),
    cmocka_unit_test(test_files), cmocka_unit_test(test_ours),
    cmocka_unit_test(test_sockets), cmocka_unit_test(test_libcurls),
    cmocka_unit_test(test_lookup), cmocka_unit_test(test_connects),
    cmocka_unit_test(test_shakes), cmocka_unit_test(test_hostile),
    cmocka_unit_test(test_table),
    cmocka_unit_test(test_fill), cmocka_unit_test(test_hosts_file),
    cmocka_unit_test(test_gai), cmocka_unit_test(test_nsswitch),
    cmocka_unit_test(test_sockets_text),
    cmocka_unit_test(test_libcurl_files)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
