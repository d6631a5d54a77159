/* SPDX-License-Identifier: MIT */
/* told.c - what libcurl's own attempts do, told by the threads that
 * drive transfers. Whether a request for a socket goes on with a connect or
 * begins the next one must be answered at once, so they are remembered here as
 * well as by the racer.
 *
 * Most connects are over before the racer has looked at them. For those no
 * system call is made here, and no mail posted. */
#include "base/clock.h"
#include "connect/owners.h"
#include "beside/theirs.h"
#include "connect/observe.h"
#include "net/tcp.h"

#include <stdlib.h>
#include <string.h>

/* When the racer has to hear of an attempt of a connect that it has seen. */
static he_time_ns hear_by(struct he_beside *b, he_time_ns now)
{
  bool busy;
  pthread_mutex_lock(&b->c.lock);
  busy = b->notice == HE_BUSY || he_beside_may_reorder_locked(b);
  pthread_mutex_unlock(&b->c.lock);
  if(busy || b->c.config.watcher)
    return now;
  if(b->c.config.aside || b->c.config.libcurl_races)
    return he_time_add(now, HE_NO_HURRY);
  return he_time_add(now, b->c.config.look_after);
}

/* -- the record; all under the lock -- */

static struct he_native *add_locked(struct he_beside *b)
{
  struct he_native *more;
  if(b->native_count < b->native_room)
    return &b->natives[b->native_count++];
  more = calloc(2 * b->native_room, sizeof(*more));
  if(!more)
    return NULL;
  memcpy(more, b->natives, b->native_count * sizeof(*more));
  if(b->natives != &b->first)
    free(b->natives);
  b->natives = more;
  b->native_room *= 2;
  return &b->natives[b->native_count++];
}

static struct he_native *with_serial_locked(struct he_beside *b,
                                            uint32_t serial)
{
  struct he_native *nat = b->natives + b->native_count;
  while(nat-- > b->natives) {
    if(nat->try.serial == serial)
      return nat;
  }
  return NULL;
}

/* libcurl's attempt with this number, of which it has just been said whether
   it is open. */
static struct he_native *with_fd_locked(struct he_beside *b, int fd, bool open)
{
  struct he_native *nat = b->natives + b->native_count;
  while(nat-- > b->natives) {
    if(nat->try.fd == fd && nat->open == open &&
       (!open || he_owner_is(fd, nat->try.serial)))
      return nat;
  }
  return NULL;
}

static bool any_open_locked(const struct he_beside *b)
{
  for(unsigned i = 0; i < b->native_count; i++) {
    if(b->natives[i].open)
      return true;
  }
  return false;
}

/* -- what libcurl does -- */

/* Writes an attempt down. NULL without memory, or a number for it. */
static struct he_native *write_down_locked(struct he_beside *b,
                                           const struct he_try *t)
{
  struct he_native *nat = t->serial ? add_locked(b) : NULL;
  if(!nat)
    return NULL;
  nat->try = *t;
  nat->wanted = b->swapped ? b->asked : t->addr;
  nat->open = true;
  b->swapped = false;
  return nat;
}

/* Is the racer to be asked to look at it? */
static bool expects_locked(const struct he_beside *b, bool reorder)
{
  return b->notice == HE_UNSEEN && !b->c.config.aside &&
         (!b->c.config.libcurl_races || reorder || b->c.config.restarts);
}

static void expect(struct he_beside *b, he_time_ns by)
{
  if(he_racer_expect(&b->c.task, by))
    return;
  pthread_mutex_lock(&b->c.lock);
  if(b->notice == HE_EXPECTED)
    b->notice = HE_UNSEEN;    /* the next attempt asks again */
  pthread_mutex_unlock(&b->c.lock);
}

