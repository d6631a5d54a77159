/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_RESULT_H
#define HE_LOOKUP_RESULT_H
/* result.h - the sockets of a lookup that is over, until somebody takes
 * them (lookup.h). */
#include "lookup/own.h"

/* Closes what waits to be taken. Nobody comes for it any more. */
void he_lookup_drop(struct he_lookup *l);

#endif
