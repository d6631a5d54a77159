/* SPDX-License-Identifier: MIT */
#ifndef HE_MEMORY_H
#define HE_MEMORY_H
/* memory.h - what the context's history says about the host that a handle is
 * about to connect to. On the handle's thread. */
#include "glue/peer.h"

/* The history to ask and to teach; NULL where CURLHEOPT_HISTORY is 0 for this
   host, or without memory. */
struct he_recall *he_handle_recall(struct he_handle *h,
                                   const struct he_peer *p);

/* How this handle asks about its peer. */
void he_handle_ask(struct he_handle *h, const struct he_peer *p,
                   struct he_recall_ask *out);

/* What to expect; NULL where there is no history. Looked up once a second, and
   when something was learned. `p` is the handle's own. */
const struct he_outlook *he_handle_outlook(struct he_handle *h,
                                           const struct he_peer *p);

/* A transfer is over, or is given up: where something was held against its
   address, and TLS has completed there, that is learned. */
void he_handle_delivered(struct he_handle *h);

/* The Connection Attempt Delay: the option, else what history knows of the
   host, else that of first contact. */
he_time_ns he_handle_delay(struct he_handle *h, const struct he_peer *p);

#endif
