/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_ADDED_H
#define HE_BESIDE_ADDED_H
/* added.h - the sockets of the attempts that curl-he adds: made, and the
 * winner's handed over to libcurl: see he_connect_take(). These here are for
 * the racer's thread. */
#include "beside/own.h"

/* Makes an attempt's socket, and sends it on its way. 0 also where there was no
   descriptor: then t->look says when to try again. Else errno; or *why, where
   nothing is to be added after all, and the attempt is given up. */
int he_added_open(struct he_beside *b, struct he_beside_try *t,
                  const char **why, he_time_ns now);

/* The attempt's socket waits to be taken. */
void he_added_offer(struct he_beside *b, struct he_beside_try *t);
/* Nobody takes it: closed, if it still waits. */
void he_added_drop(struct he_beside *b, he_time_ns now);
/* Mail says that its socket is gone. NULL: curl-he stood aside before that
   mail came. */
struct he_beside_try *he_added_gone(struct he_beside *b,
                                     const struct he_addr *a);

#endif
