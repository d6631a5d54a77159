/* SPDX-License-Identifier: MIT */
#ifndef HE_RECALL_H
#define HE_RECALL_H
/* recall.h - a context's history, shared by the threads that drive transfers
 * and the racer's: a lock around policy/history.h, and the network that what
 * is learned belongs to.
 *
 * Any thread. Nothing that blocks is done under the lock, and nobody else's
 * lock is taken there (it is as far in as a job's). */
#include "policy/history.h"

struct he_recall;

/* Empty, with one reference, the caller's. NULL without memory. */
struct he_recall *he_recall_new(const struct he_history_limits *limits);
void he_recall_ref(struct he_recall *r);
void he_recall_unref(struct he_recall *r);   /* NULL is fine */

/* Locks. The history and the number of the network that the host is in, until
   he_recall_close(). */
struct he_history *he_recall_open(struct he_recall *r, uint64_t *network);
/* Unlocks. `changed`: something was learned that may change an order or a
   delay, or that is to be written or probed. */
void he_recall_close(struct he_recall *r, bool changed);

/* Counts what was learned and changes of the network: as long as it stays the
   same, advice given before holds. Never 0. No lock. */
uint64_t he_recall_epoch(const struct he_recall *r);

/* The host is in another network now. */
void he_recall_set_network(struct he_recall *r, uint64_t network);

#endif
