/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "store_common.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct he_store_limits usual_limits = { 4096, 4u << 20 };

static char folder[PATH_MAX];

const char *folder_new(void)
{
  const char *tmp = getenv("TMPDIR");
  snprintf(folder, sizeof(folder), "%s/he-store.XXXXXX", tmp ? tmp : "/tmp");
  assert_non_null(mkdtemp(folder));
  return folder;
}

const char *folder_path(const char *name)
{
  static char path[32][PATH_MAX + 256];
  static unsigned turn;
  char *p = path[turn++ % 32];
  snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
  return p;
}

/* Folders in it are of one level, but for the one of the default path. */
static void empty(const char *path)
{
  DIR *d = opendir(path);
  const struct dirent *e;
  assert_non_null(d);
  while((e = readdir(d)) != NULL) {
    char name[PATH_MAX + 300];
    if(!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
      continue;
    snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
    if(unlink(name)) {
      empty(name);
      assert_int_equal(rmdir(name), 0);
    }
  }
  closedir(d);
}

void folder_free(void)
{
  assert_int_equal(chmod(folder, 0700), 0);
  empty(folder);
  assert_int_equal(rmdir(folder), 0);
}

struct he_store *open_well(const char *path)
{
  char why[256];
  struct he_store *s = he_store_open(path, &usual_limits, why, sizeof(why));
  assert_string_equal(why, "");
  assert_non_null(s);
  return s;
}

static unsigned char byte_of(unsigned i, unsigned at)
{
  return (unsigned char)(i * 31 + at * 7 + (at >> 8));
}

static unsigned length_of(unsigned i, unsigned max_len)
{
  return i * 2654435761u % (max_len + 1);
}

struct he_store_record record(unsigned i, unsigned max_len)
{
  static char key[16][64];
  static unsigned char value[16][HE_STORE_VALUE_MAX];
  struct he_store_record r;
  unsigned turn = i % 16;
  r.key_len = (size_t)snprintf(key[turn], sizeof(key[turn]),
                               "host%u.example", i);
  r.value_len = length_of(i, max_len);
  for(unsigned at = 0; at < r.value_len; at++)
    value[turn][at] = byte_of(i, at);
  r.key = key[turn];
  r.value = value[turn];
  r.stamp = (int64_t)i;
  return r;
}

bool is_record(const struct he_store_record *r, unsigned max_len)
{
  char key[64];
  unsigned i;
  if(r->key_len >= sizeof(key))
    return false;
  memcpy(key, r->key, r->key_len);
  key[r->key_len] = 0;
  if(sscanf(key, "host%u.example", &i) != 1 || r->stamp != (int64_t)i ||
     r->value_len != length_of(i, max_len))
    return false;
  for(unsigned at = 0; at < r->value_len; at++) {
    if(((const unsigned char *)r->value)[at] != byte_of(i, at))
      return false;
  }
  return true;
}

enum he_store_code put_patiently(struct he_store *s,
                                 const struct he_store_record *r, size_t n,
                                 he_store_merge *merge)
{
  enum he_store_code code = HE_STORE_BUSY;
  for(int i = 0; i < 5000 && code == HE_STORE_BUSY; i++)
    code = he_store_put(s, r, n, merge, NULL);
  return code;
}

void crash_ends(void)
{
  static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
  for(size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
    signal(crashes[i], SIG_DFL);
}

unsigned char *file_read(const char *path, size_t *size)
{
  struct stat st;
  unsigned char *bytes;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  assert_int_equal(fstat(fd, &st), 0);
  *size = (size_t)st.st_size;
  bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(read(fd, bytes, *size), *size);
  close(fd);
  return bytes;
}

void file_write(const char *path, const void *bytes, size_t size)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, size), size);
  close(fd);
}
