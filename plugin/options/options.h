/* SPDX-License-Identifier: MIT */
#ifndef HE_OPTIONS_H
#define HE_OPTIONS_H
/* options.h - options as they were set, at each scope, and what they come to
 * for one race. Pure. */
#include "options/table.h"
#include "race/race.h"

/* "as the next wider scope says" */
#define HE_UNSET (-1L)

/* Connection Attempt Delays where nothing is known about the path. At 150 ms
   the share of IPv6 is what it is at RFC 8305's 250 ms, and connects are
   faster (Bajpai and Schoenwaelder, ANRW 2016). A race alone begins with
   FIRST and grows up to DELAY; beside libcurl each delay is DELAY. A family
   that loses after FIRST is slower by more than the leeway's default. */
#define HE_FIRST_CONTACT_DELAY_MS 150
#define HE_FIRST_CONTACT_FIRST_MS 50

struct he_options {
  long value[HE_OPTIONS];
};

void he_options_clear(struct he_options *o);

/* What a profile (a CURL_HE_PROFILE_ value, or HE_UNSET) says of an option;
   HE_UNSET where it says nothing. */
long he_profile_value(long profile, enum he_option which);

/* False, and nothing changed, where the value is out of the option's range.
   HE_UNSET is in every range. */
bool he_options_set(struct he_options *o, enum he_option which, long value);

/* What this scope says: the option itself, else its profile; or HE_UNSET. */
long he_options_said(const struct he_options *o, enum he_option which);

/* What `o` does not say is as `wider` says it. A profile is no option of its
   own here: each scope's stands for the values that it has in that scope. */
void he_options_fill(struct he_options *o, const struct he_options *wider);

/* The narrowest scope that says something wins; `wide` may be NULL. */
long he_options_get(const struct he_options *narrow,
                    const struct he_options *wide, enum he_option which);

/* The race's configuration that these options ask for; not its fields about
   racing beside somebody (beside, open, native_grace). Its delays are those of
   first contact, for he_pace() to change; or, with first_delay 0, the
   user's one fixed delay. */
void he_options_race(const struct he_options *all,
                     struct he_race_config *out);

#endif
