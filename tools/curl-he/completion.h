/* SPDX-License-Identifier: MIT */
#ifndef HE_COMPLETION_H
#define HE_COMPLETION_H
/* completion.h - each shell's completions, made of the commands' tables. */
#include "command.h"
#include <stdio.h>

/* Each writes a whole file. Blocks as stdio does. */
void he_complete_bash(FILE *out);
void he_complete_zsh(FILE *out);
void he_complete_fish(FILE *out);

/* Writes what stands between two apostrophes: `apostrophe` for each in the
   text, and a backslash before each character of `escaped`. */
void he_complete_quote(FILE *out, const char *text, const char *apostrophe,
                       const char *escaped);

#endif
