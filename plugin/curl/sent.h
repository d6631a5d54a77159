/* SPDX-License-Identifier: MIT */
#ifndef HE_SENT_H
#define HE_SENT_H
/* sent.h - how far a transfer has come. On the handle's thread. */
#include "curl/handle.h"

/* Is libcurl past the first question of the transfer? */
bool he_sent_past_lookup(CURL *easy);
/* Has this transfer sent a request of HTTP, or part of one? */
bool he_sent_request(CURL *easy);
/* May it have sent anything, in whatever protocol? Then the transfer must not
   be begun anew: what was sent may have had its effect, what was read for it is
   gone. */
bool he_sent_maybe(struct he_handle *h);

#endif
