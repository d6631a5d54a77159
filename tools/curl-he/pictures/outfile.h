/* SPDX-License-Identifier: MIT */
#ifndef HE_OUTFILE_H
#define HE_OUTFILE_H
/* outfile.h - a file that is there as a whole, or not at all. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct he_outfile {
  FILE *stream;                 /* write here */
  char path[PATH_MAX];          /* what it is to be; of a link, its target */
  char temporary[PATH_MAX];     /* until then; "": written in place */
  const char *command;          /* for messages */
};

/* Begins a file, one at a time: a temporary one beside it, with the rights
   that a new file gets. A signal that ends the program takes it away. "-" is
   stdout; what is no regular file (a device, a pipe) is written in place.
   False: why was said, with the file's name. */
bool he_outfile_open(struct he_outfile *f, const char *command,
                     const char *path);

/* Ends it: `good` puts it in its place, else what was there before stays.
   False: it was not good, or that failed, which was said. */
bool he_outfile_close(struct he_outfile *f, bool good);

#endif
