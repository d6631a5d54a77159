/* SPDX-License-Identifier: MIT */
#include "lookup/known.h"

#include <stdlib.h>
#include <string.h>

bool he_answer_failed(const struct he_lookup_answer *a)
{
  return a->error && !he_resolver_says_none(a->error);
}

struct he_lookup_answer *he_lookup_known(struct he_lookup *l,
                                         enum he_family f)
{
  struct he_lookup_answer *a = &l->answers[f];
  const bool said = a->there && !he_answer_failed(a);
  return !said && l->remembered[f].n ? &l->remembered[f] : a;
}

size_t he_lookup_addresses(struct he_lookup *l)
{
  return he_lookup_known(l, HE_IPV6)->n + he_lookup_known(l, HE_IPV4)->n;
}

struct he_candidate *he_lookup_all(struct he_lookup *l,
                                   const bool of[HE_FAMILIES],
                                   enum he_preference preference, size_t *n)
{
  struct he_candidate *all;
  *n = 0;
  for(int f = 0; f < HE_FAMILIES; f++)
    *n += of[f] ? he_lookup_known(l, (enum he_family)f)->n : 0;
  all = *n ? malloc(*n * sizeof(*all)) : NULL;
  if(!all)
    return NULL;
  *n = 0;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_lookup_answer *a = he_lookup_known(l, (enum he_family)f);
    if(of[f] && a->n) {
      memcpy(all + *n, a->list, a->n * sizeof(*all));
      *n += a->n;
    }
  }
  he_order_merge(all, *n, l->config.race.policy, preference);
  return all;
}

bool he_lookup_all_there(const struct he_lookup *l)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(l->config.race.allowed[f] && !l->answers[f].there)
      return false;
  }
  return true;
}
