/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_PLAN_H
#define HE_LOOKUP_PLAN_H
/* plan.h - a connect that somebody else than libcurl wants: by the same race,
 * and the same loop. What is different:
 *
 * - no call of getaddrinfo() comes for it: it is called by he_lookup_call();
 * - it may be told addresses, several ports and where to send from;
 * - nobody goes on where it ends. So it ends with a winner, with the last
 *   failure, by race.total_timeout or by he_lookup_stop(), and in no other
 *   way; and then what has not won is closed. */
#include "lookup/lookup.h"
#include "race/ports.h"

/* What is known of a family before anybody is asked: then nobody is. */
struct he_lookup_given {
  bool there;
  const struct he_candidate *list;  /* with ports; sources filled in */
  size_t n;
};

struct he_lookup_plan {
  uint16_t ports[HE_PORTS_MAX];     /* at which answers are tried */
  size_t port_count;                /* 1 at least */
  struct he_lookup_given given[HE_FAMILIES];
  const struct he_addr *done;       /* not to be tried (again) */
  size_t done_count;
  bool has_local[HE_FAMILIES];      /* attempts of the family are bound to: */
  struct he_addr local[HE_FAMILIES];
};

/* The resolver's answer, malloc'ed, becomes what is raced: each address at
   each port, but for those that are done. Without memory none is left, with
   EAI_MEMORY in *error. */
struct he_candidate *he_plan_race(const struct he_lookup_plan *p,
                                  struct he_candidate *list, size_t *n,
                                  int *error);

/* A copy of what is given of a family, which is there: to be raced, for the
   caller to free(). NULL with *n 0 where nothing is left of it, with *n > 0
   without memory. */
struct he_candidate *he_plan_given(const struct he_lookup_plan *p,
                                   enum he_family f, size_t *n);

#endif
