/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_DRIVE_H
#define HE_LOOKUP_DRIVE_H
/* drive.h - one race alone while it runs: the loop (drive.c) and its attempts
 * (tries.c). All of it belongs to the thread that races. */
#include "lookup/own.h"

struct he_drive_try {
  struct he_addr addr;
  int id;                     /* the race's */
  int fd;                     /* -1: none was to be had yet */
  bool apps;                  /* the application has to close it */
  he_time_ns started;
};

struct he_drive {
  struct he_lookup *l;
  struct he_race *race;
  struct he_query *query[HE_FAMILIES];
  bool asked;                 /* both at once */
  bool unheard[HE_FAMILIES];  /* answers that the race has not heard of */
  he_time_ns hold_until;      /* for one of them; or HE_NEVER */
  he_time_ns room_until;      /* likewise, because others wait */
  struct he_drive_try tries[HE_LOOKUP_TRIES];   /* that run, or have won */
  unsigned count;
  struct he_drive_try *winner;    /* one of them */
  struct he_outcome *ended;       /* what is to be learned when it is over */
  size_t ended_count;
  size_t ended_room;
  unsigned starts;
  he_time_ns last_start;
  he_time_ns retry_at;        /* for one without a descriptor; or HE_NEVER */
  bool gives_way;             /* libcurl has to connect by itself */
  bool leaves;                /* the call returns, what runs goes on */
  he_time_ns leave_at;        /* as the lookup last had it */
  bool decided;               /* one is connected */
  uint64_t epoch;             /* of the history, when it was last asked */
  unsigned advised;           /* starts there had been then */
};

/* The race wants an attempt; it wants one to be given up. */
void he_drive_connect(struct he_drive *d, const struct he_action *a);
void he_drive_cancel(struct he_drive *d, int id);
/* poll() says that it is over. */
void he_drive_ready(struct he_drive *d, int id);
/* Makes the sockets there were no descriptors for. */
void he_drive_retry(struct he_drive *d);
struct he_drive_try *he_drive_find(struct he_drive *d, int id);
/* It is somebody else's from now on. */
struct he_lookup_try he_drive_give(const struct he_drive_try *t);
/* The history hears what came of all attempts. */
void he_drive_learn(struct he_drive *d, he_time_ns now);

/* -- learned.c: what the history says of the addresses -- */

/* Answers that the race is about to hear of: their addresses get their turns.
   Returns the family that goes first. */
enum he_family he_drive_sort(struct he_drive *d, he_time_ns now);
/* One family has answered. Are its addresses known to be worse than what the
   other one is known to have? Then the other one is waited for, for the
   Resolution Delay; d->hold_until says until when. */
bool he_drive_holds(struct he_drive *d, he_time_ns now);
/* The race hears the order of all that is known, where the history has one; and
   of an address that is known to work, where all that runs is in doubt. Again
   when the history has learned something. */
void he_drive_advise(struct he_drive *d, bool anew, he_time_ns now);

#endif
