/* SPDX-License-Identifier: MIT */
/* untried.c - the addresses still to be tried.
 *
 * They are kept sorted, not interleaved: the family whose turn it is follows
 * from the attempts made so far, its best address from the list. So an answer
 * that comes late finds its place by being sorted in, and what was tried in
 * the meantime, by whomever, is taken account of. */
#include "race/untried.h"

#include <stdlib.h>
#include <string.h>

static enum he_family family_of(const struct he_candidate *c)
{
  return (enum he_family)c->addr.family;
}

void he_untried_free(struct he_untried *u)
{
  free(u->list);
  *u = (struct he_untried){ .list = NULL };
}

bool he_untried_reserve(struct he_untried *u, enum he_family f, size_t more)
{
  const size_t need = u->of[he_other_family(f)] + more;
  struct he_candidate *list;
  if(need <= u->room)
    return true;
  list = realloc(u->list, need * sizeof(*list));
  if(!list)
    return false;
  u->list = list;
  u->room = (unsigned)need;
  return true;
}

void he_untried_drop(struct he_untried *u, enum he_family f)
{
  unsigned kept = 0;
  for(unsigned i = 0; i < u->n; i++)
    if(family_of(&u->list[i]) != f)
      u->list[kept++] = u->list[i];
  u->n = kept;
  u->of[f] = 0;
}

void he_untried_add(struct he_untried *u, const struct he_candidate *c)
{
  u->list[u->n++] = *c;
  u->of[family_of(c)]++;
}

void he_untried_sort(struct he_untried *u, const struct he_policy *policy,
                     enum he_preference p)
{
  he_order_merge(u->list, u->n, policy, p);
}

unsigned he_untried_find(const struct he_untried *u, const struct he_addr *a)
{
  unsigned i = 0;
  while(i < u->n && !he_addr_equal(&u->list[i].addr, a))
    i++;
  return i;
}

/* The next one of a family at or after i. */
static unsigned next_of(const struct he_untried *u, unsigned i,
                        enum he_family f)
{
  while(i < u->n && family_of(&u->list[i]) != f)
    i++;
  return i;
}

void he_untried_order(struct he_untried *u, const struct he_candidate *list,
                      size_t n)
{
  for(unsigned i = 0; i < u->n; i++) {
    u->list[i].turn = 0;
    for(size_t j = 0; j < n && j < UINT8_MAX && !u->list[i].turn; j++) {
      if(he_addr_equal(&u->list[i].addr, &list[j].addr))
        u->list[i].turn = (uint8_t)(j + 1);
    }
  }
}

/* Where the group that begins at i ends. */
static unsigned group_end(const struct he_untried *u, unsigned i)
{
  unsigned end = i;
  while(end < u->n && u->list[end].group == u->list[i].group)
    end++;
  return end;
}

/* The one with the earliest turn of the first group, of a family or (-1) of
   both; u->n where none has one. */
static unsigned earliest(const struct he_untried *u, int f)
{
  const unsigned end = group_end(u, 0);
  unsigned best = u->n;
  for(unsigned i = 0; i < end; i++) {
    const struct he_candidate *c = &u->list[i];
    if(c->turn && (f < 0 || c->addr.family == f) &&
       (best == u->n || c->turn < u->list[best].turn))
      best = i;
  }
  return best;
}

unsigned he_untried_best(const struct he_untried *u, enum he_family f)
{
  const unsigned best = earliest(u, (int)f);
  return best < u->n ? best : next_of(u, 0, f);
}

void he_untried_remove(struct he_untried *u, unsigned i)
{
  u->of[family_of(&u->list[i])]--;
  u->n--;
  memmove(&u->list[i], &u->list[i + 1], (u->n - i) * sizeof(*u->list));
}

void he_turn_tried(struct he_turn *t, enum he_family f)
{
  t->tried[f]++;
  t->last = f;
}

unsigned he_turn_count(const struct he_turn *t)
{
  return t->tried[HE_IPV6] + t->tried[HE_IPV4];
}

/* Whose turn it is after t, where `first` is the best address's family and
   left[] says how many addresses each family has. */
static enum he_family turn(const struct he_turn *t, enum he_family first,
                           const unsigned left[HE_FAMILIES])
{
  enum he_family f;
  if(t->silent >= 0)
    f = he_other_family((enum he_family)t->silent);
  else if(!he_turn_count(t))
    f = first;
  else if(!t->tried[he_other_family(t->last)] &&
          t->tried[t->last] < t->first_count)
    f = t->last;
  else
    f = he_other_family(t->last);
  return left[f] ? f : he_other_family(f);
}

/* How many addresses each family has from `at` up to `end`. */
static void count(const struct he_untried *u, unsigned at, unsigned end,
                  unsigned left[HE_FAMILIES])
{
  left[HE_IPV6] = left[HE_IPV4] = 0;
  for(; at < end; at++)
    left[family_of(&u->list[at])]++;
}

enum he_family he_untried_turn(const struct he_untried *u,
                               const struct he_turn *t)
{
  const unsigned best = earliest(u, -1);
  unsigned left[HE_FAMILIES];
  count(u, 0, group_end(u, 0), left);
  if(best < u->n) {
    const enum he_family f = family_of(&u->list[best]);
    return (int)f == t->silent && left[he_other_family(f)] ?
           he_other_family(f) : f;
  }
  return turn(t, u->n ? family_of(&u->list[0]) : HE_IPV6, left);
}

/* A group's, in the order of their turns, as far as there is room. */
static void list_group(const struct he_untried *u, unsigned begin,
                       unsigned end, struct he_turn *t,
                       struct he_candidate *out, size_t max)
{
  unsigned left[HE_FAMILIES];
  unsigned at[HE_FAMILIES] = { begin, begin };
  count(u, begin, end, left);
  for(size_t i = begin; i < end && i < max; i++) {
    const enum he_family f = turn(t, family_of(&u->list[begin]), left);
    const unsigned j = next_of(u, at[f], f);
    out[i] = u->list[j];
    at[f] = j + 1;
    left[f]--;
    he_turn_tried(t, f);
  }
}

void he_untried_list(const struct he_untried *u, struct he_turn t,
                     struct he_candidate *out, size_t max)
{
  unsigned end;
  for(unsigned i = 0; i < u->n; i = end) {
    end = group_end(u, i);
    list_group(u, i, end, &t, out, max);
  }
}
