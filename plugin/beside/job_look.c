/* SPDX-License-Identifier: MIT */
/* job_look.c - the watch over libcurl's own attempts, which are known by
 * number and inode. What is read of a number is believed where the inode is the
 * attempt's before and afterwards. A dup() would say more, and do harm: as long
 * as there is one an application's event loop hears of a socket that libcurl
 * has closed.
 *
 * The inode is asked for when the racer first hears of an attempt. Where that
 * was late, another socket may have taken its number: then it is the attempt
 * only if it connects to the same peer. */
#include "beside/job_try.h"
#include "beside/owners.h"
#include "net/tcp.h"

void he_try_connected(struct he_job *j, struct he_try *t, he_time_ns at,
                      he_time_ns now)
{
  he_try_note(t, HE_EV_CONNECTED, 0, at);
  he_try_end(t);
  he_try_tell(j, HE_STEP_CONNECTED, t, 0, at);
  if(!j->race->aside) {
    he_try_feed(j, now, HE_EV_CONNECTED, t, 0);
    he_job_pump(j);
  }
  he_job_finish(j, t, at);
}

/* libcurl has closed an attempt, which was still connecting as far as is known.
   One that nobody has seen connecting may have connected, and is not blamed. */
void he_try_dropped(struct he_job *j, struct he_try *t, he_time_ns now)
{
  t->unknown = !t->connecting && !t->given_up;
  if(!t->provoked)
    he_try_tell(j, HE_STEP_GONE, t, 0, now);
  he_try_end(t);
  he_try_feed(j, now, HE_EV_GONE, t, 0);
}

static bool may_reorder(struct he_job *j)
{
  bool yes;
  pthread_mutex_lock(&j->lock);
  yes = he_job_may_reorder_locked(j);
  pthread_mutex_unlock(&j->lock);
  return yes;
}

/* An attempt is slow: find out what else there is to try. */
static void slow(struct he_job *j, he_time_ns now)
{
  struct he_event start = { .kind = HE_EV_START };
  if(j->race->asked || j->race->aside ||
     (j->config.libcurl_races && !j->config.restarts && !may_reorder(j)))
    return;
  j->race->asked = true;
  he_job_feed(j, now, &start);
}

/* Not connecting: about to connect, or failed and about to be closed. */
static void look_again(struct he_try *t, he_time_ns now)
{
  he_try_unwatch(t);
  t->pause = t->pause ? t->pause * 2 : (uint32_t)HE_MS(1);
  if(t->pause > HE_GUARD)
    t->pause = (uint32_t)HE_GUARD;
  t->look = he_time_add(now, t->pause);
}

bool he_try_first_look(struct he_native *nat)
{
  if(!he_owner_is(nat->fd, nat->serial) ||
     !he_wire_peer_is(nat->fd, &nat->addr) ||
     he_wire_state(nat->fd, &nat->rtt) != HE_WIRE_CONNECTED)
    return false;
  nat->outcome = HE_OUT_CONNECTED;
  return true;
}

/* Not connected to anything yet is not another one's either. */
static bool is_it(struct he_try *t, enum he_wire_state state)
{
  if(!t->sure && state != HE_WIRE_IDLE) {
    if(!he_wire_peer_is(t->libcurl_fd, &t->addr))
      return false;
    t->sure = true;
  }
  return true;
}

/* Its state, and what is to be known of a connected one. False where libcurl
   has closed it. */
static bool read_state(struct he_job *j, struct he_try *t,
                       enum he_wire_state *state, he_time_ns *rtt)
{
  if(!t->inode && he_owner_is(t->libcurl_fd, t->serial))
    t->inode = he_wire_inode(t->libcurl_fd);
  if(!he_try_is_open(t))
    return false;
  *state = he_wire_state(t->libcurl_fd, rtt);
  if(*state == HE_WIRE_CONNECTED)
    he_try_measure(j, t, t->libcurl_fd);
  return is_it(t, *state) && he_try_is_open(t);
}

/* It is slow. */
static void connecting(struct he_job *j, struct he_try *t, he_time_ns now)
{
  const char *why = he_job_objection(j, t->libcurl_fd);
  t->connecting = true;
  t->look = he_time_add(now, HE_GUARD);
  if(why) {
    he_job_aside(j, why, now);
    return;
  }
  he_try_watch(t);
  he_job_set_busy(j, true);
  slow(j, now);
  if(j->race->winner)
    he_job_provoke(j, now);
}

/* With `stock`, what has happened is taken down and nothing begun. */
void he_try_look(struct he_job *j, struct he_try *t, he_time_ns now,
                 bool stock)
{
  const bool first = !t->connecting;
  enum he_wire_state state;
  he_time_ns rtt;
  if(!read_state(j, t, &state, &rtt)) {
    he_try_dropped(j, t, now);
    return;
  }
  switch(state) {
  case HE_WIRE_CONNECTED:
    he_try_connected(j, t, first && rtt && t->started + rtt < now ?
                     t->started + rtt : now, now);
    break;
  case HE_WIRE_CONNECTING:
    if(!stock)
      connecting(j, t, now);
    break;
  case HE_WIRE_IDLE:
    if(!stock)
      look_again(t, now);
    break;
  }
}

void he_try_ready(struct he_watch *w, he_time_ns now)
{
  struct he_try *t = (struct he_try *)w;
  struct he_job *j = t->job;
  if(j->over || t->ended)
    return;
  if(t->native) {
    he_try_unwatch(t);
    he_try_look(j, t, now, false);
  }
  else {
    int error = he_wire_error(t->fd);
    if(!error)
      he_try_measure(j, t, t->fd);
    he_try_unwatch(t);
    he_try_tell(j, error ? HE_STEP_FAILED : HE_STEP_CONNECTED, t, error, now);
    if(error)
      he_try_end(t);
    he_try_feed(j, now, error ? HE_EV_FAILED : HE_EV_CONNECTED, t, error);
  }
  he_job_due(j, now);
}

/* libcurl drops its losers when it has a winner: find that first. */
void he_job_find_connected(struct he_job *j, he_time_ns now)
{
  for(struct he_try *t = j->race->tries; t && !j->over; t = t->next) {
    if(t->native && !t->ended && he_try_is_open(t) &&
       he_wire_state(t->libcurl_fd, NULL) == HE_WIRE_CONNECTED)
      he_try_look(j, t, now, true);
  }
}

void he_job_take_stock(struct he_job *j, he_time_ns now)
{
  for(struct he_try *t = j->race->tries; t && !j->over; t = t->next) {
    if(t->native && !t->ended && !t->provoked)
      he_try_look(j, t, now, true);
  }
}
