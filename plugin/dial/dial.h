/* SPDX-License-Identifier: MIT */
#ifndef HE_DIAL_H
#define HE_DIAL_H
/* dial.h - a connect of curl-he's own, or of an application's that is not by
 * libcurl: the race alone, by the same driver as in libcurl's lookup, on a
 * thread that lives as long as the race.
 *
 *   NEW --he_dial_go()--> RACING --done()--> OVER --he_dial_go()--> RACING
 *
 * After he_dial_cancel(), which may come at any time, nothing is told.
 *
 * Any thread calls what is declared here. A child of fork() that has inherited
 * a dial may cancel it, which then does nothing, and no more. */
#include "lookup/plan.h"

struct he_dial;

/* Begun with he_dial_defaults(). he_dial_new() copies everything; what has
   references gets one more. */
struct he_dial_config {
  struct he_racer *racer;      /* alive, for questions and the history */
  /* race.total_timeout: the deadline, since he_dial_go(), each time
     that it begins or goes on; HE_NEVER: none. */
  struct he_race_config race;
  /* Where to: a host, whose addresses are asked for and tried at each port; or
     addresses with ports of their own, each tried once, in their order but for
     the turns of the families. */
  const char *host;            /* with a list: what it is called, or NULL */
  uint16_t ports[HE_PORTS_MAX];
  size_t port_count;           /* at least 1, where a list has none */
  const struct he_addr *list;
  size_t n;                    /* 0: ask for the host's addresses */
  /* Where to send from: a family that is not named is not tried, where the
     other one is. Port 0: any. */
  bool has_local[HE_FAMILIES];
  struct he_addr local[HE_FAMILIES];
  /* As in struct he_lookup_config; all may be 0. */
  const struct he_resolver *resolver;
  bool blocking;
  bool nat64;
  struct he_app *app;
  he_lookup_watcher watcher;
  void *watch_fn;
  void *watch_data;
  struct he_trail *trail;
  struct he_tally *tally;
  enum he_delay_why why;
  uint64_t network;
  void *owner;
  struct he_recall *recall;
  struct he_recall_ask ask;
  bool keeps_delay;
  uint64_t calm;
  bool sample;
};

/* The defaults of curl-he's options: RFC 8305 with growing delays, no deadline,
   both families, no history; through a translator where there is one. */
void he_dial_defaults(struct he_dial_config *c, struct he_racer *racer);

/* Each time that a race of it ends, unless it was cancelled: once, on the
   thread that races, with no lock held. It may take its time, and may call all
   of this but he_dial_go() with `here`.
   fd >= 0: the connected socket to *addr (or to the address by which a
   translator reaches that), non-blocking and close-on-exec, the
   callee's from now on. -1: nothing is connected, `addr` is NULL, and `error`
   is an errno value: that of all attempts where they agree, EHOSTUNREACH where
   they do not; ETIMEDOUT for the deadline, ECANCELED for he_dial_abort(),
   ENOMEM; HE_RACE_NO_ADDRESS where there was no address, see
   he_dial_unresolved(). */
typedef void (*he_dial_done)(void *arg, int fd, const struct he_addr *addr,
                             int error);

/* One reference, the caller's, for he_dial_cancel(). Nothing is begun. NULL
   without memory. */
struct he_dial *he_dial_new(const struct he_dial_config *c,
                            he_dial_done done, void *arg);

/* Begins. Or, after done(), goes on: the winner was of no use to whoever got
   it, who has closed it or will. Then what is left is raced: the addresses that
   were not tried, and those that were called off for the winner's sake; not
   those that have failed or won before. Does not block, but for done() that
   runs on another thread; within done() the race begins when that has returned.
   `here`: on this thread, which it blocks until the race is over, and done()
   was called. False, and no done(), where a race runs, or without memory or a
   thread. */
bool he_dial_go(struct he_dial *d, bool here);

/* Makes one, and lets it go, not here. NULL, and no done(), without memory or
   without a thread. */
struct he_dial *he_dial_start(const struct he_dial_config *c,
                              he_dial_done done, void *arg);

/* One reference more, for he_dial_unref(), which calls nothing off. */
void he_dial_ref(struct he_dial *d);
void he_dial_unref(struct he_dial *d);

/* Calls it off, and takes the caller's reference. No done() runs or begins
   after its return, nor a call to `app` or `watcher`: it waits for one that
   runs, unless it is called there. Sockets are closed soon. NULL is fine. */
void he_dial_cancel(struct he_dial *d);

/* Calls off the race of the nth call of he_dial_go(), counted from 1: one that
   runs, or that is about to begin, on whichever thread. Its done() is told
   ECANCELED. Of one that is over it does nothing, nor to a later one. Keeps
   the caller's reference. */
void he_dial_abort(struct he_dial *d, unsigned nth);

/* -- what came of it; once done() was called, or within -- */

enum he_dial_end {
  HE_DIAL_WON,
  HE_DIAL_FAILED,              /* every attempt has */
  HE_DIAL_UNRESOLVED,          /* there was no address to try */
  HE_DIAL_LATE,                /* the deadline came first */
  HE_DIAL_ABORTED,
  HE_DIAL_NO_MEMORY
};
/* How the last race ended. */
enum he_dial_end he_dial_end(struct he_dial *d);

/* The errno of all attempts that were not of use, where they agree; else 0.
   What the deadline has ended counts as ETIMEDOUT. */
int he_dial_errno(struct he_dial *d);

/* An EAI_ value: why there was no address to try. 0: there was one. */
int he_dial_unresolved(struct he_dial *d);

/* The steps of all its races, times since the first began; the caller frees
   them. NULL: none, or (with a count) no memory. Also while it races. */
struct he_step *he_dial_steps(struct he_dial *d, size_t *count);

/* When it began. */
he_time_ns he_dial_began(const struct he_dial *d);

#endif
