/* SPDX-License-Identifier: MIT */
/* gai_parse_test.c - what gai.conf may say, line by line, and what it may not:
 * random and hostile bytes. HE_SEED repeats them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "resolve/gai.h"

/* A text of its own size, so that a sanitizer sees what is read beyond it. */
static struct he_gai_text parsed(const char *text, size_t n, bool lax)
{
  struct he_gai_text out = { .reload = false };
  char *copy = malloc(n + 1);
  assert_non_null(copy);
  memcpy(copy, text, n);
  copy[n] = 0;
  assert_true(he_gai_parse(copy, n, lax, &out));
  free(copy);
  return out;
}

/* Of 192.0.2.1, and of 2001:db8::1: "precedence label, ..., scope". */
#define BUILT_IN "10 4, 40 1, 14"

static void is_read_as(const char *text, bool lax, const char *want,
                       bool reload)
{
  struct he_gai_text t = parsed(text, strlen(text), lax);
  struct he_addr four = addr_of("192.0.2.1", 0);
  struct he_addr six = addr_of("2001:db8::1", 0);
  char got[64];
  snprintf(got, sizeof(got), "%d %d, %d %d, %d",
           he_policy_precedence(t.policy, &four),
           he_policy_label(t.policy, &four),
           he_policy_precedence(t.policy, &six),
           he_policy_label(t.policy, &six),
           he_policy_scope(t.policy, &four));
  if(strcmp(got, want) || t.reload != reload)
    fail_msg("\"%s\" is %s%s, not %s", text, got,
             t.reload ? " (reload)" : "", want);
  he_policy_unref(t.policy);
}

static void lines(void **state)
{
  static const struct {
    const char *text;
    const char *want;
    bool reload;
  } tries[] = {
    { "", BUILT_IN, false },
    { "# precedence ::ffff:0:0/96 100\n", BUILT_IN, false },
    { "precedence ::ffff:0:0/96 100\n", "100 4, 40 1, 14", false },
    { "precedence ::ffff:0:0/96 100", "100 4, 40 1, 14", false },
    { "\t precedence\v::ffff:0:0/96\f100 # x\r\n", "100 4, 40 1, 14", false },
    { "precedence ::ffff:0:0/96 100 and more", "100 4, 40 1, 14", false },
    { "precedence ::ffff:0:0/96 100#x", "100 4, 40 1, 14", false },
    { "precedence ::/0 7\nprecedence ::ffff:192.0.2.0/120 8",
      "8 4, 7 1, 14", false },
    { "precedence ::ffff:192.0.2.1 8", "8 4, 40 1, 14", false },
    { "precedence ::FFFF:0:0/96 100", "100 4, 40 1, 14", false },
    { "precedence ::ffff:0:0/96 1\nprecedence ::ffff:0:0/96 2",
      "1 4, 40 1, 14", false },
    { "label 2001:db8::/32 9", "10 1, 40 9, 14", false },
    { "label ::/0 3\nlabel 2001:db8::/33 9", "10 3, 40 9, 14", false },
    { "label 2001:db8:8000::/33 9", "10 1, 40 1, 14", false },
    { "label ::/0 2147483647", "10 2147483647, 40 2147483647, 14", false },
    { "label ::/0 2147483648", BUILT_IN, false },
    { "label ::/0 -1", BUILT_IN, false },
    { "label ::/0 18446744073709551617", BUILT_IN, false },
    { "label ::/0 +3", "10 3, 40 3, 14", false },
    { "label ::/129 3", BUILT_IN, false },
    { "label ::/0x0 3", BUILT_IN, false },
    { "label ::/0 3x", BUILT_IN, false },
    { "label ::/0/0 3", BUILT_IN, false },
    { "label 192.0.2.0/24 3", BUILT_IN, false },
    { "label fe80::%1/64 3", BUILT_IN, false },
    { "label", BUILT_IN, false },
    { "labels ::/0 3", BUILT_IN, false },
    { "LABEL ::/0 3", BUILT_IN, false },
    { "label::/0 3", BUILT_IN, false },
    { "scopev4 192.0.2.0/24 5", "10 4, 40 1, 5", false },
    { "scopev4 192.0.2.1 5", "10 4, 40 1, 5", false },
    { "scopev4 ::ffff:192.0.2.0/120 5", "10 4, 40 1, 5", false },
    { "scopev4 ::ffff:192.0.2.1 5", "10 4, 40 1, 5", false },
    { "scopev4 0.0.0.0/0 3", "10 4, 40 1, 3", false },
    { "scopev4 ::ffff:0:0/96 3", "10 4, 40 1, 3", false },
    { "scopev4 192.0.2.0/33 5", BUILT_IN, false },
    { "scopev4 ::ffff:192.0.2.0/95 5", BUILT_IN, false },
    { "scopev4 2001:db8::/120 5", BUILT_IN, false },
    { "scopev4 192.0.2/24 5", BUILT_IN, false },
    { "scopev4 10.0.0.0/8 5", BUILT_IN, false },
    { "reload yes", BUILT_IN, true },
    { "reload  yes # and so on", BUILT_IN, true },
    { "reload yes\nreload no", BUILT_IN, false },
    { "reload yes\nreload", BUILT_IN, false },
    { "reload Yes", BUILT_IN, false },
    { "reload yesterday", BUILT_IN, false },
    { "x\nreload yes\nlabel ::/0 3", "10 3, 40 3, 14", true }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
    is_read_as(tries[i].text, false, tries[i].want, tries[i].reload);
    is_read_as(tries[i].text, true, tries[i].want, tries[i].reload);
  }
}

