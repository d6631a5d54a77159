/* SPDX-License-Identifier: MIT */
#ifndef HE_HERD_H
#define HE_HERD_H
/* herd.h - what the races of one host that run at the same time tell each
 * other: which addresses were tried, which answer, and who looks ahead for
 * all. Pure: time is an argument, and never decreases. What is known here is
 * seconds old at most; memory is another room's business.
 *
 * Nothing here rules an address out. */
#include "core/race.h"

/* An outcome counts for this long. */
#define HE_HERD_KEEP HE_MS(2000)
/* Two scouts do not start closer together than this. */
#define HE_HERD_SCOUT_GAP HE_MS(10)
/* Addresses beyond this many are not told of. */
#define HE_HERD_MAX 128

enum he_fate {
  HE_FATE_UNKNOWN,   /* nobody has tried it */
  HE_FATE_TRYING,    /* an attempt runs, or one has come to nothing: too little
                        to say more, for one SYN may get lost */
  HE_FATE_SILENT,    /* two or more had no answer for the delay or longer, and
                        none has since had one */
  HE_FATE_FAILED,    /* the last one that ended was refused */
  HE_FATE_WORKS      /* the last one that ended was a success, and none since
                        is silent */
};

struct he_herd_entry;
struct he_herd {
  struct he_herd_entry *list;
  unsigned n;
  unsigned room;
  unsigned members;
  he_time_ns delay;        /* the longest Connection Attempt Delay in it */
  he_time_ns next_scout;   /* the earliest moment for one */
  he_time_ns left;         /* when the last member left */
  struct he_addr advice;
};

void he_herd_init(struct he_herd *h);
void he_herd_clear(struct he_herd *h);

/* A race joins, which waits `delay` between its attempts; one leaves. */
void he_herd_join(struct he_herd *h, he_time_ns delay);
void he_herd_leave(struct he_herd *h, he_time_ns now);

/* Nobody is in it, and nothing that is known counts any more. */
bool he_herd_over(const struct he_herd *h, he_time_ns now);

/* A member's attempt was started at `started`, be it told only now. Each is to
   end by one of the next three. Without memory nothing is learned. */
void he_herd_began(struct he_herd *h, const struct he_addr *a,
                   he_time_ns started);
void he_herd_connected(struct he_herd *h, const struct he_addr *a,
                       he_time_ns started, he_time_ns now);
/* refused, by whom the address belongs to or on the way there */
void he_herd_failed(struct he_herd *h, const struct he_addr *a,
                    he_time_ns started, he_time_ns now);
/* without an outcome */
void he_herd_gone(struct he_herd *h, const struct he_addr *a,
                  he_time_ns started, he_time_ns now);

/* Somebody who is no member has connected to it. */
void he_herd_heard(struct he_herd *h, const struct he_addr *a,
                   he_time_ns now);

enum he_fate he_herd_fate(const struct he_herd *h, const struct he_addr *a,
                          he_time_ns now);

/* The address of this family that has worked last, or NULL. */
const struct he_addr *he_herd_works(const struct he_herd *h,
                                    enum he_family f, he_time_ns now);

/* Is there an address of this family that was tried and is silent or
   refuses, and none that works? */
bool he_herd_is_dead(const struct he_herd *h, enum he_family f,
                     he_time_ns now);

/* What a member's race is to be told by HE_EV_NEXT: an address that works;
   else one that nobody has tried, nor is about to, where there are others and
   the delay after the race's first attempt is over. For that *scouted is set:
   a race scouts once. NULL: nothing now, but ask again at *at (or HE_NEVER) at
   the latest, and whenever an address has begun to work. The pointer is good
   until the next call. */
const struct he_addr *he_herd_advise(struct he_herd *h,
                                     const struct he_race *r, bool *scouted,
                                     he_time_ns now, he_time_ns *at);

#endif
