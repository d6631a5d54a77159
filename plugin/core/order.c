/* SPDX-License-Identifier: MIT */
/* order.c - which address is best. The families are taken in turn where an
 * attempt is made (untried.c).
 *
 * Both families are compared as IPv6 addresses, IPv4 as ::ffff:a.b.c.d, as
 * RFC 6724 section 2.1 has it. Each rule gives every candidate a number of
 * its own, so that the rules together are a proper order and any stable sort
 * gives the one right result. */
#include "core/order.h"

#include <string.h>

/* Scopes by their values in multicast addresses (RFC 4291 section 2.7). */
#define SCOPE_LINK_LOCAL 2
#define SCOPE_SITE_LOCAL 5
#define SCOPE_GLOBAL 14

/* IPv6 interface identifiers begin here: more common bits mean nothing. */
#define SUBNET_BITS 64

/* The default policy table, RFC 6724 section 2.1, longest prefix first. */
static const struct policy {
  uint8_t prefix[16];
  uint8_t bits;
  uint8_t precedence;
  uint8_t label;
} policies[] = {
  { { [15] = 1 }, 128, 50, 0 },                     /* ::1 */
  { { [10] = 0xff, [11] = 0xff }, 96, 35, 4 },      /* IPv4 */
  { { 0 }, 96, 1, 3 },                              /* IPv4-compatible */
  { { 0x20, 0x01 }, 32, 5, 5 },                     /* Teredo */
  { { 0x20, 0x02 }, 16, 30, 2 },                    /* 6to4 */
  { { 0x3f, 0xfe }, 16, 1, 12 },                    /* 6bone */
  { { 0xfe, 0xc0 }, 10, 1, 11 },                    /* site-local */
  { { 0xfc }, 7, 3, 13 },                           /* unique local */
  { { 0 }, 0, 40, 1 }                               /* all the others */
};

/* An address of either family, as IPv6. */
struct ip6 {
  uint8_t b[16];
};

static struct ip6 as_ip6(const struct he_addr *a)
{
  struct ip6 ip = { { [10] = 0xff, [11] = 0xff } };
  if(a->family == HE_IPV4)
    memcpy(ip.b + 12, a->ip, 4);
  else
    memcpy(ip.b, a->ip, 16);
  return ip;
}

/* How many leading bits two addresses share, at most max. */
static unsigned common_bits(const uint8_t a[16], const uint8_t b[16],
                            unsigned max)
{
  unsigned n = 0;
  while(n < max && !((a[n / 8] ^ b[n / 8]) & (0x80 >> (n % 8))))
    n++;
  return n;
}

static const struct policy *policy_of(const struct ip6 *ip)
{
  const struct policy *p = policies;
  while(common_bits(ip->b, p->prefix, p->bits) < p->bits)
    p++;
  return p;
}

static bool is_mapped(const struct ip6 *ip)
{
  return policy_of(ip)->label == 4;
}

/* RFC 6724 section 3.1, and 3.2 for IPv4. */
static unsigned scope_of(const struct ip6 *ip)
{
  static const struct ip6 loopback = { { [15] = 1 } };
  const uint8_t *b = ip->b;
  if(is_mapped(ip))
    return b[12] == 127 || (b[12] == 169 && b[13] == 254) ?
           SCOPE_LINK_LOCAL : SCOPE_GLOBAL;
  if(b[0] == 0xff)
    return b[1] & 0x0f;
  if(!memcmp(b, loopback.b, 16) || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
    return SCOPE_LINK_LOCAL;
  if(b[0] == 0xfe && (b[1] & 0xc0) == 0xc0)
    return SCOPE_SITE_LOCAL;
  return SCOPE_GLOBAL;
}

/* What a candidate has to say to each rule, bigger is better, the most
   weighty rule first. */
enum { R1_USABLE, PREFERRED_FAMILY, R2_SCOPE, R3_NOT_DEPRECATED, R5_LABEL,
       R6_PRECEDENCE, R8_SMALL_SCOPE, R9_PREFIX, RULES };

struct merit {
  uint8_t rule[RULES];
};

static struct merit merit_of(const struct he_candidate *c,
                             enum he_preference p)
{
  const struct ip6 to = as_ip6(&c->addr);
  const unsigned scope = scope_of(&to);
  struct merit m = { { 0 } };
  if(p == HE_PREFER_IPV6)
    m.rule[PREFERRED_FAMILY] = c->addr.family == HE_IPV6;
  else if(p == HE_PREFER_IPV4)
    m.rule[PREFERRED_FAMILY] = c->addr.family == HE_IPV4;
  m.rule[R6_PRECEDENCE] = policy_of(&to)->precedence;
  m.rule[R8_SMALL_SCOPE] = (uint8_t)(15 - scope);
  if(c->has_source) {
    const struct ip6 from = as_ip6(&c->source);
    m.rule[R1_USABLE] = 1;
    m.rule[R2_SCOPE] = scope_of(&from) == scope;
    m.rule[R3_NOT_DEPRECATED] = !c->source_deprecated;
    m.rule[R5_LABEL] = policy_of(&from)->label == policy_of(&to)->label;
    if(!is_mapped(&to))
      m.rule[R9_PREFIX] =
        (uint8_t)common_bits(from.b, to.b, SUBNET_BITS);
  }
  return m;
}

void he_order_sort(struct he_candidate *c, size_t n, enum he_preference p)
{
  /* A binary insertion sort: stable, in place, and few comparisons, which
     are the dear part. */
  for(size_t i = 1; i < n; i++) {
    const struct he_candidate one = c[i];
    const struct merit m = merit_of(&one, p);
    size_t low = 0;
    size_t high = i;
    while(low < high) {
      const size_t mid = low + (high - low) / 2;
      const struct merit other = merit_of(&c[mid], p);
      if(memcmp(m.rule, other.rule, RULES) > 0)
        high = mid;
      else
        low = mid + 1;
    }
    memmove(&c[low + 1], &c[low], (i - low) * sizeof(*c));
    c[low] = one;
  }
}
