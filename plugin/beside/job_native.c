/* SPDX-License-Identifier: MIT */
/* job_native.c - what libcurl's own attempts do, told by the threads that
 * drive transfers. Whether a request for a socket goes on with a connect or
 * begins the next one must be answered at once, so they are remembered here as
 * well as by the racer.
 *
 * Most connects are over before the racer has looked at them. For those no
 * system call is made here, and no mail posted. */
#include "base/clock.h"
#include "beside/job_mail.h"
#include "beside/owners.h"
#include "net/tcp.h"

#include <stdlib.h>
#include <string.h>

/* When the racer has to hear of an attempt of a job that it has seen. */
static he_time_ns hear_by(struct he_job *j, he_time_ns now)
{
  bool busy;
  pthread_mutex_lock(&j->lock);
  busy = j->busy || he_job_may_reorder_locked(j);
  pthread_mutex_unlock(&j->lock);
  if(busy || j->config.watcher)
    return now;
  if(j->config.aside || j->config.libcurl_races)
    return he_time_add(now, HE_NO_HURRY);
  return he_time_add(now, j->config.look_after);
}

he_time_ns he_job_look_at(const struct he_job *j, he_time_ns at, bool suspect)
{
  return suspect ? at : he_time_add(at, j->config.look_after);
}

/* -- the record; all under the lock -- */

static struct he_native *add_locked(struct he_job *j)
{
  struct he_native *more;
  if(j->native_count < j->native_room)
    return &j->natives[j->native_count++];
  more = calloc(2 * j->native_room, sizeof(*more));
  if(!more)
    return NULL;
  memcpy(more, j->natives, j->native_count * sizeof(*more));
  if(j->natives != &j->first)
    free(j->natives);
  j->natives = more;
  j->native_room *= 2;
  return &j->natives[j->native_count++];
}

static struct he_native *with_serial_locked(struct he_job *j, uint32_t serial)
{
  struct he_native *nat = j->natives + j->native_count;
  while(nat-- > j->natives) {
    if(nat->serial == serial)
      return nat;
  }
  return NULL;
}

/* libcurl's attempt with this number, of which it has just been said whether
   it is open. */
static struct he_native *with_fd_locked(struct he_job *j, int fd, bool open)
{
  struct he_native *nat = j->natives + j->native_count;
  while(nat-- > j->natives) {
    if(nat->fd == fd && nat->open == open &&
       (!open || he_owner_is(fd, nat->serial)))
      return nat;
  }
  return NULL;
}

static bool any_open_locked(const struct he_job *j)
{
  for(unsigned i = 0; i < j->native_count; i++) {
    if(j->natives[i].open)
      return true;
  }
  return false;
}

/* -- what libcurl does -- */

void he_job_started(struct he_job *j, int fd, const struct he_addr *addr,
                    enum he_family asked)
{
  struct he_job_mail m = { .kind = HE_MAIL_STARTED, .fd = fd };
  struct he_native *nat = NULL;
  bool seen, expect, reorder;
  if(he_job_inherited(j))
    return;
  m.family = asked;
  m.addr = *addr;
  m.at = he_clock_now();
  m.serial = he_owner_new(fd);
  pthread_mutex_lock(&j->lock);
  if(m.serial)
    nat = add_locked(j);
  if(nat) {
    nat->fd = fd;
    nat->serial = m.serial;
    nat->addr = *addr;
    nat->wanted = j->swapped ? j->asked : *addr;
    j->swapped = false;
    nat->asked = asked;
    nat->at = m.at;
    nat->open = true;
    nat->outcome = HE_OUT_NONE;
    nat->suspect = j->suspect;
  }
  m.suspect = j->suspect;
  j->suspect = false;
  seen = j->seen;
  reorder = he_job_may_reorder_locked(j);
  expect = nat && !seen && !j->expected && !j->config.aside &&
           (!j->config.libcurl_races || reorder || m.suspect ||
            j->config.restarts);
  j->expected = j->expected || expect;
  pthread_mutex_unlock(&j->lock);
  if(expect && !he_racer_expect(&j->task, reorder ? m.at :
                                he_job_look_at(j, m.at, m.suspect))) {
    pthread_mutex_lock(&j->lock);
    j->expected = false;      /* the next attempt asks again */
    pthread_mutex_unlock(&j->lock);
  }
  if(!nat || !seen)
    return;
  m.inode = he_wire_inode(fd);
  if(m.inode)
    he_job_post(j, &m, m.suspect ? m.at : hear_by(j, m.at));
}

void he_job_steered(struct he_job *j)
{
  struct he_job_mail m = { .kind = HE_MAIL_STEERED };
  if(he_job_inherited(j))
    return;
  m.at = he_clock_now();
  he_job_post(j, &m, hear_by(j, m.at));
}

static bool is_connected(const struct he_native *nat)
{
  return nat->outcome == HE_OUT_CONNECTED ||
         (nat->open && he_owner_is(nat->fd, nat->serial) &&
          he_wire_state(nat->fd, NULL) == HE_WIRE_CONNECTED);
}

