/* SPDX-License-Identifier: MIT */
/* winner.c - one descriptor under the connect's lock. */
#include "beside/winner.h"
#include "base/clock.h"
#include "connect/ours.h"
#include "net/tcp.h"

void he_winner_offer(struct he_beside *b, struct he_beside_try *t)
{
  he_try_unwatch(t);
  b->race->winner = t;
  pthread_mutex_lock(&b->c.lock);
  b->winner_addr = t->a.addr;
  b->winner = t->a.fd;
  b->winner_apps = t->a.apps;
  pthread_mutex_unlock(&b->c.lock);
  t->a.fd = -1;
}

void he_winner_drop(struct he_beside *b, he_time_ns now)
{
  struct he_beside_try *t = b->race->winner;
  int fd;
  pthread_mutex_lock(&b->c.lock);
  fd = b->winner;
  b->winner = -1;
  pthread_mutex_unlock(&b->c.lock);
  b->race->winner = NULL;
  if(fd >= 0) {
    he_ours_close(b->c.config.app, fd, t->a.apps);
    he_try_tell(b, HE_STEP_CANCELLED, t, 0, now);
  }
}

struct he_beside_try *he_winner_gone(struct he_beside *b,
                                     const struct he_addr *a)
{
  struct he_beside_try *t = b->race->winner;
  b->race->winner = NULL;
  if(t)
    return t;
  t = b->race->tries;
  while(t && (t->a.native || t->a.fate != HE_FATE_CONNECTED ||
              !he_addr_equal(&t->a.addr, a)))
    t = t->next;
  return t;
}

int he_connect_take(struct he_connect *c, struct he_addr *addr)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_TAKEN };
  bool apps;
  int fd;
  if(he_connect_inherited(&b->c))
    return -1;
  pthread_mutex_lock(&b->c.lock);
  apps = b->winner_apps;
  fd = b->winner;
  b->winner = -1;
  m.try.addr = b->winner_addr;
  if(fd >= 0 && he_wire_usable(fd)) {
    b->c.done = true;
    *addr = m.try.addr;
  }
  else if(fd >= 0)
    m.kind = HE_MAIL_SPOILT;   /* the peer has closed it while it waited */
  pthread_mutex_unlock(&b->c.lock);
  if(fd < 0)
    return -1;
  m.at = he_clock_now();
  he_beside_post(b, &m, m.at);
  if(m.kind == HE_MAIL_SPOILT) {
    he_ours_close(b->c.config.app, fd, apps);
    return -1;
  }
  if(!apps)
    fd = he_wire_lower(fd);
  he_connect_handed(&b->c, fd, addr);
  return fd;
}
