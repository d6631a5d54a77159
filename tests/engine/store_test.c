/* SPDX-License-Identifier: MIT */
/* store_test.c - what a store keeps, what it refuses, and what other
 * processes can do to it: write at once, be killed, hold it up, cut it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "store_common.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 600
#define MAP (4u * HE_STORE_BYTES_MAX)
#define PROCESSES_WAIT 2000    /* ms; far more than a store ever waits */

/* The memory that runs out: --wrap. Below 0: never. */
static int allocations = -1;

static bool allocate(void)
{
  return allocations < 0 || allocations-- > 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
  return allocate() ? __real_malloc(size) : NULL;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
  return allocate() ? __real_calloc(n, size) : NULL;
}

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
  return allocate() ? __real_realloc(p, size) : NULL;
}

/* -- helpers -- */

static const char *path(void)
{
  return folder_path("store");
}

static enum he_store_code put(struct he_store *s, unsigned i)
{
  struct he_store_record r = record(i, LONGEST);
  return he_store_put(s, &r, 1, NULL, NULL);
}

/* HE_STORE_OK only where it is the record as it was put. */
static enum he_store_code get(struct he_store *s, unsigned i)
{
  unsigned char value[HE_STORE_VALUE_MAX];
  struct he_store_record r = record(i, LONGEST);
  size_t len = sizeof(value);
  enum he_store_code code = he_store_get(s, r.key, r.key_len, value, &len,
                                         &r.stamp);
  r.value = value;
  r.value_len = len;
  return code == HE_STORE_OK && !is_record(&r, LONGEST) ? HE_STORE_BAD_SIZE :
         code;
}

static bool count_good(void *ctx, const struct he_store_record *r)
{
  unsigned *n = ctx;
  *n += is_record(r, LONGEST);
  return true;
}

static unsigned count(struct he_store *s)
{
  unsigned n = 0;
  assert_int_equal(he_store_foreach(s, count_good, &n), HE_STORE_OK);
  return n;
}

/* Runs `what` in a child, which ends with what it returns. */
static pid_t in_child(int (*what)(void))
{
  pid_t pid;
  fflush(stdout);
  pid = fork();
  assert_true(pid >= 0);
  if(!pid) {
    crash_ends();
    _exit(what());
  }
  return pid;
}

static int status_of(pid_t pid)
{
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return status;
}

/* -- records -- */

static void keeps(void **state)
{
  struct he_store *s = open_well(path());
  (void)state;
  for(unsigned i = 0; i < 300; i++)
    assert_int_equal(put(s, i), HE_STORE_OK);
  he_store_close(s);
  s = open_well(path());
  for(unsigned i = 0; i < 300; i++)
    assert_int_equal(get(s, i), HE_STORE_OK);
  assert_int_equal(get(s, 300), HE_STORE_NONE);
  assert_int_equal(count(s), 300);
  he_store_close(s);
}

static void forgets(void **state)
{
  struct he_store *s = open_well(path());
  struct he_store_record r;
  (void)state;
  for(unsigned i = 0; i < 100; i++)
    assert_int_equal(put(s, i), HE_STORE_OK);
  r = record(7, LONGEST);
  assert_int_equal(he_store_forget(s, r.key, r.key_len), HE_STORE_OK);
  assert_int_equal(he_store_forget(s, r.key, r.key_len), HE_STORE_NONE);
  assert_int_equal(get(s, 7), HE_STORE_NONE);
  assert_int_equal(get(s, 8), HE_STORE_OK);
  assert_int_equal(count(s), 99);
  assert_int_equal(he_store_forget(s, NULL, 0), HE_STORE_OK);
  assert_int_equal(count(s), 0);
  he_store_close(s);
  s = open_well(path());    /* it is still known as a store */
  assert_int_equal(put(s, 1), HE_STORE_OK);
  assert_int_equal(count(s), 1);
  he_store_close(s);
}

static bool first_only(void *ctx, const struct he_store_record *r)
{
  (void)r;
  ++*(unsigned *)ctx;
  return false;
}

