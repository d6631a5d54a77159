/* SPDX-License-Identifier: MIT */
#ifndef HE_TIMELINE_H
#define HE_TIMELINE_H
/* timeline.h - a race for people: a line that says what came of it, and a line
 * a step. Computes; asks for memory. */
#include "trace/trace.h"

/* The text, for the caller to free(), and its length. NULL without memory.
   `colours`: a terminal shows it. */
char *he_timeline(const char *host, uint16_t port, const struct he_trace *t,
                  bool colours, size_t *len);

#endif
