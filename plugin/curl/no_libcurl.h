/* SPDX-License-Identifier: MIT */
#ifndef HE_NO_LIBCURL_H
#define HE_NO_LIBCURL_H
/* no_libcurl.h - the table of functions where there is no libcurl. */
#include "curl/libcurl.h"

extern const struct he_libcurl he_no_libcurl;

#endif
