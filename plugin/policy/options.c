/* SPDX-License-Identifier: MIT */
/* options.c - ranges and defaults stand in one table; a scope is an array of
 * values, most of them unset. */
#include "policy/options.h"

static const struct {
  long min;
  long max;
  long normal;
  bool zero;     /* 0 is allowed beside [min, max] */
} table[HE_OPTIONS] = {
  [HE_OPT_DELAY_MS] =            { 10, 2000, 0, true },
  [HE_OPT_RESOLUTION_DELAY_MS] = { 0, 2000, 50, true },
  [HE_OPT_FIRST_FAMILY_COUNT] =  { 1, 8, 1, false },
  [HE_OPT_PREFERENCE] =          { 0, 2, 0, true },
  [HE_OPT_FAMILIES] =            { 0, 2, 0, true },
  [HE_OPT_MAX_ATTEMPTS] =        { 1, 64, 6, false },
  [HE_OPT_ATTEMPT_TIMEOUT_MS] =  { 100, 600000, 0, true },
  [HE_OPT_CONNECTTIMEOUT_MS] =   { 100, 600000, 0, true },
};

void he_options_clear(struct he_options *o)
{
  for(int i = 0; i < HE_OPTIONS; i++)
    o->value[i] = HE_UNSET;
}

bool he_options_set(struct he_options *o, enum he_option which, long value)
{
  bool ok = value == HE_UNSET || (value == 0 && table[which].zero) ||
            (value >= table[which].min && value <= table[which].max);
  if(ok)
    o->value[which] = (int32_t)value;
  return ok;
}

long he_options_get(const struct he_options *narrow,
                    const struct he_options *wide, enum he_option which)
{
  if(narrow->value[which] != HE_UNSET)
    return narrow->value[which];
  if(wide && wide->value[which] != HE_UNSET)
    return wide->value[which];
  return table[which].normal;
}

static he_time_ns or_never(long ms)
{
  return ms ? HE_MS(ms) : HE_NEVER;
}

void he_options_config(const struct he_options *narrow,
                       const struct he_options *wide,
                       struct he_race_config *out)
{
  long v[HE_OPTIONS];
  for(int i = 0; i < HE_OPTIONS; i++)
    v[i] = he_options_get(narrow, wide, (enum he_option)i);
  out->attempt_delay = HE_MS(v[HE_OPT_DELAY_MS] ? v[HE_OPT_DELAY_MS] :
                             HE_FIRST_CONTACT_DELAY_MS);
  out->resolution_delay = HE_MS(v[HE_OPT_RESOLUTION_DELAY_MS]);
  out->first_family_count = (unsigned)v[HE_OPT_FIRST_FAMILY_COUNT];
  out->preference = (enum he_preference)v[HE_OPT_PREFERENCE];
  /* the values are CURL_IPRESOLVE_'s: 1 is IPv4 alone, 2 is IPv6 alone */
  out->allowed[HE_IPV4] = v[HE_OPT_FAMILIES] != 2;
  out->allowed[HE_IPV6] = v[HE_OPT_FAMILIES] != 1;
  out->max_attempts = (unsigned)v[HE_OPT_MAX_ATTEMPTS];
  out->attempt_timeout = or_never(v[HE_OPT_ATTEMPT_TIMEOUT_MS]);
  out->total_timeout = or_never(v[HE_OPT_CONNECTTIMEOUT_MS]);
}
