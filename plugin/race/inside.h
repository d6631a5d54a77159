/* SPDX-License-Identifier: MIT */
#ifndef HE_RACE_INSIDE_H
#define HE_RACE_INSIDE_H
/* inside.h - a race from within: a handful of facts. What was answered, what is
 * untried, which attempts were made and what became of them. race.c changes
 * them, schedule.c says what they come to, telling.c what the caller has not
 * been told of them. */
#include "race/attempts.h"
#include "race/race.h"
#include "race/untried.h"

/* What a caller has to be told, once. */
enum telling { NOTHING, TO_TELL, TOLD };

enum outcome { OPEN, WON, LOST };

struct he_race {
  const struct he_race_config *config;
  struct he_untried untried;
  struct he_turn turn;
  struct he_attempts tries;  /* with room for all that is untried, too: a start
                                of ours needs no memory */
  int winner;
  int error;                 /* of the last attempt that failed */
  he_time_ns deadline;       /* total_timeout */
  he_time_ns hold_until;     /* resolution_delay; HE_NEVER before an answer */
  he_time_ns last_start;     /* of an attempt in its turn */
  he_time_ns last_any;       /* of any attempt */
  he_time_ns now;            /* of the last event */
  struct he_addr next;       /* HE_EV_NEXT's, valid where has_next */
  he_time_ns not_before;     /* RACING's beginning, or native_grace after a
                                failure of theirs */
  enum outcome outcome;
  enum he_expects expects;
  uint8_t resolve[HE_FAMILIES];   /* enum telling, HE_ACT_RESOLVE */
  uint8_t forget[HE_FAMILIES];    /* enum telling, HE_ACT_FORGET */
  uint8_t begin;                  /* enum telling, HE_ACT_BEGIN */
  bool answered[HE_FAMILIES];
  bool remembered[HE_FAMILIES];
  bool open[HE_FAMILIES];
  bool clocked;              /* deadline is set */
  bool started;              /* HE_EV_START was seen */
  bool racing;
  bool urgent;               /* something failed since the last start */
  bool has_next;
  bool waited;               /* a closed family had its grace */
  bool no_memory;
  bool told_outcome;
};

/* -- schedule.c -- */

/* Is it the turn of an address of a closed family? Until when is it waited
   for? */
bool he_race_turn_is_closed(const struct he_race *r);
he_time_ns he_race_closed_until(const struct he_race *r);
/* When the next attempt of ours may start as things are, or HE_NEVER; then
   *which is the address, and *ahead says that it is not its turn. */
he_time_ns he_race_next_start(const struct he_race *r, unsigned *which,
                              bool *ahead);
bool he_race_all_answered(const struct he_race *r);
/* From when on RFC 8305 section 3 lets connecting begin: in the past for "at
   once". */
he_time_ns he_race_may_begin(const struct he_race *r);

#endif
