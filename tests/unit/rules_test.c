/* SPDX-License-Identifier: MIT */
/* rules_test.c - patterns, lines, and which rule a host gets, against tables
 * and a slow and obvious model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../engine/common.h"
#include "options/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* -- memory that runs out -- */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int allocations_left = -1;    /* -1: no limit */

static bool may_allocate(void)
{
  if(allocations_left > 0)
    allocations_left--;
  return allocations_left != 0;
}

void *__wrap_malloc(size_t size)
{
  return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
  return may_allocate() ? __real_realloc(old, size) : NULL;
}

/* -- patterns -- */

#define TEN "abcdefghi."
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LABELS_250 HUNDRED HUNDRED TEN TEN TEN TEN TEN

static const struct {
  const char *given;
  const char *want;     /* or NULL */
  const char *why;      /* "at: text" */
} patterns[] = {
  { "example.com", "example.com", NULL },
  { "EXAMPLE.Com.", "example.com", NULL },
  { "*.Example.com.", "*.example.com", NULL },
  { "*", "*", NULL },
  { "a", "a", NULL },
  { "_dns.a-b", "_dns.a-b", NULL },
  { "192.0.2.1", "192.0.2.1", NULL },
  { "xn--bcher-kva.example", "xn--bcher-kva.example", NULL },
  { "b\xc3\xbc" "cher.example", "b\xc3\xbc" "cher.example", NULL },
  { "\xf0\x9f\x92\xa9.example", "\xf0\x9f\x92\xa9.example", NULL },
  { LABELS_250 "abc", LABELS_250 "abc", NULL },
  { LABELS_250 "abc.", LABELS_250 "abc", NULL },
  { LABELS_250 "abcd", NULL, "0: longer than a host's name can be" },
  { "", NULL, "0: a host's name is missing" },
  { "*.", NULL, "2: a host's name is missing" },
  { ".", NULL, "0: nothing between two dots, or before the first" },
  { "..", NULL, "0: nothing between two dots, or before the first" },
  { "*..a", NULL, "2: nothing between two dots, or before the first" },
  { "a..b", NULL, "2: nothing between two dots, or before the first" },
  { "a..", NULL, "2: two dots at the end" },
  { "**", NULL, "0: a * stands alone, or in front as in *.example.com" },
  { "*a.b", NULL, "0: a * stands alone, or in front as in *.example.com" },
  { "a.*.b", NULL, "2: a * stands alone, or in front as in *.example.com" },
  { "*.*.b", NULL, "2: a * stands alone, or in front as in *.example.com" },
  { "a b", NULL, "1: no character of a host's name" },
  { "a:80", NULL, "1: no character of a host's name" },
  { "[::1]", NULL, "0: no character of a host's name" },
  { "a/b", NULL, "1: no character of a host's name" },
  { "a\n", NULL, "1: no character of a host's name" },
  { "ab\xff", NULL, "2: not UTF-8" },
  { "a\xc0\x80", NULL, "1: not UTF-8" },
  { "a\xed\xa0\x80", NULL, "1: not UTF-8" },
  { "a\xf4\x90\x80\x80", NULL, "1: not UTF-8" },
  { "\xc3\xbc\xc3", NULL, "2: not UTF-8" },
};

static void test_patterns(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(patterns); i++) {
    char got[HE_PATTERN_SIZE] = "", said[128];
    const char *why;
    size_t at;
    bool ok = he_pattern_read(patterns[i].given, strlen(patterns[i].given),
                              got, &at, &why);
    snprintf(said, sizeof(said), "%zu: %s", at, why ? why : "");
    if(patterns[i].want) {
      assert_true(ok);
      assert_null(why);
      assert_string_equal(got, patterns[i].want);
    }
    else {
      assert_false(ok);
      assert_string_equal(said, patterns[i].why);
    }
  }
  assert_int_equal(he_utf8_span("a\xe2\x82\xac\xe2\x82", 6), 4);
  assert_int_equal(he_utf8_span("\xed\x9f\xbf\xee\x80\x80", 6), 6);
  assert_int_equal(he_utf8_span("\xe0\x9f\xbf", 3), 0);
}

/* -- lines -- */

#define N(o, v) { HE_OPT_##o, v }
#define MORE_THAN_FITS 8

