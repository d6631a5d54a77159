/* SPDX-License-Identifier: MIT */
/* options.c - a scope is an array of values, most of them unset. */
#include "options/options.h"

/* -- profiles: docs/libcurl-he-profiles.3 has the reason for each value -- */

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

/* -- scopes ------------------------------------------------------------- */

void he_options_clear(struct he_options *o)
{
  for(int i = 0; i < HE_OPTIONS; i++)
    o->value[i] = HE_UNSET;
}

bool he_options_set(struct he_options *o, enum he_option which, long value)
{
  const struct he_option_row *r = he_option_row(which);
  bool ok = value == HE_UNSET || (value == 0 && r->zero) ||
            (value >= r->min && value <= r->max);
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
  return value == HE_UNSET ? he_option_row(which)->normal : value;
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

void he_options_race(const struct he_options *all, struct he_race_config *out)
{
  long v[HE_OPTIONS];
  for(int i = 0; i < HE_OPTIONS; i++)
    v[i] = he_options_get(all, NULL, (enum he_option)i);
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
