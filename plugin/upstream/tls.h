/* SPDX-License-Identifier: MIT */
#ifndef HE_UPSTREAM_TLS_H
#define HE_UPSTREAM_TLS_H
/* tls.h - tls://: DNS over TLS (RFC 7858), as the strict profile of RFC 8310
 * has it: no query is sent before the server has proven who it is.
 *
 * A channel has one connection, which is kept while it is of use: queries are
 * pipelined, answers come in any order. The next connection resumes the TLS
 * session of an earlier one; no data goes with its first flight. Queries are
 * padded (RFC 8467).
 *
 * A question whose connection is lost is asked once more, on a new one:
 * servers close idle connections at any moment. Where a server does not prove
 * itself, or has no TLS, the upstream's other servers are tried. No server
 * proves itself: HE_UPSTREAM_UNPROVEN; or, where the upstream says
 * `opportunistic`, a server is asked without proof (RFC 8310 section 5). */
#include "resolve/upstream.h"

/* Makes tls:// work: when the library is set up. Any thread; again is
   nothing. */
void he_upstream_tls_register(void);

extern const struct he_upstream_ops he_upstream_tls_ops;

#endif
