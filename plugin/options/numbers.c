/* SPDX-License-Identifier: MIT */
/* numbers.c - numbers are places of a table that only grows: a place is filled
 * once, by an atomic exchange, and constant from then on. */
#include "options/resolvers.h"

#include <stdlib.h>
#include <string.h>

/* The first and the last stay empty. */
static struct he_upstreams *table[HE_RESOLVERS_MAX];

/* he_resolvers_read() has set each byte, those between the members, too; where
   one differs all the same, the value merely gets a number of its own. */
static bool same(const struct he_upstreams *a, const struct he_upstreams *b)
{
  return !memcmp(a, b, sizeof(*a));
}

long he_resolvers_number(const struct he_upstreams *u)
{
  struct he_upstreams *mine = NULL;
  long i;
  if(!u->n)
    return 0;
  for(i = 1; i < HE_RESOLVERS_REFUSED; i++) {
    struct he_upstreams *there = __atomic_load_n(&table[i], __ATOMIC_ACQUIRE);
    if(!there && !mine) {
      mine = malloc(sizeof(*mine));
      if(!mine)
        return -1;
      memcpy(mine, u, sizeof(*mine));
    }
    if(!there && __atomic_compare_exchange_n(&table[i], &there, mine, false,
                                             __ATOMIC_ACQ_REL,
                                             __ATOMIC_ACQUIRE))
      return i;
    if(same(there, u))        /* perhaps another thread's, of this moment */
      break;
  }
  free(mine);
  return i < HE_RESOLVERS_REFUSED ? i : -1;
}

const struct he_upstreams *he_resolvers_upstreams(long number)
{
  return number > 0 && number < HE_RESOLVERS_MAX ?
         __atomic_load_n(&table[number], __ATOMIC_ACQUIRE) : NULL;
}
