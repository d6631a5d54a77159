/* SPDX-License-Identifier: MIT */
#ifndef HE_SOURCES_H
#define HE_SOURCES_H
/* sources.h - what the system says of the addresses that it sends from. */
#include "race/order.h"

/* Fills in source_deprecated, source_home and source_native of each candidate
 * that has a source, as glibc's getaddrinfo() knows them: all false where this
 * machine has no IPv6 address but ::1, or the kernel does not say.
 *
 * Asks the kernel by netlink, and sends nothing. The kernel may be busy with
 * its own tables for long: not for the race's thread. */
void he_sources_judge(struct he_candidate *list, size_t n);

#endif
