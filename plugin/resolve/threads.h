/* SPDX-License-Identifier: MIT */
#ifndef HE_THREADS_H
#define HE_THREADS_H
/* threads.h - threads for what blocks: so many at the most, and what comes
 * beyond waits for its turn, first come, first served.
 *
 * Work that hangs keeps its thread until it ends by itself, as getaddrinfo()
 * does when the name servers' time-outs have run out. So no work waits for
 * ever, but where as many names hang as there are threads, all others wait for
 * these. An idle thread does not exist: it ends. */
#include <stdbool.h>

#define HE_THREADS_MOST 64

struct he_work {
  struct he_work *next;       /* while it waits; the module's */
  void (*run)(struct he_work *w);
};

/* Runs it on some thread, with all signals blocked, now or later. False where
   there is no thread, and none can be had. Does not block. */
bool he_work_start(struct he_work *w);

/* True where it was still waiting, and is not run any more; false where it
   runs or has run. */
bool he_work_drop(struct he_work *w);

/* Keeps the module whole across fork(): nothing runs or waits in the child.
   To be called before a lock is registered that is held during calls of the
   above (pthread_atfork() takes the last registered first). */
void he_work_watch_forks(void);

#endif
