/* SPDX-License-Identifier: MIT */
#ifndef HE_SPECIAL_H
#define HE_SPECIAL_H
/* special.h - names that no resolver may hear of. Pure. */
#include "options/upstream.h"

/* Is it this domain, or in it? One dot at the end is none. */
bool he_special_in(const char *host, const char *domain);

/* May an upstream of this kind hear of the name? Those that leave the machine
   must not hear of localhost (RFC 6761 section 6.3), local (RFC 6762 section
   22.1), onion (RFC 7686 section 2), nor of what is meant for an address. */
bool he_special_may_ask(const char *name, enum he_upstream_kind kind);

#endif
