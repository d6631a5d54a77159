/* SPDX-License-Identifier: MIT */
/* refused.c - one request for each address of the lookup's list is answered.
 * What comes afterwards is of another connect. */
#include "curl/refused.h"
#include "base/clock.h"

#include <stdlib.h>

/* Later than this a host may have changed its mind. */
#define BELIEVED HE_MS(1000)

struct he_refused {
  struct he_lookup *lookup;   /* a reference */
  struct he_try last;
  bool waits;                 /* the socket of `last` does */
  he_time_ns until;
  size_t left;                /* so many requests are still to come */
};

struct he_refused *he_refused_new(struct he_lookup *l,
                                  const struct he_lookup_result *lost)
{
  struct he_refused *r = lost->count ? calloc(1, sizeof(*r)) : NULL;
  if(r) {
    he_lookup_ref(l);
    r->lookup = l;
    r->last = lost->tries[0];
    r->waits = true;
    r->until = he_time_add(he_clock_now(), BELIEVED);
    r->left = he_lookup_addresses(l);
  }
  else if(lost->count)
    he_lookup_close(l, &lost->tries[0]);
  return r;
}

void he_refused_free(struct he_refused *r)
{
  if(!r)
    return;
  if(r->waits)
    he_lookup_close(r->lookup, &r->last);
  he_lookup_unref(r->lookup);
  free(r);
}

bool he_refused_answers(struct he_refused *r, const struct he_addr *a,
                        int *fd)
{
  if(!r || !r->left || he_clock_now() >= r->until)
    return false;
  r->left--;
  *fd = -1;
  if(r->waits && he_addr_equal(&r->last.addr, a)) {
    r->waits = false;
    *fd = he_lookup_give(&r->last);
  }
  return true;
}
