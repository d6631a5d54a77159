/* SPDX-License-Identifier: MIT */
#ifndef HE_SHELF_H
#define HE_SHELF_H
/* shelf.h - a history that is shared, and its file. */
#include "historian/recall.h"

struct he_scribe;

/* A scribe that keeps this history in that file. It has a reference to the
   history. NULL without memory. */
struct he_scribe *he_shelf_scribe(struct he_recall *r, const char *path);

/* Reads all records of a file, of every network, into a history, once; and
 * adds all of a history to a file, beside what is there already. For any
 * thread, which they block; signals wait. False, and a sentence in `why`
 * (HE_RECALL_TROUBLE bytes, "" for want of memory), where that cannot be. */
bool he_shelf_import(struct he_recall *r, const char *path, char *why);
bool he_shelf_export(struct he_recall *r, const char *path, char *why);

#endif
