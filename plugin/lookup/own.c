/* SPDX-License-Identifier: MIT */
/* own.c - a lookup that several threads hold: who tells of it, who wakes it,
 * whose its sockets are, and which addresses it knows. */
#include "lookup/own.h"
#include "base/fds.h"
#include "connect/ours.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool he_lookup_inherited(const struct he_lookup *l)
{
  return !he_racer_alive(l->task.racer);
}

void he_lookup_ref(struct he_lookup *l)
{
  he_task_ref(&l->task);
}

void he_lookup_unref(struct he_lookup *l)
{
  if(l)
    he_task_unref(&l->task);
}

/* -- its sockets -- */

void he_lookup_close(struct he_lookup *l, const struct he_try *t)
{
  he_ours_close(l->config.app, t->fd, t->apps);
}

int he_lookup_give(const struct he_try *t)
{
  if(!t->apps)
    he_fd_give(t->fd);
  return t->fd;
}

/* -- telling, and waking -- */

struct he_trail_race he_lookup_race(const struct he_lookup *l)
{
  return (struct he_trail_race){ .host = l->host, .port = l->port,
                                 .began = l->began,
                                 .network = l->config.network };
}

void he_lookup_tell(struct he_lookup *l, struct he_step *s,
                    const struct he_addr *local, he_time_ns now)
{
  const he_time_ns since = now > l->began ? now - l->began : 0;
  s->at_us = (uint64_t)(since / 1000) & 0xffffffffff;
  pthread_mutex_lock(&l->lock);
  he_trace_add(&l->trace, s);
  he_tally_step(l->config.tally, s, &l->trace);
  pthread_mutex_unlock(&l->lock);
  if(l->config.trail) {
    const struct he_trail_race race = he_lookup_race(l);
    he_trail_tell(l->config.trail, &race, s, local);
  }
  if(l->config.watcher)
    l->config.watcher(l, s, local);
}

void he_lookup_wake_locked(struct he_lookup *l)
{
  const uint64_t one = 1;
  l->looks = true;
  pthread_cond_broadcast(&l->changed);
  /* it cannot fail: the counter is read with each wake-up */
  if(l->wake >= 0 && write(l->wake, &one, sizeof(one)) < 0)
    return;
}

void he_lookup_wake(struct he_lookup *l, he_time_ns leave_at)
{
  pthread_mutex_lock(&l->lock);
  l->leave_at = leave_at < l->leave_at ? leave_at : l->leave_at;
  he_lookup_wake_locked(l);
  pthread_mutex_unlock(&l->lock);
}

/* -- what is known -- */

bool he_answer_failed(const struct he_lookup_answer *a)
{
  return a->error && !he_resolver_says_none(a->error);
}

const struct he_candidate *he_answer_find(const struct he_lookup_answer *a,
                                          const struct he_addr *addr)
{
  for(size_t i = 0; i < a->n; i++) {
    if(he_addr_equal(&a->list[i].addr, addr))
      return &a->list[i];
  }
  return NULL;
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
