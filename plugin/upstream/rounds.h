/* SPDX-License-Identifier: MIT */
#ifndef HE_ROUNDS_H
#define HE_ROUNDS_H
/* rounds.h - which servers of a list are still to be tried, and with what
 * profile of RFC 8310. Pure. One owner.
 *
 * A round ends with an answer, or when all servers have failed. With the
 * opportunistic profile those that did not prove themselves get a second
 * chance then, without proof: an attacker could as well keep everybody from
 * TLS. */
#include "options/upstream.h"

struct he_rounds {
  const struct he_upstream *upstream;
  unsigned failed;            /* a bit for each server */
  unsigned unproven;          /* of these */
  unsigned useless;           /* of `failed`: connected, and said nothing. They
                                 stay there from round to round, until all
                                 others have failed */
  bool lenient;               /* no proof is needed */
};

/* A new round; all is 0 before the first. */
void he_rounds_begin(struct he_rounds *r, const struct he_upstream *u);

/* A bit for each server that may be tried; there is one. */
unsigned he_rounds_servers(const struct he_rounds *r);

/* This one, whose connection did not come about; -1: none of those that were
   tried could be reached. False: nobody is left, the round is over. */
bool he_rounds_failed(struct he_rounds *r, int server, bool unproven);

/* A connection to this one was of no use: it has its turn again after the
   others, be that rounds later. */
void he_rounds_last(struct he_rounds *r, int server);

/* One has answered. */
void he_rounds_answered(struct he_rounds *r);

#endif
