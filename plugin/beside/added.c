/* SPDX-License-Identifier: MIT */
/* added.c - a winner is one descriptor under the connect's lock. */
#include "beside/added.h"
#include "base/clock.h"
#include "connect/ours.h"
#include "beside/theirs.h"
#include "net/tcp.h"
#include "resolve/prefix64.h"

#include <errno.h>

/* Between looks for a descriptor where there was none. */
#define SCARCE HE_MS(50)

/* Its socket; sets *why where nothing is to be added after all. */
static int make_socket(struct he_beside *b, struct he_beside_try *t,
                       const char **why)
{
  struct he_app *app = b->c.config.app;
  int error;
  if(app && !he_theirs_are_here(b))
    return ECANCELED;
  if(b->c.config.nat64)
    he_prefix64_instead(b->c.config.resolver, &t->a.addr, &t->a.through);
  error = he_ours_open(app, HE_OURS_HIGH, &t->a, why);
  if(error || !app || he_theirs_are_bound_like(b, t->a.fd))
    return error;
  *why = he_theirs_is_bound;
  return ECANCELED;
}

int he_added_open(struct he_beside *b, struct he_beside_try *t,
                  const char **why, he_time_ns now)
{
  int error;
  *why = NULL;
  error = make_socket(b, t, why);
  t->look = HE_NEVER;
  if(*why) {
    he_try_over(&t->a, HE_FATE_GIVEN_UP, 0, now);
    he_try_close(t);
    return error;
  }
  if(error != ECANCELED && !t->told) {
    t->told = true;
    he_try_tell(b, HE_STEP_START, t, 0, now);
  }
  if(error == EMFILE || error == ENFILE) {
    t->look = he_time_add(now, SCARCE);
    return 0;
  }
  if(!error)
    error = he_ours_connect(&t->a);
  return error || he_try_watch(t) ? error : ENOMEM;
}

void he_added_offer(struct he_beside *b, struct he_beside_try *t)
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

void he_added_drop(struct he_beside *b, he_time_ns now)
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

struct he_beside_try *he_added_gone(struct he_beside *b,
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
