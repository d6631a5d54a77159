/* SPDX-License-Identifier: MIT */
#ifndef HE_ATTEMPTS_H
#define HE_ATTEMPTS_H
/* attempts.h - the attempts of a race, in the order of their starts, and what
 * became of them. Pure. Asks for memory only in he_attempts_reserve(). */
#include "race/race.h"

struct he_attempt {
  he_time_ns started;
  he_time_ns ended;          /* HE_NEVER while running */
  struct he_addr addr;
  int error;
  uint16_t place;            /* among the turns, from 1; 0: HE_EV_NEXT's */
  uint8_t state;             /* enum he_attempt_state */
  bool native : 1;
  bool known : 1;            /* the resolver says so; set once an address */
  bool remembered : 1;       /* was untried by HE_EV_REMEMBERED */
  bool told : 1;             /* HE_ACT_CONNECT was given */
  bool cancel : 1;           /* HE_ACT_CANCEL is to be given */
};

struct he_attempts {
  struct he_attempt *list;
  unsigned n;
  unsigned room;
  unsigned running;
};

void he_attempts_free(struct he_attempts *t);

/* Room for n attempts in all. False, and nothing changed, without memory. */
bool he_attempts_reserve(struct he_attempts *t, size_t n);

/* Appends a running attempt; room has been reserved. The pointer is good
   until the next one is added. */
struct he_attempt *he_attempts_add(struct he_attempts *t, he_time_ns now,
                                   const struct he_addr *addr, bool native);

/* The first attempt to an address, or NULL. */
struct he_attempt *he_attempts_find(const struct he_attempts *t,
                                    const struct he_addr *addr);

/* A running attempt by its id, or NULL. */
struct he_attempt *he_attempts_running(const struct he_attempts *t, int id);

/* A running attempt is over. One of ours that the caller does not know of is
   marked to be cancelled. */
void he_attempts_end(struct he_attempts *t, struct he_attempt *a,
                     he_time_ns now, enum he_attempt_state state, int error);

/* The resolver has been asked anew: no attempt's address is known. */
void he_attempts_unknow(struct he_attempts *t, enum he_family f);

/* How many addresses of a family that the resolver knows were tried. */
unsigned he_attempts_known(const struct he_attempts *t, enum he_family f);

/* Since when a family is silent, or HE_NEVER: two attempts or more to it, and
   each of them without an answer for `patience` or longer. That is one
   figure for all attempts of a race, where their own delays differ. */
he_time_ns he_attempts_silent(const struct he_attempts *t, enum he_family f,
                              he_time_ns patience);

/* When the next attempt of ours has run for `timeout`, or HE_NEVER; then *out
   is that attempt. */
he_time_ns he_attempts_slowest(const struct he_attempts *t,
                               he_time_ns timeout, struct he_attempt **out);

#endif
