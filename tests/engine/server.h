/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_SERVER_H
#define HE_TEST_SERVER_H
/* server.h - an HTTP server on a thread: whatever is asked, it says "ok" and
 * keeps the connection. */
#include <stdbool.h>
#include <stdint.h>

/* At ip, at *port or where that is 0 at any, which it writes. */
bool server_start(const char *ip, uint16_t *port);
void server_stop(void);
/* Resets all connections that there are; they are gone when it returns. */
void server_reset(void);

#endif
