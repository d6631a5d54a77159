/* SPDX-License-Identifier: MIT */
/* winner.c - one descriptor under the job's lock. */
#include "beside/winner.h"
#include "base/clock.h"
#include "connect/ours.h"
#include "net/tcp.h"

void he_winner_offer(struct he_job *j, struct he_job_try *t)
{
  he_try_unwatch(t);
  j->race->winner = t;
  pthread_mutex_lock(&j->lock);
  j->winner_addr = t->a.addr;
  j->winner = t->a.fd;
  j->winner_apps = t->a.apps;
  pthread_mutex_unlock(&j->lock);
  t->a.fd = -1;
}

void he_winner_drop(struct he_job *j, he_time_ns now)
{
  struct he_job_try *t = j->race->winner;
  int fd;
  pthread_mutex_lock(&j->lock);
  fd = j->winner;
  j->winner = -1;
  pthread_mutex_unlock(&j->lock);
  j->race->winner = NULL;
  if(fd >= 0) {
    he_ours_close(j->config.app, fd, t->a.apps);
    he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
  }
}

struct he_job_try *he_winner_gone(struct he_job *j, const struct he_addr *a)
{
  struct he_job_try *t = j->race->winner;
  j->race->winner = NULL;
  if(t)
    return t;
  t = j->race->tries;
  while(t && (t->a.native || t->a.fate != HE_FATE_CONNECTED ||
              !he_addr_equal(&t->a.addr, a)))
    t = t->next;
  return t;
}

int he_job_take(struct he_job *j, struct he_addr *addr)
{
  struct he_job_mail m = { .kind = HE_MAIL_TAKEN };
  bool apps;
  int fd;
  if(he_job_inherited(j))
    return -1;
  pthread_mutex_lock(&j->lock);
  apps = j->winner_apps;
  fd = j->winner;
  j->winner = -1;
  m.try.addr = j->winner_addr;
  if(fd >= 0 && he_wire_usable(fd)) {
    j->done = true;
    *addr = m.try.addr;
  }
  else if(fd >= 0)
    m.kind = HE_MAIL_SPOILT;   /* the peer has closed it while it waited */
  pthread_mutex_unlock(&j->lock);
  if(fd < 0)
    return -1;
  m.at = he_clock_now();
  he_job_post(j, &m, m.at);
  if(m.kind == HE_MAIL_SPOILT) {
    he_ours_close(j->config.app, fd, apps);
    return -1;
  }
  if(!apps)
    fd = he_wire_lower(fd);
  he_job_handed(j, fd, addr);
  return fd;
}
