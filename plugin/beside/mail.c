/* SPDX-License-Identifier: MIT */
/* mail.c - from the threads that drive transfers to the racer's, and how they
 * wait for what it does. */
#include "base/clock.h"
#include "beside/own.h"

#include <stdlib.h>

bool he_beside_post(struct he_beside *b, const struct he_beside_mail *content,
                 he_time_ns by)
{
  struct he_beside_mail *m = malloc(sizeof(*m));
  if(m) {
    *m = *content;
    pthread_mutex_lock(&b->c.lock);
    b->posted = true;
    pthread_mutex_unlock(&b->c.lock);
    if(he_racer_post(&m->mail, &b->c.task, by))
      return true;
    free(m);
  }
  free(content->list);
  return false;
}

void he_beside_keep(struct he_beside *b, const struct he_beside_mail *content,
                    he_time_ns by)
{
  struct he_beside_mail *m = malloc(sizeof(*m));
  bool posted, first = false;
  if(!m)
    return;
  *m = *content;
  m->next = NULL;
  pthread_mutex_lock(&b->c.lock);
  posted = b->posted;
  if(!posted) {
    first = !b->kept;
    *b->kept_end = m;
    b->kept_end = &m->next;
  }
  pthread_mutex_unlock(&b->c.lock);
  if(posted && !he_racer_post(&m->mail, &b->c.task, by))
    free(m);
  else if(first)
    he_racer_expect(&b->c.task, by);
}

struct he_beside_mail *he_beside_next_kept(struct he_beside *b)
{
  struct he_beside_mail *m;
  pthread_mutex_lock(&b->c.lock);
  b->posted = true;
  m = b->kept;
  if(m)
    b->kept = m->next;
  pthread_mutex_unlock(&b->c.lock);
  return m;
}

void he_beside_handled(struct he_beside *b, const struct he_beside_mail *m)
{
  pthread_mutex_lock(&b->c.lock);
  b->handled = m->ticket;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->c.lock);
}

void he_beside_busy(struct he_beside *b)
{
  pthread_mutex_lock(&b->c.lock);
  b->busy = true;
  pthread_mutex_unlock(&b->c.lock);
}

void he_beside_unanswered(struct he_beside *b)
{
  pthread_mutex_lock(&b->c.lock);
  b->ahead = HE_AHEAD_COMPLETE;
  b->begin = HE_BEGIN_FAILED;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->c.lock);
}

bool he_beside_wait_locked(struct he_beside *b, he_time_ns deadline)
{
  struct timespec ts;
  if(deadline == HE_NEVER)
    return !pthread_cond_wait(&b->changed, &b->c.lock);
  ts.tv_sec = (time_t)(deadline / 1000000000);
  ts.tv_nsec = (long)(deadline % 1000000000);
  return !pthread_cond_timedwait(&b->changed, &b->c.lock, &ts);
}

void he_beside_post_and_wait(struct he_beside *b, enum he_beside_mail_kind kind,
                             he_time_ns patience)
{
  struct he_beside_mail m = { .kind = kind };
  he_time_ns until;
  m.at = he_clock_now();
  until = he_time_add(m.at, patience);
  pthread_mutex_lock(&b->c.lock);
  m.ticket = ++b->tickets;
  pthread_mutex_unlock(&b->c.lock);
  if(!he_beside_post(b, &m, m.at) || he_racer_here())
    return;
  pthread_mutex_lock(&b->c.lock);
  while(b->handled < m.ticket && he_beside_wait_locked(b, until))
    ;
  pthread_mutex_unlock(&b->c.lock);
}
