/* SPDX-License-Identifier: MIT */
#ifndef HE_TELL_H
#define HE_TELL_H
/* tell.h - a handle is told one of libcurl's options. On the handle's
 * thread. */
#include "curl/handle.h"
#include "curl/known.h"

/* Does anything follow from this option of libcurl's, but that libcurl is
   told? */
bool he_tell_matters(int option);

/* curl_easy_setopt() of a known handle. */
CURLcode he_tell(struct he_known *k, int option, const union he_value *v);

/* curl_he_easy_setopt() of one that is set up. */
CURLHEcode he_tell_declared(struct he_handle *h, int option, va_list ap);

#endif
