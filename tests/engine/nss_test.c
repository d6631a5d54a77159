/* SPDX-License-Identifier: MIT */
/* nss_test.c - what is read to know how a name may be asked for:
 * nsswitch.conf, the hosts file, the name itself; and what a name server
 * answers, whatever bytes that are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "resolve/dns.h"
#include "resolve/nss.h"
#include "resolve/textfile.h"

static void lines(void **state)
{
  static const struct {
    const char *text;
    enum he_nss is;
  } t[] = {
    { "hosts: files dns\n", HE_NSS_APART },
    { "hosts: files dns", HE_NSS_APART },
    { "passwd: files\n \thosts :\tfiles\tdns # all\ngroup: files\n",
      HE_NSS_APART },
    { "hosts: dns\n", HE_NSS_APART },
    { "Hosts: FILES DNS\n", HE_NSS_APART },
    { "hosts: dns files\n", HE_NSS_VAGUE },
    { "hosts: files mdns4_minimal [NOTFOUND=return] dns\n", HE_NSS_VAGUE },
    { "hosts: files mdns_minimal [notfound=return] dns myhostname\n",
      HE_NSS_VAGUE },
    { "hosts: files myhostname mdns6_minimal dns\n", HE_NSS_VAGUE },
    { "", HE_NSS_WHOLE }, { "hosts:", HE_NSS_WHOLE },
    { "hosts: files\n", HE_NSS_WHOLE }, { "# hosts: dns\n", HE_NSS_WHOLE },
    { "hosts: # files dns\n", HE_NSS_WHOLE },
    { "hosts files dns", HE_NSS_WHOLE },
    { "hostsx: files dns\n", HE_NSS_WHOLE },
    { "hosts: files resolve dns\n", HE_NSS_WHOLE },
    { "hosts: files mdns4 dns\n", HE_NSS_WHOLE },
    { "hosts: files dnsx\n", HE_NSS_WHOLE },
    { "hosts: files [NOTFOUND=return] dns\n", HE_NSS_WHOLE },
    { "hosts: files dns [!UNAVAIL=return] myhostname\n", HE_NSS_WHOLE },
    { "hosts: files mdns4_minimal [NOTFOUND=return] [UNAVAIL=return] dns\n",
      HE_NSS_WHOLE },
    { "hosts: mdns4_minimal [NOTFOUND=continue] dns\n", HE_NSS_WHOLE },
    { "hosts: files dns\nhosts: files dns\n", HE_NSS_WHOLE }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
    char *text = strdup(t[i].text);
    assert_non_null(text);
    if(he_nss_parse(text) != t[i].is)
      fail_msg("%s", t[i].text);
    free(text);
  }
}

static void names(void **state)
{
  static const char *const ordinary[] = {
    "a.b", "a.b.", "1.2.3.4.5", "0x7f.1.x", "x-y_z.Example.COM", "locale.x",
    "local.test", "alocal.xlocal", "1.2.3.4x"
  };
  static const char *const not_ordinary[] = {
    "", ".", "a", "a..b", ".a.b", "a.b..", "1.2.3.4", "127.1", "0x7f.1", "::1",
    "x.local", "x.LOCAL.", "x.localhost", "localhost.localdomain", "a b.c",
    "a\\.b", "a.b%lo", "\xc3\xa4.test", "a.b\n"
  };
  char longest[300];
  (void)state;
  for(size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
    if(!he_nss_is_ordinary(ordinary[i]))
      fail_msg("%s", ordinary[i]);
  for(size_t i = 0; i < sizeof(not_ordinary) / sizeof(not_ordinary[0]); i++)
    if(he_nss_is_ordinary(not_ordinary[i]))
      fail_msg("%s", not_ordinary[i]);
  memset(longest, 'a', sizeof(longest));
  longest[1] = '.';
  longest[254] = 0;
  assert_false(he_nss_is_ordinary(longest));
  longest[253] = 0;
  assert_true(he_nss_is_ordinary(longest));
}

static void hosts(void **state)
{
  static const char text[] =
    "# 127.0.0.1 comment.test\n127.0.0.1 localhost first.test\t\n"
    "\t ::1\tsecond.TEST third.test#fourth.test\r\n\n 9.9.9.9\n"
    "not.an.address fifth.test\n10.0.0.1 last.test";
  static const char *const has[] = {
    "first.test", "FIRST.test", "second.test", "third.test", "fifth.test",
    "last.test"
  };
  static const char *const has_not[] = {
    "comment.test", "fourth.test", "9.9.9.9", "127.0.0.1", "irst.test",
    "first.tes", "first.testx", "first.test."
  };
  (void)state;
  for(size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
    assert_true(he_nss_in_hosts(text, has[i]));
  for(size_t i = 0; i < sizeof(has_not) / sizeof(has_not[0]); i++)
    assert_false(he_nss_in_hosts(text, has_not[i]));
  assert_false(he_nss_in_hosts("", "x.test"));
  assert_false(he_nss_in_hosts("\n\n# x.test", "x.test"));
}

/* A large file, as those that block what is not wanted. */
static void many_hosts(void **state)
{
  const size_t n = 20000;
  char *text = malloc(n * 40), name[40];
  size_t len = 0;
  (void)state;
  assert_non_null(text);
  for(size_t i = 0; i < n; i++)
    len += (size_t)snprintf(text + len, 40, "0.0.0.0 n%zu.test\n",
                            i * 7919 % n);
  for(size_t i = 0; i < n + 100; i += 99) {
    snprintf(name, sizeof(name), "N%zu.test", i);
    assert_int_equal(he_nss_in_hosts(text, name), i < n);
  }
  free(text);
}

