/* SPDX-License-Identifier: MIT */
#include "lookup/plan.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct he_candidate *he_plan_race(const struct he_lookup_plan *p,
                                  struct he_candidate *list, size_t *n,
                                  int *error)
{
  const size_t room = he_ports_room(*n, p->port_count, HE_RACE_MAX_ADDRS);
  struct he_candidate *all = room ? calloc(room, sizeof(*all)) : NULL;
  if(room && !all)
    *error = EAI_MEMORY;
  *n = all ? he_ports_expand(list, *n, p->ports, p->port_count, all, room) : 0;
  *n = he_ports_without(all, *n, p->done, p->done_count);
  free(list);
  return all;
}

struct he_candidate *he_plan_given(const struct he_lookup_plan *p,
                                   enum he_family f, size_t *n)
{
  const struct he_lookup_given *g = &p->given[f];
  struct he_candidate *copy = g->n ? malloc(g->n * sizeof(*copy)) : NULL;
  *n = g->n;
  if(!copy)
    return NULL;
  memcpy(copy, g->list, g->n * sizeof(*copy));
  *n = he_ports_without(copy, g->n, p->done, p->done_count);
  if(*n)
    return copy;
  free(copy);
  return NULL;
}
