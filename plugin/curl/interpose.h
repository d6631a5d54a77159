/* SPDX-License-Identifier: MIT */
#ifndef HE_INTERPOSE_H
#define HE_INTERPOSE_H
/* interpose.h - libcurl's names, exported. HE_INTERPOSE is defined where that
 * is so: in the shared library, unless configure was told
 * --disable-interpose. */
#include <stdbool.h>

#if defined(PIC) && !defined(HE_DISABLE_INTERPOSE)
#define HE_INTERPOSE
#endif

/* Do a program's calls of curl_easy_init() arrive here? */
bool he_interposes(void);

#endif
