/* SPDX-License-Identifier: MIT */
/* silence.c - the connection is libcurl's, and stays so: it is known by its
 * inode, and borrowed for the moment of a look. */
#include "net/silence.h"
#include "base/clock.h"
#include "base/fds.h"
#include "net/tcp.h"

#include <stdlib.h>

#define SILENCE HE_MS(250)
/* The kernel's shortest wait before it sends a packet again (TCP_RTO_MIN). */
#define RTO_MIN HE_MS(200)
/* So many looks at one that has not asked yet. */
#define LOOKS 8

struct he_silence {
  struct he_task task;        /* first */
  uint64_t inode;
  int fd;
  he_time_ns since;           /* nothing was asked before; the racer's, as
                                 is: */
  unsigned looks;
  bool over;                  /* atomic, as is: */
  bool struck;
};

/* RFC 6298, and the answer to what was sent again. What the kernel says of its
   time-out is of no use: it doubles with each packet that is sent again. */
static he_time_ns patience(const struct he_wire_talk *t)
{
  const he_time_ns spread = 4 * t->rttvar > RTO_MIN ? 4 * t->rttvar : RTO_MIN;
  const he_time_ns answered = t->rtt + spread + t->rtt + t->rtt / 2;
  return answered > SILENCE ? answered : SILENCE;
}

/* When to look again; HE_NEVER: there is nothing to look for any more. */
static he_time_ns look(struct he_silence *s, int fd, he_time_ns now)
{
  struct he_wire_talk talk;
  if(!he_wire_talked(fd, &talk) || talk.answered || talk.ended ||
     ++s->looks > LOOKS)
    return HE_NEVER;
  if(!talk.asked) {
    s->since = now;
    return he_time_add(now, SILENCE);
  }
  if(now - s->since < patience(&talk))
    return he_time_add(s->since, patience(&talk));
  __atomic_store_n(&s->struck, true, __ATOMIC_RELEASE);
  he_wire_abort(fd);
  return HE_NEVER;
}

static void on_expected(struct he_task *t, he_time_ns now)
{
  struct he_silence *s = (struct he_silence *)t;
  he_time_ns again;
  int fd;
  if(__atomic_load_n(&s->over, __ATOMIC_ACQUIRE))
    return;
  fd = he_wire_borrow(s->fd, s->inode);
  if(fd < 0)
    return;
  again = look(s, fd, now);
  he_fd_close(fd);
  if(again != HE_NEVER)
    he_racer_expect(t, again);
}

static void on_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops ops = {
  .expected = on_expected,
  .destroy = on_destroy
};

struct he_silence *he_silence_new(struct he_racer *r, int fd)
{
  struct he_silence *s = calloc(1, sizeof(*s));
  if(!s)
    return NULL;
  he_task_init(&s->task, r, &ops);
  s->fd = fd;
  s->since = he_clock_now();
  s->inode = he_wire_inode(fd);
  if(s->inode &&
     he_racer_expect(&s->task, he_time_add(s->since, SILENCE)))
    return s;
  he_task_unref(&s->task);
  return NULL;
}

bool he_silence_struck(struct he_silence *s)
{
  return __atomic_load_n(&s->struck, __ATOMIC_ACQUIRE);
}

void he_silence_free(struct he_silence *s)
{
  if(!s)
    return;
  __atomic_store_n(&s->over, true, __ATOMIC_RELEASE);
  he_racer_withdraw(&s->task);
  he_task_unref(&s->task);
}
