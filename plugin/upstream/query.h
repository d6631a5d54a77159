/* SPDX-License-Identifier: MIT */
#ifndef HE_QUERY_H
#define HE_QUERY_H
/* query.h - a DNS query of one question, padded; and whether a message answers
 * it. Pure. */
#include "base/base.h"

/* Queries are padded to multiples of this (RFC 8467 section 4.1). The longest
   name takes three of them. */
#define HE_QUERY_BLOCK 128
#define HE_QUERY_MOST (3 * HE_QUERY_BLOCK)

/* Writes a query: recursion desired, class IN, EDNS (RFC 6891) with a padding
   option (RFC 7830). `name` is without a dot at its end. Returns its length;
   0 where the name is none that DNS can have, which *out then says nothing
   of. */
size_t he_query_make(unsigned char out[HE_QUERY_MOST], uint16_t id,
                     const char *name, uint16_t type);

/* The id of a message, of 2 bytes at least. */
static inline uint16_t he_query_id(const unsigned char *message)
{
  return (uint16_t)(message[0] << 8 | message[1]);
}

/* Is the message, whose id is right, an answer to this question, whatever it
   says? Upper case is as lower case. An answer that reports an error may leave
   the question out. The message is hostile, `len` bytes. */
bool he_query_answers(const unsigned char *message, size_t len,
                      const char *name, uint16_t type);

#endif
