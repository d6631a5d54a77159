/* SPDX-License-Identifier: MIT */
/* parking.c - a task a descriptor. libcurl takes its socket out of the
 * application's loop before the call in which it closes it returns; so the
 * time need only be longer than one turn of that loop. */
#include "net/parking.h"
#include "base/clock.h"
#include "base/fds.h"

#include <stdlib.h>
#include <unistd.h>

#define PARKED HE_MS(100)

struct parked {
  struct he_task task;        /* first */
  struct he_mail mail;
  int fd;                     /* -1 once closed */
  he_time_ns until;
};

static void leave(struct parked *p)
{
  if(p->fd >= 0 && he_racer_alive(p->task.racer))
    he_fd_close(p->fd);
  p->fd = -1;
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct parked *p = (struct parked *)t;
  if(t->held && now < p->until) {
    he_task_wake_at(t, p->until);
    return;
  }
  leave(p);
  he_task_retire(t);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  (void)m;                    /* part of the task */
  on_due(t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)now;
  leave((struct parked *)t);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  leave((struct parked *)t);
  free(t);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

void he_park(struct he_racer *r, int fd)
{
  struct parked *p = malloc(sizeof(*p));
  he_fds_begin();
  fd = he_fds_end(fd);
  if(!p || fd < 0) {
    if(fd >= 0)
      he_fd_close(fd);
    free(p);
    return;
  }
  he_task_init(&p->task, r, &ops);
  p->fd = fd;
  p->until = he_time_add(he_clock_now(), PARKED);
  he_racer_post(&p->mail, &p->task, p->until);
  he_task_unref(&p->task);    /* where nobody took it, this closes fd */
}
