/* SPDX-License-Identifier: MIT */
#ifndef HE_PROGRAM_NAME_H
#define HE_PROGRAM_NAME_H
/* program.h - which program this process is. */
#include <stdbool.h>

/* Is this its name? A program has up to two: the one it was run by (argv[0]
   without folders), and that of its file. A script's are those of its
   interpreter. Any thread. */
bool he_program_is(const char *name);

#endif
