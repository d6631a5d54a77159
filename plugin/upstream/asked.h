/* SPDX-License-Identifier: MIT */
#ifndef HE_ASKED_H
#define HE_ASKED_H
/* asked.h - questions on their way, in lists that keep their order. Pure. One
 * owner. */
#include "base/base.h"

struct he_upstream_question;

struct he_asked {
  struct he_upstream_question *question;
  struct he_asked *next;
  struct he_asked **link;     /* what points to it */
  he_time_ns since;           /* it waits, or is sent */
  unsigned answers;           /* how many had come when it was sent */
  uint16_t id;                /* where it is sent */
  bool lost;                  /* once already */
};

struct he_asked_list {
  struct he_asked *first;
  struct he_asked **end;
};

void he_asked_init(struct he_asked_list *l);
/* As the last. */
void he_asked_add(struct he_asked_list *l, struct he_asked *a);
void he_asked_take(struct he_asked_list *l, struct he_asked *a);
/* The first, taken; NULL: there is none. */
struct he_asked *he_asked_pop(struct he_asked_list *l);
/* All of `from`, before what is in `to`. */
void he_asked_prepend(struct he_asked_list *to, struct he_asked_list *from);

#endif
