/* SPDX-License-Identifier: MIT */
#ifndef HE_PERFORM_H
#define HE_PERFORM_H
/* perform.h - curl_easy_perform() for programs that do not know curl-he. */
#include <curl/curl.h>

/* As curl_easy_perform(), which it calls. Where the race is in libcurl's own
   lookup, and the address that won never answers TLS, the transfer is begun
   once more with another one: nothing of it was sent. Any handle. Blocks. */
CURLcode he_perform(CURL *easy);

#endif
