/* SPDX-License-Identifier: MIT */
#ifndef HE_WRAP_H
#define HE_WRAP_H
/* wrap.h - long sentences on a terminal. */
#include <stdio.h>

/* Writes `text` and a line's end, broken between words before column 80; each
   line but the first behind `indent`, which stands before the first already. */
void he_wrap(FILE *out, const char *text, const char *indent);

#endif