static const struct {
  const char *text;
  const char *pattern;     /* NULL: wrong, or empty */
  struct {
    enum he_option which;
    long value;
  } want[MORE_THAN_FITS];  /* up to one of 0 for the first option */
  const char *fault;       /* "column: text" */
} lines[] = {
  { .text = "" },
  { .text = " \t\r" },
  { .text = "# a comment, with \xc3\xbc" },
  { .text = "  #" },
  { "a delay=80", "a", { N(DELAY_MS, 80) }, NULL },
  { "* attempt-delay=80ms", "*", { N(DELAY_MS, 80) }, NULL },
  { "* attempt_delay_ms=80", "*", { N(DELAY_MS, 80) }, NULL },
  { "* delay-ms=2s", "*", { N(DELAY_MS, 2000) }, NULL },
  { "*.Example.COM.\tdelay_min=50   delay-max_ms=500ms#x", "*.example.com",
    { N(DELAY_MIN_MS, 50), N(DELAY_MAX_MS, 500) }, NULL },
  { "a preference=ipv4 families=ipv6 history=off profile=loopback\r", "a",
    { N(PREFERENCE, 2), N(FAMILIES, 2), N(HISTORY, 0), N(PROFILE, 4) },
    NULL },
  { "a preference=ipv6 families=ipv4 history=on profile=rfc8305", "a",
    { N(PREFERENCE, 1), N(FAMILIES, 1), N(HISTORY, 1), N(PROFILE, 1) },
    NULL },
  { "a connecttimeout=10s attempt-timeout=0 max-attempts=64 leeway=0", "a",
    { N(CONNECTTIMEOUT_MS, 10000), N(ATTEMPT_TIMEOUT_MS, 0),
      N(MAX_ATTEMPTS, 64), N(LEEWAY_MS, 0) }, NULL },
  { "* history-verdict=10 history_times_s=2592000s history-size=1", "*",
    { N(HISTORY_VERDICT_S, 10), N(HISTORY_TIMES_S, 2592000),
      N(HISTORY_SIZE, 1) }, NULL },
  { "a resolution-delay=0 first-family-count=8", "a",
    { N(RESOLUTION_DELAY_MS, 0), N(FIRST_FAMILY_COUNT, 8) }, NULL },
  { "a resolver=system delay=80", "a", { N(DELAY_MS, 80), N(RESOLVER, 0) },
    NULL },
#ifdef HE_CARES
  { "a resolver=dns://192.0.2.1 delay=80", "a",
    { N(DELAY_MS, 80), N(RESOLVER, 1) }, NULL },
  { "*.b resolver=dns://192.0.2.1:53#x", "*.b", { N(RESOLVER, 1) }, NULL },
  { "*.b resolver=\"dns://192.0.2.1:53\" delay=80", "*.b",
    { N(DELAY_MS, 80), N(RESOLVER, 1) }, NULL },
  { "*.b resolver=\"  dns://192.0.2.1  dns://192.0.2.2 \"#x", "*.b",
    { N(RESOLVER, 2) }, NULL },
  { "*.b resolver=dns://[2001:db8::1]:5353,192.0.2.1", "*.b",
    { N(RESOLVER, 3) }, NULL },
#endif

  { .text = "a", .fault = "2: a host without key=value" },
  { .text = "a # delay=80", .fault = "3: a host without key=value" },
  { .text = "delay=80", .fault = "6: delay=80: no character of a host's "
    "name" },
  { .text = "  a..b delay=80", .fault = "5: a..b: nothing between two dots, "
    "or before the first" },
  { .text = "a 80", .fault = "3: 80: wants to be key=value" },
  { .text = "a delay = 80", .fault = "3: delay: wants to be key=value" },
  { .text = "a delay= 80", .fault = "3: delay=: wants 10 to 2000 ms, or 0" },
  { .text = "a =80", .fault = "3: a key is missing" },
  { .text = "a delays=80", .fault = "3: delays: no such option" },
  { .text = "a Delay=80", .fault = "3: Delay: no such option" },
  { .text = "a delay-s=80", .fault = "3: delay-s: no such option" },
  { .text = "a preference-ms=ipv4", .fault = "3: preference-ms: no such "
    "option" },
  { .text = "a -ms=80", .fault = "3: -ms: no such option" },
  { .text = "a delay=80 delay=90", .fault = "12: delay: said twice" },
  { .text = "a delay=80 attempt-delay=80", .fault = "12: attempt-delay: said "
    "twice" },
  { .text = "a delay=5", .fault = "9: 5: wants 10 to 2000 ms, or 0" },
  { .text = "a max-attempts=1 delay=3s", .fault = "24: 3s: wants 10 to 2000 "
    "ms, or 0" },
  { .text = "a delay=-1", .fault = "9: -1: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=+80", .fault = "9: +80: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=0x50", .fault = "9: 0x50: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=80us", .fault = "9: 80us: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=ms", .fault = "9: ms: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=80=80", .fault = "9: 80=80: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=18446744073709551696", .fault = "9: "
    "18446744073709551696: wants 10 to 2000 ms, or 0" },
  { .text = "a delay=999999999s", .fault = "9: 999999999s: wants 10 to 2000 "
    "ms, or 0" },
  { .text = "a max-attempts=6ms", .fault = "16: 6ms: wants 1 to 64" },
  { .text = "* history-times=90ms", .fault = "17: 90ms: wants 60 to 2592000 "
    "s" },
  { .text = "a preference=IPv4", .fault = "14: IPv4: wants one of: system "
    "ipv6 ipv4" },
  { .text = "a preference=2", .fault = "14: 2: wants one of: system ipv6 "
    "ipv4" },
  { .text = "a history=", .fault = "3: history=: wants one of: off on" },
  { .text = "a history-size=9", .fault = "3: history-size: only for every "
    "host (*)" },
  { .text = "*.a delay=80 history-times=99", .fault = "14: history-times: "
    "only for every host (*)" },
  { .text = "* history-file=h.log", .fault = "16: h.log: wants an absolute "
    "path, or one of: off default" },
  { .text = "* trace-file=~/t", .fault = "14: ~/t: wants an absolute path, or "
    "one of: off -" },
  { .text = "* history-file=-", .fault = "16: -: wants an absolute path, or "
    "one of: off default" },
  { .text = "* trace-file=default", .fault = "14: default: wants an absolute "
    "path, or one of: off -" },
  { .text = "* history-file=:default:", .fault = "16: :default:: wants an "
    "absolute path, or one of: off default" },
  { .text = "* history-file=", .fault = "3: history-file=: wants an absolute "
    "path, or one of: off default" },
  { .text = "* history-file= /h", .fault = "3: history-file=: wants an "
    "absolute path, or one of: off default" },
  { .text = "* history-file=/a b", .fault = "19: b: wants to be key=value" },
  { .text = "* trace-file=/a trace_file=/b", .fault = "17: trace_file: said "
    "twice" },
  { .text = "a.test history-file=/h", .fault = "8: history-file: only for "
    "every host (*)" },
  { .text = "*.test trace-file=off", .fault = "8: trace-file: only for every "
    "host (*)" },
  { .text = "* trace-files=/t", .fault = "3: trace-files: no such option" },
  { .text = "* tracefunction=/t", .fault = "3: tracefunction: no such "
    "option" },
  { .text = "a resolver=", .fault = "12: wants system, dns://, tls://, "
    "https:// or fixed:" },
  { .text = "a resolver=systems", .fault = "12: systems: wants system, dns://, "
    "tls://, https:// or fixed:" },
  { .text = "a resolver=off", .fault = "12: off: wants system, dns://, tls://, "
    "https:// or fixed:" },
#ifdef HE_CARES
  { .text = "* resolver=dns://192.0.2.1,192.0.2.256", .fault = "28: "
    "192.0.2.256: no IP address" },
  { .text = "* delay=80 resolver=dns://192.0.2.1:0", .fault = "37: 0: a port "
    "is 1 to 65535" },
  { .text = "* resolver=dns://192.0.2.1 resolver=system", .fault = "28: "
    "resolver: said twice" },
#else
  { .text = "* resolver=dns://192.0.2.1", .fault = "12: dns://192.0.2.1: this "
    "curl-he was built without c-ares, which dns:// takes" },
#endif
  { .text = "a \x1b[31m=1", .fault = "3: \\x1b: a control character" },
  { .text = "a delay=80 # \x7f", .fault = "14: \\x7f: a control "
    "character" },
  { .text = "a \xe2\x80\xae=1", .fault = "3: \\xe2\\x80\\xae: no such "
    "option" },
  { .text = "a delay=80 # \xff", .fault = "14: \\xff: not UTF-8" },
  { .text = "a 123456789012345678901234567890123456789012345678901=1",
    .fault = "3: 1234567890123456789012345678901234567...: no such option" },
};

