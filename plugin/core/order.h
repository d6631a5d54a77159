/* SPDX-License-Identifier: MIT */
#ifndef HE_ORDER_H
#define HE_ORDER_H
/* order.h - in which order addresses are tried. Pure.
 *
 * RFC 6724 section 6; RFC 8305 section 4's interleaving of the families is
 * untried.h's. */
#include "base/addr.h"

enum he_preference {
  HE_PREFER_SYSTEM,  /* RFC 6724, as the system's resolver would */
  HE_PREFER_IPV6,    /* every IPv6 address before any IPv4 address */
  HE_PREFER_IPV4
};

/* A destination, and what the system would send from to reach it. */
struct he_candidate {
  struct he_addr addr;
  struct he_addr source;     /* valid where has_source; port ignored */
  bool has_source;           /* false: no route (RFC 6724 rule 1) */
  bool source_deprecated;    /* RFC 6724 rule 3 */
  bool taken;                /* a race's own marks (untried.h); false else */
  bool remembered;
};

/* Sorts in place by RFC 6724 section 6: rules 1 (unusable), 2 (scope),
 * 3 (deprecated), 5 (label), 6 (precedence), 8 (smaller scope), 9 (longest
 * matching prefix, capped at the 64 bits of the source's prefix, and of IPv6
 * only: behind a NAT it would undo the order in which a DNS server balances
 * IPv4 addresses), 10 (as it was: the sort is stable). Rules 4 (home
 * addresses) and 7 (native transport) need what no portable call tells; rule
 * 7's usual cases (6to4, Teredo) are told by the policy table of section 2.1.
 * With HE_PREFER_IPV6 or _IPV4 the family is compared after rule 1 and before
 * all others. */
void he_order_sort(struct he_candidate *c, size_t n, enum he_preference p);

#endif
