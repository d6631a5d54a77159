/* SPDX-License-Identifier: MIT */
#ifndef HE_POLLER_H
#define HE_POLLER_H
/* poller.h - waits for sockets and for one alarm, which any thread may set.
 *
 * A socket may be another owner's, who closes it without a word: watching makes
 * no dup() of it, since that would keep alive what an event loop of the owner's
 * waits for. What is watched has a ticket, so that an event of a socket that is
 * not watched any more is known for one.
 *
 * The alarm is how other threads wake the racer: for now, or for later. That
 * way a connect on a healthy path costs the racer no wake-up of its own. */
#include "base/base.h"

struct he_poller;

/* NULL with errno set where the system has no descriptors left. */
struct he_poller *he_poller_new(void);
void he_poller_free(struct he_poller *p);

enum he_poller_for {
  HE_POLLER_CONNECT,   /* it has connected or failed; reported once */
  HE_POLLER_READ,      /* there is something to read */
  HE_POLLER_WRITE,     /* there is room to write */
  HE_POLLER_BOTH       /* one of the two */
};

/* Reports `what` when that is so of fd. False with errno set; else *ticket is
   for he_poller_unwatch(). One owner: the racer's thread. */
bool he_poller_watch(struct he_poller *p, int fd, enum he_poller_for reason,
                     void *what, uint32_t *ticket);
/* Another reason from now on. False with errno set. */
bool he_poller_change(struct he_poller *p, int fd, enum he_poller_for reason,
                      uint32_t ticket);
/* Before `what` is freed, and before one's own fd is closed. fd -1: its owner
   has closed it. The ticket of what could not be watched is fine. */
void he_poller_unwatch(struct he_poller *p, int fd, uint32_t ticket);

/* Sets the alarm to `at`, HE_NEVER: none. It ends one he_poller_wait().
   Replaces the one before. Any thread, one at a time (the caller's lock). */
void he_poller_alarm(struct he_poller *p, he_time_ns at);

/* Waits until something is ready or the alarm rings; without `sleeps` it only
   looks. Returns how many are ready, at most `max`, the alarm not counted:
   what was given to he_poller_watch(). */
size_t he_poller_wait(struct he_poller *p, void **out, size_t max,
                      bool sleeps);

extern const char he_poller_name[];

#endif
