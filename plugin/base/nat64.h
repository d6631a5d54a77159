/* SPDX-License-Identifier: MIT */
#ifndef HE_NAT64_H
#define HE_NAT64_H
/* nat64.h - IPv4 addresses in IPv6 addresses (RFC 6052), and the two ways by
 * which a network tells the prefix for them: router advertisements (PREF64, RFC
 * 8781) and the name ipv4only.arpa (RFC 7050). Only computes. */
#include "base/addr.h"

struct he_nat64_prefix {
  uint8_t ip[16];     /* network order, zero after `bits` */
  uint8_t bits;       /* 32, 40, 48, 56, 64 or 96 */
};

/* No network tells more prefixes, as far as curl-he listens. */
#define HE_NAT64_PREFIXES 4

static inline bool he_nat64_equal(const struct he_nat64_prefix *a,
                                  const struct he_nat64_prefix *b)
{
  int differ = a->bits ^ b->bits;
  for(int i = 0; i < 16; i++)
    differ |= a->ip[i] ^ b->ip[i];
  return !differ;
}

/* Makes a prefix of the first `bits` bits. False, and `out` untouched, where
   the length is none of the six, or nobody may translate there: IPv4-mapped,
   link-local, loopback and multicast addresses. */
bool he_nat64_prefix(struct he_nat64_prefix *out, const uint8_t ip[16],
                     unsigned bits);

/* May this IPv4 address be reached through a translator? Not where it is this
   machine, its link, a group or nobody. */
bool he_nat64_may(const struct he_addr *v4);

/* The IPv6 address of an IPv4 address, with the same port (RFC 6052 section
   2.3). False, and `out` untouched, where he_nat64_may() says no; and where an
   address that is not global would go to the well-known prefix 64:ff9b::/96,
   which must not carry it (section 3.1). */
bool he_nat64_embed(const struct he_nat64_prefix *p, const struct he_addr *v4,
                    struct he_addr *out);

/* The IPv4 address in an IPv6 address, with the same port. False, and `out`
   untouched, where the address is not in the prefix, or bits 64 to 71 are not
   zero. */
bool he_nat64_extract(const struct he_nat64_prefix *p,
                      const struct he_addr *v6, struct he_addr *out);

/* A PREF64 option as it stands in a router advertisement (RFC 8781 section 4),
   `len` bytes from its type on. False, and nothing written, for anything else:
   then it is to be ignored. A lifetime of 0 seconds: the prefix is no longer
   to be used. */
#define HE_NAT64_OPTION 38
bool he_nat64_option(const uint8_t *option, size_t len,
                     struct he_nat64_prefix *out, unsigned *lifetime_s);

/* The AAAA records of ipv4only.arpa: writes the prefixes that they tell, in
   their order, each once, HE_NAT64_PREFIXES at most; returns how many (RFC 7050
   section 3). An address which has 192.0.0.170 or 192.0.0.171 at several places
   tells a prefix where one of these alone has its counterpart among the
   addresses, else none. */
#define HE_NAT64_NAME "ipv4only.arpa"
size_t he_nat64_discover(const struct he_addr *list, size_t n,
                         struct he_nat64_prefix out[HE_NAT64_PREFIXES]);

#endif
