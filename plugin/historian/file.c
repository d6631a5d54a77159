/* SPDX-License-Identifier: MIT */
/* file.c - locks by flock(), which belongs to the open file: a killed process
 * holds none, and a stopped one is not waited for long. */
#include "historian/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/tcp.h"
#include "base/words.h"

#define PAUSE_MS 1u
#define TRIES 1000
#define NEW ".new"
#define BAD ".bad"

static bool refuse(char why[HE_FILE_WHY], const char *path, const char *what)
{
  /* a long path is cut off */
  return snprintf(why, HE_FILE_WHY, "%s: %s", path, what) < 0;
}

/* for errno */
static bool refuse_errno(char why[HE_FILE_WHY], const char *path)
{
  char words[HE_WORDS];
  return refuse(why, path, he_errno_words(errno, words));
}

static bool same(const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool he_file_default_path(char *path, size_t size)
{
  const char *dir = getenv("XDG_CACHE_HOME");
  const char *below = "/curl-he/history.log";
  int n;
  if(getauxval(AT_SECURE))
    return false;
  if(!dir || *dir != '/') {
    dir = getenv("HOME");
    below = "/.cache/curl-he/history.log";
  }
  if(!dir || *dir != '/')
    return false;
  n = snprintf(path, size, "%s%s", dir, below);
  return n > 0 && (size_t)n < size;
}

/* -- the directory -- */

/* Splits the path; false where a part is missing or too long. */
static bool take_path(struct he_file *f, const char *path,
                      char dir[PATH_MAX])
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  size_t len = slash ? (size_t)(slash - path) : 0;
  if(strlen(path) >= sizeof(f->path) || !*name || !strcmp(name, ".") ||
     !strcmp(name, "..") || strlen(name) > NAME_MAX - strlen(BAD))
    return false;
  strcpy(f->path, path);
  strcpy(f->name, name);
  if(!slash)
    strcpy(dir, ".");
  else if(!len)
    strcpy(dir, "/");
  else {
    memcpy(dir, path, len);
    dir[len] = 0;
  }
  return true;
}

/* As open(), but for the number. */
static int open_high(int dir, const char *name, int how)
{
  int fd = openat(dir, name, how | O_NOFOLLOW | O_CLOEXEC, 0600);
  return fd < 0 ? -1 : he_wire_raise(fd);
}

/* What is missing of it; whether that went well is seen when it is opened. */
static void make_dir(char dir[PATH_MAX])
{
  for(char *p = dir + 1; *p; p++) {
    if(*p != '/')
      continue;
    *p = 0;
    mkdir(dir, 0700);
    *p = '/';
  }
  mkdir(dir, 0700);
}

