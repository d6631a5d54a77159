/* SPDX-License-Identifier: MIT */
#ifndef LAB_SOCKS_H
#define LAB_SOCKS_H
/* socks.h - a SOCKS proxy: versions 4, 4a and 5, CONNECT only, no passwords.
 * Debian's packages know either 4 and 5 or 5 alone, none 4a. */

/* Serves both addresses at `port` for ever; returns an exit code where it
   cannot. A process for each connection: not in one with threads. */
int lab_socks(const char *v4, const char *v6, unsigned int port);

#endif
