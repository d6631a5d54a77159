/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_KNOWN_H
#define HE_LOOKUP_KNOWN_H
/* known.h - what is known of a lookup's two families: the resolver's answers,
 * and what is remembered of earlier ones. For the thread that races; when it is
 * over, for any. */
#include "lookup/own.h"

/* Has the resolver failed, which says nothing of the addresses? */
bool he_answer_failed(const struct he_lookup_answer *a);

/* What is known of a family: the resolver's answer. Where there is none, or the
   resolver has failed: what is remembered. */
struct he_lookup_answer *he_lookup_known(struct he_lookup *l,
                                         enum he_family f);

/* All that is known of these families, in the system's order but for the
   preference, for the caller to free(). NULL with *n 0 where nothing is known,
   with *n > 0 without memory. */
struct he_candidate *he_lookup_all(struct he_lookup *l,
                                   const bool of[HE_FAMILIES],
                                   enum he_preference preference, size_t *n);

/* Has each family that may be used its answer, or error? */
bool he_lookup_all_there(const struct he_lookup *l);

#endif
