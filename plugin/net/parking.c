/* SPDX-License-Identifier: MIT */
/* parking.c - a task a descriptor. libcurl takes its socket out of the
 * application's loop before the call in which it closes it returns; so the
 * time need only be longer than one turn of that loop. */
#include "net/parking.h"
#include "base/clock.h"
#include "base/fds.h"

#include <stdlib.h>

#define PARKED HE_MS(100)

struct parked {
  struct he_task task;        /* first */
  int fd;
};

/* The racer's reference was the last one. */
static void on_expected(struct he_task *t, he_time_ns now)
{
  (void)t, (void)now;
}

static void close_parked(struct he_task *t)
{
  he_fd_close(((struct parked *)t)->fd);
  free(t);
}

static const struct he_task_ops ops = {
  .expected = on_expected,
  .destroy = close_parked
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
  he_racer_expect(&p->task, he_time_add(he_clock_now(), PARKED));
  he_task_unref(&p->task);    /* where nobody took it, this closes fd */
}