static void check_options(const struct he_options *got, size_t i)
{
  struct he_options want;
  he_options_clear(&want);
  for(size_t k = 0; k < MORE_THAN_FITS; k++) {
    if(k && !lines[i].want[k].which && !lines[i].want[k].value)
      break;
    want.value[lines[i].want[k].which] = lines[i].want[k].value;
  }
  assert_memory_equal(got, &want, sizeof(want));
}

static void test_lines(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(lines); i++) {
    struct he_line line;
    struct he_fault fault = { 0, "" };
    char said[256];
    enum he_line_kind kind = he_line_read(lines[i].text,
                                          strlen(lines[i].text), &line,
                                          &fault);
    snprintf(said, sizeof(said), "%zu: %s", fault.column, fault.text);
    if(lines[i].fault) {
      assert_string_equal(said, lines[i].fault);
      assert_int_equal(kind, HE_LINE_WRONG);
    }
    else if(!lines[i].pattern)
      assert_int_equal(kind, HE_LINE_EMPTY);
    else {
      assert_int_equal(kind, HE_LINE_RULE);
      assert_string_equal(line.pattern, lines[i].pattern);
      check_options(&line.options, i);
    }
  }
}

static const struct {
  const char *text;
  const char *pattern;        /* of what is refused; NULL: nothing is */
} refusals[] = {
  { "a.test resolver=dns://x", "a.test" },
  { "*.a.test resolver=systems delay=80", "*.a.test" },
  { "a.test delay=xx resolver=fixed:192.0.2.1", "a.test" },
  { "a.test resolver=fixed:192.0.2.1 delay=xx", "a.test" },
  { "a.test resolver fixed:192.0.2.1", "a.test" },
  { "a.test resolvr=tls://192.0.2.1", "a.test" },
  { "a..b resolver=fixed:192.0.2.1", "*" },
  { "tls://192.0.2.1", "*" },
  { "a.test resolver=fixed:x \x01", "a.test" },
  { "* resolver=", "*" },
  { "resolver.test delay=xx", NULL },
  { "a.test delay=xx # resolver=dns://x", NULL },
  { "a.test", NULL },
};

