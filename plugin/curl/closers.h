/* SPDX-License-Identifier: MIT */
#ifndef HE_CLOSERS_H
#define HE_CLOSERS_H
/* closers.h - which callback of the application's is to close which socket.
 *
 * libcurl keeps the close callback in each connection, and a connection
 * outlives its handle. So does what is noted here, a socket at a time: the
 * function that was declared when the socket was given to libcurl closes it,
 * after curl_he_detach() and curl_he_free(), too. Any thread. */
#include <curl/curl.h>
#include <stdbool.h>

/* fd goes to libcurl; `fn` is to close it, NULL: nobody special. What was
   noted of an earlier socket of that number (libcurl 7.88.0 to 8.1.2 closes
   some without a word) is forgotten. Without memory nothing is noted. */
void he_closer_note(curl_socket_t fd, curl_closesocket_callback fn,
                    void *data);

/* The callback that is to close fd; what was noted is forgotten. False: there
   is none. */
bool he_closer_take(curl_socket_t fd, curl_closesocket_callback *fn,
                    void **data);

#endif
