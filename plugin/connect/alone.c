/* SPDX-License-Identifier: MIT */
/* alone.c - connects of a curl-he that was built without beside/. A race in the
 * lookup is all there is: where libcurl connects by itself, it does so alone,
 * and what it does is told. The contracts are in connect.h. */
#include "base/clock.h"
#include "connect/ours.h"
#include "connect/own.h"
#include "connect/owners.h"
#include "net/tcp.h"

#include <stdlib.h>

/* What the other implementation needs to know. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* libcurl has no more than six attempts at once. */
#define TRIES 8

struct he_alone {
  struct he_connect c;            /* first; its lock guards the rest */
  unsigned count;             /* of attempts, ever */
  struct he_try tries[TRIES]; /* the last ones */
};

static const char *const reason =
  "built without the race beside libcurl's own connects";

static bool is_connected(struct he_try *t)
{
  struct he_wire_handshake hs;
  const bool yes = he_wire_peer_is(t->fd, he_try_peer(t)) &&
                   he_wire_state(t->fd, &hs) == HE_WIRE_CONNECTED;
  if(yes)
    t->handshake = hs.rtt;
  return yes;
}

/* libcurl's attempt on fd; with fd -1 whichever is connected. */
static struct he_try *find_locked(struct he_alone *a, int fd)
{
  for(unsigned i = 0; i < TRIES; i++) {
    struct he_try *t = &a->tries[i];
    if(t->serial && !t->fate && he_owner_is(t->fd, t->serial) &&
       (fd >= 0 ? t->fd == fd : is_connected(t)))
      return t;
  }
  return NULL;
}

static bool is_theirs(const struct he_connect *c, int fd, struct he_addr *addr)
{
  const struct he_try *t = find_locked((struct he_alone *)c, fd);
  if(t)
    *addr = t->addr;
  return t;
}

static void on_destroy(struct he_task *task)
{
  struct he_connect *c = (struct he_connect *)task;
  he_connect_clear(c);
  free(c);
}

static const struct he_task_ops ops = { .destroy = on_destroy };

struct he_connect *he_connect_new(struct he_racer *r,
                                  const struct he_connect_config *config)
{
  struct he_connect *c = he_connect_make(sizeof(struct he_alone), r, &ops,
                                         config);
  if(c)
    c->theirs = is_theirs;
  return c;
}

/* -- libcurl's attempts -- */

static void tell(struct he_connect *c, const struct he_try *t,
                 enum he_step_kind kind, int error, he_time_ns now)
{
  struct he_step s = he_try_step(t, kind, error);
  he_connect_tell(c, &s, NULL, now);
}

/* The first one says why nothing is added. */
static void begin(struct he_connect *c, he_time_ns now)
{
  struct he_step s = { .kind = HE_STEP_ASIDE };
  if(!c->began)               /* by a lookup */
    c->began = now;
  s.text = c->config.aside ? c->config.aside : reason;
  he_connect_tell(c, &s, NULL, now);
}

void he_connect_started(struct he_connect *c, int fd,
                        const struct he_addr *addr, enum he_family asked)
{
  const struct he_addr itself = { .port = 0 };
  he_connect_started_through(c, fd, addr, &itself, asked);
}

void he_connect_started_through(struct he_connect *c, int fd,
                                const struct he_addr *addr,
                                const struct he_addr *through,
                                enum he_family asked)
{
  struct he_alone *a = (struct he_alone *)c;
  struct he_try t = {
    .addr = *addr, .through = *through, .fd = fd, .asked = asked
  };
  if(he_connect_inherited(c))
    return;
  t.native = true;
  t.started = he_clock_now();
  t.serial = he_owner_new(fd);
  if(!a->count)
    begin(c, t.started);
  pthread_mutex_lock(&c->lock);
  a->tries[a->count++ % TRIES] = t;
  pthread_mutex_unlock(&c->lock);
  tell(c, &t, HE_STEP_START, 0, t.started);
}

