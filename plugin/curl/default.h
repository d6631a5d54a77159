/* SPDX-License-Identifier: MIT */
#ifndef HE_DEFAULT_H
#define HE_DEFAULT_H
/* default.h - the default context, and what an application does with a context
 * as a whole. Any thread. */
#include "curl/context.h"

/* The context that an application means; NULL: the default one, made where
   there is none. CURL_HE_BAD_POINTER for a foreign pointer. The default
   context's first call blocks for reading the configuration. */
CURLHEcode he_default_find(CURLHE *context, CURLHE **he);

/* Words for the application; errbuf may be NULL. */
void he_default_say(char *errbuf, size_t size, const char *text);

#endif