/* Who is wrong about a resolver does not get the system's. */
static void test_fails_closed(void **state)
{
  (void)state;
  for(size_t i = 0; i < COUNT(refusals); i++) {
    struct he_line line;
    struct he_fault fault;
    assert_int_equal(he_line_read(refusals[i].text, strlen(refusals[i].text),
                                  &line, &fault), HE_LINE_WRONG);
    assert_int_equal(line.refuses, refusals[i].pattern != NULL);
    if(line.refuses)
      assert_string_equal(line.pattern, refusals[i].pattern);
  }
}

static const struct {
  const char *text;
  const char *file[HE_FILES]; /* NULL: unsaid */
} filed[] = {
  { "* history-file=/var/h.log", { "/var/h.log", NULL } },
  { "* history_file=default", { "default", NULL } },
  { "* history-file=off trace-file=-", { "off", "-" } },
  { "*  trace-file=/t/a=b;c\xc3\xbc#x history-file=/h", { NULL,
    "/t/a=b;c\xc3\xbc" } },
  { "* trace_file=/\r", { NULL, "/" } },
  { "* delay=80", { NULL, NULL } },
};

static void expect_file(const struct he_line_file *got, const char *want)
{
  if(!want) {
    assert_null(got->at);
    return;
  }
  assert_int_equal(got->len, strlen(want));
  assert_memory_equal(got->at, want, got->len);
  assert_true(he_line_file_is(got, want));
  assert_false(he_line_file_is(got, "of"));
}

static void test_files(void **state)
{
  struct he_rules r;
  struct he_line line;
  struct he_fault fault;
  (void)state;
  for(size_t i = 0; i < COUNT(filed); i++) {
    assert_int_equal(he_line_read(filed[i].text, strlen(filed[i].text), &line,
                                  &fault), HE_LINE_RULE);
    for(int k = 0; k < HE_FILES; k++)
      expect_file(&line.file[k], filed[i].file[k]);
  }
  he_rules_init(&r);
  assert_null(he_rules_file(&r, HE_OPT_TRACE_FILE));
  assert_null(he_rules_exchange_file(&r, HE_OPT_TRACE_FILE, strdup("/t")));
  assert_null(he_rules_file(&r, HE_OPT_HISTORY_FILE));
  assert_null(he_rules_file(&r, HE_OPT_DELAY_MS));
  assert_null(he_rules_file(&r, HE_OPT_TRACEDATA));
  assert_string_equal(he_rules_file(&r, HE_OPT_TRACE_FILE), "/t");
  assert_null(he_rules_exchange_file(&r, HE_OPT_HISTORY_FILE, strdup("")));
  assert_string_equal(he_rules_file(&r, HE_OPT_HISTORY_FILE), "");
  free(he_rules_exchange_file(&r, HE_OPT_TRACE_FILE, NULL));
  assert_null(he_rules_file(&r, HE_OPT_TRACE_FILE));
  he_rules_free(&r);
}

