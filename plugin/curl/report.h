/* SPDX-License-Identifier: MIT */
#ifndef HE_REPORT_H
#define HE_REPORT_H
/* report.h - the racer's steps as the public interface shows them. */
#include "connect/trace.h"

#include <curl_he/curl_he.h>

/* `out->address` points into `address`, which has to live as long. */
void he_step_publish(const struct he_step *s, struct curl_he_step *out,
                     char address[HE_ADDR_TEXT]);

struct he_handle;

/* What libcurl knows of the last connect goes into the record of its race. On
   the handle's thread; waits for the racer. */
void he_report_sync(struct he_handle *h);

#endif
