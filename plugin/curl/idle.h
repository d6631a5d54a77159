/* SPDX-License-Identifier: MIT */
#ifndef HE_IDLE_H
#define HE_IDLE_H
/* idle.h - the socket, of net/standin.h, that libcurl waits for while curl-he
 * races, as two threads know it: the handle's and the one that races. The
 * socket is libcurl's, so it is known by number and inode. */
#include <stdbool.h>

struct he_idle;

/* One reference. `sleepy`: libcurl may be without a socket for some time, and
   then ask for the next one. NULL without memory. */
struct he_idle *he_idle_new(bool sleepy);
void he_idle_ref(struct he_idle *i);
void he_idle_unref(struct he_idle *i);   /* NULL is fine */

/* The handle's thread: libcurl waits for this one now; -1: for none. False
   after the end: nobody would shut it down. */
bool he_idle_set(struct he_idle *i, int fd);
/* Is it this one? */
bool he_idle_is(struct he_idle *i, int fd);

/* The thread that races; they take a struct he_idle. Does libcurl wait still?
   False when it was seen not to do so for some times. */
bool he_idle_waits(void *idle);
/* The race is over: the socket is shut down, as soon as libcurl has begun to
   connect it, so that libcurl asks for the next one. Drops a reference. May
   block for a moment, and for as long as descriptors are short and libcurl
   waits. */
void he_idle_end(void *idle);

#endif