static void write_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "we");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

static void files(void **state)
{
  char path[] = "/tmp/nss_test.XXXXXX", *text;
  struct timespec changed = { .tv_nsec = -1 };
  size_t n;
  int fd = mkstemp(path);
  (void)state;
  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(he_textfile_read(path, 100, &text, &n, NULL), 0);
  assert_string_equal(text, "");
  free(text);
  write_file(path, "one");
  assert_int_equal(he_textfile_read(path, 3, &text, &n, &changed), 0);
  assert_int_equal(n, 3);
  assert_string_equal(text, "one");
  assert_true(changed.tv_nsec >= 0);
  free(text);
  assert_int_equal(he_textfile_read(path, 2, &text, &n, NULL), EFBIG);
  assert_null(text);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(he_textfile_read(path, 100, &text, &n, NULL), ENOENT);
  assert_null(text);
  assert_int_not_equal(he_textfile_read("/tmp", 100, &text, &n, NULL), 0);
  assert_null(text);
}

/* -- a name server's answer -- */

/* he.test: an alias x.test, which has two addresses, and a signature. */
static const unsigned char message[] =
  "\x12\x34\x81\x80\0\1\0\4\0\0\0\0" "\2he\4test\0\0\1\0\1"
  "\xc0\x0c\0\5\0\1\0\0\0\5\0\4\1x\xc0\x0f"
  "\xc0\x25\0\x2e\0\1\0\0\0\1\0\3abc"
  "\xc0\x25\0\1\0\1\0\0\2\0\0\4\xc0\0\2\1"
  "\1X\4TEST\0\0\1\0\1\0\0\0\6\0\4\xc0\0\2\2";
#define LEN (sizeof(message) - 1)

static void answers(void **state)
{
  struct he_addr list[2];
  char text[HE_ADDR_TEXT];
  uint32_t ttl = 0;
  (void)state;
  memset(list, 0xff, sizeof(list));
  assert_int_equal(he_dns_parse(message, LEN, "HE.test.", HE_IPV4, list, 2,
                                &ttl), 2);
  assert_int_equal(ttl, 5);   /* the alias's; the signature has no say */
  assert_int_equal(he_dns_parse(message, LEN, "x.test", HE_IPV4, list, 2,
                                &ttl), 2);
  assert_int_equal(ttl, 6);
  assert_string_equal(he_addr_text(&list[0], text), "192.0.2.1");
  assert_string_equal(he_addr_text(&list[1], text), "192.0.2.2");
  assert_int_equal(he_dns_parse(message, LEN, "he.test", HE_IPV4, list, 1,
                                &ttl), 2);
  assert_int_equal(he_dns_parse(message, LEN, "he.test", HE_IPV6, list, 2,
                                &ttl), 0);
  /* of somebody else */
  assert_int_equal(he_dns_parse(message, LEN, "h.test", HE_IPV4, list, 2,
                                &ttl), -1);
  for(size_t n = 0; n < LEN; n++) {
    unsigned char *part = malloc(n ? n : 1);   /* a sanitizer knows its end */
    assert_non_null(part);
    memcpy(part, message, n);
    assert_int_equal(he_dns_parse(part, n, "he.test", HE_IPV4, list, 2,
                                  &ttl), -1);
    free(part);
  }
}

/* Any bytes. Names that lead to themselves, lengths beyond the end. */
static void any_bytes(void **state)
{
  (void)state;
  for(unsigned i = rounds(100000); i; i--) {
    const size_t n = roll(4) ? LEN : roll(LEN + 1);
    unsigned char *m = malloc(n ? n : 1);
    struct he_addr list[2];
    uint32_t ttl;
    int found;
    assert_non_null(m);
    memcpy(m, message, n);
    for(unsigned k = 1 + roll(4); n && k; k--)
      m[roll((unsigned)n)] = (unsigned char)(roll(3) ? roll(256) :
                                             0xc0 * roll(2));
    found = he_dns_parse(m, n, "he.test", roll(8) ? HE_IPV4 : HE_IPV6, list,
                         2, &ttl);
    assert_in_range(found + 1, 0, 1 + n / 14);
    free(m);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines),
    cmocka_unit_test(names),
    cmocka_unit_test(hosts),
    cmocka_unit_test(many_hosts),
    cmocka_unit_test(files),
    cmocka_unit_test(answers),
    cmocka_unit_test(any_bytes)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
