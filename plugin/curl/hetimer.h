/* SPDX-License-Identifier: MIT */
#ifndef HE_HETIMER_H
#define HE_HETIMER_H
/* hetimer.h - libcurl's HE timer, as curl-he sets it. On the handle's
 * thread. */
#include "curl/handle.h"

/* Sets it, ms. */
CURLcode he_hetimer_set(struct he_handle *h, long ms);

/* Sets it to this handle's Connection Attempt Delay for the URL's host: the
   option, else what the history knows of the host, else that of first
   contact. */
CURLcode he_hetimer_set_delay(struct he_handle *h);

/* libcurl is about to connect to the URL's host. As he_hetimer_set_delay(); but
   where the history has the first family dead and the second one working,
   libcurl begins its second family without the delay (h->hastened).
   `resolves`: libcurl asks its resolver first. */
CURLcode he_hetimer_begin(struct he_handle *h, bool resolves);

#endif
