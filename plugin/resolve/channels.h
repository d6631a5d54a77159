/* SPDX-License-Identifier: MIT */
#ifndef HE_CHANNELS_H
#define HE_CHANNELS_H
/* channels.h - the channels of all values, one an upstream. Whoever calls these
 * has he_inquiry_lock. */
#include "options/resolvers.h"
#include "resolve/upstream.h"

/* That of the upstream at place `which` of a value, made where there is none
   that can ask. The racer is the one that is to run it. NULL without memory, or
   where this build has none of the kind. */
struct he_upstream_channel *he_channels_get(long number, size_t which,
                                            const struct he_upstream *u,
                                            struct he_racer *r);

/* Gives all back: when the last context goes. */
void he_channels_forget(void);

/* Forgets them as they are: in a child of fork(). */
void he_channels_lose(void);

#endif
