/* SPDX-License-Identifier: MIT */
#ifndef HE_SAVED_H
#define HE_SAVED_H
/* saved.h - the time that a race saved, against RFC 8305 without memory.
 *
 * The measure is a client of RFC 8305 with its recommended values, that has
 * learned nothing: Resolution Delay 50 ms, Connection Attempt Delay 250 ms,
 * First Address Family Count 1, IPv6 first. It gets the answers when the race
 * got them, and knows the same addresses. Each address does for it what it was
 * last seen to do: connects after as long, fails after as long, or is silent.
 * An address of which nothing was seen connects as quickly as the winner, so
 * that nothing is counted as saved which is not known.
 *
 *   saved = that client's time to connect - the race's time to connect
 *
 * It is below 0 where the race was the slower one. A race without a winner is
 * not compared, nor one that such a client would not win. */
#include <stddef.h>
#include <stdint.h>

#define HE_SAVED_RESOLUTION_DELAY_US 50000
#define HE_SAVED_ATTEMPT_DELAY_US 250000

enum he_does { HE_DOES_CONNECT, HE_DOES_FAIL, HE_DOES_NOTHING };

/* An address, and what it does after `took` us. */
struct he_way {
  int family;                   /* 4 or 6 */
  enum he_does does;
  int64_t took;
};

/* When that client is connected, us after the race began, or HE_NEVER_US.
   v6_at, v4_at: when the answers came, without addresses or with some;
   HE_NEVER_US: they never did. `ways`: each family in the order of the answer;
   at most 64 are looked at. */
int64_t he_saved_rfc8305_us(int64_t v6_at, int64_t v4_at,
                            const struct he_way *ways, size_t n);

#endif
