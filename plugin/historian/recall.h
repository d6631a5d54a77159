/* SPDX-License-Identifier: MIT */
#ifndef HE_RECALL_H
#define HE_RECALL_H
/* recall.h - a context's history, shared by the threads that drive transfers
 * and the racer's: a lock around history/history.h, the network that what is
 * learned belongs to, and the few questions that a connect asks.
 *
 * Any thread. The lock is that of all histories: nothing that blocks is done
 * under it, and no other lock is taken there. A child of fork() may go on with
 * a history. */
#include "history/history.h"

struct he_recall;

/* Empty, with one reference, the caller's. NULL without memory. */
struct he_recall *he_recall_new(const struct he_history_limits *limits);
void he_recall_ref(struct he_recall *r);
void he_recall_unref(struct he_recall *r);   /* NULL is fine */

/* Other limits, as long as nothing was learned. False where something was, or
   without memory: then the former ones hold. What a store told is to be read
   once more. */
bool he_recall_limit(struct he_recall *r,
                     const struct he_history_limits *limits);

/* A connect is about to begin: waits for HE_RECALL_WAIT at most until the
   store has been read. Where the kernel does not tell of changes of the
   network, it is asked again, once a second at most. */
#define HE_RECALL_WAIT HE_MS(1)
void he_recall_want(struct he_recall *r);

/* Is there a store that was not read yet, named less than a second ago? What
   is read later is used later: nobody waits for that. */
bool he_recall_pending(struct he_recall *r);

/* Locks. The history and the number of the network that the host is in (0: not
   known yet), until he_recall_close(). */
struct he_history *he_recall_open(struct he_recall *r, uint64_t *network);
/* Unlocks. `changed`: something was learned that may change an order or a
   delay, or that is to be written or probed. */
void he_recall_close(struct he_recall *r, bool changed);

/* A probe was sent; how many there were. */
void he_recall_probed(struct he_recall *r);
uint64_t he_recall_probes(const struct he_recall *r);

/* Counts what was learned and changes of the network: as long as it stays the
   same, advice given before holds. 1: nothing yet; never 0. No lock. */
uint64_t he_recall_epoch(const struct he_recall *r);

/* -- questions, recall_ask.c -- */

/* Who asks, and what the user's options say. */
struct he_recall_ask {
  const char *host;
  uint16_t port;
  uint16_t leeway_ms;          /* these as in struct he_advice_rules */
  uint16_t min_delay_ms;
  uint16_t max_delay_ms;
  uint16_t first_delay_ms;
  uint8_t first_count;         /* first address family count */
  bool keep_families;
  bool allowed[HE_FAMILIES];
  bool authenticated;          /* TLS tells who answers */
  bool both;                   /* libcurl may use both families: it was said */
  bool certain;                /* what libcurl connects to was in an answer of
                                  the resolver's, be it an earlier one */
};

struct he_outlook {
  he_time_ns delay;            /* after the first address; alone it is for
                                  he_pace() to apply */
  enum he_pace_from from;      /* what the delay was derived from */
  bool wary;                   /* not all addresses are as good as can be:
                                  ask about each */
  bool calm;                   /* they are, and of each family it is known
                                  what there is: no address has to be asked
                                  about until he_recall_epoch() changes */
  bool hasten;                 /* IPv4 is, and no IPv6 address */
  bool instead;                /* and it will take IPv6's place */
  bool measured;               /* a handshake was, within the last second, and
                                  another one has nothing to add */
};

/* What to expect of the host, before any address is known. */
void he_recall_outlook(struct he_recall *r, const struct he_recall_ask *ask,
                       struct he_outlook *out, he_time_ns now);

/* libcurl is about to connect to `a`. True where this one is bad, slow or in
 * doubt, and another one is known to work; or where it connects, but TLS never
 * completes there, and there may be another one; or where the host had it
 * earlier, and an answer of the last minute has others. */
