/* SPDX-License-Identifier: MIT */
#ifndef MULTI_WATCH_H
#define MULTI_WATCH_H
/* watch.h - looks over the shoulder of an event loop (linked with --wrap): how
 * long its calls of libcurl took, and what epoll_ctl() refused. */
#include <stdint.h>

void watch_reset(void);

/* The longest single call of curl_multi_perform() or _socket_action(). */
int64_t watch_longest_ns(void);

/* Failures of the loop's own epoll_ctl(). Not counted is where something is to
   be taken out that libcurl 7.88.0 to 8.1.2 has closed before it says so: its
   number may be anybody's by then (examples/multi/epoll.c). */
long watch_refused(void);

/* Calls of it that succeeded. */
long watch_accepted(void);

#endif
