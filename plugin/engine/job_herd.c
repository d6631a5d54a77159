/* SPDX-License-Identifier: MIT */
/* job_herd.c - a job among others of its host (core/herd.h): it tells them of
 * its attempts, hears what works, and tries ahead for all what nobody has.
 *
 * It never waits for them. What it hears only lets an address jump the queue
 * (HE_EV_NEXT); all else goes on as if it were alone.
 *
 * On the racer's thread but for he_job_instead() and he_job_heard(). */
#include "base/clock.h"
#include "engine/job_try.h"

#include <errno.h>

/* An application that has a say in the sockets may bind or mark them: what
   holds for others need not hold for these. */
struct he_herd_key he_job_herd_key(const struct he_job *j)
{
  struct he_herd_key key = { .realm = j->config.app ? NULL :
                                      j->config.realm };
  key.host = j->config.host;
  key.port = j->config.port;
  for(int f = 0; f < HE_FAMILIES; f++)
    key.allowed[f] = j->config.race.allowed[f];
  return key;
}

void he_job_join(struct he_job *j, he_time_ns now)
{
  struct he_herd_key key = he_job_herd_key(j);
  struct he_job_race *r = j->race;
  struct he_job **members;
  if(!key.realm || r->herd)
    return;
  r->herd = he_herds_join(&key, j->config.race.attempt_delay, now);
  if(!r->herd)
    return;
  members = he_herds_members(r->herd);
  r->herd_next = *members;
  *members = j;
}

void he_job_leave(struct he_job *j, he_time_ns now)
{
  struct he_job_race *r = j->race;
  struct he_job **at;
  if(!r->herd)
    return;
  for(struct he_try *t = r->tries; t; t = t->next)
    he_job_report(j, HE_EV_GONE, t, 0, now);
  at = he_herds_members(r->herd);
  while(*at != j)
    at = &(*at)->race->herd_next;
  *at = r->herd_next;
  he_herds_leave(r->herd, now);
  r->herd = NULL;
  r->herd_at = HE_NEVER;
}

/* -- telling -- */

/* The address refused, or the way there: not our own want of something. */
static bool is_refusal(int error)
{
  return error == ECONNREFUSED || error == ECONNRESET ||
         error == EHOSTUNREACH || error == ENETUNREACH;
}

/* Only what the resolver calls an address of the host is told of. */
static void share_try(struct he_job *j, struct he_herd *h, struct he_try *t)
{
  if(t->shared || !he_race_knows(j->race->race, &t->addr))
    return;
  t->shared = true;
  he_herd_began(h, &t->addr, t->started);
}

static void wake_members(struct he_job *j, he_time_ns at)
{
  for(struct he_job *m = *he_herds_members(j->race->herd); m;
      m = m->race->herd_next) {
    if(m != j && !m->race->raceless && m->task.timer.due > at)
      he_task_wake_at(&m->task, at);
  }
}

/* Where an address works that nobody knew of, all the others make a socket
   now. Each has a low number for a moment, until it gets a high one, and
   libcurl 7.88.0 to 8.1.2 frees numbers before it tells the event loop: so
   libcurl is not made to close any before that is over; where it does so by
   itself now, for the attempt is its own, the others wait for that. */
#define HERD_BUSY HE_MS(3)

void he_job_report(struct he_job *j, enum he_event_kind kind,
                   struct he_try *t, int error, he_time_ns now)
{
  struct he_herd *h = he_herds_lock(j->race->herd);
  bool news = false;
  if(kind == HE_EV_CONNECTED)
    share_try(j, h, t);
  if(!t->shared) {
    he_herds_unlock(j->race->herd);
    return;
  }
  t->shared = false;
  if(kind == HE_EV_CONNECTED) {
    news = he_herd_fate(h, &t->addr, now) != HE_FATE_WORKS && h->members > 1;
    he_herd_connected(h, &t->addr, t->started, now);
  }
  else if(kind == HE_EV_FAILED && is_refusal(error) && !t->provoked)
    he_herd_failed(h, &t->addr, t->started, now);
  else
    he_herd_gone(h, &t->addr, t->started, now);
  he_herds_unlock(j->race->herd);
  if(news) {
    j->race->herd_busy = he_time_add(now, HERD_BUSY);
    wake_members(j, t->native ? j->race->herd_busy : now);
  }
}

void he_job_heard(const struct he_job *j, const struct he_addr *a,
                  he_time_ns now)
{
  const struct he_herd_key key = he_job_herd_key(j);
  if(key.realm && !j->config.aside)
    he_herds_heard(&key, a, now);
}

/* -- hearing -- */

static size_t untried(struct he_job *j, struct he_candidate *list)
{
  size_t n = he_race_untried(j->race->race, list, 2 * HE_RACE_MAX_ADDRS);
  return n < 2 * HE_RACE_MAX_ADDRS ? n : 2 * HE_RACE_MAX_ADDRS;
}

/* The herd hears of slow races only: two SYNs that a busy host has lost within
   two seconds look like silence to it. History has been told of the connects in
   between. */
static bool has_worked_since(struct he_job *j, const struct he_candidate *c,
                             he_time_ns now)
{
  return j->config.recall &&
         !he_recall_proven(j->config.recall, &j->config.ask, c, 1, now);
}