/* errno is ENOENT where it is not there and not to be made. */
static bool open_dir(struct he_file *f, char dir[PATH_MAX], bool make,
                     char why[HE_FILE_WHY])
{
  struct stat st;
  f->dir = open_high(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  if(f->dir < 0 && errno == ENOENT && make) {
    make_dir(dir);
    f->dir = open_high(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  }
  if(f->dir < 0 && (errno == ENOTDIR || errno == ELOOP))
    return refuse(why, dir, "no directory, or a symbolic link");
  if(f->dir < 0 || fstat(f->dir, &st))
    return refuse_errno(why, dir);
  errno = 0;
  if(st.st_uid != geteuid() && st.st_uid)
    return refuse(why, dir, "another user's directory");
  if(st.st_mode & (S_IWGRP | S_IWOTH))
    return refuse(why, dir, "a directory that others may write");
  return true;
}

/* -- the file -- */

static bool open_file(struct he_file *f, bool writing, char why[HE_FILE_WHY])
{
  const int how = writing ? O_RDWR | O_CREAT | O_APPEND : O_RDONLY;
  struct stat st;
  f->fd = open_high(f->dir, f->name, how | O_NONBLOCK | O_NOCTTY);
  if(f->fd < 0 && errno == ELOOP)
    return refuse(why, f->path, "a symbolic link");
  if(f->fd < 0 || fstat(f->fd, &st))
    return refuse_errno(why, f->path);
  errno = 0;
  if(!S_ISREG(st.st_mode))
    return refuse(why, f->path, "not a plain file");
  if(st.st_uid != geteuid())
    return refuse(why, f->path, "another user's file");
  if(st.st_mode & (S_IWGRP | S_IWOTH))
    return refuse(why, f->path, "a file that others may write");
  if(st.st_nlink > 1)
    return refuse(why, f->path, "a file of several names");
  if(writing && (st.st_mode & 07777) != 0600 && fchmod(f->fd, 0600))
    return refuse_errno(why, f->path);
  return true;
}

static void close_fd(int *fd)
{
  if(*fd >= 0)
    close(*fd);
  *fd = -1;
}

/* The path is good and its directory open; errno as from open_dir(). */
static bool begin(struct he_file *f, const char *path, bool writing,
                  char why[HE_FILE_WHY])
{
  char dir[PATH_MAX];
  f->dir = f->fd = -1;
  errno = 0;
  if(getauxval(AT_SECURE))
    return refuse(why, path, "not in a setuid program");
  if(!take_path(f, path, dir))
    return refuse(why, path, "not a file's path");
  return open_dir(f, dir, writing, why);
}

bool he_file_open(struct he_file *f, const char *path, char why[HE_FILE_WHY])
{
  if(begin(f, path, false, why) && open_file(f, false, why))
    return true;
  if(errno == ENOENT)
    *why = 0;
  he_file_close(f);
  return false;
}

/* -- the lock -- */

/* Until *left_ms have passed, which it counts down. */
static bool lock(struct he_file *f, unsigned *left_ms)
{
  const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
  while(flock(f->fd, LOCK_EX | LOCK_NB)) {
    if(errno == EINTR)
      continue;
    if(errno != EWOULDBLOCK || *left_ms < PAUSE_MS)
      return false;
    nanosleep(&pause, NULL);
    *left_ms -= PAUSE_MS;
  }
  return true;
}

static bool has_name(const struct he_file *f)
{
  struct stat by_name, by_fd;
  return !fstatat(f->dir, f->name, &by_name, AT_SYMLINK_NOFOLLOW) &&
         !fstat(f->fd, &by_fd) && same(&by_name, &by_fd);
}

/* Another process may put a new file in its place between open() and flock(),
   and others may keep that one locked: again, then. */
static bool open_and_lock(struct he_file *f, unsigned wait_ms,
                          char why[HE_FILE_WHY])
{
  for(int tries = 0; tries < TRIES; tries++) {
    if(!open_file(f, true, why))
      return false;
    if(!lock(f, &wait_ms))
      return errno == EWOULDBLOCK ?
             refuse(why, f->path, "in use by another process") :
             refuse_errno(why, f->path);
    if(has_name(f))
      return true;
    close_fd(&f->fd);
  }
  return refuse(why, f->path, "replaced again and again");
}

bool he_file_open_locked(struct he_file *f, const char *path,
                         unsigned wait_ms, char why[HE_FILE_WHY])
{
  if(begin(f, path, true, why) && open_and_lock(f, wait_ms, why))
    return true;
  he_file_close(f);
  return false;
}

/* LOCK_UN, for a child that was forked meanwhile has the open file, too. */
void he_file_close(struct he_file *f)
{
  if(f->fd >= 0)
    flock(f->fd, LOCK_UN);
  close_fd(&f->fd);
  close_fd(&f->dir);
}

/* -- its bytes -- */

bool he_file_stat(const struct he_file *f, struct he_file_is *out)
{
  struct stat st;
  if(fstat(f->fd, &st) || st.st_size < 0)
    return false;
  *out = (struct he_file_is){ st.st_dev, st.st_ino, (size_t)st.st_size };
  return true;
}

ptrdiff_t he_file_read(const struct he_file *f, size_t from, char *out,
                       size_t n)
{
  size_t have = 0;
  while(have < n) {
    ssize_t got = pread(f->fd, out + have, n - have, (off_t)(from + have));
    if(got < 0 && errno == EINTR)
      continue;
    if(got < 0)
      return -1;
    if(!got)
      break;
    have += (size_t)got;
  }
  return (ptrdiff_t)have;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
  while(n) {
    ssize_t put = write(fd, bytes, n);
    if(put < 0 && errno == EINTR)
      continue;
    if(put <= 0) {
      errno = put ? errno : ENOSPC;
      return false;
    }
    bytes += put;
    n -= (size_t)put;
  }
  return true;
}

bool he_file_append(struct he_file *f, const char *bytes, size_t n)
{
  struct he_file_is is;
  int error;
  if(!he_file_stat(f, &is))
    return false;
  if(write_all(f->fd, bytes, n))
    return true;
  error = errno;
  /* a part of a line would be harmless, and in the way on a full disk */
  if(ftruncate(f->fd, (off_t)is.size))
    error = errno;
  errno = error;
  return false;
}

static void name_with(const struct he_file *f, const char *end,
                      char out[NAME_MAX + 1])
{
  snprintf(out, NAME_MAX + 1, "%.*s%s", (int)(NAME_MAX - strlen(end)),
           f->name, end);
}

/* One that was left behind by a process that was killed goes: whoever holds
   the lock is alone. */
static int open_new(struct he_file *f, const char *name)
{
  if(unlinkat(f->dir, name, 0) && errno != ENOENT)
    return -1;
  return open_high(f->dir, name, O_RDWR | O_CREAT | O_EXCL);
}

bool he_file_replace(struct he_file *f, const char *bytes, size_t n)
{
  char name[NAME_MAX + 1];
  bool ok;
  int error, fd;
  name_with(f, NEW, name);
  fd = open_new(f, name);
  if(fd < 0)
    return false;
  ok = write_all(fd, bytes, n) && !fsync(fd) &&
       !renameat(f->dir, name, f->dir, f->name);
  error = errno;
  if(!ok)
    unlinkat(f->dir, name, 0);
  close(fd);
  errno = error;
  return ok;
}

bool he_file_aside(struct he_file *f)
{
  char name[NAME_MAX + 1];
  name_with(f, BAD, name);
  return !renameat(f->dir, f->name, f->dir, name);
}
