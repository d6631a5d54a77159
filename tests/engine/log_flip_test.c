/* SPDX-License-Identifier: MIT */
/* log_flip_test.c - files that are damaged: each byte in turn, in other ways,
 * cut off. Whatever it is, what a reader gets are lines as they were, or
 * fewer: those that were touched are lost, no others. Writing goes on, or puts
 * the file aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "folder.h"
#include "log_common.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTS 6
#define NEW 100            /* the host that is written afterwards */

static unsigned char *whole;
static size_t size;
static size_t header;      /* its length, its end included */

static const char *path(void)
{
  return folder_path("history.log");
}

/* What a reader of the file as it is now finds. False: it is no history. */
static bool look(struct he_history **h)
{
  const uint64_t network = NETWORK;
  struct he_log *log = log_of(path());
  char why[HE_LOG_WHY];
  bool ok = he_log_read(log, why);
  *h = history_new();
  if(ok)
    he_log_take(log, &network, absorb_line, *h);
  assert_true(ok == !*why);
  he_log_free(log);
  return ok;
}

/* Nothing else than what was written may come out. */
static unsigned found(const struct he_history *h)
{
  unsigned n = count(h, 0, HOSTS);
  assert_int_equal(he_history_hosts(h), n);
  return n;
}

/* A writer takes it as it is, or puts it aside; then again, written anew. */
static void write_on(unsigned expected)
{
  struct he_log *log = log_of(path());
  struct he_bytes line = line_of(NEW);
  char why[HE_LOG_WHY];
  bool ok = he_log_add(log, line.at, line.len, why);
  if(!ok)
    print_error("%s\n", why);
  assert_true(ok);
  assert_int_equal(count_at(path(), 0, HOSTS), expected);
  assert_int_equal(count_at(path(), NEW, NEW + 1), 1);
  assert_true(he_log_forget(log, "nobody.example", why));
  assert_int_equal(count_at(path(), 0, HOSTS), expected);
  assert_int_equal(count_at(path(), NEW, NEW + 1), 1);
  free(line.at);
  he_log_free(log);
}

/* How many lines may be lost where the byte at `at` is another one: the end of
   a line joins two. The header is no host's line. */
static unsigned lost_at(size_t at)
{
  if(at < header - 1)
    return 0;
  return whole[at] == '\n' && at + 1 < size && at >= header ? 2 : 1;
}

static void flip(size_t at, unsigned char with, bool write)
{
  struct he_history *h;
  unsigned char *bytes = malloc(size);
  unsigned n, lost = lost_at(at);
  assert_non_null(bytes);
  memcpy(bytes, whole, size);
  bytes[at] ^= with;
  file_write(path(), bytes, size);
  assert_true(look(&h));
  n = found(h);
  if(n + lost < HOSTS || n > HOSTS)
    fail_msg("byte %zu, ^ %u: %u hosts", at, with, n);
  he_history_free(h);
  if(write)
    write_on(count_at(path(), 0, HOSTS));
  free(bytes);
}

static void each_byte(void **state)
{
  const unsigned step = rounds(100) < 100 ? 7 : 1;
  (void)state;
  for(size_t at = 0; at < size; at += step) {
    for(unsigned bit = 0; bit < 8; bit++)
      flip(at, (unsigned char)(1 << bit), false);
    flip(at, whole[at], false);                       /* a zero */
    flip(at, whole[at] ^ '\n', at % 3 == 0);
    flip(at, 0xff, at % 5 == 0);
  }
}

/* The version in the header is believed only with the header's sum. */
static void another_version(void **state)
{
  const char *digit = memchr(whole, '1', header);
  (void)state;
  assert_non_null(digit);
  flip((size_t)(digit - (const char *)whole), '1' ^ '2', true);
}

static void each_length(void **state)
{
  const unsigned step = rounds(100) < 100 ? 7 : 1;
  (void)state;
  for(size_t len = 0; len < size; len += step) {
    struct he_history *h;
    unsigned ends = 0, n;
    for(size_t i = header; i < len; i++)
      ends += whole[i] == '\n';
    file_write(path(), whole, len);
    assert_true(look(&h) == (!len || len >= header));
    n = found(h);
    assert_int_equal(n, ends);
    he_history_free(h);
    if(!len || len >= header)
      /* a last line that lacks its end alone is whole again with the next */
      write_on(n + (len > header && len + 1 < size + 1 && whole[len] == '\n'));
  }
}

/* Many places, zeros and blocks that moved, as after a loss of power. */
static void at_random(void **state)
{
  (void)state;
  for(unsigned i = 0; i < rounds(2000); i++) {
    struct he_history *h;
    unsigned char *bytes = malloc(size + 512);
    size_t len = size;
    assert_non_null(bytes);
    memcpy(bytes, whole, size);
    for(unsigned n = 1 + roll(5); n; n--) {
      size_t from = roll((unsigned)len), to = roll((unsigned)len);
      size_t of = roll(300);
      if(from + of > len || to + of > len)
        continue;
      switch(roll(4)) {
      case 0:
        memset(bytes + to, 0, of);
        break;
      case 1:
        memmove(bytes + to, bytes + from, of);
        break;
      case 2:
        for(size_t k = 0; k < of; k++)
          bytes[to + k] = (unsigned char)roll(256);
        break;
      default:
        len = to + of;
        break;
      }
      if(!len)
        break;
    }
    file_write(path(), bytes, len);
    if(look(&h))
      found(h);
    he_history_free(h);
    if(i % 4 == 0) {
      struct he_log *log = log_of(path());
      struct he_bytes line = line_of(NEW);
      char why[HE_LOG_WHY];
      assert_true(he_log_add(log, line.at, line.len, why));
      assert_int_equal(count_at(path(), NEW, NEW + 1), 1);
      free(line.at);
      he_log_free(log);
      unlink(path());
    }
    free(bytes);
  }
}

static int set_up(void **state)
{
  struct he_log *log;
  (void)state;
  test_seed();
  folder_new();
  log = log_of(path());
  add_well(log, 0, HOSTS);
  he_log_free(log);
  whole = file_read(path(), &size);
  header = (size_t)((unsigned char *)memchr(whole, '\n', size) - whole) + 1;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  free(whole);
  folder_free();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_byte),
    cmocka_unit_test(another_version),
    cmocka_unit_test(each_length),
    cmocka_unit_test(at_random)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
