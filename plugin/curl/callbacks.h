/* SPDX-License-Identifier: MIT */
#ifndef HE_CALLBACKS_H
#define HE_CALLBACKS_H
/* callbacks.h - what libcurl calls, and how it gets to know. */
#include "curl/handle.h"
#include "curl/peer.h"

/* Sets the hooks and the HE timer on the easy handle. */
CURLcode he_hooks_set(struct he_handle *h);
/* Back to the application's callbacks, or to none. */
void he_hooks_reset(struct he_handle *h);
/* Tells libcurl this handle's delay for its second family. */
CURLcode he_hooks_set_delay(struct he_handle *h);
/* And which families it may use. */
CURLcode he_hooks_set_families(struct he_handle *h);
/* Both, for the host that the URL now has. */
CURLcode he_hooks_set_host(struct he_handle *h);

/* Has this transfer sent a request of HTTP, or part of one? */
bool he_has_requested(CURL *easy);
/* May it have sent anything, in whatever protocol? Then it is not to be begun
   anew: what was sent may have had its effect, what was read for it is
   gone. */
bool he_may_have_sent(struct he_handle *h);

#endif
