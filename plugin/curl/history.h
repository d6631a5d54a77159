/* SPDX-License-Identifier: MIT */
#ifndef HE_CURL_HISTORY_H
#define HE_CURL_HISTORY_H
/* history.h - a context's history: its file, its limits. */
#include <curl_he/curl_he.h>
#include <stdint.h>

/* For the hash of the next history: names are chosen by strangers. */
uint64_t he_history_seed(void);

/* CURLHEOPT_HISTORY_FILE. */
CURLHEcode he_history_set_file(CURLHE *he, const char *path);

/* CURLHEOPT_HISTORY_SIZE, _VERDICT_S, _TIMES_S as they are now: for a history
   that has nothing in it yet. */
void he_history_set_limits(CURLHE *he);

#endif
