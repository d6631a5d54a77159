/* SPDX-License-Identifier: MIT */
#ifndef HE_HOOKS_H
#define HE_HOOKS_H
/* hooks.h - curl-he's callbacks on an easy handle. On the handle's thread. */
#include "curl/handle.h"

/* Sets them, and what else libcurl has to be told. */
CURLcode he_hooks_set(struct he_handle *h);
/* Back to the application's callbacks, or to none. */
void he_hooks_reset(struct he_handle *h);

/* Sets the one before the application's progress callback, where the handle is
   known and the application has one. That may stop a transfer, and libcurl
   waits for its resolver's thread then: a race that runs there is to end at
   once. */
void he_hooks_progress(struct he_handle *h);

#endif
