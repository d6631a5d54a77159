/* SPDX-License-Identifier: MIT */
/* job_winner.c - an attempt of the racer's has connected first: how libcurl
 * comes to ask for it. */
#include "beside/job_try.h"
#include "base/fds.h"
#include "connect/answers.h"
#include "net/tcp.h"

#include <unistd.h>

/* How many addresses of this family libcurl has, or 0: what it was given; else
   what a name server says that says the same each time it is asked. */
static size_t libcurl_has(struct he_job *j, enum he_family f, he_time_ns now)
{
  size_t n = he_race_known(j->race->race, f);
  const struct he_answers *known;
  bool has_list;
  if(j->race->outdated)       /* what it has is of another answer */
    return 0;
  pthread_mutex_lock(&j->lock);
  has_list = j->has_list;
  if(has_list)
    n = j->listed[f];
  pthread_mutex_unlock(&j->lock);
  if(has_list || !j->config.confirm)
    return n;
  known = he_job_answers(j);
  return j->race->sure[f] == n || he_answers_sure(known, f, n, now) ? n : 0;
}

/* How many more addresses of this family libcurl surely has. */
static size_t libcurl_has_left(struct he_job *j, enum he_family f,
                               he_time_ns now)
{
  size_t offered = 0, has = libcurl_has(j, f, now);
  for(struct he_try *t = j->race->tries; t; t = t->next)
    offered += t->libcurl_fd >= 0 && t->asked == f;
  return has > offered ? has - offered : 0;
}

static bool provocable(struct he_job *j, const struct he_try *t,
                       he_time_ns now)
{
  return t->native && !t->ended && t->connecting &&
         he_wire_state(t->libcurl_fd, NULL) == HE_WIRE_CONNECTING &&
         he_try_is_open(t) && libcurl_has_left(j, t->asked, now);
}

/* libcurl hears that this attempt of its own has failed. */
static void end_attempt(struct he_job *j, struct he_try *t, he_time_ns now)
{
  int fd;
  he_try_unwatch(t);
  t->look = he_time_add(now, HE_GUARD);
  /* a dup() for the moment: the number may be another socket's by now */
  fd = he_wire_borrow(t->libcurl_fd, t->inode);
  if(fd < 0)
    return;
  t->provoked = true;
  j->race->owes = true;
  he_try_tell(j, HE_STEP_PROVOKED, t, 0, now);
  he_wire_abort(fd);
  he_fd_close(fd);
}

static bool is_pending(const struct he_try *t)
{
  return t->native && !t->ended && !t->provoked;
}

void he_job_quit(struct he_job *j, he_time_ns now)
{
  struct he_race *race = j->race->race;
  j->race->quit_at = HE_NEVER;
  if(!he_race_known(race, HE_IPV6) && !he_race_known(race, HE_IPV4))
    return;
  for(struct he_try *t = j->race->tries; t; t = t->next) {
    if(is_pending(t) &&
       (he_race_knows(race, &t->addr) || !he_try_is_open(t) ||
        he_wire_state(t->libcurl_fd, NULL) != HE_WIRE_CONNECTING))
      return;
  }
  pthread_mutex_lock(&j->lock);
  j->gave_up = true;
  pthread_mutex_unlock(&j->lock);
  for(struct he_try *t = j->race->tries; t; t = t->next) {
    if(is_pending(t))
      end_attempt(j, t, now);
  }
}

/* libcurl asks for a socket again when an attempt of its own fails, if it has
   another address to try: then it gets the winner. The request comes from the
   walker whose attempt fails, so choose one that has addresses left, of the
   winner's family if possible. Where there is none, the winner waits for
   libcurl to ask by itself. */
void he_job_provoke(struct he_job *j, he_time_ns now)
{
  struct he_try *best = NULL;
  for(struct he_try *t = j->race->tries; t; t = t->next) {
    if(t->provoked && !t->ended)
      return;   /* it is about to ask */
    if(provocable(j, t, now) &&
       (!best || t->asked == (enum he_family)j->race->winner->addr.family))
      best = t;
  }
  if(!best)
    return;
  end_attempt(j, best, now);
}

void he_job_offer_winner(struct he_job *j, int id, he_time_ns now)
{
  struct he_try *t = he_try_by_id(j, id);
  int fd = t->fd;
  he_try_unwatch(t);
  t->fd = -1;
  t->ended = true;
  j->race->winner = t;
  j->race->raceless = true;
  pthread_mutex_lock(&j->lock);
  j->winner_addr = t->addr;
  j->winner = fd;
  j->winner_apps = t->apps;
  pthread_mutex_unlock(&j->lock);
  /* an attempt that nobody has looked at yet may be the one to provoke */
  for(t = j->race->tries; t; t = t->next) {
    if(t->native && !t->ended && !t->connecting && t->look > now)
      t->look = now;
  }
  he_job_provoke(j, now);
  if(j->race->quit_at != HE_NEVER)
    he_job_quit(j, now);
}

void he_job_drop_winner(struct he_job *j, he_time_ns now)
{
  struct he_try *t = j->race->winner;
  int fd;
  pthread_mutex_lock(&j->lock);
  fd = j->winner;
  j->winner = -1;
  pthread_mutex_unlock(&j->lock);
  j->race->winner = NULL;
  if(fd >= 0) {
    he_job_close_socket(j, fd, t->apps);
    he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
  }
}
