/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_CROWD_H
#define HE_LOOKUP_CROWD_H
/* crowd.h - the lookups of one multi handle. Any thread may call. */
#include "lookup/own.h"

void he_crowd_join(struct he_lookup *l);
void he_crowd_leave(struct he_lookup *l);
/* Its call has come: it does not wait any more. */
void he_crowd_called(struct he_lookup *l);
/* From then on it is certain that others wait, while this one races, for one of
   a limited number of threads. HE_NEVER: none waits. */
he_time_ns he_crowd_due(const struct he_lookup *l);
/* One of them, with a reference; NULL: there is none. */
struct he_lookup *he_crowd_member(const void *multi);
/* Called by expected.c's handlers of fork(). */
void he_crowds_before_fork(void);
void he_crowds_after_fork(bool child);

#endif
