/* SPDX-License-Identifier: MIT */
#ifndef HE_CARES_H
#define HE_CARES_H
/* cares.h - name servers, asked by c-ares on the racer's thread: its sockets
 * are watched there, and so is its clock. Only where curl-he is built with
 * c-ares. */
#include "resolve/upstream.h"

extern const struct he_upstream_ops he_cares_ops;

#endif
