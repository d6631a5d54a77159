/* SPDX-License-Identifier: MIT */
#ifndef HE_FDS_H
#define HE_FDS_H
/* fds.h - which descriptors are curl-he's own: the poller's, the racer's
 * attempts, what is parked.
 *
 * A child of fork() gets a copy of each. A copy of a socket would keep its SYN
 * or its connection alive when the parent has closed it, and nobody in the
 * child knows of it: so the child closes them all, before fork() returns to
 * it. Any thread; the lock is the innermost, and is held while a descriptor is
 * made, so that no child gets one that is not known yet. */
#include <stdbool.h>

/* Once before the first is made. As he_fork_watch(). */
void he_fds_watch_forks(void);

/* Around the making of one: end() notes `fd` and returns it; -1 stays -1, with
   errno as it is. Without memory `fd` is closed and -1 returned with ENOMEM.
   In between nothing but the making. */
void he_fds_begin(void);
int he_fds_end(int fd);

/* Closes one of curl-he's. */
void he_fd_close(int fd);

/* It is somebody else's from now on. */
void he_fd_give(int fd);

#endif
