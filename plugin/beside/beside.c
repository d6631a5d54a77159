/* SPDX-License-Identifier: MIT */
/* beside.c - a connect beside libcurl's as other threads see it: how it begins,
 * and how they end it. */
#include "base/clock.h"
#include "base/fds.h"
#include "beside/own.h"
#include "connect/ours.h"

#include <stdlib.h>

/* -- life -- */

static void on_destroy(struct he_task *t)
{
  struct he_beside *b = (struct he_beside *)t;
  if(b->winner >= 0 && !he_connect_inherited(&b->c))
    he_fd_close(b->winner);
  he_connect_clear(&b->c);
  while(b->kept) {
    struct he_beside_mail *m = b->kept;
    b->kept = m->next;
    free(m);
  }
  free(b->natives);
  free(b->ready);
  pthread_cond_destroy(&b->changed);
  free(b);
}

static const struct he_task_ops ops = {
  .mail = he_driver_mail,
  .due = he_driver_due,
  .expected = he_driver_expected,
  .ended = he_driver_ended,
  .buried = he_beside_race_free,
  .destroy = on_destroy
};

struct he_connect *he_connect_new(struct he_racer *r,
                                  const struct he_connect_config *config)
{
  struct he_connect *c = he_connect_make(sizeof(struct he_beside), r, &ops,
                                         config);
  struct he_beside *b = he_beside_of(c);
  if(!c)
    return NULL;
  he_cond_init(&b->changed);
  c->config.race.beside = true;
  if(!config->realm)               /* what shares nothing is the handle's */
    c->config.realm = config->owner;
  c->theirs = he_told_connection;
  b->winner = -1;
  b->kept_end = &b->kept;
  return c;
}

bool he_connect_gave_up(struct he_connect *c)
{
  struct he_beside *b = he_beside_of(c);
  bool yes;
  if(he_connect_inherited(&b->c))
    return false;
  pthread_mutex_lock(&b->c.lock);
  yes = b->gave_up;
  pthread_mutex_unlock(&b->c.lock);
  return yes;
}

void he_connect_adopt(struct he_connect *c, int fd, bool apps,
                      const struct he_addr *addr, he_time_ns started)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_ADOPT };
  m.try.fd = fd;
  m.try.apps = apps;
  m.try.addr = *addr;
  m.try.started = started;
  m.at = started;
  if(!he_beside_post(b, &m, he_clock_now()))
    he_ours_close(b->c.config.app, fd, apps);
}

/* -- the end -- */

/* No request goes on with it. Has the racer heard of it, or would it? */
static bool call_off(struct he_beside *b, bool *busy, bool *kept)
{
  bool posted;
  pthread_mutex_lock(&b->c.lock);
  posted = b->posted;
  *busy = b->busy;
  *kept = b->kept;
  b->c.done = true;
  pthread_mutex_unlock(&b->c.lock);
  return posted;
}

void he_connect_stop(struct he_connect *c, he_time_ns patience)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_STOP };
  bool posted, busy, kept;
  if(he_connect_inherited(&b->c))
    return;
  posted = call_off(b, &busy, &kept);
  m.at = he_clock_now();
  if(!posted) {
    if(kept)
      he_beside_keep(b, &m, HE_NEVER);
    he_racer_withdraw(&b->c.task);
    posted = call_off(b, &busy, &kept);   /* it may just have looked */
  }
  if(!posted) {
    he_told_tally(b);
    return;
  }
  if(patience)
    he_beside_post_and_wait(b, HE_MAIL_STOP, patience);
  else
    /* One that becomes busy just now has its mail in the same round. A trace is
       to have the race's end before the process ends. */
    he_beside_post(b, &m, busy || c->config.trail ? m.at :
                   he_time_add(m.at, HE_NO_HURRY));
}

void he_connect_sync(struct he_connect *c)
{
  struct he_beside *b = he_beside_of(c);
  bool any;
  pthread_mutex_lock(&b->c.lock);
  any = b->posted || b->kept;
  pthread_mutex_unlock(&b->c.lock);
  if(any)
    he_beside_post_and_wait(b, HE_MAIL_SYNC, HE_NEVER);
}
