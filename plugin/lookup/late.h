/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_LATE_H
#define HE_LOOKUP_LATE_H
/* late.h - answers that come when the lookup is over. */
#include "lookup/own.h"

/* Goes on listening for a family's answer: the next lookup has it. A resolver
   that asks once for all who want to know the same has nothing more to ask.
   Does not block. */
void he_late_listen(struct he_lookup *l, enum he_family f);

#endif
