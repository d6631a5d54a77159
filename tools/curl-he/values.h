/* SPDX-License-Identifier: MIT */
#ifndef HE_VALUES_H
#define HE_VALUES_H
/* values.h - what may stand in the place of an argument or an operand, as its
 * name in the help has it. */
#include <stddef.h>

enum he_kind {
  HE_KIND_NONE,               /* nothing stands there */
  HE_KIND_ANY,
  HE_KIND_FILE,
  HE_KIND_FOLDER,
  HE_KIND_HOST,
  HE_KIND_PROGRAM,
  HE_KIND_WORDS               /* one of some fixed words */
};

struct he_values {
  enum he_kind kind;
  char words[256];            /* of HE_KIND_WORDS: with blanks between them */
};

/* Reads "[HOST...]", "FILE", "one|two". Of several operands the first counts.
   NULL is HE_KIND_NONE. */
void he_values_of(const char *name, struct he_values *v);

#endif
