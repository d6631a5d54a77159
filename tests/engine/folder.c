/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];

const char *folder_new(void)
{
  const char *tmp = getenv("TMPDIR");
  snprintf(folder, sizeof(folder), "%s/he-folder.XXXXXX", tmp ? tmp : "/tmp");
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
  bytes[*size] = 0;
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
