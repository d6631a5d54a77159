/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_DRIVE_H
#define HE_LOOKUP_DRIVE_H
/* drive.h - one race alone while it runs. All of it belongs to the thread that
 * races. A file calls those of its sections above, and of own.h's files. */
#include "lookup/services.h"
#include "resolve/prefix64.h"

#include <poll.h>

/* RACING -----connected, to an address that the resolver says now----> DECIDED
 * RACING -----connected, to an address that it said earlier-------> CONFIRMING
 * CONFIRMING --its answer has the address, or does not come in time--> DECIDED
 * CONFIRMING --its answer does not have the address-------------------> RACING
 *
 * CONFIRMING exists because an address may be somebody else's by now. While it
 * lasts the race stands still, but whoever else connects is heard. */
enum he_drive_state {
  HE_DRIVE_RACING,
  HE_DRIVE_CONFIRMING,
  HE_DRIVE_DECIDED
};

/* No race makes more attempts. */
#define HE_DRIVE_TRIES (2 * (HE_RACE_MAX_ADDRS + HE_HISTORY_ADDRS))

/* IPv4 addresses where the network has no IPv4. */
struct he_drive_nat64 {
  struct he_prefix64_waiter waiter;   /* first */
  struct he_lookup *l;
  bool lacking;               /* it has none: all of IPv4 is translated */
  bool waits;                 /* the A answer, for the prefix */
  bool told;                  /* the prefix is known, or is not; atomic */
};

struct he_drive {
  struct he_lookup *l;
  struct he_race *race;
  enum he_drive_state state;
  he_time_ns confirm_until;   /* valid while CONFIRMING */
  struct he_query *query[HE_FAMILIES];
  struct he_services *services;   /* NULL: no HTTPS records are asked for */
  bool led;                   /* they brought news that the race has not heard
                                 of */
  bool kept[HE_FAMILIES];     /* the answer is (resolve/kept.h) */
  bool unheard[HE_FAMILIES];  /* answers that the race has not heard of */
  he_time_ns hold_until;      /* for one of them; or HE_NEVER */
  struct he_addr best;        /* of all that was known at the last sort */
  unsigned count;             /* of tries; each stands at the race's number */
  unsigned running;           /* of those, or the winner */
  struct he_try *winner;      /* one of them */
  struct he_try *refused;     /* the last one, whose error is unread */
  bool otherwise;             /* an attempt ended, and not by a refusal */
  he_time_ns last_start;      /* HE_NEVER: there was none */
  int lost;                   /* HE_ACT_LOST says why; 0: not */
  const char *gives_way;      /* why libcurl has to connect by itself; or
                                 NULL */
  bool leaves;                /* the call returns, what runs goes on */
  bool stopped;               /* this and the next two as the lookup last had
                                 them */
  he_time_ns deadline;
  he_time_ns leave_at;
  bool unwanted;
  he_time_ns asks_at;         /* is the result still wanted? HE_NEVER: nobody
                                 would know */
  uint64_t epoch;             /* of the history, when all was last sorted */
  unsigned advised;           /* tries there were at the last advice since */
  struct he_drive_nat64 nat64;
  struct he_try tries[HE_DRIVE_TRIES];   /* last, for nobody clears them */
};

/* -- translate.c: IPv4 addresses where the network has no IPv4 -- */

/* The A answer has come. False: the race is to hear of it when the prefix is
   known, of which he_drive_translated() tells. */
bool he_drive_translate(struct he_drive *d);
/* The same for the addresses of an earlier A answer, where the prefix is known
   already. */
void he_drive_translate_remembered(struct he_drive *d);
/* Has the A answer waited long enough? True once. */
bool he_drive_translated(struct he_drive *d);
/* A family's answer as the race hears of it, written to `out`; returns how many
   there are. No two of what both families have lead to the same address: an
   IPv6 address that stands for one of the A answer is left out, and races as
   IPv4; an IPv4 address is, where the other one races already. */
