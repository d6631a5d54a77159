/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_OWN_H
#define HE_LOOKUP_OWN_H
/* own.h - a lookup from within. The files of this room, bottom to top, call
 * only files that come before them:
 *
 *   own           the lookup that several threads hold, and what it knows
 *   plan          what is different where it is not for libcurl
 *   expected      whose call it is, who races, and who waits for a thread
 *   lookup        its life, and the result that waits to be taken
 *   services      HTTPS records, and where they lead
 *   translate     IPv4 addresses where the network has no IPv4
 *   tries         the attempts of its race
 *   learned       what the history says of their addresses
 *   measure       how long it would have taken without memory
 *   remembered    what is to be confirmed
 *   asking        answers, as they come, and those that come too late
 *   wait          how long the call may take; waiting
 *   drive         the loop, which alone decides and ends
 *   thread        races on threads of curl-he's own
 *   getaddrinfo   the exported name, and the list that libcurl gets */
#include "lookup/lookup.h"
#include "lookup/plan.h"
#include "base/cond.h"
#include "race/endpoints.h"
#include "resolve/svcb.h"

#include <pthread.h>

/* What a resolver said of one family. */
struct he_lookup_answer {
  struct he_candidate *list;  /* malloc'ed */
  size_t n;
  int error;                  /* 0 or an EAI_ value */
  bool there;
};

/* The addresses of endpoints that have an ECHConfigList, and others. */
struct he_served {
  size_t n;
  struct he_candidate list[HE_FAMILIES * HE_RACE_MAX_ADDRS];   /* group: the
                                                                  endpoint */
  size_t ech_len[HE_ENDPOINTS_MAX];   /* 0: it has none */
  uint8_t ech[HE_ENDPOINTS_MAX][HE_SVCB_ECH];
};

struct he_link {              /* a place in a list of expected.c */
  struct he_link *next;
  struct he_link **at;        /* NULL: it is in no list */
  struct he_lookup *of;
};

struct he_expected_name {
  struct he_link link;        /* first */
  uint64_t hash;
  uint16_t port;              /* 0: any */
  char *host;                 /* without a final dot */
};

struct he_lookup {
  struct he_task task;        /* first: closes what nobody comes for */
  struct he_lookup_config config;
  pthread_t asker;            /* uses the handle: libcurl's call is another's */

  /* under the lock of expected.c */
  uint64_t serial;            /* a younger one has a higher number */
  struct he_expected_name *names;
  size_t name_count;
  struct he_link expected;    /* a call for it may come */
  struct he_link racing;
  uint64_t hash;              /* of `host`, once it is called */
  bool asked[HE_FAMILIES];    /* for these families there was a call */
  bool mixed;                 /* its call may have been another one's */
  bool waits;                 /* for one of a limited number of threads */
  he_time_ns since;           /* valid while it waits */

  /* the runner's alone; when it is over, anybody's to read */
  struct he_lookup_answer answers[HE_FAMILIES];
  struct he_lookup_answer remembered[HE_FAMILIES];   /* of earlier lookups */
  bool led;                   /* WON, by an address that is in none of these */
  struct he_addr service;     /* valid where led: the winner's */
  struct he_served *served;   /* malloc'ed; NULL: no endpoint has such a list */
  bool reliant;               /* see he_lookup_relies() */

  pthread_mutex_t lock;       /* guards all below; the innermost lock */
  pthread_cond_t changed;
  enum he_lookup_state state;
  bool stopped;
  bool looks;                 /* the race is to look at all of this again */
  he_time_ns leave_at;        /* the race goes on without its call then */
  bool runs;                  /* a thread is in he_lookup_call() */
  pthread_t runner;           /* that thread */
  unsigned drops;             /* threads that close what was not taken */
  int wake;                   /* an eventfd the runner polls, or -1 */
  struct he_lookup_answer news[HE_FAMILIES];   /* not yet looked at */
  unsigned try_count;
  const char *why;            /* LOST */
  int lost;                   /* LOST: see HE_ACT_LOST */
  bool partial;
  struct he_trace trace;
  he_time_ns began;           /* set once, before the state is RACING */
  uint16_t port;              /* likewise */
  char *host;                 /* likewise; config.ask.host */
  /* WON, LEFT: try_count of them. Last, for nobody clears them. */
  struct he_try tries[HE_LOOKUP_TRIES];
};

/* -- who holds it -- */

/* A child of fork() has inherited it: its locks may be held for ever. */
bool he_lookup_inherited(const struct he_lookup *l);

/* Is each step told to anybody when it happens? Else nothing is found out for
   the telling. */
static inline bool he_lookup_traced(const struct he_lookup *l)
{
  return l->config.watcher || l->config.trail;
}
/* Wakes whoever runs or waits for it, with the lock. */
void he_lookup_wake_locked(struct he_lookup *l);
/* The race looks at everything again. Its call returns at `leave_at`, or as
   soon as the addresses are known, and the race goes on beside libcurl;
   HE_NEVER: it stays as it is. */
void he_lookup_wake(struct he_lookup *l, he_time_ns leave_at);
/* Closes what waits to be taken. Nobody comes for it any more. */
void he_lookup_drop(struct he_lookup *l);

/* -- what is known of its two families: for the thread that races; when it is
   over, for any -- */

/* Has the resolver failed, which says nothing of the addresses? */
bool he_answer_failed(const struct he_lookup_answer *a);
/* The candidate for this address; NULL: there is none. */
const struct he_candidate *he_answer_find(const struct he_lookup_answer *a,
                                          const struct he_addr *addr);

/* What is known of a family: the resolver's answer. Where there is none, or the
   resolver has failed: what is remembered. */
struct he_lookup_answer *he_lookup_known(struct he_lookup *l,
                                         enum he_family f);
/* All that is known of these families, in the system's order but for the
   preference, for the caller to free(). NULL with *n 0 where nothing is known,
   with *n > 0 without memory. */
struct he_candidate *he_lookup_all(struct he_lookup *l,
                                   const bool of[HE_FAMILIES],
                                   enum he_preference preference, size_t *n);
/* Has each family that may be used its answer, or error? */
bool he_lookup_all_there(const struct he_lookup *l);

#endif