static void lengths(void **state)
{
  struct he_store *s = open_well(path());
  char key[HE_STORE_KEY_MAX + 1];
  unsigned char value[HE_STORE_VALUE_MAX + 1], back[HE_STORE_VALUE_MAX];
  struct he_store_record r = { key, sizeof(key) - 1, value, sizeof(value) - 1,
                               INT64_MIN };
  size_t len = sizeof(back);
  int64_t stamp = 0;
  unsigned n = 0;
  (void)state;
  memset(key, 'k', sizeof(key));
  memset(value, 'v', sizeof(value));
  assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_OK);
  assert_int_equal(he_store_get(s, key, r.key_len, back, &len, &stamp),
                   HE_STORE_OK);
  assert_int_equal(len, r.value_len);
  assert_memory_equal(back, value, len);
  assert_true(stamp == INT64_MIN);
  /* no room: the length that it takes */
  len = 10;
  assert_int_equal(he_store_get(s, key, r.key_len, back, &len, NULL),
                   HE_STORE_BAD_SIZE);
  assert_int_equal(len, r.value_len);

  r.key_len++;
  assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_BAD_SIZE);
  assert_int_equal(he_store_get(s, key, r.key_len, back, &len, NULL),
                   HE_STORE_BAD_SIZE);
  assert_int_equal(he_store_forget(s, key, r.key_len), HE_STORE_BAD_SIZE);
  r.key_len = 0;
  assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_BAD_SIZE);
  r.key_len = 1;
  r.value_len++;
  assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_BAD_SIZE);
  r.value = NULL;
  r.value_len = 0;
  assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_OK);
  len = sizeof(back);
  assert_int_equal(he_store_get(s, key, 1, back, &len, NULL), HE_STORE_OK);
  assert_int_equal(len, 0);
  assert_int_equal(he_store_put(s, NULL, 0, NULL, NULL), HE_STORE_OK);
  assert_int_equal(he_store_foreach(s, first_only, &n), HE_STORE_OK);
  assert_int_equal(n, 1);
  he_store_close(s);
  he_store_close(NULL);
}

/* -- a part of the records -- */

static bool note_key(void *ctx, const struct he_store_record *r)
{
  char *said = ctx;
  size_t len = strlen(said);
  snprintf(said + len, 64 - len, "%.*s ", (int)r->key_len,
           (const char *)r->key);
  return true;
}

static const char *range(struct he_store *s, const char *from, size_t most)
{
  static char said[64];
  said[0] = 0;
  assert_int_equal(he_store_range(s, from, from ? strlen(from) : 0, most,
                                  note_key, said), HE_STORE_OK);
  return said;
}

static void ranges(void **state)
{
  static const char *const keys[] = { "b", "a", "ba", "d" };
  char said[64] = "";
  struct he_store *s = open_well(folder_path("range.mdb"));
  (void)state;
  assert_string_equal(range(s, "a", 9), "");
  for(int i = 0; i < 4; i++) {
    struct he_store_record r = { .key = keys[i], .key_len = strlen(keys[i]),
                                 .value = "v", .value_len = 1 };
    assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_OK);
  }
  assert_string_equal(range(s, NULL, 9), "a b ba d ");
  assert_string_equal(range(s, NULL, 2), "a b ");
  assert_string_equal(range(s, "b", 2), "b ba ");
  assert_string_equal(range(s, "c", 9), "d ");
  assert_string_equal(range(s, "d", 1), "d ");
  assert_string_equal(range(s, "e", 9), "");
  assert_string_equal(range(s, "a", 0), "");
  assert_int_equal(he_store_range(s, "", 0, 9, note_key, said),
                   HE_STORE_BAD_SIZE);
  he_store_close(s);
}

