/* SPDX-License-Identifier: MIT */
#ifndef HE_FORKS_H
#define HE_FORKS_H
/* forks.h - one handler for fork(), and the order of the locks it takes.
 *
 * A thread that forks holds all of curl-he's tables meanwhile, so that a child
 * gets none that is half changed. The list is the order: whoever holds a lock
 * may take only those of later lines. */

#include <pthread.h>

enum he_fork_turn {
  HE_FORK_KNOWN,        /* easy handles that were seen (curl/known.c) */
  HE_FORK_HANDLES,      /* the registry (curl/handle.c) */
  HE_FORK_TASKS,        /* what runs for a handle (curl/tasks.c) */
  HE_FORK_DEFAULT,      /* the default context (curl/default.c) */
  HE_FORK_CONTEXTS,
  HE_FORK_SIGHTINGS,    /* which names libcurl asked for */
  HE_FORK_STANDINS,     /* lists of them (curl/waiting.c) */
  HE_FORK_IDLE,         /* sockets of curl/idle.c */
  HE_FORK_APPS,         /* the application's socket callbacks */
  HE_FORK_CLOSERS,
  HE_FORK_LOOKUPS,      /* expected ones, and who waits for threads */
  HE_FORK_QUESTIONS,    /* asked of name servers; answers are given with it */
  HE_FORK_RRSETS,       /* records asked of configured servers */
  HE_FORK_FINISHER,     /* the thread that finishes their answers */
  HE_FORK_CHOSEN,       /* addresses of them; answers are given with it */
  HE_FORK_PREPARED,     /* answers asked for ahead */
  HE_FORK_PREFIX64,     /* of translators, as resolvers tell them */
  HE_FORK_DOH,          /* which threads speak DNS over HTTPS */
  HE_FORK_KEPT,         /* late answers */
  HE_FORK_RECALLS,      /* histories: a late answer is told them */
  HE_FORK_POLICY,       /* gai.conf */
  HE_FORK_PREF64,       /* as routers tell them */
  HE_FORK_RACER,
  HE_FORK_SINKS,        /* lines for traces (trace/sink.c) */
  HE_FORK_CRYPTO_ASIDE, /* OpenSSL at work (upstream/crypto.c) */
  HE_FORK_CRYPTO,
  HE_FORK_FDS,          /* the innermost: who makes a descriptor has it */
  HE_FORK_TURNS
};

struct he_fork_hooks {
  void (*before)(void);       /* takes the locks */
  void (*parent)(void);       /* gives them back */
  void (*child)(void);        /* likewise; only what is safe in the child of a
                                 process with threads */
};

/* From now on. Any thread that holds none of these locks; again is nothing. The
   hooks are static. */
void he_fork_watch(enum he_fork_turn turn, const struct he_fork_hooks *hooks);

/* The same where all there is to do is to hold one lock, a static one. A turn
   has either hooks or a lock. */
void he_fork_hold(enum he_fork_turn turn, pthread_mutex_t *mutex);

#endif
