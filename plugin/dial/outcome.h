/* SPDX-License-Identifier: MIT */
#ifndef HE_DIAL_OUTCOME_H
#define HE_DIAL_OUTCOME_H
/* outcome.h - what the races of a dial have come to, one after the other. No
 * lock: the dial's. */
#include "lookup/lookup.h"

struct he_dial_outcome {
  struct he_trace steps;       /* of races that are over */
  const struct he_lookup *last;   /* of which `steps` has all; a name only */
  struct he_addr *done;        /* that failed, were given up or have won */
  size_t done_count;
  int unresolved;              /* EAI_, where no attempt was made; 0 */
};

/* The race of this lookup is over; `began`: the dial's. What there is no
   memory for is left out. */
void he_dial_outcome_add(struct he_dial_outcome *o, struct he_lookup *l,
                         he_time_ns began);
void he_dial_outcome_clear(struct he_dial_outcome *o);

/* Was the attempt that began with steps[start] running when its race ended, and
   was that no winner's doing, nor by he_dial_abort()? It may be tried again by
   the next race: so the first end after it counts. */
bool he_dial_outcome_ran_on(const struct he_step *steps, size_t n,
                            size_t start);

/* The errno that all attempts agree on which failed, or which a deadline has
   ended (`late`); 0: there was none, or they do not agree; *several then. */
int he_dial_outcome_errno(const struct he_dial_outcome *o, bool late,
                          bool *several);

/* The steps of all races, that of `running` (NULL: none) included, for the
   caller to free(). NULL: none, or (with a count) no memory. */
struct he_step *he_dial_outcome_steps(const struct he_dial_outcome *o,
                                      struct he_lookup *running,
                                      he_time_ns began, size_t *count);

#endif
