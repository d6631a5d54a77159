/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_AHEAD_H
#define HE_BESIDE_AHEAD_H
/* ahead.h - addresses that are resolved here for libcurl: see he_job_resolve()
 * and he_job_wait(). These here are for the racer's thread. */
#include "beside/own.h"

/* Tells who waits in he_job_wait(); again with each answer that follows. */
void he_ahead_publish(struct he_beside *b, enum he_begin what);
/* Has each family that may be used been answered? */
bool he_ahead_answered(const struct he_beside *b);

#endif
