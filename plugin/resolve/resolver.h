/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVER_H
#define HE_RESOLVER_H
/* resolver.h - who turns a name into addresses: a small table of functions.
 *
 * A query asks for one family, so that a slow family holds nothing up. But
 * what a family's answer is may depend on the other one's: where a source has
 * the name in either family, no other source is asked. So a query is for one
 * family of what getaddrinfo(AF_UNSPEC) gives. */
#include "race/order.h"

struct he_query;
struct he_resolver;

/* Beside EAI_ values: whoever was asked could not prove who it is, by name, by
   certificate or by pin, and nobody else may be asked. */
#define HE_EAI_UNPROVEN (-20001)

/* The answer, once, on a thread of the resolver's, or on that of start().
   `error` is 0 with n > 0; else n is 0, and it is an EAI_ value, that for "no
   such name" or "no address of this family" included (he_resolver_says_none()).
   The list belongs to the callee, who frees it with free(). It is in the order
   in which getaddrinfo() gives the family's addresses. Sources are filled in,
   and the policy by which families are ordered is known (he_gai_known()). */
typedef void (*he_resolver_answer)(void *arg, enum he_family family,
                                   int error, struct he_candidate *list,
                                   size_t n);

/* `self`: the resolver whose function it is. */
typedef struct he_query *(*he_resolver_start)(const struct he_resolver *self,
                                              const char *host, uint16_t port,
                                              enum he_family family,
                                              he_resolver_answer answer,
                                              void *arg);

struct he_resolver {
  const char *name;
  /* Starts a query; NULL without memory. Where nobody can be asked, for want
     of a thread, that is an answer: EAI_AGAIN. `host` is copied. Does not
     block. That a family has none is no answer before the other one has been
     asked, too, by whomever: the other one may mean that a source has the
     name. An answer with addresses waits for nothing. */
  he_resolver_start start;
  /* Ends the caller's interest and frees the query as far as the caller goes,
     answered or not: no answer comes after it has returned; one that is being
     given is waited for. NULL is fine. */
  void (*close)(struct he_query *q);
  /* How long it took to find the answer of this query, which was given
     before, whoever asked for it first; 0: not known. May be NULL. */
  he_time_ns (*took)(const struct he_query *q);
  /* As start(), where the other family must not be used: what getaddrinfo()
     gives for this family alone. NULL: start() does. */
  he_resolver_start start_alone;
};

/* Starts a query; `alone`: the other family must not be used. */
static inline struct he_query *
he_resolver_ask(const struct he_resolver *r, const char *host, uint16_t port,
                enum he_family family, bool alone, he_resolver_answer answer,
                void *arg)
{
  return (alone && r->start_alone ? r->start_alone : r->start)(
    r, host, port, family, answer, arg);
}

/* Does this error say that there is no such name, or that it has no address of
   the family? Asking again would not help. */
bool he_resolver_says_none(int error);

/* What getaddrinfo(AF_UNSPEC) returns, where the families' answers have these
   errors: 0 where one has addresses. */
int he_resolver_error(int error6, int error4);

/* What getaddrinfo() gives, found on threads, two for a name at the most:
   /etc/hosts, nsswitch.conf and resolv.conf hold as for everybody. A name is
   asked for once by all who want to know it at about the same time. The answer
   may come before start() returns, and is given with a lock held: whoever gets
   it must not call start() or close(). What nobody waits for any more ends by
   itself when the C library has answered. */
extern const struct he_resolver he_resolver_shared;

/* Of a query of he_resolver_shared: nobody closes it, it ends with its answer,
   which may have come already. */
void he_resolver_detach(struct he_query *q);

/* Forgets what he_resolver_shared knows and nobody waits for: when the last
   context goes. */
void he_resolver_shared_flush(void);

/* Fills in c->source for c->addr, as the kernel would choose it now; what the
   interfaces say of it is he_sources_judge()'s. Sends nothing. */
void he_resolver_source(struct he_candidate *c);

#endif
