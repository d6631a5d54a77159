/* SPDX-License-Identifier: MIT */
#ifndef HE_FIXED_H
#define HE_FIXED_H
/* fixed.h - an upstream that has each name at the same addresses. It answers on
 * the racer's thread, as others do. */
#include "resolve/upstream.h"

extern const struct he_upstream_ops he_fixed_ops;

/* Writes the answer to a question as a message: its length; 0 where the name is
   none, or it does not fit. */
size_t he_fixed_write(const struct he_upstream *u, const char *name,
                      enum he_dns_type type, unsigned char *out, size_t size);

#endif