struct he_suspicion {
  bool instead;                /* `better` may be connected to in its place */
  /* It was in the resolver's last answer, and if that is older than a minute
     it is known who answers there. It is of the same family; or, where libcurl
     surely may use both, and `a` is bad or slow, of the other one. */
  struct he_addr better;
};
bool he_recall_suspects(struct he_recall *r, const struct he_recall_ask *ask,
                        const struct he_addr *a, struct he_suspicion *out,
                        he_time_ns now);

/* What the resolver said before of a family, where that may be used until it
 * has answered again: true, and *n addresses in `list` (at most `max`), with
 * ports and without sources, `lasts` 0 where they are not valid any more; 0
 * where it said that there are none, or nothing at all. Only where the caller
 * is authenticated: false where not. */
bool he_recall_remembered(struct he_recall *r,
                          const struct he_recall_ask *ask, enum he_family f,
                          struct he_candidate *list, size_t max, size_t *n,
                          he_time_ns now);

/* Sorts what was in the system's order, and interleaved, and interleaves it
   anew. False: nothing speaks against that order, and it stays. */
bool he_recall_sort(struct he_recall *r, const struct he_recall_ask *ask,
                    struct he_candidate *list, size_t n, he_time_ns now);

/* Of `list`, in the order of their turns, the first one that is known to work;
   its place, or n. */
size_t he_recall_proven(struct he_recall *r, const struct he_recall_ask *ask,
                        const struct he_candidate *list, size_t n,
                        he_time_ns now);

/* An address in the order of the next connect. */
struct he_turn_ahead {
  struct he_addr addr;
  struct he_advice advice;
};

/* The addresses that are known of the host in a network, in the order in which
   a connect that asks so would try them, as far as history alone tells: at
   most `max` are written, and counted. Changes nothing, and plans no probe. */
size_t he_recall_foresee(struct he_recall *r, uint64_t network,
                         const struct he_recall_ask *ask,
                         enum he_family first, struct he_turn_ahead *out,
                         size_t max, he_time_ns now);

/* -- learning -- */

/* What became of an attempt, and what the resolver says; never asked of
   libcurl. */
void he_recall_learn(struct he_recall *r, const char *host,
                     const struct he_outcome *o, he_time_ns now);
void he_recall_answer(struct he_recall *r, const char *host, enum he_family f,
                      const struct he_candidate *list, size_t n,
                      he_time_ns now);
/* It has failed. */
void he_recall_unanswered(struct he_recall *r, const char *host,
                          enum he_family f, he_time_ns now);

/* -- the keeper's and its scribe's side -- */

struct he_task;

/* The keeper of it is this task, NULL: none; `wake` is how it is woken, at `by`
   at the latest, with no lock held. Whoever calls takes care of its life, and
   waits for nobody: after this returned, the former one may be woken once
   more. */
void he_recall_serve(struct he_recall *r, struct he_task *keeper,
                     bool (*wake)(struct he_task *keeper, he_time_ns by));

/* The network that the host is in. What was learned before any number was
   known is forgotten: it might be of another one. `asks`: the kernel does not
   tell of changes. */
void he_recall_set_network(struct he_recall *r, uint64_t network, bool asks);

/* There is a store, which is still to be read, or none. */
void he_recall_set_saves(struct he_recall *r, bool saves);

/* What the store knows is there. */
void he_recall_ready(struct he_recall *r);

/* Are there records to be written now? Asked once: the caller writes them. */
bool he_recall_saves_now(struct he_recall *r, he_time_ns now);

/* The keeper looks again at `at` by itself, or as early as there is something
   to write or, where it has room for probes, to probe: returns when that is.
   It is told of what comes to be due earlier. */
he_time_ns he_recall_rest(struct he_recall *r, he_time_ns at, bool probes);

/* Something came from a store: advice given before no longer holds. */
void he_recall_news(struct he_recall *r);

/* What is wrong with the store: a sentence, "" for nothing. Not heard where
   there is no store any more. */
#define HE_RECALL_TROUBLE 256
void he_recall_set_trouble(struct he_recall *r, const char *why);
void he_recall_trouble(struct he_recall *r, char out[HE_RECALL_TROUBLE]);

#endif
