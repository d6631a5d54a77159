/* SPDX-License-Identifier: MIT */
#ifndef HE_LISTENING_H
#define HE_LISTENING_H
/* listening.h - keeps the watch of the network (whereabouts.h) going, so that
 * what routers advertise of translators is heard (pref64.h). */
#include "net/racer.h"

/* From now on, until the racer ends. Any thread; again is nothing. Does not
   block. Without memory nobody listens. */
void he_listening_begin(struct he_racer *r);

#endif
