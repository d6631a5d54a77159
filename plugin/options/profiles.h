/* SPDX-License-Identifier: MIT */
#ifndef HE_PROFILES_H
#define HE_PROFILES_H
/* profiles.h - sets of option values with a name. Pure. */
#include "options/options.h"

/* What a profile (a CURL_HE_PROFILE_ value, or HE_UNSET) says of an option;
   HE_UNSET where it says nothing. */
long he_profile_value(long profile, enum he_option which);

#endif
