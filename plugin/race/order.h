/* SPDX-License-Identifier: MIT */
#ifndef HE_ORDER_H
#define HE_ORDER_H
/* order.h - in which order addresses are tried. Pure.
 *
 * The families are resolved apart, and the system's getaddrinfo() has sorted
 * the addresses of each by all of RFC 6724's rules. That order holds. What is
 * left to say is how the two lists go into one. RFC 8305 section 4's
 * interleaving of the families is untried.h's. */
#include "race/policy.h"

enum he_preference {
  HE_PREFER_SYSTEM,  /* RFC 6724, as the system's resolver would */
  HE_PREFER_IPV6,    /* every IPv6 address before any IPv4 address */
  HE_PREFER_IPV4
};

/* A destination, and what the system would send from to reach it. What is said
   of the source is valid where has_source. Bits: a waiting race has few bytes
   to spare. */
struct he_candidate {
  struct he_addr addr;
  struct he_addr source;      /* port ignored */
  bool has_source : 1;        /* false: no route (RFC 6724 rule 1) */
  bool source_deprecated : 1; /* RFC 6724 rule 3 */
  bool source_home : 1;       /* a home address, of mobile IPv6 (rule 4) */
  bool source_native : 1;     /* of an interface that is no tunnel (rule 7) */
  bool remembered : 1;        /* a race's own mark: by HE_EV_REMEMBERED */
  bool named : 1;             /* libcurl was given it; set by whoever does */
  uint8_t source_bits;        /* of the source's subnet; 0: not known */
  uint8_t turn;               /* in an order that somebody knows, from 1 on;
                                 0: that of its family */
  uint8_t group;              /* of a lower one go first, whatever their family
                                 or turn: the endpoints of HTTPS records
                                 (endpoints.h); 0 without such */
  uint8_t lasts;              /* so many seconds is the answer valid, 255: or
                                 longer; 0: the resolver does not tell */
};

/* Sorts the addresses of one family, in place, as glibc's getaddrinfo() does:
 * by rules 1 to 6, 7 and 8 as below, and 9, the longest prefix that an address
 * shares with its source; of IPv4 only where both are in one subnet. What is
 * equal stays in its order (rule 10). For lists that getaddrinfo() has not
 * sorted. `policy` may be NULL. */
void he_order_family(struct he_candidate *c, size_t n,
                     const struct he_policy *policy);

/* Makes one list of two, in place. `c` has the addresses of both families in
 * any mixture. Groups go one after the other; what follows holds inside each.
 * Those of a family stay in their order, but for the ones without
 * a route, which go last (rule 1): a list that is remembered from before may
 * have others than those that getaddrinfo() would put there now.
 *
 * Across families the first addresses left of both are compared by RFC 6724
 * section 6 as glibc does: rules 1 (unusable), 2 (scope), 3 (deprecated), 4
 * (home), 5 (label), 6 (precedence), 7 (native transport), 8 (smaller scope).
 * Rule 9 compares addresses of one family alone. Where all are equal IPv4 goes
 * first: glibc keeps the order in which the answers came, and asks for A before
 * AAAA. With HE_PREFER_IPV6 or _IPV4 the family is compared after rule 1 and
 * before all others. `policy` may be NULL. */
void he_order_merge(struct he_candidate *c, size_t n,
                    const struct he_policy *policy, enum he_preference p);

/* The family that ordinary addresses of both begin with. */
enum he_family he_order_first(const struct he_policy *policy,
                              enum he_preference p);

#endif
