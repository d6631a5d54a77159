/* SPDX-License-Identifier: MIT */
#ifndef HE_WORKER_H
#define HE_WORKER_H
/* worker.h - errands for a thread that may block, done in their order.
 *
 * Whoever has something for the worker leaves it there and goes on. The thread
 * exists while there is something to do, and for ops->linger longer. Where the
 * disk hangs the thread hangs, and nobody else: what it has is its own, and it
 * gives that back when the disk comes to itself. A process that ends before
 * takes the thread with it.
 *
 * Any thread calls these, none of which blocks but he_errand_wait(): the
 * worker's lock is held for memory alone. A child of fork() has no thread, and
 * makes a worker of its own: it does not touch the parent's. */
#include "base/base.h"

#include <pthread.h>

struct he_errand;
struct he_worker;

struct he_worker_ops {
  /* Does the errand. True where all went well. `able`: this is the worker's
     thread; else no thread could be had, and nothing that blocks is done. */
  bool (*run)(struct he_worker *w, const struct he_errand *e, bool able);
  /* The last reference is gone: begins with he_worker_clear(). */
  void (*destroy)(struct he_worker *w);
  /* So long the thread waits for the next errand. A thread that has to be
     started again and again costs whoever asks. */
  he_time_ns linger;
};

/* The first member of whatever has a worker. */
struct he_worker {
  const struct he_worker_ops *ops;
  pthread_mutex_t lock;         /* guards all below, and what its owner says */
  pthread_cond_t changed;       /* an errand is done, or there is a new one */
  unsigned refs;                /* the user's, the thread's, the errands' */
  bool at_work;                 /* there is a thread */
  bool over;                    /* its thread is to wait for nothing */
  struct he_errand *first;
  struct he_errand *last;       /* valid where there is a first */
  he_time_ns began;             /* the errand at hand; 0: none is */
};

/* Something that is asked of the worker. */
struct he_errand {
  struct he_errand *next;
  struct he_worker *worker;     /* with a reference */
  int what;                     /* the owner's; this and the next constant */
  uint64_t number;
  const char *text;             /* `room`, or NULL */
  unsigned refs;                /* the list's or the thread's, those of who
                                   asked; this and what follows: the worker's
                                   lock */
  bool done;
  bool ok;
  char room[];
};

/* One reference, the caller's. */
void he_worker_init(struct he_worker *w, const struct he_worker_ops *ops);
/* Gives back what it has, but for its own memory. */
void he_worker_clear(struct he_worker *w);
void he_worker_ref(struct he_worker *w);
void he_worker_unref(struct he_worker *w);
/* Nothing is asked any more: its thread ends when all is done. Takes the
   caller's reference. */
void he_worker_end(struct he_worker *w);

/* Is there no thread, and nothing to do? With the lock. */
bool he_worker_idle_locked(const struct he_worker *w);

/* For he_errand_wait() in any case. NULL without memory. The text is copied;
   NULL: none. `joins`: one of the same kind that is the last to be done does
   for both. */
struct he_errand *he_worker_ask(struct he_worker *w, int what,
                                uint64_t number, const char *text,
                                bool joins);

/* Waits until the errand is done: true; not where the disk hangs already.
   Gives the errand up in any case; NULL is fine. *ok, which may be NULL: false
   where it was not done, or in vain, for want of a thread or because the file
   could not be used. */
bool he_errand_wait(struct he_errand *e, he_time_ns patience, bool *ok);

#endif
