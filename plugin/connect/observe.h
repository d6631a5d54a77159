/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_OBSERVE_H
#define HE_CONNECT_OBSERVE_H
/* observe.h - what a connect teaches: the fate of its attempts, told to the
 * history when the race is over. Not before: how long the winner took says
 * whether the silence of another attempt means anything. Any thread. */
#include "connect/attempt.h"
#include "historian/recall.h"

/* t->fd is a connected socket: reads its handshake. False where the kernel
   does not tell. */
bool he_observe_handshake(struct he_try *t);

/* How long the winner has taken, as exactly as it is known. NULL: 0. */
he_time_ns he_observe_taken(const struct he_try *winner);

/* Tells the history of one attempt. What still runs at `now` counts as
   unanswered until then. `winner`: as above, 0: nobody won. */
void he_observe(struct he_recall *r, const char *host, const struct he_try *t,
                he_time_ns winner, he_time_ns now);

#endif
