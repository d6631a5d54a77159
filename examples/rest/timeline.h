/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_TIMELINE_H
#define HE_REST_TIMELINE_H
/* timeline.h - a race as people can read it. */
#include <stdio.h>

#include <curl_he/curl_he.h>

/* Writes the race of CURLHEINFO_RACE, a step a line: its time, who did it
 * (libcurl or curl-he), what, where, and why it went wrong:
 *
 *   race to api.example port 443
 *        0.1 ms  libcurl  attempt     [2001:db8::1]:443
 *      150.3 ms  curl-he  attempt     192.0.2.1:443
 *      170.9 ms  curl-he  connected   192.0.2.1:443
 *
 * An empty race is said to be none. */
void timeline_print(FILE *out, const struct curl_he_steps *race);

#endif
