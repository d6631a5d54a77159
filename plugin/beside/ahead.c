/* SPDX-License-Identifier: MIT */
/* ahead.c - the list of addresses that libcurl is given, in the order of the
 * race: made on the racer's thread, waited for by libcurl's. */
#include "beside/ahead.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* -- the racer's side -- */

/* Is it so of every family that may be used? */
static bool of_all(const struct he_beside *b,
                   bool (*is)(const struct he_race *r, enum he_family f))
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(b->c.config.race.allowed[f] && !is(b->race->race, (enum he_family)f))
      return false;
  }
  return true;
}

bool he_ahead_answered(const struct he_beside *b)
{
  return of_all(b, he_race_answered);
}

/* What libcurl has not tried: the untried, and what is under way here. */
static size_t offerable(struct he_beside *b, struct he_candidate *list,
                        size_t max)
{
  size_t n = 0;
  for(struct he_beside_try *t = b->race->tries; t && n < max; t = t->next) {
    if(!t->a.native && (he_try_runs(t) || t == b->race->winner)) {
      memset(&list[n], 0, sizeof(list[n]));
      list[n++].addr = t->a.addr;
    }
  }
  n += he_race_untried(b->race->race, list + n, max - n);
  if(n > max)
    n = max;
  if(b->c.config.recall && n)
    he_recall_sort(b->c.config.recall, &b->c.config.ask, list, n,
                   he_clock_now());
  return n;
}

void he_ahead_publish(struct he_beside *b, enum he_begin what)
{
  const bool now = what == HE_BEGIN_NOW;
  const bool complete = !now || he_ahead_answered(b);
  const bool enough = complete || of_all(b, he_race_told);
  struct he_candidate list[2 * HE_RACE_MAX_ADDRS], *ready = NULL;
  const size_t n = now ? offerable(b, list, 2 * HE_RACE_MAX_ADDRS) : 0;
  if(n)
    ready = malloc(n * sizeof(*list));
  if(ready)
    memcpy(ready, list, n * sizeof(*list));
  pthread_mutex_lock(&b->c.lock);
  free(b->ready);
  b->ready = ready;
  b->ready_count = ready ? (unsigned)n : 0;
  b->begin = what;
  if(now && !ready)
    b->begin = b->race->unanswered ? HE_BEGIN_FAILED : HE_BEGIN_NOTHING;
  b->ahead = complete ? HE_AHEAD_COMPLETE :
             enough ? HE_AHEAD_ENOUGH : HE_AHEAD_BEGUN;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->c.lock);
}

/* -- any thread -- */

bool he_connect_resolve(struct he_connect *c)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_RESOLVE };
  m.at = he_clock_now();
  return he_beside_post(b, &m, m.at);
}

/* The answers of the two families mostly come within a millisecond: worth a
   wait, for then libcurl has all addresses and races them by itself. */
#define SECOND_ANSWER HE_MS(2)

/* How long for the second answer: where the first one gave only addresses that
   are worse than what the other family is known to have, the Resolution
   Delay. */
static he_time_ns second_wait(struct he_beside *b, const struct he_addr *first)
{
  struct he_suspicion s;
  if(!b->c.config.recall || !b->c.config.wary ||
     !he_recall_suspects(b->c.config.recall, &b->c.config.ask, first, &s,
                         he_clock_now()) ||
     (s.instead && s.better.family == first->family))
    return SECOND_ANSWER;
  return b->c.config.race.resolution_delay;
}

/* Until when to wait for enough, once there is something. */
static he_time_ns second_until_locked(struct he_beside *b)
{
  struct he_addr first;
  he_time_ns until = he_clock_now();
  if(!b->ready_count || b->ahead >= HE_AHEAD_ENOUGH)
    return until;
  first = b->ready[0].addr;
  pthread_mutex_unlock(&b->c.lock);   /* it is innermost: not to ask with */
  until = he_time_add(until, second_wait(b, &first));
  pthread_mutex_lock(&b->c.lock);
  return until;
}

enum he_begin he_connect_wait(struct he_connect *c, he_time_ns deadline,
                              bool whole,
                              struct he_candidate *list, size_t max, size_t *n,
                              bool *complete)
{
  struct he_beside *b = he_beside_of(c);
  const enum he_beside_ahead wanted = whole ? HE_AHEAD_COMPLETE :
                                      HE_AHEAD_ENOUGH;
  enum he_begin result = HE_BEGIN_LATE;
  he_time_ns until = deadline;
  *n = 0;
  *complete = false;
  if(he_connect_inherited(&b->c))
    return HE_BEGIN_FAILED;
  pthread_mutex_lock(&b->c.lock);
  while(b->ahead < HE_AHEAD_BEGUN &&
        he_cond_wait(&b->changed, &b->c.lock, deadline))
    ;
  if(!whole)
    until = second_until_locked(b);
  if(until > deadline)
    until = deadline;
  while(b->ahead >= HE_AHEAD_BEGUN && b->ahead < wanted &&
        he_cond_wait(&b->changed, &b->c.lock, until))
    ;
  if(b->ahead == HE_AHEAD_COMPLETE || (!whole && b->ahead)) {
    result = b->begin;
    *complete = b->ahead == HE_AHEAD_COMPLETE;
    *n = b->ready_count < max ? b->ready_count : max;
    if(*n)
      memcpy(list, b->ready, *n * sizeof(*list));
  }
  pthread_mutex_unlock(&b->c.lock);
  return result;
}

bool he_connect_told(struct he_connect *c)
{
  struct he_beside *b = he_beside_of(c);
  bool told;
  if(he_connect_inherited(&b->c))
    return true;
  pthread_mutex_lock(&b->c.lock);
  told = b->ahead >= HE_AHEAD_ENOUGH;
  pthread_mutex_unlock(&b->c.lock);
  return told;
}

void he_connect_listed(struct he_connect *c, const size_t counts[HE_FAMILIES],
                       bool alone)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_LISTED };
  if(he_connect_inherited(&b->c))
    return;
  m.at = he_clock_now();
  pthread_mutex_lock(&b->c.lock);
  for(int f = 0; f < HE_FAMILIES; f++)
    b->listed[f] = (uint16_t)counts[f];
  b->has_list = true;
  b->alone = alone;
  b->spares = true;
  pthread_mutex_unlock(&b->c.lock);
  he_beside_post(b, &m, m.at);
}
