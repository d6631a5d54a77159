/* SPDX-License-Identifier: MIT */
#ifndef HE_SPECIAL_H
#define HE_SPECIAL_H
/* special.h - names that no resolver may hear of. Pure. */
#include "options/upstream.h"

/* Is it this domain, or in it? One dot at the end is none. */
bool he_special_in(const char *host, const char *domain);

/* May an upstream of this kind hear of the name? What leaves the machine must
   not for localhost (RFC 6761 section 6.3), local (RFC 6762 section 22.1), onion
   (RFC 7686 section 2), and what is an address, or meant for one. */
bool he_special_may_ask(const char *name, enum he_upstream_kind kind);

#endif
