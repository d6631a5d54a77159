/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_CALL_H
#define HE_LOOKUP_CALL_H
/* call.h - libcurl's call. */
#include "lookup/own.h"

/* The call of getaddrinfo() for it: races, or waits for the call that does.
   Then the answers are there to be listed. */
void he_lookup_call(struct he_lookup *l, const char *host, uint16_t port);

#endif
