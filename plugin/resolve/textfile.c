/* SPDX-License-Identifier: MIT */
#include "resolve/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of the size that it says needs one read(). It may grow meanwhile, and
   may say that it is empty, as in /proc. */
static int read_all(int fd, size_t size, size_t most, char **text, size_t *n)
{
  size_t room = 0;
  ssize_t got = 1;
  if(size > most)
    return EFBIG;
  while(got && (!*n || *n != size)) {
    if(room - *n < 2) {
      char *more = realloc(*text, room = room ? 2 * room : size + 2);
      if(!more)
        return ENOMEM;
      *text = more;
    }
    got = read(fd, *text + *n, room - *n - 1);
    if(got < 0 && errno != EINTR)
      return errno;
    *n += got > 0 ? (size_t)got : 0;
    if(*n > most)
      return EFBIG;
  }
  (*text)[*n] = 0;
  return 0;
}

int he_textfile_read(const char *path, size_t most, char **text, size_t *n,
                     struct timespec *changed)
{
  struct stat st;
  int error;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  *text = NULL;
  *n = 0;
  if(fd < 0)
    return errno;
  if(fstat(fd, &st))
    error = errno;
  else {
    if(changed)
      *changed = st.st_mtim;
    error = S_ISDIR(st.st_mode) ? EISDIR : !S_ISREG(st.st_mode) ? EINVAL :
            read_all(fd, (size_t)st.st_size, most, text, n);
  }
  close(fd);
  if(error) {
    free(*text);
    *text = NULL;
  }
  return error;
}
