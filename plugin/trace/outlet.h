/* SPDX-License-Identifier: MIT */
#ifndef HE_OUTLET_H
#define HE_OUTLET_H
/* outlet.h - where lines end up: a file that several processes share, a FIFO, a
 * device, or stderr. All calls block, on the disk or on a reader: they are for
 * a worker's thread, with all signals blocked (SIGPIPE, SIGXFSZ).
 *
 * A plain file is open for one piece of work: it may be renamed or deleted
 * between two of them, and a program may close all descriptors. A FIFO and a
 * device stay open, for their readers would take a closed one for the end. */
#include "base/base.h"

#include <sys/types.h>

#define HE_OUTLET_WHY 256

struct he_outlet {
  const char *path;           /* absolute, the caller's; NULL: stderr */
  int fd;                     /* -1: closed */
  bool stays;                 /* open between two pieces of work */
  bool known;                 /* the next two are valid */
  dev_t device;               /* what was written to last */
  ino_t inode;
};

/* stderr is what descriptor 2 is at this moment: later it may be something
   else, and then nothing is written. */
void he_outlet_init(struct he_outlet *o, const char *path);

/* Opens it, by name. A new file is for its owner alone (0600). One that has
 * grown to `most` bytes is renamed to PATH.1 before, unless another process is
 * about to do that. *fresh: it is another one than before, or the first. False,
 * with a sentence in `why`, where it cannot be written, or is no file, FIFO or
 * device; of a FIFO also where nobody reads it. */
bool he_outlet_open(struct he_outlet *o, uint64_t most, bool *fresh,
                    char why[HE_OUTLET_WHY]);

/* Writes a line by one call, so that lines of several processes do not mix.
   Waits while a FIFO is full, for as long as going_on(arg). False with `why`
   where not all of it was written. */
bool he_outlet_write(struct he_outlet *o, const char *line, size_t n,
                     bool (*going_on)(void *arg), void *arg,
                     char why[HE_OUTLET_WHY]);

/* The piece of work is done. */
void he_outlet_rest(struct he_outlet *o);
/* Nothing more is written. */
void he_outlet_close(struct he_outlet *o);

/* In a child of fork(): what is open is the parent's. */
void he_outlet_forget(struct he_outlet *o);

#endif