void he_connect_started(struct he_connect *c, int fd,
                        const struct he_addr *addr, enum he_family asked)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_STARTED };
  struct he_try *t = &m.try;
  bool written, seen, expected, reorder;
  if(he_connect_inherited(&b->c))
    return;
  m.at = t->started = he_clock_now();
  t->fd = fd;
  t->addr = *addr;
  t->asked = asked;
  t->native = true;
  t->serial = he_owner_new(fd);
  pthread_mutex_lock(&b->c.lock);
  written = write_down_locked(b, t);
  seen = b->notice >= HE_SEEN;
  reorder = he_beside_may_reorder_locked(b);
  expected = written && expects_locked(b, reorder);
  if(expected)
    b->notice = HE_EXPECTED;
  pthread_mutex_unlock(&b->c.lock);
  if(expected)
    expect(b, reorder ? m.at : he_beside_look_at(b, t));
  if(!written || !seen)
    return;
  t->inode = he_wire_inode(fd);
  if(t->inode)
    he_beside_post(b, &m, hear_by(b, m.at));
}

void he_connect_steered(struct he_connect *c)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_STEERED };
  if(he_connect_inherited(&b->c))
    return;
  m.at = he_clock_now();
  he_beside_post(b, &m, hear_by(b, m.at));
}

static bool is_connected(const struct he_native *nat)
{
  return nat->try.fate == HE_FATE_CONNECTED ||
         (nat->open && he_owner_is(nat->try.fd, nat->try.serial) &&
          he_wire_state(nat->try.fd, NULL) == HE_WIRE_CONNECTED);
}

bool he_connect_continues(struct he_connect *c, const struct he_addr *addr)
{
  struct he_beside *b = he_beside_of(c);
  bool yes;
  if(he_connect_inherited(&b->c))
    return false;
  pthread_mutex_lock(&b->c.lock);
  yes = !b->c.done;
  for(unsigned i = 0; yes && i < b->native_count; i++)
    yes = !is_connected(&b->natives[i]) &&
          (b->spares || !he_addr_equal(&b->natives[i].wanted, addr));
  pthread_mutex_unlock(&b->c.lock);
  return yes;
}

/* libcurl drops its losers when one has connected, which is still open: that
   has taken no longer than this. 0: there is none. */
static he_time_ns oldest_open_locked(const struct he_beside *b, he_time_ns now)
{
  he_time_ns age = 0;
  for(unsigned i = 0; i < b->native_count; i++) {
    const struct he_native *nat = &b->natives[i];
    if(nat->open && now - nat->try.started > age)
      age = now - nat->try.started;
  }
  return age;
}

/* An attempt of libcurl's is over: to be told to the racer if that has seen
   the connect, else only written down. */
static void closed(struct he_beside *b, const struct he_beside_mail *m,
                   he_time_ns by)
{
  const struct he_try *t = &m->try;
  struct he_try learns = { 0 };
  he_time_ns winner = 0;
  bool seen;
  pthread_mutex_lock(&b->c.lock);
  seen = b->notice >= HE_SEEN;
  if(!seen) {
    struct he_try *was = &with_serial_locked(b, t->serial)->try;
    was->fate = HE_FATE_OPEN;   /* he_connect_failed() has set it */
    he_try_over(was, t->fate, t->error, m->at);
    was->bound = t->bound;
    was->handshake = t->handshake;
    was->again = t->again;
    was->learned = b->c.config.recall && !t->bound &&
                   t->fate != HE_FATE_CONNECTED;
    learns = *was;
    winner = oldest_open_locked(b, m->at);
  }
  b->c.done = b->c.done || t->fate == HE_FATE_CONNECTED;
  pthread_mutex_unlock(&b->c.lock);
  if(seen)
    he_beside_post(b, m, by);
  else if(learns.learned) {
    learns.delay = b->c.config.race.attempt_delay;
    he_observe(b->c.config.recall, b->c.config.host, &learns, winner, m->at);
  }
}

/* Strikes libcurl's attempt on fd out; its serial, 0 where there is none.
   *over where nothing more needs to be known of it but, with *sample, its
   handshake. */
