/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_OWN_H
#define HE_LOOKUP_OWN_H
/* own.h - a lookup from within. The files of this room, bottom to top, call
 * only files that come before them:
 *
 *   own           the lookup that several threads hold
 *   known, list   what is known of its families; the list that libcurl gets
 *   crowd         the lookups of one multi handle
 *   groups        the table of who expects a call, and who races
 *   expected      whose call it is
 *   late          answers that come when it is over
 *   tries         the attempts of its race
 *   learned       what the history says of their addresses
 *   remembered    what is to be confirmed
 *   asking        answers, as they come
 *   pace, wait    how long the call may take; waiting
 *   end, drive    what stays behind; the loop, which alone decides and ends
 *   result        what waits to be taken
 *   lookup        its life
 *   call          libcurl's call of it
 *   getaddrinfo   the exported name */
#include "lookup/lookup.h"

#include <pthread.h>

/* What a resolver said of one family. */
struct he_lookup_answer {
  struct he_candidate *list;  /* malloc'ed */
  size_t n;
  int error;                  /* 0 or an EAI_ value */
  bool there;
};

struct he_expected_group;
struct he_crowd;

struct he_expected_entry {    /* in a group's list */
  struct he_expected_entry *next;
  struct he_expected_entry **link;
  struct he_expected_group *group;
  struct he_lookup *lookup;
};

struct he_lookup {
  struct he_task task;        /* first: closes what nobody comes for */
  struct he_lookup_config config;
  pthread_t asker;            /* uses the handle: libcurl's call is another's */
  unsigned born_in;           /* the fork generation */

  /* expected.c's and groups.c's, under the lock of expected.c */
  uint64_t serial;            /* a younger one has a higher number */
  bool expected;              /* it is in the table */
  struct he_expected_entry *entries;   /* one a name */
  size_t entry_count;
  struct he_lookup *any_next; /* in the list of those of any name */
  struct he_lookup **any_link;
  struct he_expected_group *group;     /* it races in this one */
  struct he_lookup *racing_next;
  struct he_lookup **racing_link;      /* NULL: in no such list */
  bool asked[HE_FAMILIES];    /* for these families there was a call */

  /* crowd.c's, under its lock */
  struct he_crowd *crowd;     /* valid while member_link is set */
  struct he_lookup *member_next;
  struct he_lookup **member_link;
  struct he_lookup *waiting_next;
  struct he_lookup **waiting_link;     /* NULL: it does not wait */
  he_time_ns since;           /* when libcurl announced it */

  /* the runner's alone; when it is over, anybody's to read */
  struct he_lookup_answer answers[HE_FAMILIES];
  struct he_lookup_answer remembered[HE_FAMILIES];   /* of earlier lookups */

  pthread_mutex_t lock;       /* guards all below; the innermost lock */
  pthread_cond_t changed;
  enum he_lookup_state state;
  bool stopped;
  bool looks;                 /* the race is to look at all of this again */
  he_time_ns leave_at;        /* the race goes on without its call then */
  bool runs;                  /* a thread is in he_lookup_run() */
  pthread_t runner;           /* that thread */
  unsigned drops;             /* threads that close what was not taken */
  int wake;                   /* an eventfd the runner polls, or -1 */
  struct he_lookup_answer news[HE_FAMILIES];   /* not yet looked at */
  unsigned try_count;
  const char *why;            /* LOST */
  bool partial;
  struct he_trace trace;
  he_time_ns began;           /* set once, before the state is RACING */
  uint16_t port;              /* likewise */
  char *host;                 /* likewise; config.ask.host */
  /* WON, LEFT: try_count of them. Last, for nobody clears it. */
  struct he_try tries[HE_LOOKUP_TRIES];
};

/* How many forks led to this process, as far as lookups were watched. */
unsigned he_lookup_generation(void);
/* This is the child of a fork. Async-signal-safe. */
void he_lookup_forked(void);
/* A child of fork() has inherited it: its locks may be held for ever. */
bool he_lookup_inherited(const struct he_lookup *l);

/* Takes a step down and tells whoever watches. No lock held. */
void he_lookup_tell(struct he_lookup *l, struct he_step *s, he_time_ns now);
/* Wakes whoever runs or waits for it; the first with the lock. */
void he_lookup_wake_locked(struct he_lookup *l);
void he_lookup_wake(struct he_lookup *l);
/* At that time, or as soon as the addresses are known, its call returns, and
   its race goes on beside libcurl. */
void he_lookup_leave(struct he_lookup *l, he_time_ns at);

#endif
