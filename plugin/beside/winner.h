/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_WINNER_H
#define HE_BESIDE_WINNER_H
/* winner.h - a connected socket of curl-he's, from the racer to libcurl: see
 * he_connect_take(). These here are for the racer's thread. */
#include "beside/own.h"

/* The attempt's socket waits to be taken. */
void he_winner_offer(struct he_beside *b, struct he_beside_try *t);
/* Nobody takes it: closed, if it still waits. */
void he_winner_drop(struct he_beside *b, he_time_ns now);
/* Mail says that its socket is gone. NULL: curl-he stood aside before that
   mail came. */
struct he_beside_try *he_winner_gone(struct he_beside *b,
                                     const struct he_addr *a);

#endif
