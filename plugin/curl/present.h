/* SPDX-License-Identifier: MIT */
#ifndef HE_PRESENT_H
#define HE_PRESENT_H
/* present.h - which addresses a host has at this moment, for whoever may wait
 * for it: curl_he_perform(), when a connect to an earlier one has led to
 * nothing. */
#include "base/addr.h"
#include "base/clock.h"
#include "resolve/resolver.h"

struct he_present;

/* Asks a resolver for the allowed families. Blocks until it has
   answered for all, or until `deadline`. NULL without memory. */
struct he_present *he_present_ask(const struct he_resolver *r,
                                  const char *host, uint16_t port,
                                  const bool allowed[HE_FAMILIES],
                                  he_time_ns deadline);
void he_present_free(struct he_present *p);   /* NULL is fine */

/* Is it certain that the host does not have this address? */
bool he_present_lacks(const struct he_present *p, const struct he_addr *a);

/* An address of the host for which tried() is false? */
bool he_present_offers(const struct he_present *p,
                       bool (*tried)(const struct he_addr *a, void *data),
                       void *data);

#endif