static const struct {
  const char *text;
  const char *program;        /* NULL: it is wrong */
  const char *says;           /* off, on, or what is wrong */
} named[] = {
  { "program git off", "git", "off" },
  { "  program\tgit-remote-http   on  # why", "git-remote-http", "on" },
  { "program * off", "*", "off" },
  { "program program on", "program", "on" },
  { "program git", NULL, "12: a program wants one of: off on" },
  { "program git # off", NULL, "13: a program wants one of: off on" },
  { "program git OFF", NULL, "13: OFF: a program wants one of: off on" },
  { "program git off delay=9", NULL,
    "17: delay=9: nothing more is wanted" },
  { "program /bin/git off", NULL,
    "9: /bin/git: wants the name of a program's file" }
};

static void test_programs(void **state)
{
  char text[HE_PROGRAM_SIZE + 32];
  struct he_line line;
  struct he_fault fault;
  (void)state;
  for(size_t i = 0; i < COUNT(named); i++) {
    enum he_line_kind kind = he_line_read(named[i].text,
                                          strlen(named[i].text), &line,
                                          &fault);
    char said[256];
    snprintf(said, sizeof(said), "%zu: %s", fault.column, fault.text);
    if(!named[i].program) {
      assert_int_equal(kind, HE_LINE_WRONG);
      assert_string_equal(said, named[i].says);
      continue;
    }
    assert_int_equal(kind, HE_LINE_PROGRAM);
    assert_string_equal(line.program, named[i].program);
    assert_string_equal(line.off ? "off" : "on", named[i].says);
  }
  for(size_t n = HE_PROGRAM_SIZE - 1; n <= HE_PROGRAM_SIZE; n++) {
    snprintf(text, sizeof(text), "program %0*d off", (int)n, 0);
    assert_int_equal(he_line_read(text, strlen(text), &line, &fault),
                     n < HE_PROGRAM_SIZE ? HE_LINE_PROGRAM : HE_LINE_WRONG);
  }
}

static void test_long_and_nul(void **state)
{
  static char text[HE_LINE_MAX + 1];
  struct he_line line;
  struct he_fault fault;
  (void)state;
  memset(text, ' ', sizeof(text));
  assert_int_equal(he_line_read(text, HE_LINE_MAX, &line, &fault),
                   HE_LINE_EMPTY);
  assert_int_equal(he_line_read(text, HE_LINE_MAX + 1, &line, &fault),
                   HE_LINE_WRONG);
  assert_int_equal(fault.column, HE_LINE_MAX + 1);
  text[7] = 0;
  assert_int_equal(he_line_read(text, 10, &line, &fault), HE_LINE_WRONG);
  assert_int_equal(fault.column, 8);
  assert_string_equal(fault.text, "\\x00: a control character");
}

/* -- any bytes -- */

static const char *const pieces[] = {
  "*", "*.", "example.com", "a", "\xc3\xbc", " ", "\t", "#", "=", "delay",
  "delay=80", "delay-min=50", "history-size=9", "profile=telegram",
  "preference=ipv4", "ms", "s", "0", "99999999999999999999", "-", "_", ".",
  "\r", "leeway_ms=0", "connecttimeout=10s", "families=any", "program ",
  "program a off", " off", " on", "* history-file=", "trace_file=/", "default",
  "/"
};

/* In memory of its own size, so that a sanitizer sees a step beyond. */
static char *some_line(size_t *len)
{
  char text[512];
  char *exact;
  *len = 0;
  for(unsigned n = roll(14); n; n--) {
    const char *p = pieces[roll(COUNT(pieces))];
    if(!roll(6))
      text[(*len)++] = (char)roll(256);
    else {
      memcpy(text + *len, p, strlen(p));
      *len += strlen(p);
    }
    if(!roll(2))
      text[(*len)++] = ' ';
  }
  exact = malloc(*len ? *len : 1);
  assert_non_null(exact);
  memcpy(exact, text, *len);
  return exact;
}

