/* SPDX-License-Identifier: MIT */
#ifndef HE_KEEPER_H
#define HE_KEEPER_H
/* keeper.h - what is done for a history in the background, by a task of the
 * racer's: it tells it which network the host is in, makes its probes, and has
 * its file read and written by a scribe (historian/scribe.h), whose thread
 * alone waits for the disk.
 *
 * An idle keeper wakes nobody, but for a probe that is due and for news of the
 * network. It starts with the first thing that is learned, asked or stored.
 *
 * Any thread. None of these blocks but where a time is given; on the racer's
 * own thread that counts as 0. All take NULL. In a child of fork() the keeper
 * of the parent does nothing any more. */
#include "net/racer.h"

struct he_keeper;
struct he_recall;

/* Serves `recall` (he_recall_serve()), of which it has a reference, until
   he_keeper_end(). With one reference, the caller's; NULL without memory. */
struct he_keeper *he_keeper_new(struct he_racer *r, struct he_recall *recall);
void he_keeper_ref(struct he_keeper *k);
void he_keeper_unref(struct he_keeper *k);

/* The store is this file from now on; NULL: none. What is new so far is
   written to the former one, in its own time. Begins to read it. False without
   memory, or where the racer takes no mail. */
bool he_keeper_store(struct he_keeper *k, const char *path);

/* Gives up all probes, and forgets a host in the store; NULL: everything. The
   caller has it forgotten by the recall. True when that is done, and no longer
   in the file. */
bool he_keeper_forget(struct he_keeper *k, const char *host,
                      he_time_ns patience);

/* Writes what is new now. True when that was tried. */
bool he_keeper_flush(struct he_keeper *k, he_time_ns patience);

/* The recall is on its own again. Probes are given up; what is new is written.
   True when that is done. Where the disk takes longer it goes on by itself, or
   ends with the process; where the disk hangs already nobody waits. The
   caller's reference remains. */
bool he_keeper_end(struct he_keeper *k, he_time_ns patience);

#endif
