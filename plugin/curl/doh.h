/* SPDX-License-Identifier: MIT */
#ifndef HE_DOH_H
#define HE_DOH_H
/* doh.h - DNS over HTTPS (RFC 8484), by libcurl itself.
 *
 * A channel has a thread of its own, which is in libcurl's multi interface for
 * as long as the racer is there: neither the racer nor anybody who asks waits
 * for TLS. Its handles are no handles of curl-he's: whatever host is asked
 * for, the server's own name never comes to the resolver that it serves. */

/* From now on upstreams of https:// are asked so. Any thread, again is fine. */
void he_doh_register(void);

/* Waits for the threads whose racer has ended: when the last context goes.
   They have been told, and wait for nothing but a file of authorities, which
   libcurl reads: one that takes longer than two seconds is left alone. Not on
   such a thread, and without a lock. */
void he_doh_join(void);

#endif
