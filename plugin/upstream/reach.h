/* SPDX-License-Identifier: MIT */
#ifndef HE_REACH_H
#define HE_REACH_H
/* reach.h - connects to one address of a list, one after another. */
#include "base/addr.h"
#include "net/racer.h"

struct he_reach;

struct he_reach_config {
  struct he_racer *racer;
  struct he_addr list[8];
  size_t n;
};

/* Once: fd is the callee's, in the list of base/fds.h; or -1, with the errno of
   the last. On the racer's thread. */
typedef void (*he_reach_done)(void *arg, int fd, const struct he_addr *addr,
                              int error);

struct he_reach *he_reach_start(const struct he_reach_config *c,
                                he_reach_done done, void *arg);
/* No done() after its return. NULL is fine. Also after done(). */
void he_reach_cancel(struct he_reach *r);

#endif
