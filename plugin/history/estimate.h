/* SPDX-License-Identifier: MIT */
#ifndef HE_ESTIMATE_H
#define HE_ESTIMATE_H
/* estimate.h - a smoothed time and its variation, by the arithmetic of
 * RFC 6298 section 2. Pure. */
#include "base/base.h"

struct he_estimate {
  uint32_t srtt_us;       /* 0: no sample yet */
  uint32_t rttvar_us;
};

/* Longer samples count as this long: a minute is no handshake's time. */
#define HE_SAMPLE_MAX HE_MS(60000)

/* Takes in a sample, > 0. */
void he_estimate_add(struct he_estimate *e, he_time_ns sample);

/* Has there been a sample? */
bool he_estimate_known(const struct he_estimate *e);

/* Smoothed, and variation. 0 without a sample. */
he_time_ns he_estimate_srtt(const struct he_estimate *e);
he_time_ns he_estimate_rttvar(const struct he_estimate *e);

/* SRTT + max(G, 4 * RTTVAR), the time within which an answer comes, if one
   comes (section 2.3). 0 without a sample. */
he_time_ns he_estimate_upper(const struct he_estimate *e);

#endif
