/* SPDX-License-Identifier: MIT */
#ifndef HE_FUZZ_H
#define HE_FUZZ_H
/* fuzz.h - what a target is: a file tests/fuzz/NAME_fuzz.c with this function,
 * inputs in tests/fuzz/corpus/NAME/, and a few lines in fuzz.mk.
 *
 * make check runs each target over its corpus (over.c), with every compiler and
 * sanitizer. ./run fuzz, and ./run check --full for some seconds, let libFuzzer
 * look for inputs of its own. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Takes any bytes, and returns 0. Reports a fault by abort(), or leaves it to a
   sanitizer. Leaves nothing behind, for it is called again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of assert(), which NDEBUG takes away. */
static inline void fuzz_assert(int holds)
{
  if(!holds)
    abort();
}

#endif
