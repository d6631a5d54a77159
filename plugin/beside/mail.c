/* SPDX-License-Identifier: MIT */
/* mail.c - from the threads that drive transfers to the racer's, and how they
 * wait for what it does. */
#include "base/clock.h"
#include "beside/own.h"

#include <stdlib.h>

bool he_job_inherited(const struct he_job *j)
{
  return !he_racer_alive(j->task.racer);
}

bool he_job_post(struct he_job *j, const struct he_job_mail *content,
                 he_time_ns by)
{
  struct he_job_mail *m = malloc(sizeof(*m));
  if(m) {
    *m = *content;
    if(he_racer_post(&m->mail, &j->task, by))
      return true;
    free(m);
  }
  free(content->list);
  return false;
}

void he_job_unanswered(struct he_job *j)
{
  pthread_mutex_lock(&j->lock);
  j->ahead = HE_AHEAD_COMPLETE;
  j->begin = HE_BEGIN_FAILED;
  pthread_cond_broadcast(&j->changed);
  pthread_mutex_unlock(&j->lock);
}

bool he_job_wait_locked(struct he_job *j, he_time_ns deadline)
{
  struct timespec ts;
  if(deadline == HE_NEVER)
    return !pthread_cond_wait(&j->changed, &j->lock);
  ts.tv_sec = (time_t)(deadline / 1000000000);
  ts.tv_nsec = (long)(deadline % 1000000000);
  return !pthread_cond_timedwait(&j->changed, &j->lock, &ts);
}

void he_job_post_and_wait(struct he_job *j, enum he_job_mail_kind kind)
{
  bool handled = false;
  struct he_job_mail m = { .kind = kind, .handled = &handled };
  m.at = he_clock_now();
  if(he_racer_here())
    m.handled = NULL;
  if(!he_job_post(j, &m, m.at) || !m.handled)
    return;
  pthread_mutex_lock(&j->lock);
  while(!handled)
    he_job_wait_locked(j, HE_NEVER);
  pthread_mutex_unlock(&j->lock);
}
