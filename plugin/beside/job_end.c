/* SPDX-License-Identifier: MIT */
/* job_end.c - how a race ends, or is given up before: whoever waits is told,
 * everything is given back. */
#include "beside/job_try.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* What libcurl has not tried: the untried, and what is under way here. */
static size_t offerable(struct he_job *j, struct he_candidate *list,
                        size_t max)
{
  size_t n = 0;
  for(struct he_try *t = j->race->tries; t && n < max; t = t->next) {
    if(t->libcurl_fd < 0 && (!t->ended || t == j->race->winner)) {
      memset(&list[n], 0, sizeof(list[n]));
      list[n++].addr = t->addr;
    }
  }
  n += he_race_untried(j->race->race, list + n, max - n);
  return n < max ? n : max;
}

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

bool he_job_all_answered(const struct he_job *j)
{
  return of_all(j, he_race_answered);
}

/* Tells who waits in he_job_wait(); again with each answer that follows. */
void he_job_publish(struct he_job *j, enum he_begin what)
{
  struct he_candidate list[2 * HE_RACE_MAX_ADDRS];
  struct he_candidate *ready = NULL;
  size_t n = 0;
  const bool complete = what != HE_BEGIN_NOW || he_job_all_answered(j);
  const bool enough = complete || of_all(j, he_race_told);
  if(what == HE_BEGIN_NOW)
    n = offerable(j, list, 2 * HE_RACE_MAX_ADDRS);
  he_job_order(j, list, n, he_clock_now());
  if(n)
    ready = malloc(n * sizeof(*list));
  if(ready)
    memcpy(ready, list, n * sizeof(*list));
  pthread_mutex_lock(&j->lock);
  free(j->ready);
  j->ready = ready;
  j->ready_count = ready ? (unsigned)n : 0;
  memset(j->given, 0, sizeof(j->given));
  j->begun = true;
  j->begin = what;
  if(what == HE_BEGIN_NOW && !ready)
    j->begin = j->race->unanswered ? HE_BEGIN_FAILED : HE_BEGIN_NOTHING;
  j->complete = complete;
  j->enough = enough;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

void he_job_close_query(struct he_job *j, enum he_family f)
{
  j->config.resolver->close(j->race->query[f]);
  j->race->query[f] = NULL;
}

void he_job_close_second(struct he_job *j, enum he_family f)
{
  j->config.resolver->close(j->race->second[f]);
  j->race->second[f] = NULL;
}

static void close_queries(struct he_job *j)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    he_job_close_query(j, (enum he_family)f);
    he_job_close_second(j, (enum he_family)f);
  }
}

/* -- answers that come when the race is over -- */

/* They are waited for, so that the next race knows them: one that began with
   remembered addresses is mostly over before, and a slow name server is heard
   in no other way. By so many races of a racer at the most, for a resolver may
   take half a minute to fail. */
#define LINGERING 64
static _Thread_local unsigned lingering;

static bool asks(const struct he_job *j)
{
  return j->race->query[HE_IPV6] || j->race->query[HE_IPV4];
}

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void learn_unanswered(struct he_job *j, he_time_ns now)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(j->race->query[f])
      he_recall_unanswered(j->config.recall, j->config.host,
                           (enum he_family)f, now);
  }
}

static bool may_linger(struct he_job *j)
{
  if(lingering == LINGERING || !he_job_learns(j) || !asks(j))
    return false;
  lingering++;
  return true;
}

static void linger_no_more(struct he_job *j)
{
  j->race->lingers = false;
  lingering--;
  close_queries(j);
  he_task_retire(&j->task);
}

void he_job_late_answer(struct he_job *j, const struct he_job_mail *m,
                        he_time_ns now)
{
  if(!j->race->lingers)
    return;
  he_job_close_query(j, m->family);
  he_job_learn_answer(j, m, now);
  if(!asks(j))
    linger_no_more(j);
}

