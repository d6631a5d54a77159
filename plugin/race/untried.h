/* SPDX-License-Identifier: MIT */
#ifndef HE_UNTRIED_H
#define HE_UNTRIED_H
/* untried.h - the addresses of a race that no attempt was made to yet, best
 * first. Turns are taken in the first group alone, until it has no address
 * left. Pure. It holds each address once and asks for memory only in
 * he_untried_reserve(). */
#include "race/order.h"

struct he_untried {
  struct he_candidate *list;    /* as he_order_merge() has it */
  unsigned n;
  unsigned room;
  unsigned of[HE_FAMILIES];     /* how many of a family */
};

/* What alternates families (RFC 8305 section 4): the attempts made so far. */
struct he_turn {
  unsigned tried[HE_FAMILIES];
  enum he_family last;          /* of the last attempt, valid after one */
  unsigned first_count;         /* First Address Family Count */
  int silent;                   /* enum he_family that has been found dead, its
                                   addresses go last; -1: none */
};

void he_untried_free(struct he_untried *u);

/* Room for `more` addresses beside those of the families other than f. False,
   and nothing changed, without memory. */
bool he_untried_reserve(struct he_untried *u, enum he_family f, size_t more);

/* Forgets the addresses of a family. */
void he_untried_drop(struct he_untried *u, enum he_family f);

/* Appends an address; room has been reserved. */
void he_untried_add(struct he_untried *u, const struct he_candidate *c);
void he_untried_sort(struct he_untried *u, const struct he_policy *policy,
                     enum he_preference p);

/* Whoever knows more of the addresses has put them in this order: they take
   their turns in it, and the families no longer alternate. What is not in
   `list` goes last, in the turns of its family. n = 0: forgets the order. */
void he_untried_order(struct he_untried *u, const struct he_candidate *list,
                      size_t n);

/* Where an address is; u->n when it is not. */
unsigned he_untried_find(const struct he_untried *u, const struct he_addr *a);

/* Where a family's best is; u->n when it has none. */
unsigned he_untried_best(const struct he_untried *u, enum he_family f);
void he_untried_remove(struct he_untried *u, unsigned i);

/* Whose turn it is. Of no meaning when nothing is untried. */
enum he_family he_untried_turn(const struct he_untried *u,
                               const struct he_turn *t);

/* Writes at most max of them in the order of their turns. */
void he_untried_list(const struct he_untried *u, struct he_turn t,
                     struct he_candidate *out, size_t max);

/* Counts an attempt; how many were counted? */
void he_turn_tried(struct he_turn *t, enum he_family f);
unsigned he_turn_count(const struct he_turn *t);

#endif
