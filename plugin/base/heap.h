/* SPDX-License-Identifier: MIT */
#ifndef HE_HEAP_H
#define HE_HEAP_H
/* heap.h - a binary heap of deadlines. One owner, no locks. */
#include "base/base.h"

struct he_timer {
  he_time_ns due;
  size_t place;      /* in the heap, from 1; 0: not in it */
};

struct he_timers {
  struct he_timer **heap;
  size_t count;
  size_t room;
  size_t reserved;   /* timers that may be set at the same time */
};

void he_timers_free(struct he_timers *t);

/* Room for one more timer, so that he_timer_set() cannot fail. False without
   memory. To be paired with he_timers_release(). */
bool he_timers_reserve(struct he_timers *t);
void he_timers_release(struct he_timers *t);

/* (Re)sets a timer; HE_NEVER takes it out. */
void he_timer_set(struct he_timers *t, struct he_timer *timer, he_time_ns due);

/* The earliest deadline, or HE_NEVER. */
he_time_ns he_timers_due(const struct he_timers *t);

/* Takes out and returns a timer that is due at `now`, or NULL. */
struct he_timer *he_timers_pop(struct he_timers *t, he_time_ns now);

#endif
