/* SPDX-License-Identifier: MIT */
/* choose.c - which address libcurl is given for its next attempt. A request
 * names the one whose turn it is by libcurl's order; the callback that makes
 * the socket may name another. So curl-he's order holds where libcurl makes
 * the attempts itself, without one attempt more. What it was asked for and did
 * not give gets its turn with a later request: libcurl asks as many times as
 * it has addresses. */
#include "race/attempts.h"
#include "base/clock.h"
#include "beside/own.h"

/* More than libcurl makes before the silent family is known. */
#define MAX_FATES 32

static bool tried_locked(const struct he_beside *b, const struct he_addr *addr)
{
  for(unsigned i = 0; i < b->native_count; i++) {
    if(he_addr_equal(&b->natives[i].addr, addr))
      return true;
  }
  return false;
}

/* The family found silent first, as the race has it (race.h), or -1. */
static int silent_locked(const struct he_beside *b, he_time_ns now)
{
  he_time_ns delay = b->c.config.race.attempt_delay, six, four;
  struct he_attempt list[MAX_FATES];
  struct he_attempts t = { .list = list, .room = MAX_FATES };
  for(unsigned i = 0; i < b->native_count && t.n < MAX_FATES; i++) {
    const struct he_native *nat = &b->natives[i];
    struct he_attempt *a = he_attempts_add(&t, nat->started, &nat->addr, true);
    if(nat->failed)
      he_attempts_end(&t, a, now, HE_TRY_FAILED, 0);
  }
  six = he_attempts_silent(&t, HE_IPV6, delay);
  four = he_attempts_silent(&t, HE_IPV4, delay);
  if(six > now && four > now)
    return -1;
  return six <= four ? HE_IPV6 : HE_IPV4;
}

/* The first that libcurl has not tried; one of a silent family only where
   there is no other. NULL where it has tried all. What was named before may
   have come to no attempt: the application's callback may have refused the
   socket. */
static const struct he_addr *best_locked(struct he_beside *b, int silent)
{
  size_t best = b->ready_count;
  for(size_t i = 0; i < b->ready_count; i++) {
    const struct he_addr *a = &b->ready[i].addr;
    if(b->ready[i].named || tried_locked(b, a) ||
       (b->ipv4_only && a->family == HE_IPV6))
      continue;
    if((int)a->family != silent) {
      best = i;
      break;
    }
    if(best == b->ready_count)
      best = i;
  }
  if(best == b->ready_count)
    return NULL;
  b->ready[best].named = true;
  return &b->ready[best].addr;
}

/* Not where libcurl goes somewhere else, by CURLOPT_CONNECT_TO for instance. */
static bool known_locked(const struct he_beside *b, const struct he_addr *addr)
{
  for(size_t i = 0; i < b->ready_count; i++) {
    if(he_addr_equal(&b->ready[i].addr, addr))
      return true;
  }
  return tried_locked(b, addr);
}

static bool begins_otherwise_locked(const struct he_beside *b,
                                    const struct he_addr *addr)
{
  return b->c.config.libcurl_begins_with_ipv6 && !b->native_count &&
         b->ready_count && known_locked(b, addr) &&
         b->ready[0].addr.family != addr->family;
}

/* A libcurl that begins with IPv6 wherever it may, and has been given some, and
   begins with IPv4: CURLOPT_IPRESOLVE is set, and nobody said so. */
static bool passes_ipv6_over_locked(const struct he_beside *b,
                                    const struct he_addr *addr)
{
  if(!b->c.config.libcurl_begins_with_ipv6 || addr->family == HE_IPV6)
    return false;
  for(size_t i = 0; i < b->ready_count; i++) {
    if(b->ready[i].addr.family == HE_IPV6)
      return true;
  }
  return false;
}

bool he_connect_prefer(struct he_connect *c, struct he_addr *addr)
{
  struct he_beside *b = he_beside_of(c);
  const struct he_addr *better = NULL;
  bool all;
  pthread_mutex_lock(&b->c.lock);
  all = b->ahead == HE_AHEAD_COMPLETE && known_locked(b, addr);
  if(all && !b->requested) {
    b->requested = true;
    b->ipv4_only = passes_ipv6_over_locked(b, addr);
  }
  if(b->c.config.libcurl_races && all) {
    better = best_locked(b, silent_locked(b, he_clock_now()));
    /* the one that is passed over is asked for again */
    b->spares = true;
  }
  else if(b->spares && (tried_locked(b, addr) ||
                        begins_otherwise_locked(b, addr)))
    better = best_locked(b, -1);
  if(better)
    *addr = *better;
  pthread_mutex_unlock(&b->c.lock);
  return better != NULL;
}

/* Two attempts to one family, and one to the other: whichever comes next, one
   family may turn out to be silent. With fewer there is nothing to choose. */
bool he_beside_may_reorder(struct he_beside *b)
{
  size_t n[HE_FAMILIES] = { 0 };
  if(!b->c.config.race.passive || b->c.config.aside)
    return false;
  pthread_mutex_lock(&b->c.lock);
  for(unsigned i = 0; i < b->native_count; i++)
    n[b->natives[i].addr.family]++;
  pthread_mutex_unlock(&b->c.lock);
  return n[HE_IPV6] && n[HE_IPV4] && n[HE_IPV6] + n[HE_IPV4] > 2;
}

/* -- what history says -- */

/* The address was given away before: what was it given for? */
static bool owed_locked(const struct he_beside *b, const struct he_addr *addr,
                        struct he_addr *out)
{
  for(unsigned i = 0; i < b->native_count; i++) {
    const struct he_native *nat = &b->natives[i];
    if(he_addr_equal(&nat->addr, addr) &&
       !he_addr_equal(&nat->wanted, addr) &&
       !tried_locked(b, &nat->wanted)) {
      *out = nat->wanted;
      return true;
    }
  }
  return false;
}

/* History is asked where it has something to say. */
static bool remembers(struct he_beside *b, const struct he_addr *addr,
                      struct he_addr *better)
{
  const struct he_connect_config *c = &b->c.config;
  struct he_suspicion s;
  if(!c->recall || !(c->wary || c->certain) ||
     !he_recall_suspects(c->recall, &c->ask, addr, &s, he_clock_now()) ||
     !s.instead)
    return false;
  *better = s.better;
  return true;
}

/* Keeps in mind that the socket is not to the address that was asked for. */
bool he_connect_instead(struct he_connect *c, struct he_addr *addr)
{
  struct he_beside *b = he_beside_of(c);
  struct he_addr better;
  bool yes;
  if(b->c.config.aside || he_connect_inherited(&b->c))
    return false;
  pthread_mutex_lock(&b->c.lock);
  yes = owed_locked(b, addr, &better);
  pthread_mutex_unlock(&b->c.lock);
  yes = yes || remembers(b, addr, &better);
  pthread_mutex_lock(&b->c.lock);
  b->swapped = yes && !tried_locked(b, &better);
  b->asked = *addr;
  if(b->swapped)
    *addr = better;
  yes = b->swapped;
  pthread_mutex_unlock(&b->c.lock);
  return yes;
}
