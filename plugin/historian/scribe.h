/* SPDX-License-Identifier: MIT */
#ifndef HE_SCRIBE_H
#define HE_SCRIBE_H
/* scribe.h - who reads and writes a history's file: a worker, see
 * net/worker.h for threads and forks. */
#include "net/worker.h"

struct he_scribe;
struct he_recall;

/* A scribe that keeps this history in that file. It has a reference to the
   history. NULL without memory. */
struct he_scribe *he_scribe_new(struct he_recall *r, const char *path);

enum he_scribe_what {
  HE_SCRIBE_READ,         /* all that the file has of `network`; then the
                             history is told, he_recall_ready() */
  HE_SCRIBE_SAVE,         /* write what is new. What could not be written is
                             kept, and written with what comes next */
  HE_SCRIBE_FORGET        /* forget `host` (NULL: everything) in the file, and
                             in the history whatever was read of it */
};

/* For he_errand_wait() in any case. NULL without memory. The text is
   copied. */
struct he_errand *he_scribe_ask(struct he_scribe *s, enum he_scribe_what what,
                                uint64_t network, const char *host);

/* Takes what is new now, some milliseconds' worth at most: it is this file's,
   though it is written later. Then as he_scribe_ask() to save; the caller's
   scribe is given up. */
struct he_errand *he_scribe_end(struct he_scribe *s);

#endif
