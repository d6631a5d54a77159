/* SPDX-License-Identifier: MIT */
#ifndef HE_SCRIBE_H
#define HE_SCRIBE_H
/* scribe.h - who reads and writes a history's file, on a thread that blocks.
 *
 * Whoever has something for the scribe leaves it there and goes on. The thread
 * exists while there is something to do. Where the disk hangs the thread
 * hangs, and nobody else: what it has is its own, and it gives that back when
 * the disk comes to itself. A process that ends before takes the thread with
 * it.
 *
 * Any thread calls these, none of which blocks but he_errand_wait(): the
 * scribe's lock is held for memory alone. A child of fork() has no thread, and
 * makes a scribe of its own. */
#include "base/base.h"

struct he_scribe;
struct he_recall;

/* A scribe that keeps this history in that file. It has a reference to the
   history. NULL without memory. */
struct he_scribe *he_scribe_new(struct he_recall *r, const char *path);

/* Something that is asked of the scribe. Errands are done in their order. */
struct he_errand;

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

/* Waits until the errand is done: true; not where the disk hangs already.
   Gives the errand up in any case; NULL is fine. *ok, which may be NULL: false
   where it was not done, or in vain, for want of a thread or because the file
   could not be used. */
bool he_errand_wait(struct he_errand *e, he_time_ns patience, bool *ok);

#endif
