/* SPDX-License-Identifier: MIT */
#ifndef HE_RACER_H
#define HE_RACER_H
/* racer.h - the one thread: a mailbox, two timer heaps, a poller.
 *
 * What runs on it is a task: something with a reference count that takes mail,
 * has one deadline and watches sockets. The racer knows no more of it.
 *
 * Owner of what: mail belongs to its sender until posted, then to the task's
 * mail(). A task's timer and watches are the racer's thread's alone. */
#include "base/base.h"
#include "base/heap.h"

struct he_racer;
struct he_task;

struct he_mail {
  struct he_mail *next;
  struct he_task *task;     /* the mail holds a reference */
};

struct he_task_ops {
  /* All but the last on the racer's thread; without a lock. A task that gets
     no mail and is never held, only expected, has `expected` and `destroy`. */
  void (*mail)(struct he_task *t, struct he_mail *m, he_time_ns now);
  void (*due)(struct he_task *t, he_time_ns now);
  /* After he_racer_expect(), whose request is over then. */
  void (*expected)(struct he_task *t, he_time_ns now);
  /* The racer ends and the task is not retired: it gives back what it has, and
     counts as retired afterwards. */
  void (*ended)(struct he_task *t, he_time_ns now);
  /* After he_task_retire(), when no event in hand names the task. */
  void (*buried)(struct he_task *t);
  /* On whatever thread drops the last reference. */
  void (*destroy)(struct he_task *t);
};

struct he_task {
  const struct he_task_ops *ops;
  struct he_racer *racer;
  struct he_timer timer;
  struct he_task *next;     /* in a list of the racer's, held or retired */
  struct he_task **link;    /* in that of held ones */
  struct he_timer expected; /* under the racer's lock */
  unsigned refs;            /* atomic */
  bool held;                /* the racer holds a reference */
  bool retired;
};

/* A socket being watched; ready() is called once, by he_task_listen() each time
   there is something to read, by he_task_await() each time that what it says
   is so, on the racer's thread. */
struct he_watch {
  void (*ready)(struct he_watch *w, he_time_ns now);
  uint32_t ticket;          /* the poller's */
};

/* The process's racer, with a reference for the caller. Its thread starts with
   the first post; before that it has no descriptors. NULL without memory. */
struct he_racer *he_racer_get(void);

/* The same racer, where somebody has it already, with a reference that is
   dropped by he_racer_unref() on any thread, the racer's own, too. NULL where
   nobody has it. */
struct he_racer *he_racer_current(void);

/* Drops it. The last one ends the thread and waits for it: not on the racer's
   own thread. NULL is fine. What still has a pointer to it by he_racer_ref(),
   as tasks do, may go on to post, and is refused. Was it the last one? */
bool he_racer_put(struct he_racer *r);
void he_racer_ref(struct he_racer *r);
void he_racer_unref(struct he_racer *r);   /* NULL is fine */

/* False in a child of fork(): the thread stayed in the parent. */
bool he_racer_alive(const struct he_racer *r);

/* refs = 1, the caller's; the task has a reference to the racer */
void he_task_init(struct he_task *t, struct he_racer *r,
                  const struct he_task_ops *ops);
void he_task_ref(struct he_task *t);
void he_task_unref(struct he_task *t);

/* Any thread, never blocks for long. Mail is delivered in the order of
   posting, at `by` at the latest (it may wait until then, so that a racer that
   sleeps is not woken for nothing). False, and the mail still the caller's,
   where there is no thread and none can be started (a later post tries again),
   or the last user has put the racer back. */
bool he_racer_post(struct he_mail *m, struct he_task *t, he_time_ns by);

/* Any thread, never blocks for long. ops->expected() is called about `by`,
   unless he_racer_withdraw() comes first; until then the racer has a
   reference, and nothing to do. One request a task at a time; none where mail
   could not be posted either. A task that withdraws in time costs the racer no
   more than a share of a wake-up, however many there are. */
bool he_racer_expect(struct he_task *t, he_time_ns by);
void he_racer_withdraw(struct he_task *t);

/* A number for the network namespace of the calling thread, which may have
   called setns() or unshare(); 0: not known, as where there is no /proc. One
   system call, which does not block. */
uint64_t he_netns_here(void);

/* Is this network namespace, of he_netns_here(), another one than the racer's
   thread's? 0: the calling thread's. False where that is not known, as before
   the racer's thread runs: that one begins in the namespace of whoever needs
   it first. */
bool he_racer_elsewhere(const struct he_racer *r, uint64_t netns);

/* Is this a racer's thread, on which nobody can wait for the racer? */
bool he_racer_here(void);

/* -- on the racer's thread only -- */

/* The racer holds the task as if mail had come, so that it may wait and watch.
   False without memory. */
bool he_task_hold(struct he_task *t);

/* When ops->due() is to be called; HE_NEVER: not. */
void he_task_wake_at(struct he_task *t, he_time_ns due);
bool he_task_watch(struct he_task *t, struct he_watch *w, int fd);
bool he_task_listen(struct he_task *t, struct he_watch *w, int fd);
/* Something to read, or room to write, or either. `watched`: fd is watched by
   this function already, and this is what to wait for from now on. False, and
   fd is watched as before, where the system has no room for one more. */
bool he_task_await(struct he_task *t, struct he_watch *w, int fd, bool reads,
                   bool writes, bool watched);
/* fd -1: whose socket it was has closed it. */
void he_task_unwatch(struct he_task *t, struct he_watch *w, int fd);
/* The task watches nothing and waits for nothing any more: the racer's own
   reference goes at the end of this round, when no event in hand names it. */
void he_task_retire(struct he_task *t);

#endif
