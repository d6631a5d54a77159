/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_UNSEEN_H
#define HE_BESIDE_UNSEEN_H
/* unseen.h - a connect that the racer has not seen: there is only what threads
 * wrote down of it. The racer's thread. */
#include "beside/own.h"

/* The time has come to look at its attempts. True: one is slow, and the racer
   has to see the connect. Else it is over, or the racer is to look again at
   *again, unless that is HE_NEVER. */
bool he_unseen_look(struct he_beside *b, he_time_ns now, he_time_ns *again);

struct he_unseen {
  struct he_native *natives;  /* malloc'ed, the caller's; NULL: none */
  unsigned count;
  he_time_ns took;            /* as he_connect_sync() has it */
  bool stopped;
};

/* The racer sees it: from now on it is told everything by mail, and what was
   written down until now is in *out. False where it has seen it already. */
bool he_unseen_end(struct he_beside *b, struct he_unseen *out);

#endif
