/* SPDX-License-Identifier: MIT */
#ifndef HE_TOOL_REPORT_H
#define HE_TOOL_REPORT_H
/* report.h - what the processes of a program have reported
 * (plugin/base/report.h), told in sentences. The file is from outside: any of
 * these processes may write to it what it likes. */
#include <stdio.h>

/* Reads all lines, and says on stderr which libcurl each process has used, how
   many handles and connects, and why a connect was not raced. */
void he_report_tell(FILE *f);

#endif
