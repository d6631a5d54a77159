/* SPDX-License-Identifier: MIT */
#ifndef HE_REFUSED_H
#define HE_REFUSED_H
/* refused.h - a host that refuses on all its addresses.
 *
 * Where every attempt of a lookup has failed, libcurl gets the list, tries
 * once more, and has an error of its own. Where each address was refused a
 * moment ago, libcurl would hear the same refusals again, one after the other,
 * a round trip each. So libcurl's requests for sockets are turned down, which
 * lets it go on to the next address at once, but for one, whose refusal is the
 * error that libcurl reports. For that one libcurl gets the socket of the
 * lookup's own attempt, where the error is still to be read: connect() fails at
 * once, and nothing is sent.
 *
 * One thread, that of the easy handle. */
#include "lookup/lookup.h"

struct he_refused;

/* Of a lookup that was lost, with the socket that waits: takes that over. NULL
   where there is none, or without memory. */
struct he_refused *he_refused_new(struct he_lookup *l,
                                  const struct he_lookup_result *lost);
void he_refused_free(struct he_refused *r);   /* NULL is fine */

/* libcurl asks for a socket to `a`. False where that is none of the refused
   ones. Else *fd is the socket of the attempt to `a`, from now on the caller's;
   or -1: the request is to be turned down. NULL is fine. */
bool he_refused_answers(struct he_refused *r, const struct he_addr *a,
                        int *fd);

#endif
