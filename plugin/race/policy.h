/* SPDX-License-Identifier: MIT */
#ifndef HE_POLICY_H
#define HE_POLICY_H
/* policy.h - the tables by which addresses are compared, as a value. Pure.
 *
 * RFC 6724 section 2.1 calls labels and precedences the policy table. glibc
 * keeps them in two tables, and has a third one for the scopes of IPv4
 * (section 3.2). The first entry that matches holds; an IPv4 address is
 * matched as ::ffff:a.b.c.d.
 *
 * A policy never changes, so any thread may read it. References are counted
 * atomically. NULL is a policy, too: glibc's built-in tables. */
#include "base/addr.h"

enum he_policy_table {
  HE_POLICY_LABEL,
  HE_POLICY_PRECEDENCE,
  HE_POLICY_SCOPEV4,
  HE_POLICY_TABLES
};

/* A line of a table: what begins with the first `bits` bits of `prefix` has
   this value. A prefix of HE_POLICY_SCOPEV4 is an IPv4-mapped one. */
struct he_policy_line {
  enum he_policy_table table;
  uint8_t prefix[16];
  uint8_t bits;         /* 0 ... 128; HE_POLICY_SCOPEV4: 96 ... 128 */
  int value;            /* >= 0 */
};

struct he_policy;

/* A new policy with one reference, the caller's; NULL without memory. `lines`
 * are copied. As in glibc a table with lines of its own has nothing of the
 * built-in one. Longer prefixes go first, equal ones in the order of `lines`.
 * Where no line of a table holds for every address there, one is added: label
 * 1, precedence 40, scope 14. */
const struct he_policy *he_policy_new(const struct he_policy_line *lines,
                                      size_t n);

/* Another reference, returned; one less. NULL is fine for both. */
const struct he_policy *he_policy_ref(const struct he_policy *p);
void he_policy_unref(const struct he_policy *p);

/* The value of an address in a table. p may be NULL. */
int he_policy_label(const struct he_policy *p, const struct he_addr *a);
int he_policy_precedence(const struct he_policy *p, const struct he_addr *a);

/* The scope of an address by RFC 6724 section 3.1, of IPv4 by the table. An
   IPv4-mapped IPv6 address is global, as glibc has it. p may be NULL. */
int he_policy_scope(const struct he_policy *p, const struct he_addr *a);

/* The family that goes first where the addresses of both are ordinary global
   ones. IPv4 where their precedence is the same. p may be NULL. */
enum he_family he_policy_first(const struct he_policy *p);

#endif
