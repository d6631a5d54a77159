/* SPDX-License-Identifier: MIT */
#ifndef HE_BASE_H
#define HE_BASE_H
/* base.h - what every layer above may use: time as a number, the two address
 * families, and nothing that touches the system. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of a clock that never decreases (clock.h). What is pure does not
   read that clock: time is an argument. */
typedef int64_t he_time_ns;

#define HE_NEVER INT64_MAX
#define HE_MS(n) ((he_time_ns)(n) * 1000000)

/* a + b for b >= 0 (a delay), HE_NEVER when either is or the sum would pass
   it */
static inline he_time_ns he_time_add(he_time_ns a, he_time_ns b)
{
  return (a == HE_NEVER || b >= HE_NEVER - a) ? HE_NEVER : a + b;
}

/* The order of the values is the order in which families are asked
   (RFC 8305 section 3: AAAA first). */
enum he_family {
  HE_IPV6,
  HE_IPV4
};
#define HE_FAMILIES 2

static inline enum he_family he_other_family(enum he_family f)
{
  return f == HE_IPV6 ? HE_IPV4 : HE_IPV6;
}

#endif
