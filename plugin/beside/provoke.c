/* SPDX-License-Identifier: MIT */
/* provoke.c - which attempt of libcurl's to end. The request for the next
 * socket comes from the walker whose attempt fails: so one is chosen that has
 * addresses left, of the winner's family if possible. */
#include "beside/provoke.h"
#include "base/fds.h"
#include "connect/answers.h"
#include "net/tcp.h"

/* How many addresses of this family libcurl has, or 0: what it was given; else
   what a name server says that says the same each time it is asked. */
static size_t libcurl_has(struct he_beside *b, enum he_family f,
                          he_time_ns now)
{
  const struct he_connect_config *config = &b->c.config;
  size_t n = he_race_known(b->race->race, f);
  bool has_list;
  if(b->race->outdated)       /* what it has is of another answer */
    return 0;
  pthread_mutex_lock(&b->c.lock);
  has_list = b->has_list;
  if(has_list)
    n = b->listed[f];
  pthread_mutex_unlock(&b->c.lock);
  if(has_list || !config->confirm || b->race->sure[f] == n)
    return n;
  return he_answers_sure(he_answers_of(config->host, config->realm), f, n,
                         now) ? n : 0;
}

/* How many more addresses of this family libcurl surely has. */
static size_t libcurl_has_left(struct he_beside *b, enum he_family f,
                               he_time_ns now)
{
  size_t offered = 0, has = libcurl_has(b, f, now);
  for(struct he_beside_try *t = b->race->tries; t; t = t->next)
    offered += t->a.native && t->a.asked == f;
  return has > offered ? has - offered : 0;
}

static bool is_connecting(const struct he_beside_try *t)
{
  return he_wire_state(t->a.fd, NULL) == HE_WIRE_CONNECTING &&
         he_try_is_open(t);
}

/* libcurl hears that this attempt of its own has failed. */
static void end_attempt(struct he_beside *b, struct he_beside_try *t,
                        he_time_ns now)
{
  int fd;
  he_try_unwatch(t);
  t->look = he_time_add(now, HE_GUARD);
  /* a dup() for the moment: the number may be another socket's by now */
  fd = he_wire_borrow(t->a.fd, t->a.inode);
  if(fd < 0)
    return;
  t->a.provoked = true;
  b->race->owes = true;
  he_try_tell(b, HE_STEP_PROVOKED, t, 0, now);
  he_wire_abort(fd);
  he_fd_close(fd);
}

void he_provoke(struct he_beside *b, he_time_ns now)
{
  struct he_beside_try *best = NULL;
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(!t->a.native || t->a.fate)
      continue;
    if(t->a.provoked)
      return;   /* it is about to ask */
    if(t->connecting && is_connecting(t) &&
       libcurl_has_left(b, t->a.asked, now) &&
       (!best ||
        t->a.asked == (enum he_family)b->race->winner->a.addr.family))
      best = t;
  }
  if(best)
    end_attempt(b, best, now);
}

static bool is_pending(const struct he_beside_try *t)
{
  return t->a.native && !t->a.fate && !t->a.provoked;
}

void he_provoke_end(struct he_beside *b, he_time_ns now)
{
  struct he_race *race = b->race->race;
  b->race->quit_at = HE_NEVER;
  if(!he_race_known(race, HE_IPV6) && !he_race_known(race, HE_IPV4))
    return;
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(is_pending(t) &&
       (he_race_knows(race, &t->a.addr) || !is_connecting(t)))
      return;
  }
  pthread_mutex_lock(&b->c.lock);
  b->gave_up = true;
  pthread_mutex_unlock(&b->c.lock);
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(is_pending(t))
      end_attempt(b, t, now);
  }
}