/* Keeps the larger of the first bytes; 0 says: leave it. */
static size_t larger(void *ctx, const void *stored, size_t stored_len,
                     const void *ours, size_t ours_len, void *out,
                     size_t out_size)
{
  const unsigned char *a = stored, *b = ours;
  ++*(unsigned *)ctx;
  assert_int_equal((uintptr_t)stored % _Alignof(max_align_t), 0);
  assert_true(stored_len && ours_len && out_size == HE_STORE_VALUE_MAX);
  if(*a >= *b)
    return 0;
  memcpy(out, ours, ours_len);
  return ours_len;
}

static void merges(void **state)
{
  static const unsigned char bytes[] = { 5, 3, 9 };
  struct he_store *s = open_well(path());
  unsigned char got = 0;
  unsigned calls = 0;
  size_t len = 1;
  int64_t stamp;
  (void)state;
  for(unsigned i = 0; i < 3; i++) {
    struct he_store_record r = { "a", 1, &bytes[i], 1, 100 - (int64_t)i };
    assert_int_equal(he_store_put(s, &r, 1, larger, &calls), HE_STORE_OK);
    assert_int_equal(he_store_get(s, "a", 1, &got, &len, &stamp),
                     HE_STORE_OK);
    assert_int_equal(calls, i);
    assert_int_equal(got, i < 2 ? 5 : 9);
    assert_int_equal(stamp, 100);     /* the later one */
  }
  he_store_close(s);
}

/* -- limits -- */

static void evicts_by_number(void **state)
{
  const struct he_store_limits few = { 100, 1u << 20 };
  char why[256];
  struct he_store *s = he_store_open(path(), &few, why, sizeof(why));
  unsigned n;
  (void)state;
  assert_non_null(s);
  for(unsigned i = 0; i < 1000; i++) {
    assert_int_equal(put(s, i * 7 % 1000), HE_STORE_OK);
    if(i * 7 % 1000 > 900)
      assert_int_equal(get(s, i * 7 % 1000), HE_STORE_OK);
  }
  n = count(s);
  assert_in_range(n, 90, 100);
  for(unsigned i = 0; i < 90; i++)
    assert_int_equal(get(s, 999 - i), HE_STORE_OK);
  he_store_close(s);
}

static void evicts_by_size(void **state)
{
  const struct he_store_limits small = { 4096, 65536 };
  char why[256];
  struct he_store *s = he_store_open(path(), &small, why, sizeof(why));
  size_t size;
  (void)state;
  assert_non_null(s);
  for(unsigned i = 0; i < 600; i++) {
    struct he_store_record r = record(i, HE_STORE_VALUE_MAX);
    size_t len = HE_STORE_VALUE_MAX;
    unsigned char value[HE_STORE_VALUE_MAX];
    assert_int_equal(he_store_put(s, &r, 1, NULL, NULL), HE_STORE_OK);
    assert_int_equal(he_store_get(s, r.key, r.key_len, value, &len, NULL),
                     HE_STORE_OK);
  }
  he_store_close(s);
  free(file_read(path(), &size));
  assert_in_range(size, 65536, 4 * 65536);
  he_store_close(open_well(path()));
}

static void limits(void **state)
{
  static const struct he_store_limits bad[] = {
    { 0, 1u << 20 }, { HE_STORE_RECORDS_MAX + 1, 1u << 20 },
    { 100, 65535 }, { 100, HE_STORE_BYTES_MAX + 1 }
  };
  (void)state;
  for(unsigned i = 0; i < 4; i++) {
    char why[256] = "";
    assert_null(he_store_open(path(), &bad[i], why, sizeof(why)));
    assert_string_not_equal(why, "");
  }
}

/* -- whose it is -- */

static mode_t mode_of(const char *name)
{
  struct stat st;
  assert_int_equal(stat(name, &st), 0);
  return st.st_mode & 07777;
}

