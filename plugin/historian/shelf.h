/* SPDX-License-Identifier: MIT */
#ifndef HE_SHELF_H
#define HE_SHELF_H
/* shelf.h - lines between a history that is shared and a file. */
#include "historian/recall.h"

/* Takes in a line of a file, whatever it is; ctx is a struct he_recall. */
void he_shelf_absorb(void *ctx, const char *line, size_t len);

/* The next record that is to be written; false: there is none. */
bool he_shelf_take(struct he_recall *r, struct he_record *out);

/* Reads all records of a file, of every network, into a history, once; and
 * adds all of a history to a file, beside what is there already. For any
 * thread, which they block; signals wait. False, and a sentence in `why`
 * (HE_RECALL_TROUBLE bytes, "" for want of memory), where that cannot be. */
bool he_shelf_import(struct he_recall *r, const char *path, char *why);
bool he_shelf_export(struct he_recall *r, const char *path, char *why);

#endif
