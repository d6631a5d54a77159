/* SPDX-License-Identifier: MIT */
#ifndef HE_DIAL_H
#define HE_DIAL_H
/* dial.h - a connect of curl-he's own, or of an application's that is not by
 * libcurl: the race alone, by the same driver as in libcurl's lookup, on a
 * thread that lives as long as the race.
 *
 *   RACING --done()--> OVER --he_dial_next()--> RACING
 *      |                 |
 *      |--he_dial_cancel()--> nothing is told any more
 *
 * Any thread calls what is declared here. A child of fork() that has inherited
 * a dial may cancel it, which then does nothing, and no more. */
#include "lookup/plan.h"

struct he_dial;

/* Begun with he_dial_defaults(). Everything is copied by he_dial_start(); what
   has references gets one more. */
struct he_dial_config {
  struct he_racer *racer;      /* alive, for questions and the history */
  /* race.total_timeout: the deadline, since he_dial_start(), for each time
     that it is begun or goes on; HE_NEVER: none. */
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
   both families, no history. */
void he_dial_defaults(struct he_dial_config *c, struct he_racer *racer);

/* Once for he_dial_start(), and once for each he_dial_next(), unless it was
   cancelled: on a thread of the race's, with no lock held. It may take its
   time, and may call all of this.
   fd >= 0: the connected socket to *addr, non-blocking and close-on-exec, the
   callee's from now on. -1: nothing is connected, and `error` says why: the
   errno of all attempts where they agree; ETIMEDOUT for the deadline;
   EHOSTUNREACH where they do not agree; HE_RACE_NO_ADDRESS where there was
   nothing to try, see he_dial_unresolved(). Then `addr` is NULL. */
typedef void (*he_dial_done)(void *arg, int fd, const struct he_addr *addr,
                             int error);

/* Begins. One reference, the caller's, for he_dial_cancel(). Does not block.
   NULL, and no done(), without memory or without a thread. */
struct he_dial *he_dial_start(const struct he_dial_config *c,
                              he_dial_done done, void *arg);

/* The same on this thread, which it blocks until the race is over: done() has
   been called when it returns, unless it was cancelled. */
struct he_dial *he_dial_run(const struct he_dial_config *c, he_dial_done done,
                            void *arg);

/* After done(): the winner was of no use to whoever got it, who has closed it
   or will. Races on with what is left: the addresses that were not tried, and
   those that were called off for the winner's sake; not those that have failed
   or won before. `here`: on this thread, as he_dial_run(). False, and no
   done(), where a race runs, or without memory or a thread. */
bool he_dial_next(struct he_dial *d, bool here);

/* Calls it off, and takes the caller's reference. No done() runs or begins
   after its return, nor a call to `app` or `watcher`: it waits for one that
   runs, unless it is called there. Sockets are closed soon. NULL is fine. */
void he_dial_cancel(struct he_dial *d);

/* Calls it off, and keeps the caller's reference: he_dial_cancel() is still to
   come. done() is told ECANCELED, unless it was called before. */
void he_dial_abort(struct he_dial *d);

/* -- what came of it; once done() was called, or within -- */

/* An EAI_ value: why there was no address to try. 0: there was one. */
int he_dial_unresolved(const struct he_dial *d);

/* The steps of all its races, times since the first began; the caller frees
   them. NULL: none, or (with a count) no memory. Also while it races. */
struct he_step *he_dial_steps(struct he_dial *d, size_t *count);

/* When it began. */
he_time_ns he_dial_began(const struct he_dial *d);

#endif
