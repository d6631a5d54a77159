/* SPDX-License-Identifier: MIT */
/* wrap.c - word by word. */
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH 78

void he_wrap(FILE *out, const char *text, const char *indent)
{
  size_t used = strlen(indent);
  bool first = true;
  while(*text) {
    const size_t n = strcspn(text, " ");
    if(!first && used + 1 + n > WIDTH) {
      fprintf(out, "\n%s", indent);
      used = strlen(indent);
    }
    else if(!first) {
      fputc(' ', out);
      used++;
    }
    fprintf(out, "%.*s", (int)n, text);
    used += n;
    text += n;
    text += strspn(text, " ");
    first = false;
  }
  fputc('\n', out);
}