bool he_job_continues(struct he_job *j, const struct he_addr *addr)
{
  bool yes;
  if(he_job_inherited(j))
    return false;
  pthread_mutex_lock(&j->lock);
  yes = !j->done;
  for(unsigned i = 0; yes && i < j->native_count; i++)
    yes = !is_connected(&j->natives[i]) &&
          (j->spares || !he_addr_equal(&j->natives[i].wanted, addr));
  pthread_mutex_unlock(&j->lock);
  return yes;
}

/* libcurl drops its losers when one has connected, which is still open: that
   has taken no longer than this. 0: there is none. */
static he_time_ns oldest_open_locked(const struct he_job *j, he_time_ns now)
{
  he_time_ns age = 0;
  for(unsigned i = 0; i < j->native_count; i++) {
    const struct he_native *nat = &j->natives[i];
    if(nat->open && now - nat->at > age)
      age = now - nat->at;
  }
  return age;
}

/* An attempt of libcurl's is over: to be told to the racer if that has seen
   the job, else only taken down. */
static void closed(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns by)
{
  struct he_native nat_was;
  he_time_ns winner = 0;
  bool seen, learn = false;
  pthread_mutex_lock(&j->lock);
  seen = j->seen;
  if(!seen) {
    struct he_native *nat = with_serial_locked(j, m->serial);
    nat->closed = m->at;
    nat->outcome = m->outcome;
    nat->error = m->error;
    nat->bound = m->bound;
    nat->rtt = m->rtt;
    nat->again = m->again;
    learn = nat->learned = j->config.recall && !m->bound &&
                           m->outcome != HE_OUT_CONNECTED;
    nat_was = *nat;
    winner = oldest_open_locked(j, m->at);
  }
  j->done = j->done || m->outcome == HE_OUT_CONNECTED;
  pthread_mutex_unlock(&j->lock);
  if(learn)
    he_job_learn_native(j, &nat_was, winner);
  if(seen)
    he_job_post(j, m, by);
}

/* Strikes libcurl's attempt on fd out; its serial, 0 where there is none.
   *over where nothing more needs to be known of it but, with *sample, its
   handshake. */
static uint32_t strike_out(struct he_job *j, int fd, bool doubtful,
                           he_time_ns now, bool *over, bool *sample,
                           struct he_addr *addr)
{
  struct he_native *nat;
  uint32_t serial = 0;
  pthread_mutex_lock(&j->lock);
  nat = with_fd_locked(j, fd, true);
  if(nat) {
    nat->open = false;
    serial = nat->serial;
    *over = !j->seen &&
            (j->done || (!doubtful && !any_open_locked(j)));
    if(*over) {
      nat->closed = now;
      if(nat->outcome == HE_OUT_NONE)
        nat->outcome = HE_OUT_UNKNOWN;
      j->done = true;
      j->expected = false;
      *sample = he_job_wants_sample_locked(j);
      *addr = nat->addr;
    }
  }
  pthread_mutex_unlock(&j->lock);
  return serial;
}

bool he_job_closing(struct he_job *j, int fd, bool doubtful)
{
  struct he_job_mail m = { .kind = HE_MAIL_CLOSED, .fd = fd };
  struct he_wire_handshake hs;
  bool over = false, sample = false;
  if(he_job_inherited(j))
    return false;
  he_job_hung_up(j, fd);
  m.at = he_clock_now();
  m.serial = strike_out(j, fd, doubtful, m.at, &over, &sample, &m.addr);
  if(!m.serial)
    return false;
  he_owner_none(fd);
  if(over) {
    he_racer_withdraw(&j->task);
    if(sample && he_wire_handshake(fd, &hs))
      he_job_learn_handshake(j, &m.addr, &hs, m.at);
    return false;
  }
  switch(he_wire_state(fd, &m.rtt)) {
  case HE_WIRE_IDLE:
    return true;
  case HE_WIRE_CONNECTING:
    m.outcome = HE_OUT_GIVEN_UP;
    break;
  case HE_WIRE_CONNECTED:
    m.outcome = HE_OUT_CONNECTED;
    m.again = he_wire_handshake(fd, &hs) && hs.again;
    break;
  }
  /* a connect that is over needs no hurry; one given up frees a turn */
  closed(j, &m, m.outcome == HE_OUT_CONNECTED ? hear_by(j, m.at) : m.at);
  return false;
}

void he_job_failed(struct he_job *j, int fd, int error)
{
  struct he_job_mail m = { .kind = HE_MAIL_CLOSED, .fd = fd };
  struct he_native *nat;
  pthread_mutex_lock(&j->lock);
  nat = with_fd_locked(j, fd, false);
  if(nat) {
    m.serial = nat->serial;
    nat->outcome = HE_OUT_FAILED;
  }
  pthread_mutex_unlock(&j->lock);
  if(!m.serial)
    return;
  m.at = he_clock_now();
  m.outcome = HE_OUT_FAILED;
  m.bound = he_job_bound(j, fd);
  m.error = error;
  closed(j, &m, hear_by(j, m.at));
}