/* Nothing is tried yet, and libcurl will be told in which order: one that is
   of no use need not be the first. */
static void hear(struct he_job *j, he_time_ns now)
{
  struct he_candidate list[2 * HE_RACE_MAX_ADDRS];
  struct he_event next = { .kind = HE_EV_NEXT };
  struct he_herd_key key = he_job_herd_key(j);
  const struct he_addr *a;
  size_t n;
  if(!he_herds_any() || !key.realm || !j->config.attended || j->race->tries)
    return;
  n = untried(j, list);
  if(n && has_worked_since(j, &list[0], now))
    return;
  a = he_herds_first(&key, list, n, now);
  if(!a)
    return;
  next.addr = *a;
  he_job_feed(j, now, &next);
}

/* Are all of libcurl's attempts in sight? What is tried ahead may win before
   it would have been time to look at the last of them; where descriptors are
   few its winner would then take the one that the look needs, and nobody could
   be provoked. So they are looked at first. */
static bool in_sight(struct he_job *j, he_time_ns now)
{
  bool yes = true;
  for(struct he_try *t = j->race->tries; t; t = t->next) {
    if(!t->native || t->ended || t->connecting)
      continue;
    yes = false;
    if(!t->hurried && t->look > now)
      t->look = now;
    t->hurried = true;
  }
  return yes;
}

void he_job_share(struct he_job *j, he_time_ns now)
{
  struct he_event next = { .kind = HE_EV_NEXT };
  struct he_job_race *r = j->race;
  const struct he_addr *a;
  struct he_herd *h;
  r->herd_at = HE_NEVER;
  if(r->raceless)
    return;
  if(!r->herd) {
    hear(j, now);
    return;
  }
  if(!in_sight(j, now))
    return;
  h = he_herds_lock(r->herd);
  for(struct he_try *t = r->tries; t; t = t->next) {
    if(!t->ended)
      share_try(j, h, t);
  }
  a = he_herd_advise(h, r->race, &r->scouted, now, &r->herd_at);
  if(a)
    next.addr = *a;
  he_herds_unlock(r->herd);
  if(a)
    he_job_feed(j, now, &next);
}

/* -- libcurl's next address: any thread -- */

static bool tried_locked(const struct he_job *j, const struct he_addr *addr)
{
  for(unsigned i = 0; i < j->native_count; i++) {
    if(he_addr_equal(&j->natives[i].addr, addr))
      return true;
  }
  return false;
}

/* The address was given away before: what was it given for? */
static bool owed_locked(const struct he_job *j, const struct he_addr *addr,
                        struct he_addr *out)
{
  for(unsigned i = 0; i < j->native_count; i++) {
    const struct he_native *nat = &j->natives[i];
    if(he_addr_equal(&nat->addr, addr) && !he_addr_equal(&nat->wanted, addr) &&
       !tried_locked(j, &nat->wanted)) {
      *out = nat->wanted;
      return true;
    }
  }
  return false;
}

/* Keeps in mind that the socket is not to the address that was asked for. */
static bool swap(struct he_job *j, const struct he_addr *asked,
                 const struct he_addr *better)
{
  bool yes;
  pthread_mutex_lock(&j->lock);
  yes = !tried_locked(j, better);
  j->swapped = yes;
  j->asked = *asked;
  pthread_mutex_unlock(&j->lock);
  if(yes)
    __atomic_store_n(&j->swaps, true, __ATOMIC_RELAXED);
  return yes;
}

/* History is asked where it has something to say. */
static bool asks(const struct he_job *j)
{
  return j->config.recall && (j->config.wary || j->config.certain);
}

/* Without one to connect to in its place the racer is to look at once. Where
   libcurl races it adds nothing. */
static bool remembers(struct he_job *j, const struct he_addr *addr,
                      struct he_addr *better)
{
  struct he_suspicion s;
  if(!asks(j) || !he_recall_suspects(j->config.recall, &j->config.ask, addr,
                                     &s, he_clock_now()))
    return false;
  if(s.instead)
    *better = s.better;
  else if(!j->config.libcurl_races) {
    pthread_mutex_lock(&j->lock);
    j->suspect = true;
    pthread_mutex_unlock(&j->lock);
  }
  return s.instead;
}

bool he_job_instead(struct he_job *j, struct he_addr *addr)
{
  const bool swaps = __atomic_load_n(&j->swaps, __ATOMIC_RELAXED);
  struct he_herd_key key;
  struct he_addr better;
  bool yes = false;
  if((!swaps && !he_herds_any() && !asks(j)) || j->config.aside ||
     he_job_inherited(j))
    return false;
  key = he_job_herd_key(j);
  if(!key.realm)
    return false;
  pthread_mutex_lock(&j->lock);
  j->swapped = false;
  if(swaps)
    yes = owed_locked(j, addr, &better);
  pthread_mutex_unlock(&j->lock);
  yes = yes || he_herds_better(&key, addr, he_clock_now(), &better) ||
        remembers(j, addr, &better);
  if(!yes || !swap(j, addr, &better))
    return false;
  *addr = better;
  return true;
}
