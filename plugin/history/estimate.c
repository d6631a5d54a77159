/* SPDX-License-Identifier: MIT */
/* estimate.c - RFC 6298, in whole microseconds: the kernel's own unit. */
#include "history/estimate.h"

/* G of section 2.3: kernels time a handshake by a clock of 1 ms or finer */
#define GRANULARITY_US 1000

void he_estimate_add(struct he_estimate *e, he_time_ns sample)
{
  uint32_t r = (uint32_t)((sample < HE_SAMPLE_MAX ? sample : HE_SAMPLE_MAX) /
                          1000);
  if(!r)
    r = 1;
  if(!e->srtt_us) {
    e->srtt_us = r;
    e->rttvar_us = r / 2;
  }
  else {
    /* RTTVAR first: it is measured against the SRTT before the sample */
    uint32_t off = r > e->srtt_us ? r - e->srtt_us : e->srtt_us - r;
    e->rttvar_us = (uint32_t)((3 * (uint64_t)e->rttvar_us + off + 2) / 4);
    e->srtt_us = (uint32_t)((7 * (uint64_t)e->srtt_us + r + 4) / 8);
  }
}

bool he_estimate_known(const struct he_estimate *e)
{
  return e->srtt_us;
}

he_time_ns he_estimate_srtt(const struct he_estimate *e)
{
  return (he_time_ns)e->srtt_us * 1000;
}

he_time_ns he_estimate_rttvar(const struct he_estimate *e)
{
  return e->srtt_us ? (he_time_ns)e->rttvar_us * 1000 : 0;
}

he_time_ns he_estimate_upper(const struct he_estimate *e)
{
  he_time_ns spread = 4 * he_estimate_rttvar(e);
  if(!e->srtt_us)
    return 0;
  if(spread < GRANULARITY_US * 1000)
    spread = GRANULARITY_US * 1000;
  return he_estimate_srtt(e) + spread;
}
