/* SPDX-License-Identifier: MIT */
#include "outfile.h"
#include "../command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the signals below have to take away; "": nothing. */
static char leftover[PATH_MAX];
static const int ends[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };

static void outfile_end(int signal)
{
  if(*leftover)
    unlink(leftover);
  raise(signal);                /* the handler holds once */
}

/* A signal that is ignored stays so. */
static void outfile_guard(const char *path)
{
  struct sigaction act, was;
  memset(&act, 0, sizeof(act));
  act.sa_handler = outfile_end;
  act.sa_flags = (int)SA_RESETHAND;
  snprintf(leftover, sizeof(leftover), "%s", path);
  for(size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
    if(!sigaction(ends[i], NULL, &was) && was.sa_handler == SIG_DFL)
      sigaction(ends[i], &act, NULL);
  }
}

static bool outfile_fail(const struct he_outfile *f, int error)
{
  he_say("%s: %s: %s", f->command, strcmp(f->path, "-") ? f->path :
         "standard output", strerror(error));
  if(*f->temporary)
    unlink(f->temporary);
  leftover[0] = 0;
  return false;
}

static bool outfile_in_place(struct he_outfile *f)
{
  f->stream = strcmp(f->path, "-") ? fopen(f->path, "we") :
              fdopen(dup(STDOUT_FILENO), "w");
  return f->stream || outfile_fail(f, errno);
}

bool he_outfile_open(struct he_outfile *f, const char *command,
                     const char *path)
{
  struct stat st;
  const bool there = !stat(path, &st);
  const mode_t mask = umask(0);
  char *real = there ? realpath(path, NULL) : NULL;
  int fd, len;
  umask(mask);
  memset(f, 0, sizeof(*f));
  f->command = command;
  len = snprintf(f->path, sizeof(f->path), "%s", real ? real : path);
  free(real);
  if(!strcmp(path, "-") || (there && !S_ISREG(st.st_mode)))
    return outfile_in_place(f);
  if(len >= PATH_MAX - 8)
    return outfile_fail(f, ENAMETOOLONG);
  snprintf(f->temporary, sizeof(f->temporary), "%.*s.XXXXXX", PATH_MAX - 8,
           f->path);
  fd = mkostemp(f->temporary, O_CLOEXEC);
  if(fd < 0) {
    f->temporary[0] = 0;
    return outfile_fail(f, errno);
  }
  outfile_guard(f->temporary);
  if(fchmod(fd, there ? st.st_mode & 0777 : 0666 & ~mask) ||
     !(f->stream = fdopen(fd, "w"))) {
    const int error = errno;
    close(fd);
    return outfile_fail(f, error);
  }
  return true;
}

/* Why writing failed, or 0. The reason of an earlier failure is gone: one more
   byte tells it again. */
static int outfile_error(FILE *stream)
{
  const bool failed = ferror(stream);
  errno = 0;
  if(!failed)
    return fflush(stream) ? errno : 0;
  clearerr(stream);
  return putc('\n', stream) == EOF || fflush(stream) ? errno : EIO;
}

bool he_outfile_close(struct he_outfile *f, bool good)
{
  int error = outfile_error(f->stream);
  if(fclose(f->stream) && !error)
    error = errno;
  f->stream = NULL;
  if(!good) {
    if(*f->temporary)
      unlink(f->temporary);
    leftover[0] = 0;
    return false;
  }
  if(!error && *f->temporary && rename(f->temporary, f->path))
    error = errno;
  leftover[0] = 0;
  return !error || outfile_fail(f, error);
}
