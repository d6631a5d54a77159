/* SPDX-License-Identifier: MIT */
/* end.c - the race is over: nothing of it stays behind but what its lookup
 * gives away. */
#include "lookup/drive.h"
#include "lookup/known.h"
#include "lookup/late.h"

#include <string.h>

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void miss(struct he_drive *d, enum he_family f, he_time_ns now)
{
  struct he_lookup *l = d->l;
  if(l->config.recall)
    he_recall_unanswered(l->config.recall, l->host, f, now);
  if(!d->stopped)
    he_late_listen(l, f);
}

static void close_queries(struct he_drive *d, he_time_ns now)
{
  struct he_lookup *l = d->l;
  bool missing = false;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->query[f] && !l->answers[f].there)
      miss(d, (enum he_family)f, now);
    l->config.resolver->close(d->query[f]);   /* no answer comes after this */
  }
  he_drive_look(d);
  for(int f = 0; f < HE_FAMILIES; f++)
    missing = missing || (d->query[f] && !l->answers[f].there) ||
              he_lookup_known(l, (enum he_family)f) == &l->remembered[f];
  pthread_mutex_lock(&l->lock);
  l->partial = missing;
  pthread_mutex_unlock(&l->lock);
}

/* What goes on without this call is the next owner's. */
static void leave(struct he_drive *d, enum he_lookup_state state)
{
  struct he_lookup *l = d->l;
  struct he_try tries[HE_LOOKUP_TRIES];
  unsigned n = 0;
  for(unsigned i = 0; i < d->count; i++) {
    if(d->tries[i].fd >= 0 &&   /* else it still waits for a descriptor */
       (state == HE_LOOKUP_LEFT || &d->tries[i] == d->winner ||
        &d->tries[i] == d->refused))
      tries[n++] = d->tries[i];
  }
  pthread_mutex_lock(&l->lock);
  memcpy(l->tries, tries, n * sizeof(*tries));
  l->try_count = n;
  l->state = state;
  l->why = d->gives_way ? d->gives_way :
           "every address has failed, and libcurl tries once more by itself";
  pthread_mutex_unlock(&l->lock);
}

void he_drive_end(struct he_drive *d, enum he_lookup_state state,
                  he_time_ns now)
{
  close_queries(d, now);
  he_drive_close_wake(d);
  he_drive_learn(d, now);
  leave(d, state);
}
