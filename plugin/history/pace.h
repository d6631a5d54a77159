/* SPDX-License-Identifier: MIT */
#ifndef HE_PACE_H
#define HE_PACE_H
/* pace.h - what a known delay makes of the schedule of a race alone. Pure. */
#include "race/race.h"

/* What a Connection Attempt Delay was derived from. */
enum he_pace_from {
  HE_PACE_COLD,        /* nothing: it is the one of first contact */
  HE_PACE_NETWORK,     /* the round trips of other hosts on this network */
  HE_PACE_HOST         /* the round trips of the host itself */
};

/* Changes the delays of `c`, as he_options_config() made it, for a race alone
 * to a host that `delay` is known of; `from` says how well.
 *   HE_PACE_COLD     nothing changes: the delays grow from first contact's.
 *   HE_PACE_NETWORK  `delay` is the first one; the others grow from it.
 *   HE_PACE_HOST     `delay` is the one fixed delay.
 * A fixed delay of the user's stays what it is. Beside libcurl this is not for
 * the caller: there attempt_delay is `delay`, whatever it was derived from. */
void he_pace(struct he_race_config *c, he_time_ns delay,
             enum he_pace_from from);

#endif
