/* SPDX-License-Identifier: MIT */
#ifndef HE_PROGRAM_H
#define HE_PROGRAM_H
/* program.h - what can be said of a program before it runs. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct he_program {
  char path[PATH_MAX];
  /* Why the preload module will not reach it, a sentence or two, or NULL. A
     script is judged by its interpreter. Static. */
  const char *unreached;
  bool bears;                 /* LD_PRELOAD does no harm: what the program
                                 starts may be reached */
};

#define HE_MODULE "libcurl-he-preload.so"

/* Finds a file of curl-he's that access() grants `mode` to: at the first of
   `places`, up to NULL, as seen from this program's folder; else at
   `installed`. False: nowhere. */
bool he_program_beside(const char *const *places, const char *installed,
                       int mode, char path[PATH_MAX]);

/* Where the preload module is installed, or is built. False: nowhere. */
bool he_module_find(char path[PATH_MAX]);

/* Finds a program as execvp() would. False, with errno: it is not there. A
   program that cannot be read is said to be reached. */
bool he_program_find(const char *name, struct he_program *p);

#endif
