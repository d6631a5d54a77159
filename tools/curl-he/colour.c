/* SPDX-License-Identifier: MIT */
/* colour.c - the terminal's codes; see https://no-color.org/ */
#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool he_colours(FILE *out)
{
  const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
  return !(no && *no) && !(term && !strcmp(term, "dumb")) &&
         isatty(fileno(out));
}

const char *he_colour(FILE *out, enum he_colour colour)
{
  static const char *const codes[] = {
    [HE_PLAIN] = "\033[0m", [HE_GREEN] = "\033[32m", [HE_YELLOW] = "\033[33m",
    [HE_RED] = "\033[31m", [HE_BOLD] = "\033[1m"
  };
  return he_colours(out) ? codes[colour] : "";
}