/* An attempt is over: true, and *t, for the first who says so. */
static bool end(struct he_connect *c, int fd, enum he_fate fate,
                struct he_try *t)
{
  struct he_try *mine;
  pthread_mutex_lock(&c->lock);
  mine = find_locked((struct he_alone *)c, fd);
  if(mine) {
    he_try_over(mine, fate, 0, he_clock_now());
    c->done = c->done || fate == HE_FATE_CONNECTED;
    *t = *mine;
  }
  pthread_mutex_unlock(&c->lock);
  return mine;
}

static void end_connected(struct he_connect *c, int fd)
{
  struct he_try t;
  if(!end(c, fd, HE_FATE_CONNECTED, &t))
    return;
  tell(c, &t, HE_STEP_CONNECTED, 0, t.started + t.handshake);
  tell(c, &t, HE_STEP_WON, 0, t.started + t.handshake);
}

bool he_connect_closing(struct he_connect *c, int fd)
{
  struct he_addr addr;
  struct he_try t;
  bool mine, failed = false;
  if(he_connect_inherited(c))
    return false;
  he_connect_hung_up(c, fd);
  pthread_mutex_lock(&c->lock);
  mine = is_theirs(c, fd, &addr);
  pthread_mutex_unlock(&c->lock);
  if(!mine)
    return false;
  switch(he_wire_state(fd, NULL)) {
  case HE_WIRE_IDLE:
    failed = true;
    break;
  case HE_WIRE_CONNECTING:
    if(end(c, fd, HE_FATE_GIVEN_UP, &t))
      tell(c, &t, HE_STEP_GONE, 0, t.ended);
    break;
  case HE_WIRE_CONNECTED:
    end_connected(c, fd);
    break;
  }
  if(!failed)
    he_owner_none(fd);
  return failed;
}

void he_connect_failed(struct he_connect *c, int fd, int error)
{
  struct he_try t;
  if(end(c, fd, HE_FATE_FAILED, &t))
    tell(c, &t, HE_STEP_FAILED, error, t.ended);
  he_owner_none(fd);
}

void he_connect_sync(struct he_connect *c)
{
  if(!he_connect_inherited(c))
    end_connected(c, -1);
}

void he_connect_steered(struct he_connect *c)
{
}

bool he_connect_continues(struct he_connect *c, const struct he_addr *addr)
{
  bool yes;
  if(he_connect_inherited(c))
    return false;
  he_connect_sync(c);
  pthread_mutex_lock(&c->lock);
  yes = !c->done;
  pthread_mutex_unlock(&c->lock);
  return yes;
}

/* -- nothing is handed over, and no order changed -- */

int he_connect_take(struct he_connect *c, struct he_addr *addr)
{
  return -1;
}

bool he_connect_prefer(struct he_connect *c, struct he_addr *addr)
{
  return false;
}

bool he_connect_instead(struct he_connect *c, struct he_addr *addr)
{
  return false;
}

bool he_connect_gave_up(struct he_connect *c)
{
  return false;
}

void he_connect_adopt(struct he_connect *c, int fd, bool apps,
                      const struct he_addr *addr, he_time_ns started)
{
  const struct he_try t = { .addr = *addr, .started = started };
  he_ours_close(c->config.app, fd, apps);
  tell(c, &t, HE_STEP_CANCELLED, 0, he_clock_now());
}

/* -- and nothing resolved ahead -- */

bool he_connect_resolve(struct he_connect *c)
{
  return false;
}

enum he_begin he_connect_wait(struct he_connect *c, he_time_ns deadline,
                              bool whole,
                              struct he_candidate *list, size_t max, size_t *n,
                              bool *complete)
{
  *n = 0;
  *complete = false;
  return HE_BEGIN_FAILED;
}

bool he_connect_told(struct he_connect *c)
{
  return true;
}

void he_connect_listed(struct he_connect *c, const size_t counts[HE_FAMILIES],
                       bool alone)
{
}

/* -- the end -- */

void he_connect_stop(struct he_connect *c, he_time_ns patience)
{
  if(he_connect_inherited(c))
    return;
  pthread_mutex_lock(&c->lock);
  c->done = true;
  pthread_mutex_unlock(&c->lock);
}
