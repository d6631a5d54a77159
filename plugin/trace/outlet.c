/* SPDX-License-Identifier: MIT */
/* outlet.c - descriptors are checked before use: a program may close, or
 * replace, what it did not open. */
#include "trace/outlet.h"
#include "base/fds.h"
#include "base/words.h"
#include "net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between looks whether a full FIFO is still worth a wait, ms. */
#define PAUSE 100

static bool refuse(char why[HE_OUTLET_WHY], const struct he_outlet *o,
                   const char *what)
{
  snprintf(why, HE_OUTLET_WHY, "%s: %s", o->path ? o->path : "stderr", what);
  return false;
}

static bool refuse_errno(char why[HE_OUTLET_WHY], const struct he_outlet *o)
{
  char words[HE_WORDS];
  return refuse(why, o, he_errno_words(errno, words));
}

static void know(struct he_outlet *o, const struct stat *st)
{
  o->device = st->st_dev;
  o->inode = st->st_ino;
  o->known = true;
}

static bool is_known(const struct he_outlet *o, const struct stat *st)
{
  return o->known && o->device == st->st_dev && o->inode == st->st_ino;
}

void he_outlet_init(struct he_outlet *o, const char *path)
{
  struct stat st;
  *o = (struct he_outlet){ .path = path, .fd = -1 };
  if(!path && !fstat(STDERR_FILENO, &st))
    know(o, &st);
}

/* The program has closed it: a child of fork() must not close what has its
   number now. */
static void lose(struct he_outlet *o)
{
  if(o->stays && o->fd >= 0)
    he_fd_give(o->fd);
  o->fd = -1;
}

/* Is the descriptor what it was? */
static bool is_ours(const struct he_outlet *o)
{
  struct stat st;
  return o->fd >= 0 && !fstat(o->fd, &st) && is_known(o, &st);
}

/* -- opening -- */

/* Does the path still name the file that is open? A symbolic link stays. */
static bool is_named(const struct he_outlet *o, const struct stat *st)
{
  struct stat by_name;
  return !lstat(o->path, &by_name) && by_name.st_dev == st->st_dev &&
         by_name.st_ino == st->st_ino;
}

/* Whoever has the lock renames. Who has the file open still writes its last
   lines to it, under the new name. False where it stays. */
static bool rotate(struct he_outlet *o, const struct stat *st, uint64_t most)
{
  char older[PATH_MAX];
  bool done = false;
  if(st->st_size < 0 || (uint64_t)st->st_size < most ||
     snprintf(older, sizeof(older), "%s.1", o->path) >= (int)sizeof(older) ||
     flock(o->fd, LOCK_EX | LOCK_NB))
    return false;
  if(is_named(o, st))
    done = !rename(o->path, older);
  flock(o->fd, LOCK_UN);
  return done;
}

static bool open_path(struct he_outlet *o, struct stat *st,
                      char why[HE_OUTLET_WHY])
{
  o->fd = open(o->path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY |
               O_CLOEXEC, 0600);
  if(o->fd >= 0)
    o->fd = he_wire_raise(o->fd);
  if(o->fd < 0 && errno == ENXIO)
    return refuse(why, o, "nobody reads it");
  if(o->fd < 0)
    return refuse_errno(why, o);
  if(!fstat(o->fd, st) && (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) ||
                           S_ISCHR(st->st_mode)))
    return true;
  close(o->fd);
  o->fd = -1;
  return refuse(why, o, "not a file, a FIFO or a character device");
}

static bool open_anew(struct he_outlet *o, uint64_t most, bool *fresh,
                      char why[HE_OUTLET_WHY])
{
  struct stat st;
  if(!open_path(o, &st, why))
    return false;
  if(S_ISREG(st.st_mode) && rotate(o, &st, most)) {
    close(o->fd);
    if(!open_path(o, &st, why))
      return false;
  }
  o->stays = !S_ISREG(st.st_mode);
  *fresh = !is_known(o, &st) || (S_ISREG(st.st_mode) && !st.st_size);
  know(o, &st);
  if(o->stays) {
    he_fds_begin();
    o->fd = he_fds_end(o->fd);
  }
  return o->fd >= 0 || refuse_errno(why, o);
}

bool he_outlet_open(struct he_outlet *o, uint64_t most, bool *fresh,
                    char why[HE_OUTLET_WHY])
{
  *fresh = false;
  *why = 0;
  if(!o->path) {
    o->fd = STDERR_FILENO;
    return is_ours(o) || refuse(why, o, "closed, or replaced");
  }
  if(o->stays && is_ours(o))
    return true;
  lose(o);
  return open_anew(o, most, fresh, why);
}

/* -- writing -- */

bool he_outlet_write(struct he_outlet *o, const char *line, size_t n,
                     bool (*going_on)(void *arg), void *arg,
                     char why[HE_OUTLET_WHY])
{
  ssize_t put;
  do {
    put = write(o->fd, line, n);
    if(put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      struct pollfd p = { .fd = o->fd, .events = POLLOUT };
      poll(&p, 1, PAUSE);
      errno = EAGAIN;
    }
  } while(put < 0 && (errno == EINTR || (errno == EAGAIN && going_on(arg))));
  if(put < 0)
    return refuse_errno(why, o);
  return (size_t)put == n || refuse(why, o, "no room left");
}

/* -- closing -- */

void he_outlet_rest(struct he_outlet *o)
{
  if(o->path && !o->stays)
    he_outlet_close(o);
}

void he_outlet_close(struct he_outlet *o)
{
  if(o->path && is_ours(o)) {
    if(o->stays)
      he_fd_close(o->fd);
    else
      close(o->fd);
    o->fd = -1;
  }
  lose(o);
}

void he_outlet_forget(struct he_outlet *o)
{
  o->fd = -1;
  o->stays = false;
  if(o->path)
    o->known = false;         /* it begins with a line of its own */
}
