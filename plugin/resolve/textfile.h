/* SPDX-License-Identifier: MIT */
#ifndef HE_TEXTFILE_H
#define HE_TEXTFILE_H
/* textfile.h - a file of the system's configuration, read whole. */
#include <stddef.h>
#include <time.h>

/* Reads all of it: *text, *n bytes and a zero, is the caller's to free(). 0 or
   an errno value, with *text NULL: EFBIG where it has more than `most` bytes,
   EISDIR or EINVAL where it is no plain file, for a pipe would never end.
   `changed`, which may be NULL: when the file changed, untouched where it
   cannot be opened. May wait for a disk. */
int he_textfile_read(const char *path, size_t most, char **text, size_t *n,
                     struct timespec *changed);

#endif
