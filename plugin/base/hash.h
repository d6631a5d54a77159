/* SPDX-License-Identifier: MIT */
#ifndef HE_HASH_H
#define HE_HASH_H
/* hash.h - FNV-1a of 64 bits: the same in each process and on each machine.
 *
 * Of two texts of one length that differ in one byte the hashes differ for
 * sure. It keeps nobody out who wants two texts to have the same. */
#include "base/base.h"

#define HE_HASH_BEGIN 14695981039346656037u

/* Goes on from `h`: HE_HASH_BEGIN, or what the bytes before came to. */
static inline uint64_t he_hash(uint64_t h, const void *bytes, size_t len)
{
  const unsigned char *b = bytes;
  while(len--)
    h = (h ^ *b++) * 1099511628211u;
  return h;
}

#endif
