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

/* The same of a host's name, upper case as lower case. */
static inline uint64_t he_hash_name(uint64_t h, const char *name, size_t len)
{
  for(; len; len--, name++) {
    const char c = *name >= 'A' && *name <= 'Z' ?
      (char)(*name + 'a' - 'A') : *name;
    h = he_hash(h, &c, 1);
  }
  return h;
}

/* The last step of MurmurHash3: after it short texts differ in all bits. */
static inline uint64_t he_hash_mix(uint64_t h)
{
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

#endif