static void default_path(void **state)
{
  char name[4096];
  char want[4096];
  (void)state;
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", folder_path("home"), 1);
  assert_true(he_store_default_path(name, sizeof(name)));
  snprintf(want, sizeof(want), "%s/.cache/curl-he/history.mdb",
           folder_path("home"));
  assert_string_equal(name, want);
  umask(0);                 /* whatever it is */
  he_store_close(open_well(name));
  umask(022);
  assert_int_equal(mode_of(name), 0600);
  assert_int_equal(mode_of(folder_path("home/.cache/curl-he")), 0700);
  assert_int_equal(mode_of(folder_path("home/.cache")), 0700);

  setenv("XDG_CACHE_HOME", "relative", 1);
  assert_true(he_store_default_path(name, sizeof(name)));
  assert_string_equal(name, want);
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  assert_true(he_store_default_path(name, sizeof(name)));
  assert_string_equal(name, "/xdg/curl-he/history.mdb");
  assert_false(he_store_default_path(name, 24));
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  assert_false(he_store_default_path(name, sizeof(name)));
}

static void refused(const char *name, const char *reason)
{
  char why[256];
  struct he_store *s = he_store_open(name, &usual_limits, why, sizeof(why));
  if(s)
    print_error("not refused: %s\n", name);
  assert_null(s);
  if(!strstr(why, reason))
    print_error("%s\n", why);
  assert_non_null(strstr(why, reason));
}

static void refuses_folders(void **state)
{
  const char *dir = folder_path("dir");
  (void)state;
  assert_int_equal(mkdir(dir, 0700), 0);
  assert_int_equal(chmod(dir, 0770), 0);
  refused(folder_path("dir/store"), "others may write");
  assert_int_equal(chmod(dir, 01777), 0);
  refused(folder_path("dir/store"), "others may write");
  assert_int_equal(chmod(dir, 0755), 0);
  he_store_close(open_well(folder_path("dir/store")));
  assert_int_equal(symlink("dir", folder_path("link")), 0);
  refused(folder_path("link/store"), "symbolic link");
  refused(folder_path("dir/store/store"), "no directory");
  refused(folder_path("dir/"), "not a file's path");
  refused(folder_path("dir/.."), "not a file's path");
  if(!geteuid()) {
    assert_int_equal(chown(dir, 12345, 0), 0);
    refused(folder_path("dir/store"), "another user's directory");
  }
}

static void refuses_files(void **state)
{
  (void)state;
  file_write(folder_path("precious"), "do not touch", 12);
  assert_int_equal(symlink("precious", path()), 0);
  refused(path(), "symbolic link");
  unlink(path());
  assert_int_equal(link(folder_path("precious"), path()), 0);
  refused(path(), "several names");
  unlink(path());
  assert_int_equal(mkfifo(path(), 0600), 0);
  refused(path(), "not a plain file");
  unlink(path());
  assert_int_equal(mkdir(path(), 0700), 0);
  refused(path(), strerror(EISDIR));
  rmdir(path());
  he_store_close(open_well(path()));
  assert_int_equal(chmod(path(), 0660), 0);
  refused(path(), "others may write");
  assert_int_equal(chmod(path(), 0644), 0);
  he_store_close(open_well(path()));
  assert_int_equal(mode_of(path()), 0600);
  if(!geteuid()) {
    assert_int_equal(chown(path(), 12345, 0), 0);
    refused(path(), "another user's file");
  }
}

static char program[4096];      /* this one */
#define IN_SETUID "--in-setuid"

/* What a setuid program finds. */
static int in_setuid(const char *name)
{
  char why[256];
  if(!getauxval(AT_SECURE))
    return 77;
  setenv("HOME", "/tmp", 1);
  return he_store_open(name, &usual_limits, why, sizeof(why)) ||
         !strstr(why, "setuid") ||
         he_store_default_path(why, sizeof(why));
}

static int run_copy(void)
{
  execl(folder_path("copy"), "copy", IN_SETUID, path(), (char *)NULL);
  return 78;
}

static void refuses_setuid(void **state)
{
  unsigned char *bytes;
  size_t size;
  int status;
  (void)state;
  if(geteuid())
    skip();                 /* only root can make one of another user */
  bytes = file_read(program, &size);
  file_write(folder_path("copy"), bytes, size);
  free(bytes);
  assert_int_equal(chown(folder_path("copy"), 12345, 0), 0);
  assert_int_equal(chmod(folder_path("copy"), 04755), 0);
  assert_int_equal(chmod(folder_path("."), 0755), 0);
  status = status_of(in_child(run_copy));
  if(WIFEXITED(status) && WEXITSTATUS(status) == 77)
    skip();                 /* mounted nosuid */
  assert_int_equal(status, 0);
}