size_t he_drive_fold(struct he_drive *d, enum he_family f,
                     struct he_candidate out[HE_RACE_MAX_ADDRS]);
/* Sets what an attempt is connected to, where it is not its address. */
void he_drive_through(struct he_drive *d, struct he_try *t);
/* Nobody waits any more. */
void he_drive_untranslate(struct he_drive *d);

/* -- tries.c: the attempts -- */

/* The race wants an attempt; it wants one to be given up. */
void he_drive_connect(struct he_drive *d, const struct he_action *a);
void he_drive_cancel(struct he_drive *d, int id);
/* poll() says that it is over; `failed`: by an error. True where it is
   connected; else the race has heard of that. */
bool he_drive_heard(struct he_drive *d, struct he_try *t, bool failed);
/* Without an outcome: its address is none of the host's. */
void he_drive_desert(struct he_drive *d, struct he_try *t);
/* This one is connected, and wins. */
void he_drive_decide(struct he_drive *d, struct he_try *t);
/* The history hears what came of all attempts. */
void he_drive_learn(struct he_drive *d, he_time_ns now);

/* -- learned.c: what the history says of the addresses -- */

/* Is nothing held against any address, as far as the history knows? */
bool he_drive_is_calm(const struct he_drive *d);
/* All that is known gets its turns, and the race hears of these. Returns the
   family that goes first. */
enum he_family he_drive_sort(struct he_drive *d, he_time_ns now);
/* One family has answered. Is the other one waited for, for the Resolution
   Delay? d->hold_until says until when. So it is where the addresses are known
   to be worse than what the other one is known to have; and where lookups wait
   for this thread: the second answer mostly comes at the same time, and then
   the call is over. */
bool he_drive_holds(struct he_drive *d, he_time_ns now);
/* Where all that runs is in doubt, the race hears of an address that is known
   to work; where the history has learned something, of the order, too. */
void he_drive_advise(struct he_drive *d, he_time_ns now);

/* -- measure.c: against a client that remembers nothing -- */

/* The race is over: how long would that client have taken? Counted, where there
   is a winner. */
void he_drive_measure(struct he_drive *d, he_time_ns now);

/* -- remembered.c: addresses of earlier answers -- */

/* Before anything is answered: the race begins with what is remembered. */
void he_drive_remember(struct he_drive *d, he_time_ns now);
/* This one is connected. Does it win? Else it waits to be confirmed. */
bool he_drive_wins(struct he_drive *d, struct he_try *t);
/* While CONFIRMING: answers have come, or time has passed. The one that wins;
   or NULL, and where none is left to be confirmed the state is RACING. */
struct he_try *he_drive_confirmed(struct he_drive *d, he_time_ns now);
/* While RACING: deserts all that is in none of the answers that the race has
   heard of. */
void he_drive_desert_astray(struct he_drive *d);

/* -- asking.c: answers, as they come -- */

/* The race wants to know a family's addresses. */
void he_drive_ask(struct he_drive *d, enum he_family f);
/* What other threads have left in the lookup: answers, which are the runner's
   from now on, and how long it may take. One look a round. */
void he_drive_look(struct he_drive *d);
/* The first family has answered: what is kept of the other one will do. */
void he_drive_complete(struct he_drive *d);
/* Nobody asks any more. Is a family's answer missing in what is returned? */
bool he_drive_end_asking(struct he_drive *d, he_time_ns now);

/* -- wait.c: how long -- */

/* Is the call to return now, while attempts go on, or without any? */
bool he_drive_leaves(const struct he_drive *d);
/* When the call has to return, whatever has come of it by then. */
he_time_ns he_drive_limit(const struct he_drive *d);
/* Waits for whatever comes, until the loop has something to do. True where
   attempts are over: p[i].revents says so of the i-th. */
bool he_drive_wait(struct he_drive *d, struct pollfd p[HE_DRIVE_TRIES + 1]);

#endif
