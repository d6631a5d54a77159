/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* All that is left of `in`, or NULL with errno set: EFBIG for too much. */
static char *read_all(FILE *in, size_t *len)
{
  size_t room = 4096;
  char *bytes = NULL;
  *len = 0;
  for(;;) {
    char *more = realloc(bytes, room);
    if(!more)
      break;
    bytes = more;
    errno = 0;
    *len += fread(bytes + *len, 1, room - 1 - *len, in);
    if(ferror(in))
      break;
    if(*len < room - 1) {
      bytes[*len] = 0;
      return bytes;
    }
    errno = EFBIG;
    if(*len > INPUT_MAX)
      break;
    room *= 2;
  }
  free(bytes);
  return NULL;
}

char *input_read(const char *path, size_t *len)
{
  int is_stdin = !strcmp(path, "-");
  FILE *in = is_stdin ? stdin : fopen(path, "rb");
  char *bytes = in ? read_all(in, len) : NULL;
  if(!bytes)
    say("cannot read %s: %s", is_stdin ? "stdin" : path, strerror(errno));
  else if(*len > INPUT_MAX) {
    say("cannot read %s: %s", is_stdin ? "stdin" : path, strerror(EFBIG));
    free(bytes);
    bytes = NULL;
  }
  if(in && !is_stdin)
    fclose(in);
  return bytes;
}