/* -- what is no store -- */

/* Opens; it was put aside, for `reason`, and a new one works. */
static void begun_anew(const char *reason)
{
  char why[256];
  struct he_store *s = he_store_open(path(), &usual_limits, why, sizeof(why));
  assert_non_null(s);
  if(!strstr(why, reason))
    print_error("%s\n", why);
  assert_non_null(strstr(why, reason));
  assert_int_equal(count(s), 0);
  assert_int_equal(put(s, 1), HE_STORE_OK);
  he_store_close(s);
  s = open_well(path());
  assert_int_equal(get(s, 1), HE_STORE_OK);
  he_store_close(s);
}

static void puts_aside(void **state)
{
  char text[9000] = "this is a text";
  unsigned char *bad;
  size_t size;
  (void)state;
  file_write(path(), "short", 5);
  begun_anew("cut off");
  file_write(path(), text, sizeof(text));
  begun_anew("not a store");
  bad = file_read(folder_path("store.bad"), &size);
  assert_int_equal(size, sizeof(text));      /* over the one before */
  assert_memory_equal(bad, text, size);
  free(bad);
  assert_int_equal(truncate(path(), MAP + 1), 0);
  begun_anew("larger");
}

/* As another program that uses LMDB would, or another version of this one. */
static void write_lmdb(unsigned flags, unsigned dbflags, size_t map,
                       const char *k, const char *v)
{
  MDB_env *env;
  MDB_txn *txn;
  MDB_dbi dbi;
  MDB_val key = { strlen(k), (void *)(uintptr_t)k };
  MDB_val data = { strlen(v) + 1, (void *)(uintptr_t)v };
  unlink(path());
  assert_int_equal(mdb_env_create(&env), 0);
  assert_int_equal(mdb_env_set_mapsize(env, map), 0);
  assert_int_equal(mdb_env_open(env, path(), flags | MDB_NOSUBDIR, 0600), 0);
  assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
  assert_int_equal(mdb_dbi_open(txn, NULL, dbflags, &dbi), 0);
  assert_int_equal(mdb_put(txn, dbi, &key, &data, 0), 0);
  assert_int_equal(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
}

static void foreign(void **state)
{
  (void)state;
  write_lmdb(0, 0, 1u << 20, "key", "value");
  begun_anew("of another kind");
  write_lmdb(0, MDB_DUPSORT, MAP, "key", "value");
  begun_anew("of another kind");
  write_lmdb(0, 0, MAP, "key", "value");
  begun_anew("another program");
  write_lmdb(0, 0, MAP, "m", "curl-he 2");
  begun_anew("later version");
}

/* -- other processes -- */

#define LEARNERS 3
#define LESSONS 200

/* Counters, which are added. */
static size_t add(void *ctx, const void *stored, size_t stored_len,
                  const void *ours, size_t ours_len, void *out, size_t size)
{
  uint32_t sum;
  (void)ctx;
  (void)ours_len;
  (void)size;
  if(stored_len != sizeof(sum))
    return 0;
  sum = *(const uint32_t *)stored + *(const uint32_t *)ours;
  memcpy(out, &sum, sizeof(sum));
  return sizeof(sum);
}

static int learn(void)
{
  char why[256];
  const uint32_t one = 1;
  struct he_store *s = NULL;
  for(int i = 0; i < 500 && !s; i++)    /* the others open it, too */
    s = he_store_open(path(), &usual_limits, why, sizeof(why));
  if(!s || *why)
    return 1;
  for(unsigned i = 0; i < rounds(LESSONS); i++) {
    struct he_store_record r[2] = {
      { "a", 1, &one, sizeof(one), 0 }, { "b", 1, &one, sizeof(one), 0 }
    };
    if(put_patiently(s, r, 2, add) != HE_STORE_OK)
      return 2;
  }
  he_store_close(s);
  return 0;
}

static void learning_at_once(void **state)
{
  pid_t pid[LEARNERS];
  struct he_store *s;
  (void)state;
  for(int i = 0; i < LEARNERS; i++)
    pid[i] = in_child(learn);
  for(int i = 0; i < LEARNERS; i++)
    assert_int_equal(status_of(pid[i]), 0);
  s = open_well(path());
  for(const char *key = "ab"; *key; key++) {
    uint32_t sum = 0;
    size_t len = sizeof(sum);
    assert_int_equal(he_store_get(s, key, 1, &sum, &len, NULL), HE_STORE_OK);
    assert_int_equal(sum, LEARNERS * rounds(LESSONS));
  }
  he_store_close(s);
}

#define BATCH 20
static int report;          /* where the child tells what it has written */

/* Batch k: all records get the number k, and a length that it tells. */
static int write_batches(void)
{
  char why[256];
  uint32_t value[64];
  struct he_store *s = he_store_open(path(), &usual_limits, why, sizeof(why));
  uint32_t k = 0;
  size_t len = sizeof(k);
  if(!s || *why)
    return 1;
  he_store_get(s, "0", 1, value, &len, NULL);
  len = sizeof(value);
  if(he_store_get(s, "0", 1, value, &len, NULL) == HE_STORE_OK)
    k = value[0];
  while(1) {
    struct he_store_record r[BATCH];
    static const char keys[] = "0123456789abcdefghijklmnopqrst";
    k++;
    for(unsigned i = 0; i < 64; i++)
      value[i] = k;
    for(unsigned i = 0; i < BATCH; i++)
      r[i] = (struct he_store_record) { &keys[i], 1, value, 4 + k * i % 60 * 4,
                                        k };
    if(put_patiently(s, r, BATCH, NULL) != HE_STORE_OK ||
       write(report, &k, sizeof(k)) != sizeof(k))
      return 2;
  }
}

struct batch {
  uint32_t k;
  unsigned n;
};

static bool one_batch(void *ctx, const struct he_store_record *r)
{
  struct batch *b = ctx;
  uint32_t k;
  memcpy(&k, r->value, sizeof(k));
  if(!b->n++)
    b->k = k;
  assert_int_equal(k, b->k);
  return true;
}

static void killed(void **state)
{
  uint32_t known = 0;
  unsigned busy = 0;
  (void)state;
  he_store_close(open_well(path()));
  for(unsigned i = 0; i < rounds(200); i++) {
    struct timespec pause = { .tv_nsec = (long)roll(6000000) };
    struct batch b = { 0, 0 };
    struct he_store *s;
    uint32_t k;
    int fds[2];
    pid_t pid;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    report = fds[1];
    pid = in_child(write_batches);
    close(fds[1]);
    /* amid writing, every other time; else at any moment */
    if(i % 2) {
      assert_int_equal(read(fds[0], &known, sizeof(known)), sizeof(known));
      busy++;
    }
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    assert_int_equal(status_of(pid), SIGKILL);
    while(read(fds[0], &k, sizeof(k)) == sizeof(k)) {
      known = k;
      busy++;
    }
    close(fds[0]);
    s = open_well(path());
    assert_int_equal(he_store_foreach(s, one_batch, &b), HE_STORE_OK);
    assert_int_equal(b.n, b.k ? BATCH : 0);
    assert_in_range(b.k, known, known + 1);
    known = b.k;
    he_store_close(s);
  }
  assert_true(busy > 0);
  print_message("# killed %u times, %u batches written\n", rounds(200),
                known);
}

static void held_up(void **state)
{
  struct he_store *s = open_well(path());
  he_time_ns start;
  int fd = open(path(), O_RDWR | O_CLOEXEC);
  (void)state;
  assert_int_equal(put(s, 1), HE_STORE_OK);
  /* as a process that is stopped amid a write */
  assert_int_equal(flock(fd, LOCK_EX), 0);
  start = he_clock_now();
  assert_int_equal(get(s, 1), HE_STORE_BUSY);
  assert_int_equal(put(s, 2), HE_STORE_BUSY);
  refused(path(), "in use");
  assert_in_range(elapsed_ms(start), 0, PROCESSES_WAIT);
  /* readers stand in no other's way */
  assert_int_equal(flock(fd, LOCK_SH), 0);
  assert_int_equal(get(s, 1), HE_STORE_OK);
  assert_int_equal(put(s, 2), HE_STORE_BUSY);
  close(fd);
  assert_int_equal(put(s, 2), HE_STORE_OK);
  he_store_close(s);
}

static void twice_in_a_process(void **state)
{
  struct he_store *a = open_well(path());
  struct he_store *b = open_well(path());
  (void)state;
  for(unsigned i = 0; i < 200; i += 2) {
    assert_int_equal(put(a, i), HE_STORE_OK);
    assert_int_equal(get(b, i), HE_STORE_OK);
    assert_int_equal(put(b, i + 1), HE_STORE_OK);
    assert_int_equal(get(a, i + 1), HE_STORE_OK);
  }
  he_store_close(a);
  assert_int_equal(put(b, 200), HE_STORE_OK);
  he_store_close(b);
  b = open_well(path());
  assert_int_equal(count(b), 201);
  he_store_close(b);
}

static struct he_store *inherited;

static int child_of_fork(void)
{
  struct he_store *own;
  char why[256];
  if(get(inherited, 1) != HE_STORE_GONE || put(inherited, 2) != HE_STORE_GONE)
    return 1;
  he_store_close(inherited);
  own = he_store_open(path(), &usual_limits, why, sizeof(why));
  if(!own || *why || get(own, 1) != HE_STORE_OK || put(own, 3) != HE_STORE_OK)
    return 2;
  he_store_close(own);
  return 0;
}

static void forked(void **state)
{
  (void)state;
  inherited = open_well(path());
  assert_int_equal(put(inherited, 1), HE_STORE_OK);
  assert_int_equal(status_of(in_child(child_of_fork)), 0);
  assert_int_equal(get(inherited, 3), HE_STORE_OK);
  assert_int_equal(get(inherited, 2), HE_STORE_NONE);
  assert_int_equal(put(inherited, 4), HE_STORE_OK);
  he_store_close(inherited);
}

/* -- what happens to a file in use -- */

static void replaced(void **state)
{
  struct he_store *s = open_well(path());
  (void)state;
  assert_int_equal(put(s, 1), HE_STORE_OK);
  assert_int_equal(rename(path(), folder_path("elsewhere")), 0);
  assert_int_equal(get(s, 1), HE_STORE_GONE);
  he_store_close(open_well(path()));      /* another one of the name */
  assert_int_equal(put(s, 1), HE_STORE_GONE);
  he_store_close(s);
}

static void cut_off_in_use(void **state)
{
  static const off_t at[] = { 0, 4096, 8192, 12288 };
  (void)state;
  for(unsigned i = 0; i < 4; i++) {
    struct he_store *s = open_well(path());
    for(unsigned k = 0; k < 100; k++)
      assert_int_equal(put(s, k), HE_STORE_OK);
    assert_int_equal(truncate(path(), at[i]), 0);
    assert_int_equal(get(s, 99), HE_STORE_GONE);    /* not SIGBUS */
    he_store_close(s);
    assert_int_equal(access(path(), F_OK), -1);
    assert_int_equal(rename(folder_path("store.bad"), path()), 0);
    unlink(path());
  }
}

/* A branch page with one key only, for which liblmdb has an assertion. What
   liblmdb has then is never given back: hence in a child, which ends before
   anybody counts. */
static int break_in_use(void)
{
  struct he_store *s = open_well(path());
  unsigned char *bytes;
  size_t size, broken = 0;
  int fd;
  for(unsigned i = 0; i < 200; i++)
    assert_int_equal(put(s, i), HE_STORE_OK);
  bytes = file_read(path(), &size);
  fd = open(path(), O_WRONLY | O_CLOEXEC);
  for(size_t page = 2 * 4096; page < size; page += 4096) {
    if(bytes[page + 10] == 1) {          /* P_BRANCH */
      assert_int_equal(pwrite(fd, "\022", 1, (off_t)page + 12), 1);
      broken++;
    }
  }
  close(fd);
  free(bytes);
  assert_true(broken > 0);
  if(get(s, 1) != HE_STORE_GONE || put(s, 1) != HE_STORE_GONE)
    return 1;
  he_store_close(s);
  return raise(SIGKILL);
}

static void assertion(void **state)
{
  (void)state;
  assert_int_equal(status_of(in_child(break_in_use)), SIGKILL);
  he_store_close(open_well(path()));      /* a new one: it was put aside */
  assert_int_equal(access(folder_path("store.bad"), F_OK), 0);
}

static int disk_full(void)
{
  struct he_store *s = inherited = open_well(path());
  struct rlimit full = { 60000, RLIM_INFINITY }, before;
  enum he_store_code code = HE_STORE_OK;
  unsigned n = 0;
  sigset_t all;
  sigfillset(&all);         /* as in the racer's thread */
  sigprocmask(SIG_SETMASK, &all, NULL);
  getrlimit(RLIMIT_FSIZE, &before);
  full.rlim_max = before.rlim_max;
  setrlimit(RLIMIT_FSIZE, &full);
  while(code == HE_STORE_OK && n < 10000)
    code = put(s, n++);
  if(code != HE_STORE_FAILED && code != HE_STORE_GONE)
    return 1;
  he_store_close(s);
  setrlimit(RLIMIT_FSIZE, &before);
  s = open_well(path());
  for(unsigned i = 0; i + 1 < n; i++) {
    if(get(s, i) != HE_STORE_OK)
      return 2;
  }
  if(put(s, n) != HE_STORE_OK)
    return 3;
  he_store_close(s);
  return 0;
}

static void no_space(void **state)
{
  (void)state;
  assert_int_equal(status_of(in_child(disk_full)), 0);
}

/* Each allocation of ours fails in turn. */
static void no_memory(void **state)
{
  const struct he_store_limits few = { 20, 1u << 20 };
  bool done = false;
  (void)state;
  for(int n = 0; !done; n++) {
    char why[256];
    struct he_store *s;
    unsigned seen = 0;
    assert_true(n < 1000);
    allocations = n;
    s = he_store_open(path(), &few, why, sizeof(why));
    if(s) {
      for(unsigned i = 0; i < 40; i++) {
        enum he_store_code code = put(s, i);
        assert_true(code == HE_STORE_OK || code == HE_STORE_FAILED);
      }
      done = he_store_foreach(s, count_good, &seen) == HE_STORE_OK && seen &&
             allocations > 0;
    }
    allocations = -1;
    he_store_close(s);
    he_store_close(open_well(path()));      /* it was never put aside */
  }
}

static int set_up(void **state)
{
  (void)state;
  folder_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  folder_free();
  return 0;
}

static int seed(void **state)
{
  (void)state;
  test_seed();
  return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(keeps), TEST(forgets), TEST(lengths), TEST(ranges),
    TEST(merges),
    TEST(evicts_by_number), TEST(evicts_by_size), TEST(limits),
    TEST(default_path), TEST(refuses_folders), TEST(refuses_files),
    TEST(refuses_setuid),
    TEST(puts_aside), TEST(foreign),
    TEST(learning_at_once), TEST(killed), TEST(held_up),
    TEST(twice_in_a_process), TEST(forked),
    TEST(replaced), TEST(cut_off_in_use), TEST(assertion), TEST(no_space),
    TEST(no_memory)
  };
  if(argc == 3 && !strcmp(argv[1], IN_SETUID))
    _exit(in_setuid(argv[2]));   /* no leak checker: it may not trace itself */
  snprintf(program, sizeof(program), "%s", argv[0]);
  return cmocka_run_group_tests(tests, seed, NULL);
}
