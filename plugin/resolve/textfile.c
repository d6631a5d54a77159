/* SPDX-License-Identifier: MIT */
#include "resolve/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LATE_S 2              /* coarser than this is no file system's clock */

static bool same_time(const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static void mark_of(struct he_textfile_mark *mark, const struct stat *st)
{
  memset(mark, 0, sizeof(*mark));
  mark->dev = st->st_dev;
  mark->ino = st->st_ino;
  mark->size = st->st_size;
  mark->mtime = st->st_mtim;
  mark->ctime = st->st_ctim;
}

static bool equal(const struct he_textfile_mark *a,
                  const struct he_textfile_mark *b)
{
  return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
         same_time(&a->mtime, &b->mtime) && same_time(&a->ctime, &b->ctime);
}

bool he_textfile_same(const char *path, const struct he_textfile_mark *mark)
{
  struct he_textfile_mark is;
  struct stat st;
  if(!mark->sure)
    return false;
  if(stat(path, &st))
    return mark->missing && errno == ENOENT;
  mark_of(&is, &st);
  return !mark->missing && equal(mark, &is);
}

/* As many bytes as there are, `most` at most. */
static int read_all(int fd, size_t most, char **text, size_t *n)
{
  size_t room = 0;
  *text = NULL;
  *n = 0;
  for(;;) {
    ssize_t got;
    if(room - *n < 2) {
      char *more = realloc(*text, room = room ? 2 * room : 4096);
      if(!more)
        return ENOMEM;
      *text = more;
    }
    got = read(fd, *text + *n, room - *n - 1);
    if(!got)
      break;
    if(got < 0 && errno != EINTR)
      return errno;
    *n += got > 0 ? (size_t)got : 0;
    if(*n > most)
      return EFBIG;
  }
  (*text)[*n] = 0;
  return 0;
}

/* Is what was read one state of the file, and would another one look
   different? */
static bool is_sure(int fd, const struct he_textfile_mark *mark)
{
  struct he_textfile_mark after;
  struct stat st;
  time_t now = time(NULL);
  if(fstat(fd, &st))
    return false;
  mark_of(&after, &st);
  return equal(mark, &after) && mark->mtime.tv_sec < now - LATE_S &&
         mark->ctime.tv_sec < now - LATE_S;
}

int he_textfile_read(const char *path, size_t most, char **text, size_t *n,
                     struct he_textfile_mark *mark)
{
  struct stat st;
  int error = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  memset(mark, 0, sizeof(*mark));
  *text = NULL;
  if(fd < 0) {
    error = errno;
    mark->sure = mark->missing = error == ENOENT;
    return error;
  }
  if(fstat(fd, &st))
    error = errno;
  else if(!S_ISREG(st.st_mode))
    error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
  else {
    mark_of(mark, &st);
    error = read_all(fd, most, text, n);
    mark->sure = (!error || error == EFBIG) && is_sure(fd, mark);
  }
  close(fd);
  if(error) {
    free(*text);
    *text = NULL;
  }
  return error;
}
