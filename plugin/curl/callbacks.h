/* SPDX-License-Identifier: MIT */
#ifndef HE_CALLBACKS_H
#define HE_CALLBACKS_H
/* callbacks.h - what libcurl calls: a file a callback.
 *
 * opensocket.c:     the winner where there is one, else a plain new socket, of
 *                   which the racer is told; by the sockopt callback, that the
 *                   winner is connected already
 * closesocket.c:    tells the racer how an attempt ended
 * resolver_start.c: sets the HE timer; the moment where curl_he_perform() takes
 *                   over the resolving
 *
 * No callback blocks for longer than a millisecond: it waits that long for a
 * history file, until what the file has of the host is read, and where an
 * attempt has failed (outlast_timers()). `number` is a handle's (handle.h).
 * Called on the handle's thread, but for the close callback: libcurl closes a
 * connection on any thread. */
#include "curl/libcurl.h"

curl_socket_t he_on_opensocket(void *number, curlsocktype purpose,
                               struct curl_sockaddr *sa);
int he_on_sockopt(void *number, curl_socket_t fd, curlsocktype purpose);
int he_on_closesocket(void *number, curl_socket_t fd);
int he_on_resolver_start(void *resolver, void *reserved, void *number);

#endif