/* A file is a path or a word, without what parts words, and of every host. */
static bool check_file(const struct he_line *line, int place)
{
  const struct he_line_file *f = &line->file[place];
  if(!f->at)
    return false;
  assert_true(f->len && f->len <= HE_LINE_MAX);
  assert_string_equal(line->pattern, "*");
  for(size_t i = 0; i < f->len; i++)
    assert_false(f->at[i] == '#' || (f->at[i] >= 0 && f->at[i] <= ' '));
  assert_true(*f->at == '/' || he_line_file_is(f, "off") ||
              he_line_file_is(f, place ? "-" : "default"));
  return true;
}

/* What was read is as it is after being written and read once more. */
static void check_again(const struct he_line *line)
{
  struct he_line again;
  struct he_fault fault;
  char text[HE_PATTERN_SIZE + 32], pattern[HE_PATTERN_SIZE];
  const char *why;
  size_t at;
  bool any = false;
  assert_true(he_pattern_read(line->pattern, strlen(line->pattern), pattern,
                              &at, &why));
  assert_string_equal(pattern, line->pattern);
  snprintf(text, sizeof(text), "%s delay=10", line->pattern);
  assert_int_equal(he_line_read(text, strlen(text), &again, &fault),
                   HE_LINE_RULE);
  for(int i = 0; i < HE_OPTIONS; i++) {
    struct he_options o;
    he_options_clear(&o);
    assert_true(he_options_set(&o, (enum he_option)i,
                               line->options.value[i]));
    any = any || line->options.value[i] != HE_UNSET;
  }
  for(int i = 0; i < HE_FILES; i++)
    any = check_file(line, i) || any;
  assert_true(any);
}

static void check_program(const struct he_line *line)
{
  struct he_line again;
  struct he_fault fault;
  char text[HE_PROGRAM_SIZE + 32];
  assert_true(*line->program);
  assert_null(strchr(line->program, '/'));
  snprintf(text, sizeof(text), "program %s %s", line->program,
           line->off ? "off" : "on");
  assert_int_equal(he_line_read(text, strlen(text), &again, &fault),
                   HE_LINE_PROGRAM);
  assert_string_equal(again.program, line->program);
  assert_int_equal(again.off, line->off);
}

static void test_any_bytes(void **state)
{
  unsigned rules = 0, faults = 0, programs = 0;
  (void)state;
  for(unsigned n = rounds(200000); n; n--) {
    struct he_line line;
    struct he_fault fault = { 0, "" };
    size_t len;
    char *text = some_line(&len);
    switch(he_line_read(text, len, &line, &fault)) {
    case HE_LINE_RULE:
      rules++;
      check_again(&line);
      break;
    case HE_LINE_PROGRAM:
      programs++;
      check_program(&line);
      break;
    case HE_LINE_WRONG:
      faults++;
      assert_in_range(fault.column, 1, len + 1);
      assert_true(*fault.text);
      for(const char *c = fault.text; *c; c++)
        assert_in_range(*c, ' ', '~');
      break;
    case HE_LINE_EMPTY:
      break;
    }
    free(text);
  }
  assert_true(rules > 100);
  assert_true(programs > 0);
  assert_true(faults > 100);
}

/* -- which rule a host gets -- */

static const struct {
  const char *host;
  long delay;       /* 0: no rule says one */
  long attempts;
} hosts[] = {
  { "example.com", 100, 9 }, { "EXAMPLE.COM.", 100, 9 },
  { "a.example.com", 0, 7 }, { "b.a.example.com", 0, 7 },
  { "deep.example.com", 200, 7 }, { "x.deep.example.com", 300, 7 },
  { "y.x.deep.example.com", 300, 7 }, { "example.org", 0, 9 },
  { "xexample.com", 0, 9 }, { "com", 0, 9 }, { "", 0, 9 }, { ".", 0, 9 },
  { ".example.com", 0, 7 }, { "a..example.com", 0, 7 },
  { "*.example.com", 0, 7 }, { "[::1]", 0, 9 }, { NULL, 0, 9 },
  { LABELS_250 "abcdefghij.example.com", 0, 9 },   /* no name is so long */
};

static void set(struct he_rules *r, const char *pattern, enum he_option which,
                long value)
{
  assert_int_equal(he_rules_set(r, pattern, which, value), HE_RULES_OK);
}

