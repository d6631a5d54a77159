/* SPDX-License-Identifier: MIT */
/* report.c - the file is opened for each line: a program may close descriptors
 * that it does not know. One write makes one line, whoever else appends. */
#include "base/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 2048

static char file[PATH_MAX];   /* "": nobody wants it */

struct line {
  char text[LINE];
  size_t len;
};

void he_report_begin(void)
{
  const char *said = secure_getenv(HE_REPORT_VARIABLE);
  if(said && *said == '/' && strlen(said) < sizeof(file))
    strcpy(file, said);
}

bool he_report_wanted(void)
{
  return *file;
}

/* A field in printable ASCII; what has no room is cut off. */
static void add(struct line *l, const char *field, char end)
{
  for(; *field && l->len < LINE - 2; field++) {
    const unsigned char c = (unsigned char)*field;
    l->text[l->len++] = (char)(c < ' ' || c > '~' ? '?' : c);
  }
  l->text[l->len++] = end;
  if(l->len > LINE - 2)
    l->len = LINE - 2;
}

static void append(const struct line *l)
{
  const int error = errno;
  const int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
                            O_NOCTTY | O_NONBLOCK);
  if(fd >= 0) {
    /* nobody can be told where this fails */
    if(write(fd, l->text, l->len) < 0)
      errno = error;
    close(fd);
  }
  errno = error;
}

void he_report(const char *kind, ...)
{
  struct line l = { .len = 0 };
  char pid[16];
  const char *field;
  va_list ap;
  if(!*file)
    return;
  snprintf(pid, sizeof(pid), "%ld", (long)getpid());
  add(&l, kind, '\t');
  add(&l, pid, '\t');
  add(&l, program_invocation_short_name, '\t');
  va_start(ap, kind);
  for(field = va_arg(ap, const char *); field;
      field = va_arg(ap, const char *))
    add(&l, field, '\t');
  va_end(ap);
  l.text[l.len - 1] = '\n';
  append(&l);
}
