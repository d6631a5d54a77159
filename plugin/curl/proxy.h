/* SPDX-License-Identifier: MIT */
#ifndef HE_PROXY_H
#define HE_PROXY_H
/* proxy.h - the proxy that the environment names, as libcurl reads it. */
#include "curl/declared.h"

#include <stdint.h>

/* The proxy that libcurl takes from the environment for a scheme. NULL where
   libcurl takes none, or does not look: then this function does not look
   either. The environment's own text. */
const char *he_proxy_environment(const struct he_declared *d,
                                 const char *scheme);

/* Is it at this port? */
bool he_proxy_at(const struct he_declared *d, const char *scheme,
                 uint16_t port);

#endif
