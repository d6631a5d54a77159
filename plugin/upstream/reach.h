/* SPDX-License-Identifier: MIT */
#ifndef HE_REACH_H
#define HE_REACH_H
/* reach.h - a TCP connection to whichever of an upstream's servers answers
 * first: a race (dial/dial.h), whose result is mail. */
#include "dial/dial.h"
#include "options/upstream.h"

struct he_reach {
  struct he_mail mail;        /* what follows is valid when it is delivered */
  int fd;                     /* in the list of base/fds.h; -1: none */
  size_t server;              /* its number in the upstream's list */
  /* Its own. */
  const struct he_upstream *upstream;
  struct he_task *task;
  struct he_dial *dial;
};

/* `servers`: a bit for each that may be connected to. Begins with all 0; the
   mail is for `t`, which is there until he_reach_end(). False without memory
   or a thread. */
bool he_reach_begin(struct he_reach *r, const struct he_upstream *u,
                    unsigned servers, struct he_task *t);

/* No mail is posted any more. Some may be on its way, with a fd that is its
   receiver's. */
void he_reach_end(struct he_reach *r);

#endif
