/* SPDX-License-Identifier: MIT */
#ifndef MULTI_FLEET_H
#define MULTI_FLEET_H
/* fleet.h - many clients in one multi handle, on the loop that is linked. */
#include "../../examples/multi/transfers.h"
#include "../easy/harness.h"

struct member {
  struct client c;
  CURLcode result;     /* once done */
  bool done;
};

struct fleet {
  struct transfers t;
  struct loop *loop;
  size_t done;
};

void fleet_open(struct fleet *f);

/* A client for this URL, which may have more options set before it joins. */
void fleet_open_member(struct member *m, enum mode mode, const char *url);

/* Joins, for the first time or again. */
void fleet_join(struct fleet *f, struct member *m);

/* Both. */
void fleet_add(struct fleet *f, struct member *m, enum mode mode,
               const char *url);

/* Until none is left, or for some time; -1: no limit. */
void fleet_run(struct fleet *f, int ms);

/* The member's handle leaves the multi, and stays open. */
void fleet_remove(struct fleet *f, struct member *m);

/* Cleans the multi handle up, with whoever is in it. */
void fleet_close(struct fleet *f);

/* The loop's libraries keep descriptors of their own from the first use on. */
void fleet_warm_up(void);

/* How often name servers were asked for a host of lab.test, by its first
   label. */
long questions_for(const char *host);

#endif
