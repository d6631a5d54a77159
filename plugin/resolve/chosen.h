/* SPDX-License-Identifier: MIT */
#ifndef HE_CHOSEN_H
#define HE_CHOSEN_H
/* chosen.h - the resolver that CURLHEOPT_RESOLVER names: A and AAAA, asked for
 * apart (rrset.h). Nobody else is asked, and no file is looked at, unless the
 * value says `hosts=yes`. `localhost` and names in it are this machine. */
#include "resolve/resolver.h"

/* The resolver of a value's number (options/resolvers.h); he_resolver_shared
   for 0. That of HE_RESOLVERS_REFUSED says EAI_FAIL to all. Static, for any
   thread. It works while a context is there, whose racer asks. Its errors are
   also HE_EAI_UNPROVEN. */
const struct he_resolver *he_chosen(long number);

/* Forgets all answers, and ends the thread: when the last context goes. */
void he_chosen_flush(void);

#endif
