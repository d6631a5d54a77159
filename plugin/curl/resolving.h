/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVING_H
#define HE_RESOLVING_H
/* resolving.h - a transfer whose name curl-he resolves, on the handle's thread.
 * Each call blocks like curl_easy_perform(), whose result it returns. */
#include "curl/handle.h"

/* May curl-he resolve for this handle? */
bool he_resolving_may(struct he_handle *h);

/* `before`: a race of this handle's to the same host, whose addresses libcurl
   is to forget; or NULL. */
CURLcode he_resolving_perform(struct he_handle *h, struct he_connect *before);

/* libcurl is to ask for this name by itself, whatever it was given before. */
CURLcode he_resolving_anew(struct he_handle *h, const char *host,
                           uint16_t port);

#endif