static void test_hosts(void **state)
{
  struct he_rules r;
  (void)state;
  he_rules_init(&r);
  set(&r, "example.com", HE_OPT_DELAY_MS, 100);
  set(&r, "deep.example.com", HE_OPT_DELAY_MS, 200);
  set(&r, "*.deep.example.com", HE_OPT_DELAY_MS, 300);
  set(&r, "*.example.com", HE_OPT_MAX_ATTEMPTS, 7);
  set(&r, "*", HE_OPT_MAX_ATTEMPTS, 9);
  for(size_t i = 0; i < COUNT(hosts); i++) {
    struct he_options o;
    he_options_clear(&o);
    he_rules_fill(&r, hosts[i].host, &o);
    assert_int_equal(he_options_get(&o, NULL, HE_OPT_DELAY_MS),
                     hosts[i].delay);
    assert_int_equal(he_options_get(&o, NULL, HE_OPT_MAX_ATTEMPTS),
                     hosts[i].attempts);
    /* what is said already stays */
    assert_true(he_options_set(&o, HE_OPT_DELAY_MS, 999));
    he_rules_fill(&r, hosts[i].host, &o);
    assert_int_equal(he_options_get(&o, NULL, HE_OPT_DELAY_MS), 999);
  }
  he_rules_free(&r);
}

/* -- a model: all rules in a row, the best match by looking at each -- */

#define MODEL 24
struct model {
  char pattern[MODEL][16];
  struct he_options options[MODEL];
  size_t n;
};

static const char *const names[] = {
  "a", "b", "a.b", "b.a", "a.a", "a.b.a", "b.b.a", "a.a.b.a"
};

static int fits(const char *pattern, const char *host)
{
  size_t n = strlen(pattern), m = strlen(host);
  if(!strcmp(pattern, "*"))
    return 1;
  if(*pattern != '*')
    return strcasecmp(pattern, host) ? 0 : 1000;
  n--;
  return m > n && !strcasecmp(pattern + 1, host + m - n) ? (int)n + 1 : 0;
}

static long model_says(const struct model *m, const char *host,
                       enum he_option which)
{
  long value = HE_UNSET;
  int best = 0;
  for(size_t i = 0; i < m->n; i++) {
    long said = he_options_said(&m->options[i], which);
    int fit = fits(m->pattern[i], host);
    if(said != HE_UNSET && fit > best) {
      best = fit;
      value = said;
    }
  }
  return value;
}

static void model_set(struct model *m, const char *pattern,
                      enum he_option which, long value)
{
  size_t i = 0;
  while(i < m->n && strcmp(m->pattern[i], pattern))
    i++;
  if(i == m->n) {
    assert_true(i < MODEL);
    snprintf(m->pattern[i], sizeof(m->pattern[i]), "%s", pattern);
    he_options_clear(&m->options[i]);
    m->n++;
  }
  m->options[i].value[which] = value;
}

static void random_set(struct he_rules *r, struct model *m)
{
  static const enum he_option some[] = {
    HE_OPT_DELAY_MS, HE_OPT_MAX_ATTEMPTS, HE_OPT_PROFILE, HE_OPT_HISTORY
  };
  enum he_option which = some[roll(4)];
  long max = he_option_row(which)->max;
  long value = roll(3) ? max - (long)roll(max < 4 ? (unsigned)max + 1 : 4) :
               HE_UNSET;
  char pattern[16] = "*";
  if(roll(5))
    snprintf(pattern, sizeof(pattern), "%s%s", roll(2) ? "*." : "",
             names[roll(COUNT(names))]);
  set(r, pattern, which, value);
  model_set(m, pattern, which, value);
}

static void test_model(void **state)
{
  (void)state;
  for(unsigned n = rounds(3000); n; n--) {
    struct model m = { .n = 0 };
    struct he_rules r;
    he_rules_init(&r);
    for(unsigned k = roll(30); k; k--)
      random_set(&r, &m);
    for(size_t i = 0; i < COUNT(names); i++) {
      struct he_options o;
      he_options_clear(&o);
      he_rules_fill(&r, names[i], &o);
      for(int w = 0; w < HE_OPTIONS; w++) {
        if(w != HE_OPT_PROFILE)
          assert_int_equal(o.value[w],
                           model_says(&m, names[i], (enum he_option)w));
      }
    }
    he_rules_free(&r);
  }
}

/* -- the set itself -- */

