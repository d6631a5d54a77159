/* SPDX-License-Identifier: MIT */
#ifndef HE_HISTORY_FILE_H
#define HE_HISTORY_FILE_H
/* history_file.h - which file a context's history is kept in. */
#include <curl_he/curl_he.h>

/* CURLHEOPT_HISTORY_FILE: NULL or "", none. Any thread. */
CURLHEcode he_history_file_set(CURLHE *he, const char *path);

#endif
