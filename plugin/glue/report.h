/* SPDX-License-Identifier: MIT */
#ifndef HE_REPORT_H
#define HE_REPORT_H
/* report.h - the racer's steps as the public interface shows them. */
#include "engine/trace.h"

#include <curl_he/curl_he.h>

/* `out->address` points into `address`, which has to live as long. */
void he_step_publish(const struct he_step *s, struct curl_he_step *out,
                     char address[HE_ADDR_TEXT]);

#endif
