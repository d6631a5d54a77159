/* SPDX-License-Identifier: MIT */
/* tally.c - counters that are added to. */
#include "connect/tally.h"

#include <stdlib.h>

struct he_tally *he_tally_new(void)
{
  struct he_tally *t = calloc(1, sizeof(*t));
  if(t)
    t->refs = 1;
  return t;
}

void he_tally_ref(struct he_tally *t)
{
  if(t)
    __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

void he_tally_unref(struct he_tally *t)
{
  if(t && !__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL))
    free(t);
}

static void add(uint64_t *counter, uint64_t n)
{
  __atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

/* Was more than one attempt made? */
static bool was_raced(const struct he_trace *all)
{
  unsigned starts = 0;
  for(size_t i = 0; i < all->count && starts < 2; i++)
    starts += all->steps[i].kind == HE_STEP_START;
  return starts > 1;
}

void he_tally_step(struct he_tally *t, const struct he_step *s,
                   const struct he_trace *all)
{
  if(!t)
    return;
  switch(s->kind) {
  case HE_STEP_START:
    add(&t->attempts[s->native], 1);
    break;
  case HE_STEP_HANDED_OVER:
    add(&t->handed_over, 1);
    break;
  case HE_STEP_ASIDE:
    add(&t->aside, 1);
    break;
  case HE_STEP_WON:
    add(&t->connected[s->family], 1);
    add(&t->raced, was_raced(all));
    break;
  case HE_STEP_LOST:
    add(&t->failed, 1);
    add(&t->raced, was_raced(all));
    break;
  case HE_STEP_RESOLVE:
  case HE_STEP_ANSWER:
  case HE_STEP_CONNECTED:
  case HE_STEP_FAILED:
  case HE_STEP_TIMED_OUT:
  case HE_STEP_CANCELLED:
  case HE_STEP_GONE:
  case HE_STEP_PROVOKED:
  case HE_STEP_REMEMBERED:
  case HE_STEP_LOOKUP:
  case HE_STEP_SERVICES:
    break;
  }
}

void he_tally_quiet(struct he_tally *t, unsigned attempts,
                    const struct he_addr *winner, bool aside)
{
  if(!t)
    return;
  add(&t->attempts[true], attempts);
  add(&t->raced, attempts > 1);
  add(&t->aside, aside);
  add(winner ? &t->connected[winner->family] : &t->failed, 1);
  if(winner && attempts == 1)
    add(&t->compared, 1);     /* nothing was saved or lost */
}

void he_tally_compare(struct he_tally *t, he_time_ns took, he_time_ns alone)
{
  if(!t || alone == HE_NEVER)
    return;
  add(&t->compared, 1);
  if(alone > took)
    add(&t->saved_ns, (uint64_t)(alone - took));
  else
    add(&t->behind_ns, (uint64_t)(took - alone));
}
