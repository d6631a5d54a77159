/* SPDX-License-Identifier: MIT */
#ifndef HE_GETINFO_H
#define HE_GETINFO_H
/* getinfo.h - a race as the application sees it: its steps, one by one while
 * it runs, and what came of it afterwards. */
#include "trace/trace.h"
#include "curl/handle.h"

/* Calls a curl_he_trace_callback, which *fn is, with this step. */
void he_step_tell(const struct he_step *s, void *const *fn, CURL *owner,
                  const char *host, uint16_t port, void *data);

/* What libcurl knows of the last connect goes into the record of its race. On
   the handle's thread; waits for the racer. */
void he_getinfo_sync(struct he_handle *h);

#endif
