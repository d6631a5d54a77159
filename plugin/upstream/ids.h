/* SPDX-License-Identifier: MIT */
#ifndef HE_IDS_H
#define HE_IDS_H
/* ids.h - ids of the queries that are in flight over one connection, and whose
 * they are. Pure. One owner.
 *
 * An id is not taken again as soon as it is free: an answer that is late finds
 * nobody then, rather than another question. */
#include "base/base.h"

/* So many may be in flight. */
#define HE_IDS_MOST 16384

struct he_ids_slot {
  void *what;                 /* NULL: free */
  uint16_t id;                /* the last one, or the present one */
};

struct he_ids {
  struct he_ids_slot *slots;  /* an id has the place that its low bits say */
  uint32_t room;              /* a power of 2, or 0 */
  uint32_t used;
  uint32_t next;              /* where to look for a free place */
};

void he_ids_init(struct he_ids *t);
void he_ids_free(struct he_ids *t);

/* An id for `what`, which is not NULL. False where all are taken, or without
   memory. */
bool he_ids_add(struct he_ids *t, void *what, uint16_t *id);
/* Whose it is; NULL: nobody's. */
void *he_ids_find(const struct he_ids *t, uint16_t id);
/* It is free again. */
void he_ids_remove(struct he_ids *t, uint16_t id);

#endif
