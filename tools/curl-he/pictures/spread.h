/* SPDX-License-Identifier: MIT */
#ifndef HE_SPREAD_H
#define HE_SPREAD_H
/* spread.h - how long many connects took, and who won them. */
#include "story.h"

#define HE_SPREAD_TIMES 65536
#define HE_SPREAD_WINNERS 64

struct he_won {
  char address[72];             /* without port */
  int family;
  unsigned long count;
};

/* All zero: nothing yet. */
struct he_spread {
  unsigned long races;          /* all of them */
  unsigned long connected;
  unsigned long by_family[2];   /* of those: IPv4, IPv6 */
  int64_t *times;               /* us, sorted by he_spread_sort(); the first
                                   HE_SPREAD_TIMES */
  size_t count;
  struct he_won winners[HE_SPREAD_WINNERS];
  size_t nwinners;              /* sorted too; those beyond have no line */
};

/* False: no memory, and this race is not in. */
bool he_spread_add(struct he_spread *s, const struct he_story *story);
void he_spread_sort(struct he_spread *s);
/* By nearest rank, of sorted times; percent 0: the least, 100: the most.
   HE_NEVER_US where there is none. */
int64_t he_spread_at(const struct he_spread *s, unsigned percent);
void he_spread_free(struct he_spread *s);

#endif
