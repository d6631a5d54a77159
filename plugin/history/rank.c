/* SPDX-License-Identifier: MIT */
/* rank.c - what is held against an address. It may be its own fault, its
 * family's at this host, or its family's with every host of the network. */
#include "history/memory.h"

enum he_rank he_rank_of(const struct he_history *h, const struct he_host *host,
                        const struct he_network *n,
                        const struct he_known *known, enum he_family f,
                        uint16_t port, he_time_ns now)
{
  he_time_ns age = h->limits.verdict_age;
  const struct he_track *family = host ? &host->family[f].track : NULL;
  bool proven = false;              /* by itself, whatever its family does */
  if(known) {
    const struct he_track *own = &known->track;
    if(he_track_bad(own, port, now, age))
      return HE_RANK_BAD;
    proven = he_age(own->good_at, now) < age &&
             !he_charge_points(&own->charge[HE_CHARGE_SILENT], now, age);
  }
  if(family && ((!proven && he_track_unreachable(family, port, now, age)) ||
                he_track_verdict(family, HE_CHARGE_TLS, port, now, age)))
    return HE_RANK_BAD;
  if(n && (he_network_agrees(n, f, HE_NETWORK_SILENT, now, age) ||
           he_network_agrees(n, f, HE_NETWORK_TLS, now, age)))
    return HE_RANK_DOUBTED;
  return HE_RANK_GOOD;
}
