/* SPDX-License-Identifier: MIT */
#ifndef HE_LIMITS_H
#define HE_LIMITS_H
/* limits.h - the application's limits of time, and what is left of them. On the
 * handle's thread. */
#include "curl/handle.h"

/* The smaller one of the two that are declared, ms; 0: none is. */
long he_limits_smaller(const struct he_declared *d);
/* Until when curl_he_perform() waits for a resolver: the end of that limit;
   without a limit three seconds after `since`. */
he_time_ns he_limits_patience(const struct he_handle *h, he_time_ns since);

/* Tells libcurl what is left when so much was spent; 0: all. */
void he_limits_set(struct he_handle *h, he_time_ns spent);

/* libcurl begins to connect. */
void he_limits_begin(struct he_handle *h);
/* When libcurl gives the transfer up, by the limits that began then. */
he_time_ns he_limits_deadline(const struct he_handle *h);
/* The application has changed them: the handle's lookup heeds that. */
void he_limits_changed(struct he_handle *h);

#endif