static uint32_t strike_out(struct he_beside *b, int fd, bool doubtful,
                           he_time_ns now, bool *over, bool *sample,
                           struct he_addr *addr)
{
  struct he_native *nat;
  uint32_t serial = 0;
  pthread_mutex_lock(&b->c.lock);
  nat = with_fd_locked(b, fd, true);
  if(nat) {
    nat->open = false;
    serial = nat->try.serial;
    *over = b->notice < HE_SEEN &&
            (b->c.done || (!doubtful && !any_open_locked(b)));
    if(*over) {
      he_try_over(&nat->try, HE_FATE_UNKNOWN, 0, now);
      nat->try.ended = now;
      b->c.done = true;
      b->notice = HE_UNSEEN;
      *sample = he_beside_wants_sample_locked(b);
      *addr = nat->try.addr;
    }
  }
  pthread_mutex_unlock(&b->c.lock);
  return serial;
}

/* What the kernel says of one that libcurl is about to close. False: it has
   failed. */
static bool read_fate(struct he_try *t)
{
  struct he_wire_handshake hs;
  switch(he_wire_state(t->fd, &t->handshake)) {
  case HE_WIRE_IDLE:
    return false;
  case HE_WIRE_CONNECTING:
    t->fate = HE_FATE_GIVEN_UP;
    break;
  case HE_WIRE_CONNECTED:
    t->fate = HE_FATE_CONNECTED;
    t->again = he_wire_handshake(t->fd, &hs) && hs.again;
    break;
  }
  return true;
}

bool he_connect_closing(struct he_connect *c, int fd, bool doubtful)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_CLOSED };
  struct he_try *t = &m.try;
  bool over = false, sample = false;
  if(he_connect_inherited(&b->c))
    return false;
  he_connect_hung_up(&b->c, fd);
  m.at = he_clock_now();
  t->fd = fd;
  t->serial = strike_out(b, fd, doubtful, m.at, &over, &sample, &t->addr);
  if(!t->serial)
    return false;
  he_owner_none(fd);
  if(over) {
    he_racer_withdraw(&b->c.task);
    if(sample && he_observe_handshake(t)) {
      t->started = m.at;
      t->fate = HE_FATE_CONNECTED;
      he_observe(b->c.config.recall, b->c.config.host, t, 0, m.at);
    }
    return false;
  }
  if(!read_fate(t))
    return true;
  /* a connect that is over needs no hurry; one given up frees a turn */
  closed(b, &m, t->fate == HE_FATE_CONNECTED ? hear_by(b, m.at) : m.at);
  return false;
}

void he_connect_failed(struct he_connect *c, int fd, int error)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_CLOSED };
  struct he_native *nat;
  pthread_mutex_lock(&b->c.lock);
  nat = with_fd_locked(b, fd, false);
  if(nat) {
    m.try.serial = nat->try.serial;
    nat->try.fate = HE_FATE_FAILED;
  }
  pthread_mutex_unlock(&b->c.lock);
  if(!m.try.serial)
    return;
  m.at = he_clock_now();
  m.try.fate = HE_FATE_FAILED;
  m.try.bound = he_theirs_bound(b, fd);
  m.try.error = error;
  closed(b, &m, hear_by(b, m.at));
}

/* libcurl 7.88.0 to 8.1.2 do not tell of losers that they close. */
static bool is_the_line(const struct he_native *nat, int fd)
{
  return nat->open && he_owner_is(nat->try.fd, nat->try.serial) &&
         (fd >= 0 ? nat->try.fd == fd :
          he_wire_peer_is(nat->try.fd, &nat->try.addr) &&
          he_wire_state(nat->try.fd, NULL) == HE_WIRE_CONNECTED);
}

bool he_told_connection(const struct he_connect *c, int fd,
                        struct he_addr *addr)
{
  const struct he_beside *b = (const struct he_beside *)c;
  for(unsigned i = b->native_count; i-- > 0;) {
    if(is_the_line(&b->natives[i], fd)) {
      *addr = b->natives[i].try.addr;
      return true;
    }
  }
  return false;
}
