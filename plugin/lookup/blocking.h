/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_BLOCKING_H
#define HE_LOOKUP_BLOCKING_H
/* blocking.h - the system's resolver on the calling thread. For a thread in
 * another network namespace than curl-he's own threads, which would ask other
 * name servers. */
#include "resolve/resolver.h"

/* Blocks. Asks for the allowed families, for both at once as libcurl does, and
   answers for each of them before it returns. */
void he_blocking_ask(const char *host, uint16_t port,
                     const bool allowed[HE_FAMILIES],
                     he_resolver_answer answer, void *arg);

#endif
