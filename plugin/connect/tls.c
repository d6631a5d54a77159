/* SPDX-License-Identifier: MIT */
/* tls.c - a connection is won, and then TLS never completes: the path lets
 * small packets through and large ones not, or whoever answers has nobody
 * behind it. libcurl tells no plugin how its handshake went. But it says when
 * it closes a socket, also where the handshake failed or had its time; and the
 * kernel knows what came over it.
 *
 * A byte that came back says that the path works; that is worth a word only
 * where something was held against it. Silence is one transfer's: a
 * connection that libcurl kept and used again was fine before. */
#include "base/clock.h"
#include "connect/own.h"
#include "connect/owners.h"
#include "net/tcp.h"

#include <errno.h>

/* TCP has repeated itself by then (RFC 6298: after 1 s at the most, mostly
   sooner), and a server that is only slow has had its time. */
#define SILENCE HE_MS(1000)
#define ROUND_TRIPS 8

static bool listens(const struct he_connect *c)
{
  return c->config.recall && c->config.tls;
}

void he_connect_handed(struct he_connect *c, int fd,
                       const struct he_addr *addr)
{
  const uint32_t serial = listens(c) ? he_owner_new(fd) : 0;
  if(!serial)
    he_owner_none(fd);
  pthread_mutex_lock(&c->lock);
  c->line.fd = serial ? fd : -1;
  c->line.serial = serial;
  c->line.addr = *addr;
  c->line.known = true;
  pthread_mutex_unlock(&c->lock);
}

/* Is fd the connection that was handed over, or else one of libcurl's own?
   Then its address is noted. */
static bool find_locked(struct he_connect *c, int fd)
{
  if(c->line.fd >= 0)
    return c->line.fd == fd && he_owner_is(fd, c->line.serial);
  return c->theirs && c->theirs(c, fd, &c->line.addr);
}

static enum he_tls judge(const struct he_wire_talk *t)
{
  const he_time_ns enough = ROUND_TRIPS * t->rtt > SILENCE ?
                            ROUND_TRIPS * t->rtt : SILENCE;
  if(t->answered)
    return t->quiet < enough ? HE_TLS_ANSWERED : HE_TLS_QUIET;
  if(!t->asked)
    return HE_TLS_UNKNOWN;
  return t->ended ? HE_TLS_ENDED :
         t->quiet < enough ? HE_TLS_UNKNOWN : HE_TLS_SILENT;
}

static void learn(struct he_connect *c, const struct he_addr *addr,
                  enum he_outcome_kind kind, int error)
{
  struct he_outcome o = { .kind = kind, .addr = *addr, .error = error };
  o.addr.port = c->config.port;
  he_recall_learn(c->config.recall, c->config.host, &o, he_clock_now());
}

void he_connect_hung_up(struct he_connect *c, int fd)
{
  struct he_wire_talk talk;
  struct he_addr addr;
  enum he_tls tls;
  bool ours;
  if(!listens(c))
    return;
  pthread_mutex_lock(&c->lock);
  ours = find_locked(c, fd);
  addr = c->line.addr;
  pthread_mutex_unlock(&c->lock);
  if(!ours || !he_wire_talked(fd, &talk))
    return;
  tls = judge(&talk);
  pthread_mutex_lock(&c->lock);
  c->line.known = true;
  c->line.tls = tls;
  if(c->line.fd == fd)
    he_owner_none(fd);
  c->line.fd = -1;
  pthread_mutex_unlock(&c->lock);
  switch(tls) {
  case HE_TLS_ANSWERED:
    if(c->config.wary)
      learn(c, &addr, HE_OUTCOME_DELIVERED, 0);
    break;
  case HE_TLS_SILENT:
    learn(c, &addr, HE_OUTCOME_TLS_DEAD, 0);
    break;
  case HE_TLS_ENDED:
    learn(c, &addr, HE_OUTCOME_TLS_DEAD, ECONNRESET);
    break;
  case HE_TLS_UNKNOWN:
  case HE_TLS_QUIET:
    break;
  }
}

/* The address of the connection, closed or not. */
static bool line_locked(struct he_connect *c, struct he_addr *addr)
{
  if(!c->line.known && c->theirs)
    c->line.known = c->theirs(c, -1, &c->line.addr);
  *addr = c->line.addr;
  return c->line.known;
}

enum he_tls he_connect_tls(struct he_connect *c, bool completed)
{
  enum he_tls tls = HE_TLS_UNKNOWN;
  struct he_addr addr;
  bool any;
  if(!listens(c) || he_connect_inherited(c))
    return tls;
  pthread_mutex_lock(&c->lock);
  any = line_locked(c, &addr);
  tls = c->line.tls;
  pthread_mutex_unlock(&c->lock);
  if(any && completed && c->config.wary && tls != HE_TLS_ANSWERED)
    learn(c, &addr, HE_OUTCOME_DELIVERED, 0);
  else if(any && !completed && tls == HE_TLS_QUIET)
    learn(c, &addr, HE_OUTCOME_TLS_DEAD, 0);
  return tls;
}

void he_connect_silent(struct he_connect *c)
{
  struct he_addr addr;
  bool any;
  if(!listens(c) || he_connect_inherited(c))
    return;
  pthread_mutex_lock(&c->lock);
  any = line_locked(c, &addr);
  pthread_mutex_unlock(&c->lock);
  if(any)
    learn(c, &addr, HE_OUTCOME_TLS_DEAD, 0);
}
