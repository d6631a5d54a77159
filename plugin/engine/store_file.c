/* SPDX-License-Identifier: MIT */
/* store_file.c - locks by flock(), which belongs to the open file: a killed
 * process holds none, and a stopped one is not waited for. */
#include "engine/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "engine/wire.h"
#include "engine/words.h"

#define PAUSE_US 100

static bool refuse(char *why, size_t size, const char *path, const char *what)
{
  snprintf(why, size, "%s: %s", path, what);
  return false;
}

/* for errno */
static bool refuse_errno(char *why, size_t size, const char *path)
{
  char words[HE_WORDS];
  return refuse(why, size, path, he_errno_words(errno, words));
}

static bool same(const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* -- the lock -- */

static bool has_name(const struct he_store_file *f)
{
  struct stat by_name, by_fd;
  return !fstatat(f->dir, f->name, &by_name, AT_SYMLINK_NOFOLLOW) &&
         !fstat(f->fd, &by_fd) && same(&by_name, &by_fd);
}

enum he_store_lock he_store_file_lock(struct he_store_file *f, bool writing,
                                      unsigned wait_us)
{
  const struct timespec pause = { .tv_nsec = PAUSE_US * 1000 };
  int how = (writing ? LOCK_EX : LOCK_SH) | LOCK_NB;
  unsigned waited = 0;
  while(flock(f->fd, how)) {
    if(errno == EINTR)
      continue;
    if(errno != EWOULDBLOCK || waited >= wait_us)
      return HE_STORE_LOCK_BUSY;
    nanosleep(&pause, NULL);
    waited += PAUSE_US;
  }
  if(has_name(f))
    return HE_STORE_LOCKED;
  he_store_file_unlock(f);
  return HE_STORE_LOCK_GONE;
}

void he_store_file_unlock(struct he_store_file *f)
{
  flock(f->fd, LOCK_UN);
}

/* -- the directory -- */

/* Splits the path; false where a part is missing or too long. */
static bool take_path(struct he_store_file *f, const char *path,
                      char dir[PATH_MAX])
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  size_t len = slash ? (size_t)(slash - path) : 0;
  if(strlen(path) >= sizeof(f->path) || !*name || !strcmp(name, ".") ||
     !strcmp(name, "..") || strlen(name) > NAME_MAX - strlen(".bad"))
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

static bool over_network(int fd)
{
  static const unsigned long kinds[] = {
    0x6969,             /* NFS */
    0x517b,             /* SMB */
    0xff534d42,         /* CIFS */
    0xfe534d42,         /* SMB 2 */
    0x5346414f,         /* AFS */
    0x73757245,         /* Coda */
    0x00c36400,         /* Ceph */
    0x01021997          /* 9P */
  };
  struct statfs fs;
  if(fstatfs(fd, &fs))
    return true;
  for(size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if(((unsigned long)fs.f_type & 0xffffffff) == kinds[i])
      return true;
  }
  return false;
}

static bool open_dir(struct he_store_file *f, char dir[PATH_MAX], char *why,
                     size_t size)
{
  struct stat st;
  f->dir = open_high(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  if(f->dir < 0 && errno == ENOENT) {
    make_dir(dir);
    f->dir = open_high(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  }
  if(f->dir < 0 && (errno == ENOTDIR || errno == ELOOP))
    return refuse(why, size, dir, "no directory, or a symbolic link");
  if(f->dir < 0 || fstat(f->dir, &st))
    return refuse_errno(why, size, dir);
  if(st.st_uid != geteuid() && st.st_uid)
    return refuse(why, size, dir, "another user's directory");
  if(st.st_mode & (S_IWGRP | S_IWOTH))
    return refuse(why, size, dir, "a directory that others may write");
  if(over_network(f->dir))
    return refuse(why, size, dir, "on a file system over a network");
  return true;
}

/* -- the file -- */

static bool open_file(struct he_store_file *f, char *why, size_t size)
{
  struct stat st;
  f->fd = open_high(f->dir, f->name, O_RDWR | O_CREAT | O_NONBLOCK |
                    O_NOCTTY);
  if(f->fd < 0 && errno == ELOOP)
    return refuse(why, size, f->path, "a symbolic link");
  if(f->fd < 0 || fstat(f->fd, &st))
    return refuse_errno(why, size, f->path);
  if(!S_ISREG(st.st_mode))
    return refuse(why, size, f->path, "not a plain file");
  if(st.st_uid != geteuid())
    return refuse(why, size, f->path, "another user's file");
  if(st.st_mode & (S_IWGRP | S_IWOTH))
    return refuse(why, size, f->path, "a file that others may write");
  if(st.st_nlink > 1)
    return refuse(why, size, f->path, "a file of several names");
  if((st.st_mode & 07777) != 0600 && fchmod(f->fd, 0600))
    return refuse_errno(why, size, f->path);
  return true;
}

static void close_fd(int *fd)
{
  if(*fd >= 0)
    close(*fd);
  *fd = -1;
}

bool he_store_file_open(struct he_store_file *f, const char *path,
                        unsigned wait_us, char *why, size_t why_size)
{
  char dir[PATH_MAX];
  enum he_store_lock lock = HE_STORE_LOCK_GONE;
  f->dir = f->fd = -1;
  if(getauxval(AT_SECURE))
    return refuse(why, why_size, path, "not in a setuid program");
  if(!take_path(f, path, dir))
    return refuse(why, why_size, path, "not a file's path");
  if(!open_dir(f, dir, why, why_size))
    goto refused;
  /* Another process may put it aside between our open and our lock. */
  for(int i = 0; i < 3 && lock == HE_STORE_LOCK_GONE; i++) {
    close_fd(&f->fd);
    if(!open_file(f, why, why_size))
      goto refused;
    lock = he_store_file_lock(f, true, wait_us);
  }
  if(lock == HE_STORE_LOCKED)
    return true;
  refuse(why, why_size, path, "in use by another process");
refused:
  he_store_file_close(f);
  return false;
}

void he_store_file_close(struct he_store_file *f)
{
  close_fd(&f->fd);
  close_fd(&f->dir);
}

size_t he_store_file_size(const struct he_store_file *f)
{
  struct stat st;
  return fstat(f->fd, &st) || st.st_size < 0 ? 0 : (size_t)st.st_size;
}

bool he_store_file_is(const struct he_store_file *f, int fd)
{
  struct stat a, b;
  return !fstat(f->fd, &a) && !fstat(fd, &b) && same(&a, &b);
}

bool he_store_file_aside(struct he_store_file *f)
{
  char bad[NAME_MAX + 1];
  snprintf(bad, sizeof(bad), "%.*s.bad", (int)(NAME_MAX - strlen(".bad")),
           f->name);
  return !renameat(f->dir, f->name, f->dir, bad);
}