static void test_refusals(void **state)
{
  struct he_rules r;
  struct he_options o;
  (void)state;
  he_rules_init(&r);
  assert_int_equal(he_rules_set(&r, "a", HE_OPT_DELAY_MS, 9),
                   HE_RULES_BAD_VALUE);
  assert_int_equal(he_rules_set(&r, "*", HE_OPT_DELAY_MS, 2001),
                   HE_RULES_BAD_VALUE);
  assert_int_equal(he_rules_set(&r, "a", HE_OPT_HISTORY_SIZE, 10),
                   HE_RULES_BAD_SCOPE);
  assert_int_equal(he_rules_set(&r, "a", HE_OPT_HISTORY_SIZE, HE_UNSET),
                   HE_RULES_BAD_SCOPE);
  assert_int_equal(r.n, 0);
  set(&r, "*", HE_OPT_HISTORY_SIZE, 10);
  he_options_clear(&o);
  o.value[HE_OPT_DELAY_MS] = 80;
  o.value[HE_OPT_HISTORY_SIZE] = 80;
  assert_int_equal(he_rules_add(&r, "a", &o), HE_RULES_BAD_SCOPE);
  assert_int_equal(r.n, 0);
  he_rules_free(&r);
}

static void test_taken_back(void **state)
{
  struct he_rules r;
  (void)state;
  he_rules_init(&r);
  set(&r, "a", HE_OPT_DELAY_MS, HE_UNSET);
  assert_int_equal(r.n, 0);
  set(&r, "a", HE_OPT_DELAY_MS, 80);
  set(&r, "a", HE_OPT_PREFERENCE, 1);
  set(&r, "b", HE_OPT_DELAY_MS, 80);
  assert_int_equal(r.n, 2);
  set(&r, "a", HE_OPT_DELAY_MS, HE_UNSET);
  assert_int_equal(r.n, 2);
  set(&r, "a", HE_OPT_PREFERENCE, HE_UNSET);
  assert_int_equal(r.n, 1);
  assert_string_equal(r.list[0]->pattern, "b");
  he_rules_free(&r);
}

static void test_full(void **state)
{
  struct he_rules r;
  char pattern[32];
  (void)state;
  he_rules_init(&r);
  for(int i = 0; i < HE_RULES_MAX; i++) {
    snprintf(pattern, sizeof(pattern), "h%d.example", i);
    set(&r, pattern, HE_OPT_DELAY_MS, 10 + i % 1000);
  }
  assert_int_equal(he_rules_set(&r, "one.more", HE_OPT_DELAY_MS, 80),
                   HE_RULES_FULL);
  assert_int_equal(r.n, HE_RULES_MAX);
  set(&r, "*", HE_OPT_DELAY_MS, 80);
  set(&r, "h7.example", HE_OPT_DELAY_MS, 81);
  set(&r, "h8.example", HE_OPT_DELAY_MS, HE_UNSET);
  set(&r, "one.more", HE_OPT_DELAY_MS, 80);
  for(size_t i = 1; i < r.n; i++)
    assert_true(strcmp(r.list[i - 1]->pattern, r.list[i]->pattern) < 0);
  he_rules_free(&r);
  assert_int_equal(r.n, 0);
}

/* Without memory there is neither a rule nor a half of one. */
static void test_memory(void **state)
{
  struct he_rules r;
  int failed = 0;
  (void)state;
  he_rules_init(&r);
  for(int i = 0; i < 40; i++) {
    char pattern[32];
    enum he_rules_result result = HE_RULES_NO_MEMORY;
    snprintf(pattern, sizeof(pattern), "h%d", i);
    for(int left = 0; result == HE_RULES_NO_MEMORY; left++) {
      size_t n = r.n;
      allocations_left = left + 1;   /* the last one that is left fails */
      result = he_rules_set(&r, pattern, HE_OPT_DELAY_MS, 80);
      allocations_left = -1;
      failed += result == HE_RULES_NO_MEMORY;
      assert_int_equal(r.n, n + (result == HE_RULES_OK));
      assert_true(left < 5);
    }
    assert_int_equal(result, HE_RULES_OK);
  }
  assert_true(failed >= 40);
  he_rules_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_patterns),
    cmocka_unit_test(test_lines),
    cmocka_unit_test(test_fails_closed),
    cmocka_unit_test(test_files),
    cmocka_unit_test(test_programs),
    cmocka_unit_test(test_long_and_nul),
    cmocka_unit_test(test_any_bytes),
    cmocka_unit_test(test_hosts),
    cmocka_unit_test(test_model),
    cmocka_unit_test(test_refusals),
    cmocka_unit_test(test_taken_back),
    cmocka_unit_test(test_full),
    cmocka_unit_test(test_memory)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
