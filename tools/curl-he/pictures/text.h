/* SPDX-License-Identifier: MIT */
#ifndef HE_TEXT_H
#define HE_TEXT_H
/* text.h - the pieces that a report in text is put together from. */
#include "draw.h"

struct he_text {
  FILE *out;
  const struct he_terminal *t;
};

/* What begins a colour, by the numbers of its escape sequence, or ends all of
   them ("0"). Nothing where there are none. */
void he_text_colour(const struct he_text *p, const char *code);
void he_text_heading(const struct he_text *p, const char *text);
/* A race: a bar for each lookup and attempt, over one time axis. */
void he_text_story(const struct he_text *p, const struct he_story *s,
                   const char *whose);

#endif
