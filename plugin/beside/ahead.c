/* SPDX-License-Identifier: MIT */
/* ahead.c - the list of addresses that libcurl is given, in the order of the
 * race: made on the racer's thread, waited for by libcurl's. */
#include "beside/ahead.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* -- the racer's side -- */

/* Is it so of every family that may be used? */
static bool of_all(const struct he_job *j,
                   bool (*is)(const struct he_race *r, enum he_family f))
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(j->config.race.allowed[f] && !is(j->race->race, (enum he_family)f))
      return false;
  }
  return true;
}

bool he_ahead_answered(const struct he_job *j)
{
  return of_all(j, he_race_answered);
}

/* What libcurl has not tried: the untried, and what is under way here. */
static size_t offerable(struct he_job *j, struct he_candidate *list,
                        size_t max)
{
  size_t n = 0;
  for(struct he_job_try *t = j->race->tries; t && n < max; t = t->next) {
    if(!t->a.native && (he_try_runs(t) || t == j->race->winner)) {
      memset(&list[n], 0, sizeof(list[n]));
      list[n++].addr = t->a.addr;
    }
  }
  n += he_race_untried(j->race->race, list + n, max - n);
  if(n > max)
    n = max;
  if(j->config.recall && n)
    he_recall_sort(j->config.recall, &j->config.ask, list, n, he_clock_now());
  return n;
}

void he_ahead_publish(struct he_job *j, enum he_begin what)
{
  const bool now = what == HE_BEGIN_NOW;
  const bool complete = !now || he_ahead_answered(j);
  const bool enough = complete || of_all(j, he_race_told);
  struct he_candidate list[2 * HE_RACE_MAX_ADDRS], *ready = NULL;
  const size_t n = now ? offerable(j, list, 2 * HE_RACE_MAX_ADDRS) : 0;
  if(n)
    ready = malloc(n * sizeof(*list));
  if(ready)
    memcpy(ready, list, n * sizeof(*list));
  pthread_mutex_lock(&j->lock);
  free(j->ready);
  j->ready = ready;
  j->ready_count = ready ? (unsigned)n : 0;
  memset(j->given, 0, sizeof(j->given));
  j->begin = what;
  if(now && !ready)
    j->begin = j->race->unanswered ? HE_BEGIN_FAILED : HE_BEGIN_NOTHING;
  j->ahead = complete ? HE_AHEAD_COMPLETE :
             enough ? HE_AHEAD_ENOUGH : HE_AHEAD_BEGUN;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

/* -- any thread -- */

bool he_job_resolve(struct he_job *j)
{
  struct he_job_mail m = { .kind = HE_MAIL_RESOLVE };
  m.at = he_clock_now();
  return he_job_post(j, &m, m.at);
}

/* The answers of the two families mostly come within a millisecond: worth a
   wait, for then libcurl has all addresses and races them by itself. */
#define SECOND_ANSWER HE_MS(2)

/* How long for the second answer: where the first one gave only addresses that
   are worse than what the other family is known to have, the Resolution
   Delay. */
static he_time_ns second_wait(struct he_job *j, const struct he_addr *first)
{
  struct he_suspicion s;
  if(!j->config.recall || !j->config.wary ||
     !he_recall_suspects(j->config.recall, &j->config.ask, first, &s,
                         he_clock_now()) ||
     (s.instead && s.better.family == first->family))
    return SECOND_ANSWER;
  return j->config.race.resolution_delay;
}

/* Until when to wait for enough, once there is something. */
static he_time_ns second_until_locked(struct he_job *j)
{
  struct he_addr first;
  he_time_ns until = he_clock_now();
  if(!j->ready_count || j->ahead >= HE_AHEAD_ENOUGH)
    return until;
  first = j->ready[0].addr;
  pthread_mutex_unlock(&j->lock);   /* it is innermost: not to ask with */
  until = he_time_add(until, second_wait(j, &first));
  pthread_mutex_lock(&j->lock);
  return until;
}

enum he_begin he_job_wait(struct he_job *j, he_time_ns deadline, bool whole,
                          struct he_candidate *list, size_t max, size_t *n,
                          bool *complete)
{
  const enum he_job_ahead wanted = whole ? HE_AHEAD_COMPLETE : HE_AHEAD_ENOUGH;
  enum he_begin result = HE_BEGIN_LATE;
  he_time_ns until = deadline;
  *n = 0;
  *complete = false;
  if(he_job_inherited(j))
    return HE_BEGIN_FAILED;
  pthread_mutex_lock(&j->lock);
  while(j->ahead < HE_AHEAD_BEGUN && he_job_wait_locked(j, deadline))
    ;
  if(!whole)
    until = second_until_locked(j);
  if(until > deadline)
    until = deadline;
  while(j->ahead >= HE_AHEAD_BEGUN && j->ahead < wanted &&
        he_job_wait_locked(j, until))
    ;
  if(j->ahead == HE_AHEAD_COMPLETE || (!whole && j->ahead)) {
    result = j->begin;
    *complete = j->ahead == HE_AHEAD_COMPLETE;
    *n = j->ready_count < max ? j->ready_count : max;
    if(*n)
      memcpy(list, j->ready, *n * sizeof(*list));
  }
  pthread_mutex_unlock(&j->lock);
  return result;
}

bool he_job_told(struct he_job *j)
{
  bool told;
  if(he_job_inherited(j))
    return true;
  pthread_mutex_lock(&j->lock);
  told = j->ahead >= HE_AHEAD_ENOUGH;
  pthread_mutex_unlock(&j->lock);
  return told;
}

void he_job_listed(struct he_job *j, const size_t counts[HE_FAMILIES],
                   bool alone)
{
  struct he_job_mail m = { .kind = HE_MAIL_LISTED };
  if(he_job_inherited(j))
    return;
  m.at = he_clock_now();
  pthread_mutex_lock(&j->lock);
  memcpy(j->listed, counts, sizeof(j->listed));
  j->has_list = true;
  j->alone = alone;
  j->spares = true;
  pthread_mutex_unlock(&j->lock);
  he_job_post(j, &m, m.at);
}
