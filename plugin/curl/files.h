/* SPDX-License-Identifier: MIT */
#ifndef HE_FILES_H
#define HE_FILES_H
/* files.h - the files that a context writes: which is its history's, and when
 * the configuration's word on that and on the trace's takes effect. Any
 * thread. */
#include "curl/context.h"

/* The path that the application means, as CURLHEOPT_HISTORY_FILE has it, to be
   freed; NULL: none. CURL_HE_BAD_HISTORY, _BAD_OPTION, _NO_MEMORY. */
CURLHEcode he_history_path(const char *said, char **out);

/* CURLHEOPT_HISTORY_FILE: NULL or "", none. What the configuration says counts
   no more. */
CURLHEcode he_history_file_set(CURLHE *he, const char *path);

/* The configuration was read, by he_context_configure(): uses the files that it
   names, where nobody beats it; tells the trace what was wrong. A file that is
   in use already is not begun anew. False without memory: what was used before
   goes on. */
bool he_files_begin(CURLHE *he);

/* This process knows nothing of curl-he: where the configuration says that the
   program is off, no file is begun. Before the default context is made. */
void he_files_preloaded(void);

#endif
