/* SPDX-License-Identifier: MIT */
#ifndef HE_PREFIX64_H
#define HE_PREFIX64_H
/* prefix64.h - the prefix by which a network without IPv4 reaches hosts that
 * have IPv4 (NAT64), for whoever is about to connect.
 *
 * What a router advertises holds (net/pref64.h). Where no router does, a
 * resolver is asked for the AAAA records of ipv4only.arpa (RFC 7050): once a
 * network and resolver, and again when the answer is no longer valid. Any
 * thread, with no lock of the rooms below held, but for what says otherwise. */
#include "base/nat64.h"
#include "resolve/resolver.h"

/* Is any prefix known? One or two reads of variables: where not, which is
   nearly everywhere, nothing else here needs to be called for a socket. */
bool he_prefix64_any(void);

enum he_prefix64 {
  HE_PREFIX64_NONE,           /* the network has none, as far as is known */
  HE_PREFIX64_KNOWN,
  HE_PREFIX64_ASKED           /* the resolver has not answered yet */
};

struct he_prefix64_waiter {
  struct he_prefix64_waiter *next;
  const struct he_resolver *resolver;
  /* On a thread of the resolver's, with locks held: it may wake somebody. Once
     at the most. */
  void (*answered)(struct he_prefix64_waiter *w);
};

/* What is known of the network's prefix, by this resolver where no router told
   one. Where nothing is known the resolver is asked. With HE_PREFIX64_ASKED
   `w` waits, until it is told or he_prefix64_leave() is called. NULL: nobody
   waits. Does not block. */
enum he_prefix64 he_prefix64_ask(const struct he_resolver *r,
                                 struct he_prefix64_waiter *w);

/* The same, and waits for the answer, until `until` at the latest. Blocks: not
   on a thread of curl-he's own. */
enum he_prefix64 he_prefix64_wait(const struct he_resolver *r,
                                  he_time_ns until);

/* `w` is not told after this has returned. One that does not wait is fine. */
void he_prefix64_leave(struct he_prefix64_waiter *w);

/* The address by which `v4` is reached: of the first known prefix which may
   carry it and has a route. False, and `out` untouched, without one. */
bool he_prefix64_through(const struct he_resolver *r,
                         const struct he_addr *v4, struct he_addr *out);

/* The same, where the kernel has no way to `v4`, nor to IPv4 at all. */
bool he_prefix64_instead(const struct he_resolver *r,
                         const struct he_addr *v4, struct he_addr *out);

/* The IPv4 address which `v6` stands for. False where it is in none of the
   known prefixes. */
bool he_prefix64_within(const struct he_resolver *r,
                        const struct he_addr *v6, struct he_addr *out);

/* Ends all questions and forgets the answers: when the last context goes. */
void he_prefix64_flush(void);

#endif
