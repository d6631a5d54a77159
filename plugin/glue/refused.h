/* SPDX-License-Identifier: MIT */
#ifndef HE_REFUSED_H
#define HE_REFUSED_H
/* refused.h - a host that refuses on all its addresses.
 *
 * Where every attempt of a lookup has failed, libcurl gets the list, tries
 * once more, and has an error of its own. Where each address was refused a
 * moment ago, libcurl would hear the same refusals again, one after the other,
 * a round trip each. So libcurl's requests for sockets are turned down, which
 * lets it go on to the next address at once, but for the last one: its refusal
 * is the error that libcurl reports.
 *
 * One thread, that of the easy handle. */
#include "lookup/lookup.h"

struct he_refused;

/* Of a lookup that was lost; NULL where an address has failed in another way,
   one was not tried, libcurl does not go on at once, or without memory. */
struct he_refused *he_refused_new(struct he_lookup *l);
void he_refused_free(struct he_refused *r);   /* NULL is fine */

/* libcurl asks for a socket to `a`. True where the request is to be turned
   down. NULL is fine. */
bool he_refused_again(struct he_refused *r, const struct he_addr *a,
                      he_time_ns now);

#endif
