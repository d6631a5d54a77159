/* SPDX-License-Identifier: MIT */
#ifndef HE_GETINFO_H
#define HE_GETINFO_H
/* getinfo.h - a race as the application sees it: its steps, one by one while
 * it runs, and what came of it afterwards. */
#include "trace/trail.h"
#include "curl/handle.h"

/* Calls a curl_he_trace_callback, which *fn is, with this step. */
void he_step_tell(const struct he_step *s, const struct he_trail_race *r,
                  const struct he_addr *local, CURL *owner, void *const *fn,
                  void *data);

/* What libcurl knows of the last connect goes into the record of its race. On
   the handle's thread; waits for the racer. */
void he_getinfo_sync(struct he_handle *h);

#endif
