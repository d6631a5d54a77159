/* SPDX-License-Identifier: MIT */
#ifndef HE_REPORT_H
#define HE_REPORT_H
/* report.h - what curl-he run --check is told. Each process that the module is
 * in appends lines to the file that CURL_HE_REPORT names: at once, for a
 * program may end by _exit() or by a signal. Both parts of the module have this
 * file. Any thread. */
#include <stdbool.h>

/* The variable, and the kinds of lines with their fields. A line is
 *   kind TAB process id TAB program TAB field TAB field ...
 * in printable text; of a handle it has an address, to tell it from others. */
#define HE_REPORT_VARIABLE "CURL_HE_REPORT"
#define HE_REPORT_PROCESS  "process"   /* the module is in it */
#define HE_REPORT_LIBCURL  "libcurl"   /* path, version, TLS */
#define HE_REPORT_UNSERVED "unserved"  /* why */
#define HE_REPORT_HANDLE   "handle"    /* handle */
#define HE_REPORT_RACED    "raced"     /* handle, host, port, where */
#define HE_REPORT_ALONE    "alone"     /* handle, host, port, why */
#define HE_REPORT_ASIDE    "aside"     /* the same, of a race that had begun */

/* Reads the variable, once. To be called before the others; a program with more
   rights than its user reports nothing. */
void he_report_begin(void);

bool he_report_wanted(void);

/* Writes one line, if somebody wants it; its fields are texts, up to NULL.
   Blocks as a write to a file does. errno is kept. */
void he_report(const char *kind, ...) __attribute__((sentinel));

#endif
