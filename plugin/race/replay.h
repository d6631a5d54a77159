/* SPDX-License-Identifier: MIT */
#ifndef HE_REPLAY_H
#define HE_REPLAY_H
/* replay.h - how long a client of RFC 8305 would have taken that remembers
 * nothing: what a race is measured against. Pure.
 *
 * It has the values that the RFC recommends: Resolution Delay 50 ms, Connection
 * Attempt Delay 250 ms, First Address Family Count 1. It gets the answers when
 * the race got them, and tries the addresses in the system's order. Each
 * address does for it what it did in the race. */
#include "race/race.h"

enum he_replay_does {
  HE_REPLAY_CONNECTS,
  HE_REPLAY_FAILS,
  HE_REPLAY_SILENT            /* `took` says nothing */
};

/* An address of the host. */
struct he_replay_way {
  struct he_addr addr;
  bool has_source;            /* as struct he_candidate has it */
  enum he_replay_does does;
  he_time_ns took;            /* >= 0 */
};

struct he_replay {
  he_time_ns answered[HE_FAMILIES];   /* since the race began; HE_NEVER: the
                                         family was never asked for */
  const struct he_replay_way *ways;   /* each family's in the system's order */
  size_t n;                   /* what is beyond HE_RACE_MAX_ADDRS a family is
                                 not tried */
  const struct he_policy *policy;
  enum he_preference preference;
};

/* When that client is connected, since the race began. HE_NEVER: it is not, or
   there is no memory. */
he_time_ns he_replay(const struct he_replay *r);

#endif
