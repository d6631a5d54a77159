/* SPDX-License-Identifier: MIT */
#ifndef HE_PREPARED_H
#define HE_PREPARED_H
/* prepared.h - a host's addresses, asked for before anybody connects.
 *
 * Whoever asks the resolver of he_prepared_by() for the host gets the same
 * answers, those that are still to come, too, for as long as they are valid.
 * Any thread. */
#include "resolve/resolver.h"

struct he_prepared;

struct he_prepared_config {
  const struct he_resolver *resolver;   /* whom to ask; not of
                                           he_prepared_by() */
  const char *host;                     /* copied */
  uint16_t port;
  bool allowed[HE_FAMILIES];            /* none: nothing is asked */
  enum he_family first;                 /* so long is it waited for, once the */
  he_time_ns delay;                     /* other one is there: RFC 8305
                                           section 3 */
  /* Connecting may begin, or there is nothing to connect to: `error` is 0 or
     an EAI_ value. Once, on a thread of its own, unless it is cancelled. */
  void (*ready)(void *arg, int error);
  void *arg;
};

/* With a reference, the caller's. NULL without memory or a thread: `ready` is
   not called. Does not block. */
struct he_prepared *he_prepared_new(const struct he_prepared_config *c);

/* Nobody is told any more. Waits for `ready`, if that runs: not on its own
   thread. */
void he_prepared_cancel(struct he_prepared *p);

/* Drops the caller's reference, and with it what was asked. NULL is fine. */
void he_prepared_free(struct he_prepared *p);

/* The resolver that looks at what is prepared, and asks `under` for all else.
   Static; NULL without memory: `under` may be asked. */
const struct he_resolver *he_prepared_by(const struct he_resolver *under);
/* Whom it asks; another one: itself. */
const struct he_resolver *he_prepared_under(const struct he_resolver *r);

#endif
