/* SPDX-License-Identifier: MIT */
#ifndef HE_WHEREABOUTS_H
#define HE_WHEREABOUTS_H
/* whereabouts.h - the number of the network (network.h), for all keepers of a
 * racer: asked for when the first one comes, kept up to date, given up with
 * the last. On the racer's thread only. */
#include "net/racer.h"

struct he_place {
  struct he_place *next;
  struct he_task *task;
  /* The network is another one. */
  void (*moved)(struct he_place *p, he_time_ns now);
};

/* The number of the network, 0 without memory or descriptors: then there is
   none, and nothing to leave. */
uint64_t he_whereabouts_join(struct he_place *p);

/* No moved() comes after it. At the end of the racer's round (buried()), when
   no event in hand names what is given up. */
void he_whereabouts_leave(struct he_place *p);

/* The number as it is known; asked for again where the kernel does not tell of
   changes. */
uint64_t he_whereabouts_now(he_time_ns now);

/* The kernel does not tell. */
bool he_whereabouts_asks(void);

#endif
