/* SPDX-License-Identifier: MIT */
#ifndef HE_CHOSEN_H
#define HE_CHOSEN_H
/* chosen.h - the resolver that CURLHEOPT_RESOLVER names.
 *
 * A resolver of name servers asks A and AAAA apart, by c-ares on the racer's
 * thread, one channel a value of the option. No other server is asked, no file
 * is looked at. As RFC 6761 and 7686 have it, `localhost` and names in it are
 * this machine; names in `local` and `onion` are not asked for: there are no
 * such names. */
#include "resolve/resolver.h"

/* The resolver of a value's number (options/resolvers.h); he_resolver_shared
   for 0. Static, for any thread. It works while a context is there, whose racer
   asks. */
const struct he_resolver *he_chosen(long number);

#endif
