/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_OWN_H
#define HE_LOOKUP_OWN_H
/* own.h - a lookup from within: what the files of this room share. */
#include "lookup/lookup.h"

#include <pthread.h>

struct addrinfo;

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

  /* expected.c's, under its lock */
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
  struct he_lookup_try tries[HE_LOOKUP_TRIES];
};

/* -- expected.c: whose call it is -- */

void he_expected_add(struct he_lookup *l);
void he_expected_remove(struct he_lookup *l);
/* The lookup that a call of getaddrinfo() belongs to, with a reference; NULL:
   none. `family`: what the call asks for, -1 for both. */
struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family);
/* The race of a lookup that was claimed is over. */
void he_expected_over(struct he_lookup *l);
/* It is given up. libcurl waits for its call, which may be one that runs
   another lookup's race: such races leave their calls. */
void he_expected_part(struct he_lookup *l);
/* A call for this name has returned with addresses, of this multi handle (NULL:
   maybe of any). libcurl gives them to all its handles that wait for the name,
   whose own calls are to return soon: it may wait for these. */
void he_expected_answered(const char *host, uint16_t port,
                          const void *multi);
/* Does any race? One atomic load. */
bool he_expected_racing(void);
/* Is any expected? One atomic load. */
bool he_expected_any(void);
/* Counts the forks that led to this process. */
unsigned he_expected_generation(void);
/* This one has learned something while it raced: those that race to its host,
   with the same history, are to look at that again. */
void he_expected_tell(struct he_lookup *l);

/* -- crowd.c: the lookups of one multi handle -- */

void he_crowd_join(struct he_lookup *l);
void he_crowd_leave(struct he_lookup *l);
/* Its call has come: it does not wait any more. */
void he_crowd_called(struct he_lookup *l);
/* From then on it is certain that others wait, while this one races, for one of
   a limited number of threads. HE_NEVER: none waits. */
he_time_ns he_crowd_due(const struct he_lookup *l);
/* Called by expected.c's handlers of fork(). */
void he_crowds_before_fork(void);
void he_crowds_after_fork(bool child);

/* -- lookup.c -- */

/* The call of getaddrinfo() for it: races, or waits for the call that does.
   Then the answers are there to be listed. */
void he_lookup_call(struct he_lookup *l, const char *host, uint16_t port);

/* -- late.c: answers that come when the lookup is over -- */

/* Goes on listening for a family's answer: the next lookup has it. A resolver
   that asks once for all who want to know the same has nothing more to ask.
   Does not block. */
void he_late_listen(struct he_lookup *l, enum he_family f);

/* -- drive.c: the loop -- */

/* Races, on the calling thread, until the lookup is over for it; sets state,
   tries and answers. */
void he_lookup_run(struct he_lookup *l);

/* Takes a step down and tells whoever watches. No lock held. */
void he_lookup_tell(struct he_lookup *l, struct he_step *s, he_time_ns now);
/* Wakes whoever runs or waits for it; the first with the lock. */
void he_lookup_wake_locked(struct he_lookup *l);
void he_lookup_wake(struct he_lookup *l);
/* At that time, or as soon as the addresses are known, its call returns, and
   its race goes on beside libcurl. */
void he_lookup_leave(struct he_lookup *l, he_time_ns at);
/* A child of fork() has inherited it: its locks may be held for ever. */
bool he_lookup_inherited(const struct he_lookup *l);

/* -- list.c: what libcurl gets -- */

/* What is known of a family: the resolver's answer. Where there is none, or the
   resolver has failed: what is remembered. */
struct he_lookup_answer *he_lookup_known(struct he_lookup *l,
                                         enum he_family f);

/* As getaddrinfo(): all addresses that are known, those of `hints->ai_family`
   alone where that is set, in the order of the system; 0 or an EAI_ value. The
   caller frees the list by freeaddrinfo(). */
int he_lookup_list(struct he_lookup *l, const struct addrinfo *hints,
                   struct addrinfo **res);

#endif
