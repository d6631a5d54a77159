/* SPDX-License-Identifier: MIT */
/* asking.c - the resolver is asked. Answers come on threads of its own: they
 * stand in the lookup, and wake the loop. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "lookup/blocking.h"
#include "lookup/known.h"
#include "resolve/kept.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct he_lookup *l = arg;
  struct he_lookup_answer *a = &l->news[family];
  pthread_mutex_lock(&l->lock);
  a->list = list;
  a->n = n;
  a->error = error;
  a->there = true;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}

static void tell_family(struct he_drive *d, enum he_step_kind kind,
                        enum he_family f, int error, size_t n)
{
  struct he_step s = { .kind = kind, .has_family = true };
  s.family = f;
  s.error = error;
  s.count = (unsigned)n;
  he_lookup_tell(d->l, &s, he_clock_now());
}

static enum he_family first_family(const struct he_drive *d)
{
  return he_order_first(d->l->config.race.policy,
                        d->l->config.race.preference);
}

/* An answer that came too late for an earlier lookup, and is valid; or NULL. */
static struct he_candidate *kept(const struct he_drive *d, enum he_family f,
                                 size_t *n)
{
  const struct he_lookup_config *c = &d->l->config;
  struct he_candidate *list =
    c->race.allowed[he_other_family(f)] ?
    he_kept_get(d->l->host, d->l->port, f, c->keeps, n, he_clock_now()) : NULL;
  for(size_t i = 0; list && i < *n; i++)
    he_resolver_source(&list[i]);
  return list;
}

/* True where nobody need be asked. Addresses of the other family are to have no
   start over those of the first one: he_drive_complete() takes them. */
static bool take_kept(struct he_drive *d, enum he_family f)
{
  size_t n;
  struct he_candidate *list = f == first_family(d) ? kept(d, f, &n) : NULL;
  d->kept[f] = list != NULL;
  if(list)
    on_answer(d->l, f, 0, list, n);
  return list != NULL;
}

void he_drive_ask(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_config *c = &d->l->config;
  if(!c->blocking && take_kept(d, f))
    return;
  tell_family(d, HE_STEP_RESOLVE, f, 0, 0);
  if(c->blocking) {
    if(!d->asked)
      he_blocking_ask(d->l->host, d->l->port, c->race.allowed, on_answer,
                      d->l);
    d->asked = true;
    return;
  }
  d->query[f] = he_resolver_ask(c->resolver, d->l->host, d->l->port, f,
                                !c->race.allowed[he_other_family(f)],
                                on_answer, d->l);
  if(!d->query[f])
    on_answer(d->l, f, EAI_MEMORY, NULL, 0);
}

static void learn_answer(struct he_drive *d, enum he_family f,
                         const struct he_lookup_answer *a, he_time_ns now)
{
  struct he_recall *r = d->l->config.recall;
  if(!r || d->kept[f])        /* it has heard of that when it came */
    return;
  if(he_answer_failed(a))
    he_recall_unanswered(r, d->l->host, f, now);
  else
    he_recall_answer(r, d->l->host, f, a->list, a->n, now);
}

void he_drive_look(struct he_drive *d)
{
  struct he_lookup *l = d->l;
  bool came[HE_FAMILIES];
  pthread_mutex_lock(&l->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    came[f] = l->news[f].there;
    if(came[f])
      l->answers[f] = l->news[f];
    memset(&l->news[f], 0, sizeof(l->news[f]));
  }
  d->stopped = l->stopped;
  d->deadline = l->config.deadline;
  d->leave_at = l->leave_at;
  l->looks = false;
  pthread_mutex_unlock(&l->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    const struct he_lookup_answer *a = &l->answers[f];
    if(came[f]) {
      d->unheard[f] = true;
      tell_family(d, d->kept[f] ? HE_STEP_REMEMBERED : HE_STEP_ANSWER,
                  (enum he_family)f, he_answer_failed(a) ? a->error : 0, a->n);
      learn_answer(d, (enum he_family)f, a, he_clock_now());
    }
  }
}

void he_drive_complete(struct he_drive *d)
{
  const enum he_family first = first_family(d), f = he_other_family(first);
  struct he_lookup *l = d->l;
  struct he_candidate *list;
  size_t n;
  if(d->completed || !d->query[f] || l->answers[f].there ||
     !l->answers[first].there)
    return;
  d->completed = true;
  list = kept(d, f, &n);
  if(!list)
    return;
  l->config.resolver->close(d->query[f]);   /* no answer comes after this */
  d->query[f] = NULL;
  pthread_mutex_lock(&l->lock);
  d->kept[f] = !l->news[f].there;
  pthread_mutex_unlock(&l->lock);
  if(d->kept[f])
    on_answer(l, f, 0, list, n);
  else
    free(list);
  he_drive_look(d);
}
