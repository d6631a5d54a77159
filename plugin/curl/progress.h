/* SPDX-License-Identifier: MIT */
#ifndef HE_PROGRESS_H
#define HE_PROGRESS_H
/* progress.h - the application's progress callback, which may stop a transfer.
 * libcurl then waits for its resolver's thread: a race that runs there is to
 * end at once. So curl-he's own callback stands before a known handle's. */
#include "curl/handle.h"

/* Puts curl-he's callback there, where the handle is known and the application
   has one. On the handle's thread. */
void he_progress_set(struct he_handle *h);
/* Puts the application's callback back. */
void he_progress_reset(struct he_handle *h);

#endif
