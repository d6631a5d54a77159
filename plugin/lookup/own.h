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
  bool fresh;                 /* the race has not heard of it yet */
};

struct he_lookup {
  struct he_task task;        /* first: closes what nobody comes for */
  struct he_lookup_config config;
  pthread_t asker;            /* uses the handle: libcurl's call is another's */
  unsigned born_in;           /* the fork generation */

  /* expected.c's, under its lock */
  struct he_lookup *next;
  struct he_lookup **link;    /* NULL: not in the list */
  uint64_t hashes[HE_LOOKUP_NAMES];
  bool asked[HE_FAMILIES];    /* for these families there was a call */

  pthread_mutex_t lock;       /* guards all below; the innermost lock */
  pthread_cond_t changed;
  enum he_lookup_state state;
  bool stopped;
  bool runs;                  /* a thread is in he_lookup_run() */
  pthread_t runner;           /* that thread */
  unsigned drops;             /* threads that close what was not taken */
  int wake;                   /* an eventfd the runner polls, or -1 */
  struct he_lookup_answer answers[HE_FAMILIES];
  unsigned try_count;
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
/* Is any expected? One atomic load. */
bool he_expected_any(void);
/* Counts the forks that led to this process. */
unsigned he_expected_generation(void);

/* -- lookup.c -- */

/* The call of getaddrinfo() for it: races, or waits for the call that does.
   Then the answers are there to be listed. */
void he_lookup_call(struct he_lookup *l, const char *host, uint16_t port);

/* -- drive.c: the loop -- */

/* Races, on the calling thread, until the lookup is over for it; sets state,
   tries and answers. */
void he_lookup_run(struct he_lookup *l);

/* Takes a step down and tells whoever watches. No lock held. */
void he_lookup_tell(struct he_lookup *l, struct he_step *s, he_time_ns now);
/* Wakes whoever runs or waits for it. With the lock. */
void he_lookup_wake_locked(struct he_lookup *l);
/* A child of fork() has inherited it: its locks may be held for ever. */
bool he_lookup_inherited(const struct he_lookup *l);

/* -- list.c: what libcurl gets -- */

/* As getaddrinfo(): all addresses that are known, those of `hints->ai_family`
   alone where that is set, in the order of the system; 0 or an EAI_ value. The
   caller frees the list by freeaddrinfo(). */
int he_lookup_list(struct he_lookup *l, const struct addrinfo *hints,
                   struct addrinfo **res);

#endif
