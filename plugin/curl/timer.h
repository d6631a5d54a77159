/* SPDX-License-Identifier: MIT */
#ifndef HE_TIMER_H
#define HE_TIMER_H
/* timer.h - libcurl's HE timer, as curl-he sets it. On the handle's thread. */
#include "curl/handle.h"

/* Sets it, ms. While h->resolves it may become a little longer. */
CURLcode he_handle_set_timer(struct he_handle *h, long ms);

#endif
