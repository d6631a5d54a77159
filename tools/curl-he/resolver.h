/* SPDX-License-Identifier: MIT */
#ifndef HE_TOOL_RESOLVER_H
#define HE_TOOL_RESOLVER_H
/* resolver.h - --resolver VALUE, as CURLHEOPT_RESOLVER has it. */
#include <stdbool.h>

#define HE_RESOLVER_HELP \
  "who resolves names, in place of the system: dns://ADDRESS, " \
  "tls://ADDRESS?name=HOST, https://ADDRESS/PATH, fixed:ADDRESS, and others; " \
  "see curl_he_setopt(3)"

/* Is it a value? Else says what is wrong, and where. */
bool he_resolver_check(const char *command, const char *value);

/* Adds it to CURL_HE_OPTIONS. False without memory. */
bool he_resolver_export(const char *value);

#endif
