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

void he_beside_post_and_wait(struct he_beside *b, enum he_beside_mail_kind kind)
{
  bool handled = false;
  struct he_beside_mail m = { .kind = kind, .handled = &handled };
  m.at = he_clock_now();
  if(he_racer_here())
    m.handled = NULL;
  if(!he_beside_post(b, &m, m.at) || !m.handled)
    return;
  pthread_mutex_lock(&b->c.lock);
  while(!handled)
    he_beside_wait_locked(b, HE_NEVER);
  pthread_mutex_unlock(&b->c.lock);
}