/* A number without a digit: 0 before glibc 2.41. */
static void missing_numbers(void **state)
{
  (void)state;
  is_read_as("label ::/0", true, "10 0, 40 0, 14", false);
  is_read_as("label ::/0", false, BUILT_IN, false);
  is_read_as("label ::/ 3", true, "10 3, 40 3, 14", false);
  is_read_as("label ::/ 3", false, BUILT_IN, false);
  is_read_as("scopev4 0.0.0.0/ 3", true, "10 4, 40 1, 3", false);
  is_read_as("scopev4 0.0.0.0/ 3", false, BUILT_IN, false);
}

/* A zero ends a line, and no more. */
static void zeros(void **state)
{
  static const char text[] = "label ::/0 3\0 4\nprecedence ::/0 \0005\n"
                             "reload yes\0x\n\0label ::/0 6";
  struct he_gai_text t = parsed(text, sizeof(text) - 1, false);
  struct he_addr a = addr_of("::1", 0);
  (void)state;
  assert_int_equal(he_policy_label(t.policy, &a), 3);
  assert_int_equal(he_policy_precedence(t.policy, &a), 50);
  assert_true(t.reload);
  he_policy_unref(t.policy);
}

static size_t hostile(char *out, size_t room)
{
  static const char *const words[] = {
    "label", "precedence", "scopev4", "reload", "yes", "::/0", "::ffff:",
    "0:0/96", "192.0.2.1", "/", "%", "-", "+", "99999999999999999999", "#",
    "\n", " ", "\t", "\r", "::", "1", "0", "128", ":" };
  size_t n = 0;
  for(unsigned i = roll(60); i > 0; i--)
    if(roll(6)) {
      const char *w = words[roll(sizeof(words) / sizeof(words[0]))];
      const size_t len = strlen(w);
      if(n + len + 1 > room)
        break;
      memcpy(out + n, w, len);
      n += len;
      if(roll(2))
        out[n++] = ' ';
    }
    else if(n < room)
      out[n++] = (char)roll(256);
  return n;
}

/* Whatever is written there: each address has a value in each table, and the
   same text says the same twice. */
static void any_bytes(void **state)
{
  const unsigned n = rounds(50000);
  (void)state;
  for(unsigned i = 0; i < n; i++) {
    char text[1024];
    const size_t size = hostile(text, sizeof(text));
    const bool lax = roll(2);
    struct he_gai_text one = parsed(text, size, lax);
    struct he_gai_text two = parsed(text, size, lax);
    struct he_addr a = { .family = (uint8_t)roll(2) };
    for(unsigned k = 0; k < (a.family == HE_IPV4 ? 4 : 16); k++)
      a.ip[k] = (uint8_t)(roll(3) ? 0 : roll(256));
    assert_true(he_policy_label(one.policy, &a) >= 0);
    assert_true(he_policy_precedence(one.policy, &a) >= 0);
    assert_true(he_policy_scope(one.policy, &a) >= 0);
    assert_int_equal(he_policy_label(one.policy, &a),
                     he_policy_label(two.policy, &a));
    assert_int_equal(he_policy_precedence(one.policy, &a),
                     he_policy_precedence(two.policy, &a));
    assert_int_equal(one.reload, two.reload);
    he_policy_unref(one.policy);
    he_policy_unref(two.policy);
  }
}

/* -- files -- */

static char path[64];

