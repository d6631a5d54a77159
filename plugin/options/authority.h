/* SPDX-License-Identifier: MIT */
#ifndef HE_AUTHORITY_H
#define HE_AUTHORITY_H
/* authority.h - HOST[:PORT] of an https URL. Hostile. Pure. */
#include "options/pieces.h"
#include "options/upstream.h"

/* Sets name and port, of an address list[0] and n, too. False where it is
   wrong, and *w says so. */
bool he_authority_read(struct he_piece p, struct he_upstream *u,
                       struct he_wrong *w);

#endif
