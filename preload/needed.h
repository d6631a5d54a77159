/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_NEEDED_H
#define HE_PRELOAD_NEEDED_H
/* needed.h - what a file says that it needs, before it is loaded. */
#include <stdbool.h>

/* Is one of the libraries that this ELF file names (DT_NEEDED) a libcurl?
   False, too, where it is no such file, of another machine, or damaged.
   Blocks on the disk, as dlopen() of it will. */
bool he_needs_libcurl(const char *path);

#endif
