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

void he_beside_handled(struct he_beside *b, struct he_beside_ticket *ticket)
{
  bool left;
  pthread_mutex_lock(&b->c.lock);
  ticket->handled = true;
  left = ticket->left;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->c.lock);
  if(left)
    free(ticket);
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

void he_beside_post_and_wait(struct he_beside *b, enum he_beside_mail_kind kind,
                             he_time_ns patience)
{
  struct he_beside_ticket *t = calloc(1, sizeof(*t));
  struct he_beside_mail m = { .kind = kind, .ticket = t };
  he_time_ns until;
  bool handled;
  if(!t)
    return;
  m.at = he_clock_now();
  until = he_time_add(m.at, patience);
  if(!he_beside_post(b, &m, m.at)) {
    free(t);
    return;
  }
  pthread_mutex_lock(&b->c.lock);
  while(!he_racer_here() && !t->handled &&
        he_cond_wait(&b->changed, &b->c.lock, until))
    ;
  handled = t->handled;
  t->left = true;
  pthread_mutex_unlock(&b->c.lock);
  if(handled)
    free(t);
}