/* Nothing is left to do: gives everything back. */
void he_job_finish(struct he_job *j, const struct he_try *winner,
                   he_time_ns now)
{
  struct he_job_race *r = j->race;
  struct he_step lost = { .kind = HE_STEP_LOST };
  if(j->over)
    return;
  j->over = true;
  he_job_learn(j, winner, now);
  he_job_drop_winner(j, now);
  for(struct he_try *t = r->tries; t; t = t->next) {
    if(!t->ended && !t->native)
      he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
    he_try_close(t);
  }
  if(winner)
    he_try_tell(j, HE_STEP_WON, winner, 0, now);
  else if(r->tries)
    he_job_tell(j, &lost, now);
  if(winner && he_job_learns(j))
    learn_unanswered(j, now);
  r->lingers = may_linger(j);
  for(int f = 0; f < HE_FAMILIES; f++)
    he_job_close_second(j, (enum he_family)f);
  if(!r->lingers)
    close_queries(j);
  if(j->config.attended)
    he_job_publish(j, HE_BEGIN_FAILED);
  pthread_mutex_lock(&j->lock);
  j->done = true;
  j->busy = false;
  pthread_mutex_unlock(&j->lock);
  if(r->lingers)
    he_task_wake_at(&j->task, HE_NEVER);
  else
    he_task_retire(&j->task);
}

void he_job_end(struct he_job *j, he_time_ns now)
{
  if(!j->race)
    return;
  he_job_finish(j, NULL, now);
  if(j->race->lingers)
    linger_no_more(j);
}

void he_job_free_race(struct he_job *j)
{
  struct he_job_race *r = j->race;
  if(!r)
    return;
  j->race = NULL;
  while(r->tries) {
    struct he_try *t = r->tries;
    r->tries = t->next;
    free(t);
  }
  he_race_free(r->race);
  free(r);
}

/* -- standing aside -- */

void he_job_cancel_ours(struct he_job *j)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  he_job_feed(j, he_clock_now(), &stop);
  he_job_pump(j);
  j->race->raceless = true;
}

const char he_job_is_bound[] =
  "the socket is bound to an address, a port or an interface";

void he_job_aside(struct he_job *j, const char *why, he_time_ns now)
{
  struct he_step s = { .kind = HE_STEP_ASIDE, .text = why };
  if(j->race->aside)
    return;
  /* who waits for a late answer waits in vain; no order is better any more */
  if(j->begun && (j->config.race.passive || !he_job_all_answered(j)))
    he_job_publish(j, HE_BEGIN_FAILED);
  j->race->aside = true;
  he_job_tell(j, &s, now);
  he_job_cancel_ours(j);
  he_job_drop_winner(j, now);
  close_queries(j);
  for(struct he_try *t = j->race->tries; t; t = t->next) {
    if(!t->native && !t->ended) {   /* a lookup's */
      he_try_end(t);
      he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
    }
  }
}

const char he_job_is_fast[] =
  "TCP Fast Open: libcurl takes the socket for connected";

/* Nobody answers at an address of earlier. So long it is waited for. */
#define OUTDATED_PATIENCE HE_MS(250)

static void note_outdated(struct he_job *j, const struct he_try *t)
{
  const he_time_ns delay = j->config.race.attempt_delay;
  struct he_job_race *r = j->race;
  r->outdated = true;
  if(j->config.restarts && !t->ended && !t->provoked)
    r->quit_at = he_time_add(t->started, delay > OUTDATED_PATIENCE ? delay :
                             OUTDATED_PATIENCE);
}

void he_job_verify(struct he_job *j, he_time_ns now)
{
  struct he_job_race *r = j->race;
  for(struct he_try *t = r->tries; t && !r->aside && !r->raceless;
      t = t->next) {
    if(t->libcurl_fd < 0 ||
       !he_race_answered(r->race, (enum he_family)t->addr.family) ||
       he_race_knows(r->race, &t->addr))
      continue;
    if(j->config.certain)
      note_outdated(j, t);
    else
      he_job_aside(j, "libcurl connects to an address that is none of the "
                   "host's", now);
  }
}
