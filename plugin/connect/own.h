/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_OWN_H
#define HE_CONNECT_OWN_H
/* own.h - a connect from within: the part of it that is there without beside/,
 * too. */
#include "connect/connect.h"
#include "connect/attempt.h"

#include <pthread.h>

/* The connection that a race led to (tls.c). */
struct he_line {
  struct he_addr addr;        /* valid where `known` */
  int fd;                     /* handed over; -1: none, or closed */
  uint32_t serial;            /* of that, see owners.h */
  enum he_tls tls : 8;        /* set when it was closed */
  bool known : 1;
};

struct he_connect {
  struct he_task task;        /* first */
  struct he_connect_config config;
  he_time_ns began;           /* steps count from here; set before the first */

  pthread_mutex_t lock;       /* guards all below; the innermost lock */
  he_time_ns told;            /* the last step's time */
  bool done;                  /* the connect is over: no more requests of it */
  bool recorded;              /* it ended before it began: he_connect_won() */
  /* Under the lock: the address of the connection that libcurl made by itself,
     on fd, or with fd -1 whichever is connected. False: there is none. NULL:
     nobody knows. */
  bool (*theirs)(const struct he_connect *c, int fd, struct he_addr *addr);
  struct he_line line;
  struct he_trace trace;
};

/* A new connect in the first bytes of a structure of `size` bytes, which are
   zero otherwise. It has one reference, the caller's; ops->destroy() begins
   with he_connect_clear(), and frees it. NULL without memory. */
struct he_connect *he_connect_make(size_t size, struct he_racer *r,
                                   const struct he_task_ops *ops,
                                   const struct he_connect_config *c);
/* Gives back what it has, but for its own memory. */
void he_connect_clear(struct he_connect *c);

/* Inherited by fork(): its lock may have been held by a thread that is not
   here, and there is no racer to go on with it. */
static inline bool he_connect_inherited(const struct he_connect *c)
{
  return !he_racer_alive(c->task.racer);
}

/* Takes a step down and tells whoever watches. No lock held. A step that is
   noticed late, such as an attempt of libcurl's that connected some time ago,
   is dated back, but not before what was told already. `local`: the address
   that the attempt is made from, NULL: not known. */
void he_connect_tell(struct he_connect *c, struct he_step *s,
                     const struct he_addr *local, he_time_ns now);

/* Is each step told to anybody when it happens? Else nothing is found out for
   the telling. */
static inline bool he_connect_traced(const struct he_connect *c)
{
  return c->config.watcher || c->config.trail;
}

/* -- tls.c -- */

/* libcurl gets this connected socket of ours. */
void he_connect_handed(struct he_connect *c, int fd,
                       const struct he_addr *addr);
/* It is about to close socket fd. */
void he_connect_hung_up(struct he_connect *c, int fd);

#endif
