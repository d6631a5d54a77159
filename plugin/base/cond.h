/* SPDX-License-Identifier: MIT */
#ifndef HE_COND_H
#define HE_COND_H
/* cond.h - a condition that is waited for until a time of clock.h. */
#include "base/base.h"
#include <pthread.h>
#include <time.h>

static inline struct timespec he_timespec(he_time_ns t)
{
  return (struct timespec){ .tv_sec = (time_t)(t / 1000000000),
                            .tv_nsec = (long)(t % 1000000000) };
}

static inline void he_cond_init(pthread_cond_t *c)
{
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(c, &attr);
  pthread_condattr_destroy(&attr);
}

/* With the lock of `m`. False when it is `until`. */
static inline bool he_cond_wait(pthread_cond_t *c, pthread_mutex_t *m,
                                he_time_ns until)
{
  const struct timespec ts = he_timespec(until);
  return until == HE_NEVER ? !pthread_cond_wait(c, m) :
         !pthread_cond_timedwait(c, m, &ts);
}

#endif
