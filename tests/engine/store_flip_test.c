/* SPDX-License-Identifier: MIT */
/* store_flip_test.c - files that are damaged: each byte in turn, in other
 * ways, cut off. Whatever it is, opening gives a store that works; it has
 * the records as they were, fewer, or none; nothing crashes or hangs, for
 * which each part is done by a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "store_common.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORDS 40
#define LONGEST 3000       /* some need overflow pages */
#define SHORTEST 60
#define NEW 1000           /* the record that is written afterwards */
#define A_LONG_TIME 120    /* seconds, for a part */

/* The file as it was: a small one, or a large one. */
static unsigned char *whole, *small, *large;
static size_t size, small_size, large_size;

/* What the part at work is at, and how often a file was put aside. */
static struct shared {
  size_t at;
  char what[128];
  unsigned tried, aside, lost;
} *now;

/* Two transactions: a leaf of records, and a free list. */
static void make_small(const char *path)
{
  struct he_store *s = open_well(path);
  struct he_store_record r[4];
  for(unsigned i = 0; i < 4; i++)
    r[i] = record(i, SHORTEST);
  assert_int_equal(he_store_put(s, r, 4, NULL, NULL), HE_STORE_OK);
  he_store_close(s);
  small = file_read(path, &small_size);
}

/* All that there can be: branches, leaves, overflow pages, a longer free
   list. */
static void make_large(const char *path)
{
  struct he_store *s = open_well(path);
  for(unsigned i = 0; i < RECORDS; i += 8) {
    struct he_store_record r[8];
    for(unsigned j = 0; j < 8; j++)
      r[j] = record(i + j, LONGEST);
    assert_int_equal(he_store_put(s, r, 8, NULL, NULL), HE_STORE_OK);
  }
  for(unsigned i = 0; i < RECORDS; i += 5) {
    struct he_store_record r = record(i, LONGEST);
    assert_int_equal(he_store_forget(s, r.key, r.key_len), HE_STORE_OK);
  }
  he_store_close(s);
  large = file_read(path, &large_size);
}

static unsigned longest;   /* of the records of the file at hand */
static unsigned records;   /* in it */

static void take_small(void)
{
  whole = small;
  size = small_size;
  longest = SHORTEST;
  records = 4;
}

static void take_large(void)
{
  whole = large;
  size = large_size;
  longest = LONGEST;
  records = RECORDS * 4 / 5;
}

static void write_at(const char *path, size_t at, const void *bytes,
                     size_t len)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if(fd < 0 || pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len)
    abort();
  close(fd);
}

/* -- what must hold, in a process that may end by abort() -- */

#define MUST(x) must(x, #x)
static void must(bool holds, const char *what)
{
  if(holds)
    return;
  snprintf(now->what, sizeof(now->what), "%s", what);
  _exit(1);
}

struct seen {
  unsigned count;
  bool good;
};

static bool look(void *ctx, const struct he_store_record *r)
{
  struct seen *seen = ctx;
  seen->count++;
  seen->good = seen->good && is_record(r, longest);
  return true;
}

static struct he_store *must_open(const char *path, char *why, size_t len)
{
  struct he_store *s = he_store_open(path, &usual_limits, why, len);
  if(!s)
    must(false, why);
  return s;
}

static void get_all(struct he_store *s)
{
  unsigned char value[HE_STORE_VALUE_MAX];
  for(unsigned i = 0; i < (longest == SHORTEST ? 4 : RECORDS); i++) {
    struct he_store_record want = record(i, longest);
    struct he_store_record got = want;
    size_t len = sizeof(value);
    enum he_store_code code = he_store_get(s, want.key, want.key_len, value,
                                           &len, &got.stamp);
    MUST(code == HE_STORE_OK || code == HE_STORE_NONE);
    got.value = value;
    got.value_len = len;
    MUST(code == HE_STORE_NONE || is_record(&got, longest));
  }
}

static void put_and_get(struct he_store *s)
{
  unsigned char value[HE_STORE_VALUE_MAX];
  struct he_store_record r = record(NEW, longest);
  size_t len = sizeof(value);
  MUST(he_store_put(s, &r, 1, NULL, NULL) == HE_STORE_OK);
  MUST(he_store_get(s, r.key, r.key_len, value, &len, NULL) == HE_STORE_OK);
  MUST(len == r.value_len && !memcmp(value, r.value, len));
}

