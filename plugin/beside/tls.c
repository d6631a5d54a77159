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
#include "beside/own.h"
#include "beside/owners.h"
#include "net/tcp.h"

#include <errno.h>

/* TCP has repeated itself by then (RFC 6298: after 1 s at the most, mostly
   sooner), and a server that is only slow has had its time. */
#define SILENCE HE_MS(1000)
#define ROUND_TRIPS 8

static bool listens(const struct he_job *j)
{
  return j->config.recall && j->config.tls;
}

void he_job_handed(struct he_job *j, int fd, const struct he_addr *addr)
{
  const uint32_t serial = listens(j) ? he_owner_new(fd) : 0;
  if(!serial)
    he_owner_none(fd);
  pthread_mutex_lock(&j->lock);
  j->line.fd = serial ? fd : -1;
  j->line.serial = serial;
  j->line.addr = *addr;
  j->line.known = true;
  pthread_mutex_unlock(&j->lock);
}

/* Is fd the connection that was handed over, or else an attempt of libcurl's?
   Then its address is noted. */
static bool find_locked(struct he_job *j, int fd)
{
  if(j->line.fd >= 0)
    return j->line.fd == fd && he_owner_is(fd, j->line.serial);
  for(unsigned i = j->native_count; i-- > 0;) {
    const struct he_native *nat = &j->natives[i];
    if(nat->try.fd == fd && nat->open && he_owner_is(fd, nat->try.serial)) {
      j->line.addr = nat->try.addr;
      return true;
    }
  }
  return false;
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

static void learn(struct he_job *j, const struct he_addr *addr,
                  enum he_outcome_kind kind, int error)
{
  struct he_outcome o = { .kind = kind, .addr = *addr, .error = error };
  o.addr.port = j->config.port;
  he_recall_learn(j->config.recall, j->config.host, &o, he_clock_now());
}

void he_job_hung_up(struct he_job *j, int fd)
{
  struct he_wire_talk talk;
  struct he_addr addr;
  enum he_tls tls;
  bool ours;
  if(!listens(j))
    return;
  pthread_mutex_lock(&j->lock);
  ours = find_locked(j, fd);
  addr = j->line.addr;
  pthread_mutex_unlock(&j->lock);
  if(!ours || !he_wire_talked(fd, &talk))
    return;
  tls = judge(&talk);
  pthread_mutex_lock(&j->lock);
  j->line.known = true;
  j->line.tls = tls;
  if(j->line.fd == fd)
    he_owner_none(fd);
  j->line.fd = -1;
  pthread_mutex_unlock(&j->lock);
  switch(tls) {
  case HE_TLS_ANSWERED:
    if(j->config.wary)
      learn(j, &addr, HE_OUTCOME_DELIVERED, 0);
    break;
  case HE_TLS_SILENT:
    learn(j, &addr, HE_OUTCOME_TLS_DEAD, 0);
    break;
  case HE_TLS_ENDED:
    learn(j, &addr, HE_OUTCOME_TLS_DEAD, ECONNRESET);
    break;
  case HE_TLS_UNKNOWN:
  case HE_TLS_QUIET:
    break;
  }
}

/* libcurl 7.88.0 to 8.1.2 do not tell of losers that they close. */
static bool is_connected(const struct he_native *nat)
{
  return nat->open && he_owner_is(nat->try.fd, nat->try.serial) &&
         he_wire_peer_is(nat->try.fd, &nat->try.addr) &&
         he_wire_state(nat->try.fd, NULL) == HE_WIRE_CONNECTED;
}

/* The address of the connection, closed or not. */
static bool line_locked(struct he_job *j, struct he_addr *addr)
{
  if(!j->line.known) {
    for(unsigned i = j->native_count; i-- > 0 && !j->line.known;) {
      if(is_connected(&j->natives[i])) {
        j->line.addr = j->natives[i].try.addr;
        j->line.known = true;
      }
    }
  }
  *addr = j->line.addr;
  return j->line.known;
}

enum he_tls he_job_tls(struct he_job *j, bool completed)
{
  enum he_tls tls = HE_TLS_UNKNOWN;
  struct he_addr addr;
  bool any;
  if(!listens(j) || he_job_inherited(j))
    return tls;
  pthread_mutex_lock(&j->lock);
  any = line_locked(j, &addr);
  tls = j->line.tls;
  pthread_mutex_unlock(&j->lock);
  if(any && completed && j->config.wary && tls != HE_TLS_ANSWERED)
    learn(j, &addr, HE_OUTCOME_DELIVERED, 0);
  else if(any && !completed && tls == HE_TLS_QUIET)
    learn(j, &addr, HE_OUTCOME_TLS_DEAD, 0);
  return tls;
}

void he_job_silent(struct he_job *j)
{
  struct he_addr addr;
  bool any;
  if(!listens(j) || he_job_inherited(j))
    return;
  pthread_mutex_lock(&j->lock);
  any = line_locked(j, &addr);
  pthread_mutex_unlock(&j->lock);
  if(any)
    learn(j, &addr, HE_OUTCOME_TLS_DEAD, 0);
}
