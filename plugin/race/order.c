/* SPDX-License-Identifier: MIT */
/* order.c - one list of addresses from two. Each rule gives every candidate a
 * number of its own, so that the rules together are a proper order. */
#include "race/order.h"

#include <string.h>

/* What a candidate has to say to each rule, bigger is better, the most
   weighty rule first. */
enum { R1_USABLE, PREFERRED_FAMILY, R2_SCOPE, R3_NOT_DEPRECATED, R4_HOME,
       R5_LABEL, R6_PRECEDENCE, R7_NATIVE, R8_SMALL_SCOPE, RULES };

struct merit {
  int rule[RULES];
};

static struct merit merit_of(const struct he_candidate *c,
                             const struct he_policy *policy,
                             enum he_preference p)
{
  const int scope = he_policy_scope(policy, &c->addr);
  struct merit m = { { 0 } };
  if(p != HE_PREFER_SYSTEM)
    m.rule[PREFERRED_FAMILY] =
      c->addr.family == (p == HE_PREFER_IPV4 ? HE_IPV4 : HE_IPV6);
  m.rule[R6_PRECEDENCE] = he_policy_precedence(policy, &c->addr);
  m.rule[R8_SMALL_SCOPE] = -scope;
  if(c->has_source) {
    m.rule[R1_USABLE] = 1;
    m.rule[R2_SCOPE] = he_policy_scope(policy, &c->source) == scope;
    m.rule[R3_NOT_DEPRECATED] = !c->source_deprecated;
    m.rule[R4_HOME] = c->source_home;
    m.rule[R5_LABEL] = he_policy_label(policy, &c->source) ==
                       he_policy_label(policy, &c->addr);
    m.rule[R7_NATIVE] = c->source_native;
  }
  return m;
}

static bool is_better(const struct merit *a, const struct merit *b)
{
  int i = 0;
  while(i < RULES - 1 && a->rule[i] == b->rule[i])
    i++;
  return a->rule[i] > b->rule[i];
}

/* Moves c[from] to c[to], to <= from; those between stay in their order. */
static void move(struct he_candidate *c, size_t from, size_t to)
{
  const struct he_candidate one = c[from];
  memmove(&c[to + 1], &c[to], (from - to) * sizeof(*c));
  c[to] = one;
}

/* How many leading bits two addresses share, of `bytes` bytes. */
static int shared_bits(const uint8_t *a, const uint8_t *b, int bytes)
{
  int n = 0;
  while(n < 8 * bytes && !((a[n / 8] ^ b[n / 8]) & (0x80 >> n % 8)))
    n++;
  return n;
}

/* Rule 9's number. Outside of a subnet a shared prefix says nothing of IPv4. */
static int prefix_of(const struct he_candidate *c)
{
  int bits;
  if(!c->has_source)
    return 0;
  if(c->addr.family == HE_IPV6)
    return shared_bits(c->addr.ip, c->source.ip, 16);
  bits = shared_bits(c->addr.ip, c->source.ip, 4);
  return c->source_bits && bits >= c->source_bits ? bits : 0;
}

static bool goes_before(const struct he_candidate *a,
                        const struct he_candidate *b,
                        const struct he_policy *policy)
{
  const struct merit x = merit_of(a, policy, HE_PREFER_SYSTEM);
  const struct merit y = merit_of(b, policy, HE_PREFER_SYSTEM);
  if(is_better(&x, &y) || is_better(&y, &x))
    return is_better(&x, &y);
  return prefix_of(a) > prefix_of(b);
}

void he_order_family(struct he_candidate *c, size_t n,
                     const struct he_policy *policy)
{
  for(size_t i = 1; i < n; i++) {
    size_t to = i;
    while(to && goes_before(&c[i], &c[to - 1], policy))
      to--;
    if(to != i)
      move(c, i, to);
  }
}

static void unusable_last(struct he_candidate *c, size_t n)
{
  size_t usable = 0;
  for(size_t i = 0; i < n; i++) {
    if(!c[i].has_source)
      continue;
    if(i != usable)
      move(c, i, usable);
    usable++;
  }
}

/* Does the IPv6 address go before the IPv4 one? */
static bool six_first(const struct he_candidate *six,
                      const struct he_candidate *four,
                      const struct he_policy *policy, enum he_preference p)
{
  const struct merit a = merit_of(six, policy, p);
  const struct merit b = merit_of(four, policy, p);
  return is_better(&a, &b);
}

static void merge_group(struct he_candidate *c, size_t n,
                        const struct he_policy *policy, enum he_preference p)
{
  unusable_last(c, n);
  for(size_t here = 0; here < n; here++) {
    /* the first one left of its family, and the first one of the other */
    const bool is_six = c[here].addr.family == HE_IPV6;
    size_t other = here + 1;
    while(other < n && c[other].addr.family == c[here].addr.family)
      other++;
    if(other == n)
      return;
    if(six_first(&c[is_six ? here : other], &c[is_six ? other : here],
                 policy, p) != is_six)
      move(c, other, here);
  }
}

static void sort_groups(struct he_candidate *c, size_t n)
{
  for(size_t i = 1; i < n; i++) {
    size_t to = i;
    while(to && c[to - 1].group > c[i].group)
      to--;
    if(to != i)
      move(c, i, to);
  }
}

void he_order_merge(struct he_candidate *c, size_t n,
                    const struct he_policy *policy, enum he_preference p)
{
  size_t end;
  sort_groups(c, n);
  for(size_t i = 0; i < n; i = end) {
    end = i + 1;
    while(end < n && c[end].group == c[i].group)
      end++;
    merge_group(c + i, end - i, policy, p);
  }
}

enum he_family he_order_first(const struct he_policy *policy,
                              enum he_preference p)
{
  switch(p) {
  case HE_PREFER_IPV6:
    return HE_IPV6;
  case HE_PREFER_IPV4:
    return HE_IPV4;
  case HE_PREFER_SYSTEM:
    break;
  }
  return he_policy_first(policy);
}
