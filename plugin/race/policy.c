/* SPDX-License-Identifier: MIT */
/* policy.c - tables of prefixes, longest first. */
#include "race/policy.h"

#include <stdlib.h>
#include <string.h>

/* Scopes by their values in multicast addresses (RFC 4291 section 2.7). */
#define SCOPE_LINK_LOCAL 2
#define SCOPE_SITE_LOCAL 5
#define SCOPE_GLOBAL 14

#define MAX_BITS 128

struct entry {
  uint8_t prefix[16];
  uint8_t bits;
  int value;
};

struct he_policy {
  unsigned refs;        /* counted atomically; 0 where it is static */
  enum he_family first; /* he_policy_first() */
  const struct entry *table[HE_POLICY_TABLES];
  struct entry own[];   /* the tables that are not the built-in ones */
};

#define MAPPED [10] = 0xff, [11] = 0xff

/* glibc's built-in tables (sysdeps/posix/getaddrinfo.c, nss/getaddrinfo.c from
   2.39 on), which gai.conf(5) shows. They are RFC 3484's, with labels of
   their own for site-local, unique local and Teredo addresses. */
static const struct entry labels[] = {
  { { [15] = 1 }, 128, 0 },                         /* ::1 */
  { { 0 }, 96, 3 },                                 /* IPv4-compatible */
  { { MAPPED }, 96, 4 },                            /* IPv4 */
  { { 0x20, 0x01 }, 32, 7 },                        /* Teredo */
  { { 0x20, 0x02 }, 16, 2 },                        /* 6to4 */
  { { 0xfe, 0xc0 }, 10, 5 },                        /* site-local */
  { { 0xfc }, 7, 6 },                               /* unique local */
  { { 0 }, 0, 1 }
};
static const struct entry precedences[] = {
  { { [15] = 1 }, 128, 50 },
  { { 0 }, 96, 20 },
  { { MAPPED }, 96, 10 },
  { { 0x20, 0x02 }, 16, 30 },
  { { 0 }, 0, 40 }
};
static const struct entry scopes[] = {
  { { MAPPED, 169, 254 }, 112, SCOPE_LINK_LOCAL },
  { { MAPPED, 127 }, 104, SCOPE_LINK_LOCAL },
  { { MAPPED }, 96, SCOPE_GLOBAL }
};

static const struct he_policy built_in = {
  .table = { labels, precedences, scopes },
  .first = HE_IPV6
};

/* What holds for every address where no line of the table does. */
static const struct entry rests[HE_POLICY_TABLES] = {
  { { 0 }, 0, 1 },
  { { 0 }, 0, 40 },
  { { MAPPED }, 96, SCOPE_GLOBAL }
};

/* -- looking up -- */

/* Most entries differ in the first byte, or have that alone. */
static bool matches(const struct entry *e, const uint8_t ip[16])
{
  const unsigned whole = e->bits / 8;
  const unsigned rest = e->bits % 8;
  if(whole && e->prefix[0] != ip[0])
    return false;
  return (whole < 2 || !memcmp(e->prefix, ip, whole)) &&
         (!rest || !((e->prefix[whole] ^ ip[whole]) >> (8 - rest)));
}

static int value_of(const struct he_policy *p, enum he_policy_table t,
                    const struct he_addr *a)
{
  uint8_t ip[16] = { MAPPED };
  const struct entry *e = (p ? p : &built_in)->table[t];
  if(a->family == HE_IPV4)
    memcpy(ip + 12, a->ip, 4);
  else
    memcpy(ip, a->ip, 16);
  while(!matches(e, ip))
    e++;
  return e->value;
}

/* Of ordinary addresses: no table tells them from the rest. */
static enum he_family first_of(const struct he_policy *p)
{
  static const struct he_addr six = { .ip = { 0x26 }, .family = HE_IPV6 };
  static const struct he_addr four = { .ip = { 1 }, .family = HE_IPV4 };
  return value_of(p, HE_POLICY_PRECEDENCE, &four) >=
         value_of(p, HE_POLICY_PRECEDENCE, &six) ? HE_IPV4 : HE_IPV6;
}

/* -- a policy of one's own -- */

/* Writes a table's lines, longest prefix first, and returns how many entries
   they are; the last one holds for every address. */
static size_t fill(struct entry *out, enum he_policy_table t,
                   const struct he_policy_line *lines, size_t n)
{
  const struct entry *rest = &rests[t];
  size_t used = 0;
  for(unsigned bits = MAX_BITS + 1; bits-- > rest->bits;)
    for(size_t i = 0; i < n; i++) {
      struct entry *e = &out[used];
      if(lines[i].table != t || lines[i].bits != bits)
        continue;
      memcpy(e->prefix, lines[i].prefix, sizeof(e->prefix));
      e->bits = lines[i].bits;
      e->value = lines[i].value;
      used++;
    }
  if(!used)
    return 0;
  if(out[used - 1].bits != rest->bits)
    out[used++] = *rest;
  return used;
}

const struct he_policy *he_policy_new(const struct he_policy_line *lines,
                                      size_t n)
{
  const size_t most = n + HE_POLICY_TABLES;
  struct he_policy *p;
  size_t used = 0;
  if(most > (SIZE_MAX - sizeof(*p)) / sizeof(struct entry))
    return NULL;
  p = malloc(sizeof(*p) + most * sizeof(struct entry));
  if(!p)
    return NULL;
  p->refs = 1;
  for(int t = 0; t < HE_POLICY_TABLES; t++) {
    const size_t mine = fill(p->own + used, (enum he_policy_table)t, lines,
                             n);
    p->table[t] = mine ? p->own + used : built_in.table[t];
    used += mine;
  }
  p->first = first_of(p);
  return p;
}

const struct he_policy *he_policy_ref(const struct he_policy *p)
{
  if(p)
    __atomic_add_fetch(&((struct he_policy *)(uintptr_t)p)->refs, 1,
                       __ATOMIC_RELAXED);
  return p;
}

void he_policy_unref(const struct he_policy *p)
{
  struct he_policy *mine = (struct he_policy *)(uintptr_t)p;
  if(mine && !__atomic_sub_fetch(&mine->refs, 1, __ATOMIC_ACQ_REL))
    free(mine);
}

/* -- what it says -- */

int he_policy_label(const struct he_policy *p, const struct he_addr *a)
{
  return value_of(p, HE_POLICY_LABEL, a);
}

int he_policy_precedence(const struct he_policy *p, const struct he_addr *a)
{
  return value_of(p, HE_POLICY_PRECEDENCE, a);
}

int he_policy_scope(const struct he_policy *p, const struct he_addr *a)
{
  static const uint8_t loopback[16] = { [15] = 1 };
  const uint8_t *b = a->ip;
  if(a->family == HE_IPV4)
    return value_of(p, HE_POLICY_SCOPEV4, a);
  if(b[0] == 0xff)
    return b[1] & 0x0f;
  if(!memcmp(b, loopback, 16) || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
    return SCOPE_LINK_LOCAL;
  if(b[0] == 0xfe && (b[1] & 0xc0) == 0xc0)
    return SCOPE_SITE_LOCAL;
  return SCOPE_GLOBAL;
}

enum he_family he_policy_first(const struct he_policy *p)
{
  return (p ? p : &built_in)->first;
}
