/* SPDX-License-Identifier: MIT */
/* profiles.c - docs/libcurl-he-profiles.3 has the reason for each value. */
#include "options/profiles.h"

struct setting {
  enum he_option which;
  long value;
};

static const struct setting rfc8305[] = {
  { HE_OPT_DELAY_MS, 250 },
  { HE_OPT_RESOLUTION_DELAY_MS, 50 },
  { HE_OPT_FIRST_FAMILY_COUNT, 1 },
  { HE_OPT_PREFERENCE, 0 },
  { HE_OPT_HISTORY, 0 },
};

static const struct setting cloudflare[] = {
  { HE_OPT_DELAY_MS, 0 },
  { HE_OPT_DELAY_MIN_MS, 50 },
  { HE_OPT_DELAY_MAX_MS, 500 },
  { HE_OPT_FIRST_FAMILY_COUNT, 1 },
  { HE_OPT_MAX_ATTEMPTS, 4 },
  { HE_OPT_HISTORY, 1 },
};

static const struct setting telegram[] = {
  { HE_OPT_DELAY_MS, 0 },
  { HE_OPT_DELAY_MIN_MS, 100 },
  { HE_OPT_DELAY_MAX_MS, 250 },
  { HE_OPT_FIRST_FAMILY_COUNT, 1 },
  { HE_OPT_HISTORY, 1 },
};

static const struct setting loopback[] = {
  { HE_OPT_DELAY_MS, 10 },
  { HE_OPT_RESOLUTION_DELAY_MS, 0 },
  { HE_OPT_MAX_ATTEMPTS, 1 },
  { HE_OPT_HISTORY, 0 },
};

#define LIST(array) { array, sizeof(array) / sizeof(*array) }

/* by the value of CURLHEOPT_PROFILE */
static const struct {
  const struct setting *list;
  size_t n;
} profiles[] = {
  { NULL, 0 },
  LIST(rfc8305),
  LIST(cloudflare),
  LIST(telegram),
  LIST(loopback),
};

long he_profile_value(long profile, enum he_option which)
{
  if(profile < 0 || profile >= (long)(sizeof(profiles) / sizeof(*profiles)))
    return HE_UNSET;
  for(size_t i = 0; i < profiles[profile].n; i++) {
    if(profiles[profile].list[i].which == which)
      return profiles[profile].list[i].value;
  }
  return HE_UNSET;
}
