/* SPDX-License-Identifier: MIT */
#include "upstream/reach.h"
#include "base/clock.h"
#include "base/fds.h"
#include "net/tcp.h"

#include <errno.h>
#include <stdlib.h>

#define PATIENCE HE_MS(2000)

struct he_reach {
  struct he_task task;        /* first */
  struct he_watch watch;
  struct he_reach_config config;
  he_reach_done done;         /* NULL: called, or not wanted */
  void *arg;
  size_t next;
  int fd;
  int error;
};

static void finish(struct he_reach *r, int fd, const struct he_addr *a)
{
  he_reach_done done = r->done;
  r->done = NULL;
  he_task_retire(&r->task);
  if(done)
    done(r->arg, fd, a, fd < 0 ? r->error : 0);
  else if(fd >= 0)
    he_fd_close(fd);
}

static void drop(struct he_reach *r)
{
  if(r->fd >= 0) {
    he_task_unwatch(&r->task, &r->watch, r->fd);
    he_fd_close(r->fd);
    r->fd = -1;
  }
}

static void try_next(struct he_reach *r, he_time_ns now)
{
  while(r->next < r->config.n) {
    const struct he_addr *a = &r->config.list[r->next++];
    r->fd = he_wire_socket(a->family, true, &r->error);
    if(r->fd >= 0) {
      r->error = he_wire_connect(r->fd, a);
      if((!r->error || r->error == EINPROGRESS) &&
         he_task_watch(&r->task, &r->watch, r->fd)) {
        he_task_wake_at(&r->task, now + PATIENCE);
        return;
      }
      he_fd_close(r->fd);
      r->fd = -1;
    }
  }
  finish(r, -1, NULL);
}

static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct he_reach *r = (struct he_reach *)
    ((char *)w - offsetof(struct he_reach, watch));
  const int fd = r->fd;
  if(fd < 0)
    return;
  r->error = he_wire_error(fd);
  if(r->error) {
    drop(r);
    try_next(r, now);
    return;
  }
  he_task_unwatch(&r->task, &r->watch, fd);
  r->fd = -1;
  finish(r, fd, &r->config.list[r->next - 1]);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct he_reach *r = (struct he_reach *)t;
  r->error = ETIMEDOUT;
  drop(r);
  try_next(r, now);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_reach *r = (struct he_reach *)t;
  free(m);
  if(r->done)
    try_next(r, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  struct he_reach *r = (struct he_reach *)t;
  (void)now;
  r->done = NULL;
  drop(r);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

struct he_reach *he_reach_start(const struct he_reach_config *c,
                                he_reach_done done, void *arg)
{
  struct he_reach *r = calloc(1, sizeof(*r));
  struct he_mail *m = calloc(1, sizeof(*m));
  if(r && m) {
    he_task_init(&r->task, c->racer, &ops);
    r->watch.ready = on_ready;
    r->config = *c;
    r->done = done;
    r->arg = arg;
    r->fd = -1;
    if(he_racer_post(m, &r->task, 0))
      return r;
    he_task_unref(&r->task);
    r = NULL;
  }
  free(r);
  free(m);
  return NULL;
}

void he_reach_cancel(struct he_reach *r)
{
  if(!r)
    return;
  r->done = NULL;
  drop(r);
  he_task_retire(&r->task);
  he_task_unref(&r->task);
}
