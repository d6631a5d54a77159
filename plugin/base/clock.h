/* SPDX-License-Identifier: MIT */
#ifndef HE_CLOCK_H
#define HE_CLOCK_H
/* clock.h - the one place where time comes from. For the rooms that touch the
 * system: what is pure is told the time, and does not include this. */
#include "base/base.h"
#include <time.h>

static inline he_time_ns he_clock_now(void)
{
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (he_time_ns)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Likewise, and it goes on while the machine sleeps: for what is valid until
   some time, not for timers. */
static inline he_time_ns he_clock_boot(void)
{
  struct timespec ts;
  clock_gettime(CLOCK_BOOTTIME, &ts);
  return (he_time_ns)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

#endif
