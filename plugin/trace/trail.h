/* SPDX-License-Identifier: MIT */
#ifndef HE_TRAIL_H
#define HE_TRAIL_H
/* trail.h - what one race leaves in a trace: a line a step, or, on stderr, a
 * timeline when it is over. There is none where no trace is wanted. Any
 * thread, one call at a time a race. */
#include "trace/sink.h"
#include "trace/trace.h"

struct he_trail;

/* One reference, the caller's; it has one to the sink. NULL without memory. */
struct he_trail *he_trail_new(struct he_sink *s);
void he_trail_ref(struct he_trail *t);
void he_trail_unref(struct he_trail *t);    /* NULL is fine */

/* How many there are in this process: of races that are not over, or that their
   handles keep. */
int he_trail_count(void);

/* To whom it leads, when it began, and the number of the network that it is in;
   0: not known. */
struct he_trail_race {
  const char *host;
  uint16_t port;
  he_time_ns began;
  uint64_t network;
};
/* `local`: the address that an attempt is made from, NULL: not known. */
void he_trail_tell(struct he_trail *t, const struct he_trail_race *r,
                   const struct he_step *s, const struct he_addr *local);

/* Something is wrong with the configuration. */
void he_trail_mistake(struct he_sink *s, const char *text);

#endif
