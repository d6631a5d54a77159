/* SPDX-License-Identifier: MIT */
/* line_refuse.c - who is wrong about a resolver does not get the system's. */
#include "options/line.h"

#include <string.h>

#define BLANKS " \t\r"

static bool has(const char *text, size_t len, const char *what)
{
  const size_t n = strlen(what);
  for(size_t i = 0; i + n <= len; i++) {
    if(!memcmp(text + i, what, n))
      return true;
  }
  return false;
}

static bool is_blank(char c)
{
  return c && strchr(BLANKS, c);
}

void he_line_refuse(const char *text, size_t len, struct he_line *out)
{
  const char *comment = memchr(text, '#', len), *why;
  size_t from = 0, to, at;
  if(comment)
    len = (size_t)(comment - text);
  while(from < len && is_blank(text[from]))
    from++;
  for(to = from; to < len && !is_blank(text[to]);)
    to++;
  out->refuses = has(text + to, len - to, "resolver") ||
                 has(text + from, len - from, "://");
  if(!he_pattern_read(text + from, to - from, out->pattern, &at, &why))
    memcpy(out->pattern, "*", 2);
}
