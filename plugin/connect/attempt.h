/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_ATTEMPT_H
#define HE_CONNECT_ATTEMPT_H
/* attempt.h - the one record of an attempt, whoever makes it: libcurl,
 * curl-he beside libcurl, or curl-he alone. A plain value: threads copy it to
 * each other. */
#include "trace/trace.h"

enum he_fate {
  HE_FATE_OPEN,         /* it runs */
  HE_FATE_CONNECTED,
  HE_FATE_FAILED,       /* with `error` */
  HE_FATE_GIVEN_UP,     /* closed while it was connecting */
  HE_FATE_UNKNOWN       /* libcurl closed it, and nobody knows its state */
};

struct he_try {
  struct he_addr addr;
  /* What the socket is connected to, where a translator (NAT64) stands between:
     an IPv6 address, for `addr` of IPv4. All zero: `addr` itself. */
  struct he_addr through;
  he_time_ns started;
  he_time_ns ended;           /* above `started`; 0: it runs */
  he_time_ns handshake;       /* CONNECTED: the kernel's figure; 0: unknown */
  he_time_ns delay;           /* the connection attempt delay after it */
  uint64_t inode;             /* libcurl's */
  uint32_t serial;            /* libcurl's, see owners.h */
  int id;                     /* the race's; -1: the race has none */
  int fd;                     /* curl-he's: its socket, -1: none. libcurl's:
                                 the number, which may be reused. */
  int error;                  /* FAILED: an errno value */
  enum he_fate fate : 8;
  enum he_family asked : 8;   /* libcurl's: it asked for this family */
  bool native : 1;            /* libcurl's */
  bool apps : 1;              /* the application has to close `fd` */
  bool connected : 1;         /* the application gave a connected socket */
  bool waits : 1;             /* connected, its address is to be confirmed */
  bool again : 1;             /* CONNECTED: a SYN was sent twice, maybe */
  bool bound : 1;             /* FAILED: libcurl bound it to an address */
  bool provoked : 1;          /* curl-he made libcurl's attempt fail */
  bool learned : 1;           /* the history has its fate, or must not */
};

/* Whom its socket is connected to. */
static inline const struct he_addr *he_try_peer(const struct he_try *t)
{
  return t->through.port ? &t->through : &t->addr;
}

/* It is over. Only the first call counts. */
static inline void he_try_over(struct he_try *t, enum he_fate fate, int error,
                               he_time_ns now)
{
  if(t->fate)
    return;
  t->fate = fate;
  t->error = error;
  t->ended = now > t->started ? now : t->started + 1;
}

/* The step that tells of it. */
static inline struct he_step he_try_step(const struct he_try *t,
                                         enum he_step_kind kind, int error)
{
  struct he_step s = { .kind = kind, .has_addr = true, .has_family = true };
  s.addr = t->addr;
  s.family = (enum he_family)t->addr.family;
  s.native = t->native;
  s.error = error;
  return s;
}

#endif