/* The file at `path` is damaged. */
static void use(const char *path)
{
  char why[256];
  struct seen seen = { 0, true };
  struct he_store *s = must_open(path, why, sizeof(why));
  now->tried++;
  now->aside += *why != 0;
  MUST(he_store_foreach(s, look, &seen) == HE_STORE_OK);
  MUST(seen.good);
  MUST(!*why || !seen.count);
  now->lost += !*why && seen.count < records;
  get_all(s);
  put_and_get(s);
  he_store_close(s);
  if(now->tried % 4)
    return;
  /* What liblmdb made of it still holds together, and can be emptied. */
  s = must_open(path, why, sizeof(why));
  must(!*why, why);
  MUST(he_store_forget(s, NULL, 0) == HE_STORE_OK);
  put_and_get(s);
  he_store_close(s);
}

/* -- parts -- */

typedef void damage(const char *path, size_t at);

static void run_part(damage *d, size_t from, size_t to, size_t step)
{
  const char *path = folder_path("store");
  const char *bad = folder_path("store.bad");
  uint64_t seed = new_dice();
  pid_t pid;
  int status;
  fflush(stdout);
  pid = fork();
  assert_true(pid >= 0);
  if(!pid) {
    alarm(A_LONG_TIME);
    crash_ends();
    for(now->at = from; now->at < to;
        now->at += 1 + roll_of(&seed, (unsigned)step * 2 - 1)) {
      unlink(bad);
      file_write(path, whole, size);
      d(path, now->at);
      use(path);
    }
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if(status)
    print_message("at %zu of %zu: status %#x %s\n", now->at, size,
                  (unsigned)status, now->what);
  assert_int_equal(status, 0);
}

/* How many of the steps there is time for: all of them but under a sanitizer
   or valgrind. */
static size_t stride(void)
{
  return rounds(100) < 100 ? 40 : 1;
}

static void told(const char *what)
{
  print_message("# %s: %u files, %u put aside, %u with records lost\n", what,
                now->tried, now->aside, now->lost);
  now->tried = now->aside = now->lost = 0;
}

static void flip(const char *path, size_t at)
{
  static const unsigned char with[] = { 0xff, 0x01, 0x80, 0x10 };
  unsigned char byte = whole[at] ^ with[(at + at / 256) % sizeof(with)];
  write_at(path, at, &byte, 1);
}

static void each_byte(void **state)
{
  (void)state;
  take_small();
  for(size_t from = 0; from < size; from += 4096)
    run_part(flip, from, from + 4096, stride());
  assert_true(now->aside > 0);
  assert_true(now->tried > now->aside);
  assert_true(now->lost > 0);
  told("each byte flipped");
}

static void some_bytes(void **state)
{
  (void)state;
  take_large();
  run_part(flip, 0, size, stride() * 60);
  assert_true(now->lost > 0);
  told("some bytes of a larger file flipped");
}

/* A number where one stands, mostly at the head of a page or a node. */
static void renumber(const char *path, size_t at)
{
  uint64_t seed = at * 2654435761u + 88172645463325252u;
  unsigned times = 1 + roll_of(&seed, 3);
  while(times--) {
    size_t page = roll_of(&seed, (unsigned)(size / 4096)) * 4096u;
    size_t place = roll_of(&seed, 2) ? roll_of(&seed, 80) * 2u :
                   roll_of(&seed, 2048) * 2u;
    uint64_t number = roll_of(&seed, 2) ? roll_of(&seed, 64) :
                      roll_of(&seed, 1u << 31);
    write_at(path, page + place, &number, 1u << (1 + roll_of(&seed, 3)));
  }
}

static void numbers(void **state)
{
  (void)state;
  take_large();
  run_part(renumber, 0, 1000, stride());
  told("numbers changed");
}

/* A page of the file in the place of another. */
static void swap(const char *path, size_t at)
{
  size_t pages = size / 4096;
  write_at(path, at / pages * 4096, whole + at % pages * 4096, 4096);
}

static void pages(void **state)
{
  size_t n;
  (void)state;
  take_large();
  n = size / 4096;
  run_part(swap, 0, n * n, stride() * 2);
  told("pages in the place of others");
}

static void cut(const char *path, size_t at)
{
  if(truncate(path, (off_t)at))
    abort();
}

static void cut_off(void **state)
{
  (void)state;
  take_large();
  for(size_t at = 4096; at <= size; at += 4096)
    run_part(cut, at - 2, at + (at < size ? 2 : 0), 1);
  run_part(cut, 0, 100, stride());
  told("cut off");
}

static int set_up(void **state)
{
  (void)state;
  test_seed();
  folder_new();
  now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if(now == MAP_FAILED)
    return -1;
  make_small(folder_path("small"));
  make_large(folder_path("large"));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  free(small);
  free(large);
  munmap(now, sizeof(*now));
  folder_free();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_byte),
    cmocka_unit_test(some_bytes),
    cmocka_unit_test(numbers),
    cmocka_unit_test(pages),
    cmocka_unit_test(cut_off)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
