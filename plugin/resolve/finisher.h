/* SPDX-License-Identifier: MIT */
#ifndef HE_FINISHER_H
#define HE_FINISHER_H
/* finisher.h - one thread for what a configured resolver does that may wait:
 * for a disk, or for the kernel's tables. It lasts a little longer than there
 * is something to do, so that not each answer starts one. */
#include <stdbool.h>

/* Before the others, by a thread that holds no lock of curl-he's; again is
   nothing. */
void he_finisher_begin(void);

/* Calls fn(arg, true) on the thread, in the order of the calls; fn(arg, false),
   within this call, where no thread can be had. Any thread, with any lock but
   those that fn takes. False without memory: fn is not called. */
bool he_finisher_run(void (*fn)(void *arg, bool able), void *arg);

/* The thread ends when all is done: when the last context goes. */
void he_finisher_end(void);

#endif
