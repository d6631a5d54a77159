/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVER_H
#define HE_RESOLVER_H
/* resolver.h - who turns a name into addresses: a small table of functions.
 *
 * One query asks for one family, so that a slow family holds nothing up. */
#include "core/order.h"

struct he_query;

/* The answer, once, on a thread of the resolver's, or on that of start().
   `error` is 0 or an EAI_ value; a name without addresses of the family is 0
   with n = 0. The list belongs to the callee, who frees it with free(). It is
   in the order in which getaddrinfo() gives the family's addresses. Sources
   are filled in, and the policy by which families are ordered is known
   (he_gai_known()). */
typedef void (*he_resolver_answer)(void *arg, enum he_family family,
                                   int error, struct he_candidate *list,
                                   size_t n);

struct he_resolver {
  const char *name;
  /* Starts a query; NULL without memory or a thread. `host` is copied. Does
     not block. */
  struct he_query *(*start)(const char *host, uint16_t port,
                            enum he_family family, he_resolver_answer answer,
                            void *arg);
  /* Ends the caller's interest and frees the query as far as the caller goes,
     answered or not: no answer comes after it has returned; one that is being
     given is waited for. NULL is fine. */
  void (*close)(struct he_query *q);
  /* How long it took to find the answer of this query, which was given
     before, whoever asked for it first; 0: not known. May be NULL. */
  he_time_ns (*took)(const struct he_query *q);
};

/* getaddrinfo(), on threads (threads.h): /etc/hosts, nsswitch.conf and
   resolv.conf hold as they do for everybody. A query that was closed ends by
   itself when getaddrinfo() returns, nothing waits for it; one whose turn had
   not come is gone at once. */
extern const struct he_resolver he_resolver_system;

/* The same, asked once by all who want to know the same at about the same
   time. Its answer may come before start() returns. */
extern const struct he_resolver he_resolver_shared;

/* Forgets what he_resolver_shared knows and nobody waits for: when the last
   context goes. */
void he_resolver_shared_flush(void);

/* Fills in c->source for c->addr, as the kernel would choose it now; what the
   interfaces say of it is he_sources_judge()'s. Sends nothing. */
void he_resolver_source(struct he_candidate *c);

#endif
