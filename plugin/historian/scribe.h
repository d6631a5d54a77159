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
 * Any thread calls these, none of which blocks: the scribe's lock is held for
 * memory alone. A child of fork() has no thread, and makes a scribe of its
 * own. */
#include "base/base.h"

struct he_scribe;
struct he_record;

/* The history, as the scribe sees it. All on the scribe's thread, without a
   lock; but take() also on that of whoever calls he_scribe_take(), with the
   scribe's lock held, failed() also where no thread can be had, and drop() on
   whatever thread. */
struct he_scribe_ops {
  /* A line that the file has, without its end; it may be anything. */
  void (*absorb)(void *ctx, const char *line, size_t len);
  /* The next record that is to be written; false: there is none. */
  bool (*take)(void *ctx, struct he_record *out);
  /* Something is wrong with the file. */
  void (*trouble)(void *ctx, const char *why);
  /* What is new could not be written. It is kept, and tried again when the
     scribe is next asked to. */
  void (*failed)(void *ctx);
  /* The scribe needs ctx no more. */
  void (*drop)(void *ctx);
};

/* Something that is asked of the scribe, and told when it is done. It is the
   scribe's until done() is called, once, on any thread and without a lock;
   there it is given up. `ok`: false where it was not done, for want of a
   thread or because the file could not be used. */
struct he_errand {
  struct he_errand *next;
  void (*done)(struct he_errand *e, bool ok);
};

/* ctx is the scribe's until drop(). NULL without memory, and ctx is the
   caller's still. */
struct he_scribe *he_scribe_new(const char *path,
                                const struct he_scribe_ops *ops, void *ctx);

/* Reads all that the file has of this network, then tells `e`. */
void he_scribe_read(struct he_scribe *s, uint64_t network,
                    struct he_errand *e);

/* Reads what the file has of one host in a network (host NULL: of the network
   itself), ahead of all else. The text is copied. */
void he_scribe_find(struct he_scribe *s, uint64_t network, const char *host,
                    struct he_errand *e);

/* Takes what is new now, some milliseconds' worth at most: it is this file's,
   though it is written later. */
void he_scribe_take(struct he_scribe *s);

/* Writes what is new. `e` (may be NULL) is told when that is done, and all
   that was asked before. */
void he_scribe_save(struct he_scribe *s, struct he_errand *e);

/* Forgets a host (NULL: everything) in the file, and by absorb() whatever was
   read of it. */
void he_scribe_forget(struct he_scribe *s, const char *host,
                      struct he_errand *e);

/* Has the thread been at one errand for so long that the disk must hang? Then
   nobody should wait for the next. */
#define HE_SCRIBE_STUCK HE_MS(250)
bool he_scribe_stuck(struct he_scribe *s);

/* As he_scribe_save(), and ends: the caller's pointer is given up. */
void he_scribe_end(struct he_scribe *s, struct he_errand *e);

#endif
