/* SPDX-License-Identifier: MIT */
#ifndef HE_TEXTFILE_H
#define HE_TEXTFILE_H
/* textfile.h - a file of the system's configuration, read again only when it
 * is another one. All of it may wait for a disk. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* By what a file that was read is known again. All zero: none was. */
struct he_textfile_mark {
  bool sure;                  /* false: to be read again, whatever it is */
  bool missing;
  dev_t dev;
  ino_t ino;
  off_t size;
  struct timespec mtime, ctime;
};

/* Is the file still what it was when it was marked? One stat(). */
bool he_textfile_same(const char *path, const struct he_textfile_mark *mark);

/* Reads all of it: *text, n bytes and a zero, is the caller's to free(). 0 or
   an errno value: EFBIG where it has more than `most` bytes. Marks it in any
   case; not surely where it changed of late, for a second change in the same
   tick of the file system's clock would not be seen. */
int he_textfile_read(const char *path, size_t most, char **text, size_t *n,
                     struct he_textfile_mark *mark);

#endif
