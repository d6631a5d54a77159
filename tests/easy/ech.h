/* SPDX-License-Identifier: MIT */
#ifndef EASY_ECH_H
#define EASY_ECH_H
/* ech.h - what libcurl was told by CURLOPT_ECH, for a libcurl that does not
 * have the option: this library stands between curl-he and libcurl. */
#include <curl/curl.h>

#define ECH_OPTION (CURLOPTTYPE_STRINGPOINT + 325)

/* How often it was told another value than before; *last: the last one, "" for
   NULL, and at first. */
unsigned ech_told(const char **last);

#endif
