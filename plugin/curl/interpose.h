/* SPDX-License-Identifier: MIT */
#ifndef HE_INTERPOSE_H
#define HE_INTERPOSE_H
/* interpose.h - what a known easy handle is told. HE_INTERPOSE is defined
 * where libcurl's names are exported: in the shared library, unless configure
 * was told --disable-interpose. */
#include "curl/known.h"

#if defined(PIC) && !defined(HE_DISABLE_INTERPOSE)
#define HE_INTERPOSE
#endif

/* Does anything follow from this option of libcurl's, but that libcurl is
   told? */
bool he_tell_matters(int option);

/* curl_easy_setopt() of a known handle. */
CURLcode he_tell(struct he_known *k, int option, const union he_value *v);

/* Do a program's calls of curl_easy_init() arrive here? */
bool he_interposes(void);

#endif
