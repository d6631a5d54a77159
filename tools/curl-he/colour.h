/* SPDX-License-Identifier: MIT */
#ifndef HE_COLOUR_H
#define HE_COLOUR_H
/* colour.h - words in colour, on a terminal and without NO_COLOR alone. */
#include <stdbool.h>
#include <stdio.h>

enum he_colour {
  HE_PLAIN,
  HE_GREEN,
  HE_YELLOW,
  HE_RED,
  HE_BOLD
};

/* Does this stream show colours? */
bool he_colours(FILE *out);

/* What begins a colour, or ends it (HE_PLAIN), on this stream; "" where there
   are none. Static. */
const char *he_colour(FILE *out, enum he_colour colour);

#endif
