/* SPDX-License-Identifier: MIT */
#ifndef HE_OUTLOOK_H
#define HE_OUTLOOK_H
/* outlook.h - what the context's history says about the host that a handle is
 * about to connect to. On the handle's thread. */
#include "curl/handle.h"

/* Is the calling thread in another network than curl-he's own threads
   (net/racer.h)? What was learned there says nothing here. What those threads
   would do for this handle would be done in the wrong network. NULL, or a
   sentence. */
const char *he_outlook_elsewhere(struct he_handle *h);

/* Could nobody but the host complete a transfer? */
bool he_outlook_authenticated(struct he_handle *h, const struct he_peer *p);

/* What to expect; NULL where there is no history. `p` is the handle's own.
   Worked out anew once a second, and where the question or the history is
   another. */
const struct he_outlook *he_outlook_of(struct he_handle *h,
                                       const struct he_peer *p);

/* A transfer is over, or is given up. Where something was held against its
   address, and TLS has completed there, the history learns that. */
void he_outlook_delivered(struct he_handle *h);

#endif