static void write_file(const char *text, size_t n)
{
  FILE *f = fopen(path, "we");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static int label_of(const struct he_policy *p)
{
  const struct he_addr a = addr_of("2001:db8::1", 0);
  const int label = he_policy_label(p, &a);
  he_policy_unref(p);
  return label;
}

static int label_now(void)
{
  const struct he_policy *p = he_gai_policy();
  const struct he_policy *known = he_gai_known();
  assert_ptr_equal(p, known);
  he_policy_unref(known);
  return label_of(p);
}

/* No file, a folder, a pipe, one that never ends. */
static void odd_files(void **state)
{
  (void)state;
  assert_int_equal(label_now(), 1);
  he_gai_set_path("/dev/zero");
  assert_int_equal(label_now(), 1);
  he_gai_set_path("/");
  assert_int_equal(label_now(), 1);
  assert_int_equal(mkfifo(path, 0600), 0);
  he_gai_set_path(path);
  assert_int_equal(label_now(), 1);
  unlink(path);
}

/* Far larger than any real one. */
static void large_file(void **state)
{
  const size_t n = 1u << 20;
  char *text = malloc(n);
  (void)state;
  assert_non_null(text);
  memset(text, '\n', n);
  memcpy(text, "label ::/0 5", 12);
  write_file(text, n);
  free(text);
  he_gai_set_path(path);
  assert_int_equal(label_now(), 5);
  unlink(path);
}

/* Nobody is told of a file that nobody has read. */
static void known_before(void **state)
{
  const struct he_addr a = addr_of("2001:db8::1", 0);
  (void)state;
  write_file("label ::/0 5", 12);
  he_gai_set_path(path);
  assert_null(he_gai_known());
  assert_int_equal(label_now(), 5);
  write_file("label ::/0 6", 12);
  assert_int_equal(label_now(), 5);     /* no reload */
  {
    const struct he_policy *p = he_gai_known();
    he_gai_set_path(path);
    /* ours as long as we want */
    assert_int_equal(he_policy_label(p, &a), 5);
    he_policy_unref(p);
  }
  assert_int_equal(label_now(), 6);
  unlink(path);
}

static int until_failure = -1;     /* allocations that succeed; -1: all */

static bool may_allocate(void)
{
  const bool yes = until_failure;
  if(until_failure > 0)
    until_failure--;
  return yes;
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
  return may_allocate() ? __real_malloc(n) : NULL;
}

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
  return may_allocate() ? __real_realloc(p, n) : NULL;
}

/* Without memory nothing is concluded: the next call reads again. */
static void no_memory(void **state)
{
  int fails = 0;
  (void)state;
  write_file("label ::/0 5", 12);
  for(;; fails++) {
    int label;
    he_gai_set_path(path);
    until_failure = fails;
    label = label_now();
    until_failure = -1;
    if(label == 5)
      break;
    assert_int_equal(label, 1);
    assert_int_equal(label_now(), 5);
  }
  assert_in_range(fails, 2, 10);
  unlink(path);
}

static bool done;

static void *reader(void *arg)
{
  unsigned turn = 0;
  (void)arg;
  while(!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
    const int label = label_of(turn++ % 2 ? he_gai_known() : he_gai_policy());
    if(label != 1 && label != 5 && label != 6)
      return reader;
  }
  return NULL;
}

/* The file changes while all read it. The last change is seen by all. What is
   known may be what a slow reader has read before, until all have stopped. */
static void many_threads(void **state)
{
  pthread_t threads[4];
  char other[80];
  const unsigned n = rounds(300);
  (void)state;
  snprintf(other, sizeof(other), "%s.new", path);
  write_file("reload yes\nlabel ::/0 5", 23);
  he_gai_set_path(path);
  for(int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, reader, NULL), 0);
  for(unsigned i = 0; i < n; i++) {
    const struct timespec at = { .tv_sec = 1000000000 + i };
    FILE *f = fopen(other, "we");
    assert_non_null(f);
    fprintf(f, "reload yes\nlabel ::/0 %u\n", 5 + i % 2);
    fclose(f);
    assert_int_equal(utimensat(AT_FDCWD, other,
                               (struct timespec[2]){ at, at }, 0), 0);
    assert_int_equal(rename(other, path), 0);
    sleep_ms(1);
  }
  assert_int_equal(label_of(he_gai_policy()), 5 + (int)(n - 1) % 2);
  __atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
  for(int i = 0; i < 4; i++) {
    void *wrong;
    assert_int_equal(pthread_join(threads[i], &wrong), 0);
    assert_null(wrong);
  }
  assert_int_equal(label_now(), 5 + (int)(n - 1) % 2);
  unlink(path);
}

static int set_up(void **state)
{
  (void)state;
  snprintf(path, sizeof(path), "/tmp/he-gai-%ld", (long)getpid());
  he_gai_set_path(path);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines),
    cmocka_unit_test(missing_numbers),
    cmocka_unit_test(zeros),
    cmocka_unit_test(any_bytes),
    cmocka_unit_test_setup(odd_files, set_up),
    cmocka_unit_test_setup(large_file, set_up),
    cmocka_unit_test_setup(known_before, set_up),
    cmocka_unit_test_setup(no_memory, set_up),
    cmocka_unit_test_setup(many_threads, set_up)
  };
  test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
