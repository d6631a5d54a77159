/* SPDX-License-Identifier: MIT */
#ifndef HE_SHELF_H
#define HE_SHELF_H
/* shelf.h - a history and its store: records read into the one, and what is
 * new written to the other. One thread's, as a store is. */
#include "engine/recall.h"

struct he_shelf;

/* Opens nothing yet. NULL without memory. */
struct he_shelf *he_shelf_new(const char *path, struct he_recall *recall);
/* What is not written is lost. NULL is fine. */
void he_shelf_free(struct he_shelf *s);

/* Reads what the store knows of a host (NULL: of none) and of the network. */
void he_shelf_fetch(struct he_shelf *s, uint64_t network, const char *host,
                    he_time_ns now);
/* Reads all it knows in a network, step by step, none of which takes longer
   than a millisecond or two. True: there is more to read. Begins again where
   `network` is another one than the last time. */
bool he_shelf_load(struct he_shelf *s, uint64_t network, he_time_ns now);
/* The next he_shelf_load() reads all once more, where it was through. */
void he_shelf_rewind(struct he_shelf *s);

enum he_shelf_state {
  HE_SHELF_DONE,
  HE_SHELF_MORE,       /* some were written, there are more */
  HE_SHELF_BUSY,       /* another process writes: in *again */
  HE_SHELF_FAILED      /* it cannot be written to; not before *again */
};

/* Writes some of what is new. */
enum he_shelf_state he_shelf_save(struct he_shelf *s, he_time_ns now,
                                  he_time_ns *again);

/* Forgets a host in all networks; NULL: everything. */
void he_shelf_forget(struct he_shelf *s, const char *host, he_time_ns now);

/* Reads all records of a store, of every network, into a history, once; and
 * writes all of a history to a store, beside what is there already. For any
 * thread, which they block; signals wait. False, and a sentence in `why`
 * (HE_RECALL_TROUBLE bytes, "" for want of memory), where that cannot be. */
bool he_shelf_import(struct he_recall *r, const char *path, char *why);
bool he_shelf_export(struct he_recall *r, const char *path, char *why);

#endif
