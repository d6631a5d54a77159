/* SPDX-License-Identifier: MIT */
/* age_fuzz.c - TTLs of an answer that an HTTP cache has kept (he_doh_age()).
 * The first byte is the age, the rest the message. */
#include "fuzz.h"
#include "curl/doh_own.h"

#include <string.h>

/* What grows older twice is as old as what grew so old at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  unsigned char *twice, *once;
  if(!size)
    return 0;
  size--;
  twice = malloc(size + 1);
  once = malloc(size + 1);
  if(twice && once) {
    memcpy(twice, data + 1, size);
    memcpy(once, data + 1, size);
    he_doh_age(twice, size, data[0]);
    he_doh_age(twice, size, 7);
    he_doh_age(once, size, data[0] + 7u);
    fuzz_assert(!memcmp(twice, once, size));
  }
  free(twice);
  free(once);
  return 0;
}
