/* SPDX-License-Identifier: MIT */
/* options.c - ranges and defaults stand in one table; a scope is an array of
 * values, most of them unset. */
#include "options/profiles.h"

static const struct he_option_range table[HE_OPTIONS] = {
  [HE_OPT_DELAY_MS] =            { 10, 2000, 0, true },
  [HE_OPT_RESOLUTION_DELAY_MS] = { 0, 2000, 25, true },
  [HE_OPT_FIRST_FAMILY_COUNT] =  { 1, 8, 1, false },
  [HE_OPT_PREFERENCE] =          { 0, 2, 0, true },
  [HE_OPT_FAMILIES] =            { 0, 2, 0, true },
  [HE_OPT_MAX_ATTEMPTS] =        { 1, 64, 6, false },
  [HE_OPT_ATTEMPT_TIMEOUT_MS] =  { 100, 600000, 0, true },
  [HE_OPT_CONNECTTIMEOUT_MS] =   { 100, 600000, 0, true },
  [HE_OPT_DELAY_MIN_MS] =        { 10, 2000, 50, false },
  [HE_OPT_DELAY_MAX_MS] =        { 10, 2000, 2000, false },
  [HE_OPT_LEEWAY_MS] =           { 0, 2000, 50, true },
  [HE_OPT_HISTORY] =             { 0, 1, 1, true },
  [HE_OPT_HISTORY_VERDICT_S] =   { 10, 86400, 600, false },
  [HE_OPT_HISTORY_TIMES_S] =     { 60, 2592000, 86400, false },
  [HE_OPT_HISTORY_SIZE] =        { 1, 65536, 4096, false },
  [HE_OPT_PROFILE] =             { 0, 4, 0, true },
  [HE_OPT_RACER_CALLBACKS] =     { 0, 1, 1, true },
  [HE_OPT_LOOKUP] =              { 0, 1, 1, true },
};

const struct he_option_range *he_option_range(enum he_option which)
{
  return &table[which];
}

bool he_option_contexts(enum he_option which)
{
  return which == HE_OPT_HISTORY_VERDICT_S ||
         which == HE_OPT_HISTORY_TIMES_S || which == HE_OPT_HISTORY_SIZE;
}

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
    o->value[which] = value;
  return ok;
}

long he_options_said(const struct he_options *o, enum he_option which)
{
  long value = o->value[which], profile = o->value[HE_OPT_PROFILE];
  return value == HE_UNSET && profile != HE_UNSET ?
         he_profile_value(profile, which) : value;
}

void he_options_fill(struct he_options *o, const struct he_options *wider)
{
  for(int i = 0; i < HE_OPTIONS; i++) {
    long value = i == HE_OPT_PROFILE ? HE_UNSET :
                 he_options_said(wider, (enum he_option)i);
    if(value != HE_UNSET &&
       he_options_said(o, (enum he_option)i) == HE_UNSET)
      o->value[i] = value;
  }
}

long he_options_get(const struct he_options *narrow,
                    const struct he_options *wide, enum he_option which)
{
  long value = he_options_said(narrow, which);
  if(value == HE_UNSET && wide)
    value = he_options_said(wide, which);
  return value == HE_UNSET ? table[which].normal : value;
}

/* Where the bounds contradict each other, the upper one holds. */
static he_time_ns bounded(long ms, const long *v)
{
  if(ms < v[HE_OPT_DELAY_MIN_MS])
    ms = v[HE_OPT_DELAY_MIN_MS];
  return HE_MS(ms > v[HE_OPT_DELAY_MAX_MS] ? v[HE_OPT_DELAY_MAX_MS] : ms);
}

/* Where nothing is known of the path; or as the user has set it. */
static void schedule(const long *v, struct he_race_config *out)
{
  const long fixed = v[HE_OPT_DELAY_MS];
  out->attempt_delay = fixed ? HE_MS(fixed) :
                       bounded(HE_FIRST_CONTACT_DELAY_MS, v);
  out->first_delay = fixed ? 0 : bounded(HE_FIRST_CONTACT_FIRST_MS, v);
}

static he_time_ns or_never(long ms)
{
  return ms ? HE_MS(ms) : HE_NEVER;
}

void he_options_config(const struct he_options *narrow,
                       const struct he_options *wide,
                       struct he_race_config *out)
{
  struct he_options all;
  for(int i = 0; i < HE_OPTIONS; i++)
    all.value[i] = he_options_get(narrow, wide, (enum he_option)i);
  he_options_race(&all, out);
}

void he_options_race(const struct he_options *all, struct he_race_config *out)
{
  const long *v = all->value;
  schedule(v, out);
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
