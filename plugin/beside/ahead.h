/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_AHEAD_H
#define HE_BESIDE_AHEAD_H
/* ahead.h - addresses that curl-he resolves for libcurl: see
 * he_connect_resolve() and he_connect_wait(). These functions are for the
 * racer's thread. */
#include "beside/own.h"

/* Tells who waits in he_connect_wait(); again with each answer that follows. */
void he_ahead_publish(struct he_beside *b, enum he_begin what);
/* Has each family that may be used been answered? */
bool he_ahead_answered(const struct he_beside *b);

#endif
