/* SPDX-License-Identifier: MIT */
/* told.c - what libcurl's own attempts do, told by the threads that
 * drive transfers. Whether a request for a socket goes on with a connect or
 * begins the next one must be answered at once, so they are remembered here as
 * well as by the racer. */
#include "base/clock.h"
#include "connect/owners.h"
#include "beside/theirs.h"
#include "connect/observe.h"
#include "net/tcp.h"

#include <stdlib.h>

/* When the racer has to hear of an attempt. */
static he_time_ns hear_by(struct he_beside *b, he_time_ns now)
{
  bool busy;
  pthread_mutex_lock(&b->c.lock);
  busy = b->busy;
  pthread_mutex_unlock(&b->c.lock);
  /* A trace hears of it at once, and is no reason to look at it sooner: that
     would have the host's name asked for. */
  if(busy || b->c.config.watcher || b->c.config.trail ||
     he_beside_may_reorder(b))
    return now;
  if(b->c.config.aside ||
     (b->c.config.libcurl_races && !b->c.config.restarts))
    return he_time_add(now, HE_NO_HURRY);
  return he_time_add(now, b->c.config.look_after);
}

/* What is in no hurry is kept. */
static void post(struct he_beside *b, const struct he_beside_mail *m,
                 he_time_ns by)
{
  if(by > m->at)
    he_beside_keep(b, m, by);
  else
    he_beside_post(b, m, by);
}

/* -- the record; all under the lock -- */

static struct he_native *add_locked(struct he_beside *b)
{
  if(b->native_count == b->native_room) {
    const unsigned room = b->native_room ? 2 * b->native_room : 1;
    struct he_native *more = realloc(b->natives, room * sizeof(*more));
    if(!more)
      return NULL;
    b->natives = more;
    b->native_room = room;
  }
  return &b->natives[b->native_count++];
}

/* libcurl's attempt with this number, of which it has just been said whether
   it is open. */
static struct he_native *with_fd_locked(struct he_beside *b, int fd, bool open)
{
  for(unsigned i = b->native_count; i-- > 0;) {
    struct he_native *nat = &b->natives[i];
    if(nat->fd == fd && nat->open == open &&
       (!open || he_owner_is(fd, nat->serial)))
      return nat;
  }
  return NULL;
}

/* -- what libcurl does -- */

/* Writes an attempt down. False without memory, or a number for it. */
static bool write_down(struct he_beside *b, const struct he_try *t)
{
  struct he_native *nat;
  pthread_mutex_lock(&b->c.lock);
  nat = t->serial ? add_locked(b) : NULL;
  if(nat) {
    *nat = (struct he_native){ .addr = t->addr, .peer = *he_try_peer(t),
                               .started = t->started, .serial = t->serial,
                               .fd = t->fd, .open = true };
    nat->wanted = b->swapped ? b->asked : t->addr;
    b->swapped = false;
  }
  pthread_mutex_unlock(&b->c.lock);
  return nat;
}

void he_connect_started(struct he_connect *c, int fd,
                        const struct he_addr *addr, enum he_family asked)
{
  const struct he_addr itself = { .port = 0 };
  he_connect_started_through(c, fd, addr, &itself, asked);
}

void he_connect_started_through(struct he_connect *c, int fd,
                                const struct he_addr *addr,
                                const struct he_addr *through,
                                enum he_family asked)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_STARTED };
  struct he_try *t = &m.try;
  if(he_connect_inherited(&b->c))
    return;
  m.at = t->started = he_clock_now();
  t->fd = fd;
  t->addr = *addr;
  t->through = *through;
  t->asked = asked;
  t->native = true;
  t->serial = he_owner_new(fd);
  if(!write_down(b, t))
    return;
  t->inode = he_wire_inode(fd);
  if(t->inode)
    post(b, &m, hear_by(b, m.at));
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
  return nat->open && he_owner_is(nat->fd, nat->serial) &&
         he_wire_state(nat->fd, NULL) == HE_WIRE_CONNECTED;
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

bool he_told_slow(struct he_beside *b)
{
  bool slow;
  pthread_mutex_lock(&b->c.lock);
  slow = !b->posted && !b->c.done;
  for(unsigned i = 0; slow && i < b->native_count; i++)
    slow = !is_connected(&b->natives[i]);
  pthread_mutex_unlock(&b->c.lock);
  return slow;
}

/* libcurl drops its losers when one has connected, which is still open: that
   has taken no longer than this. 0: there is none. */
static he_time_ns oldest_open_locked(const struct he_beside *b, he_time_ns now)
{
  he_time_ns age = 0;
  for(unsigned i = 0; i < b->native_count; i++) {
    const struct he_native *nat = &b->natives[i];
    if(nat->open && now - nat->started > age)
      age = now - nat->started;
  }
  return age;
}

/* The history hears at once, as the next connect may begin before the racer
   hears: but not while the racer may have made libcurl's attempt fail. */
static void learn(struct he_beside *b, struct he_try *t, he_time_ns winner,
                  he_time_ns now)
{
  struct he_try over = *t;
  if(!b->c.config.recall || t->bound)
    return;
  t->learned = true;
  over.fate = HE_FATE_OPEN;
  he_try_over(&over, t->fate, t->error, now);
  over.delay = b->c.config.race.attempt_delay;
  he_observe(b->c.config.recall, b->c.config.host, &over, winner, now);
}

/* An attempt of libcurl's is over. */
static void closed(struct he_beside *b, struct he_beside_mail *m,
                   he_time_ns by)
{
  const bool connected = m->try.fate == HE_FATE_CONNECTED;
  he_time_ns winner;
  bool busy, done, posted;
  pthread_mutex_lock(&b->c.lock);
  busy = b->busy;
  done = b->c.done;
  posted = b->posted;
  winner = oldest_open_locked(b, m->at);
  b->c.done = done || connected;
  pthread_mutex_unlock(&b->c.lock);
  if(done)
    return;
  if(!busy && (!connected || (!posted && b->c.config.sample)))
    learn(b, &m->try, winner, m->at);
  post(b, m, by);
  if(connected && !posted)
    he_racer_withdraw(&b->c.task);
}

/* Strikes libcurl's attempt on fd out. False: there is none. */
static bool strike_out(struct he_beside *b, struct he_try *t)
{
  struct he_native *nat;
  pthread_mutex_lock(&b->c.lock);
  nat = with_fd_locked(b, t->fd, true);
  if(nat) {
    nat->open = false;
    t->serial = nat->serial;
    t->addr = nat->addr;
    t->started = nat->started;
  }
  pthread_mutex_unlock(&b->c.lock);
  return nat;
}

/* What the kernel says of one that libcurl is about to close. False: it has
   failed. */
static bool read_fate(struct he_try *t)
{
  struct he_wire_handshake hs;
  switch(he_wire_state(t->fd, &hs)) {
  case HE_WIRE_IDLE:
    return false;
  case HE_WIRE_CONNECTING:
    t->fate = HE_FATE_GIVEN_UP;
    break;
  case HE_WIRE_CONNECTED:
    t->fate = HE_FATE_CONNECTED;
    t->handshake = hs.rtt;
    t->again = hs.again;
    break;
  }
  return true;
}

bool he_connect_closing(struct he_connect *c, int fd)
{
  struct he_beside *b = he_beside_of(c);
  struct he_beside_mail m = { .kind = HE_MAIL_CLOSED };
  struct he_try *t = &m.try;
  if(he_connect_inherited(&b->c))
    return false;
  he_connect_hung_up(&b->c, fd);
  m.at = he_clock_now();
  t->fd = fd;
  if(!strike_out(b, t))
    return false;
  he_owner_none(fd);
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
    m.try.serial = nat->serial;
    m.try.addr = nat->addr;
    m.try.started = nat->started;
    nat->failed = true;
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
  return nat->open && he_owner_is(nat->fd, nat->serial) &&
         (fd >= 0 ? nat->fd == fd : he_wire_peer_is(nat->fd, &nat->peer) &&
          he_wire_state(nat->fd, NULL) == HE_WIRE_CONNECTED);
}

bool he_told_connection(const struct he_connect *c, int fd,
                        struct he_addr *addr)
{
  const struct he_beside *b = (const struct he_beside *)c;
  for(unsigned i = b->native_count; i-- > 0;) {
    if(is_the_line(&b->natives[i], fd)) {
      *addr = b->natives[i].addr;
      return true;
    }
  }
  return false;
}

void he_told_tally(struct he_beside *b)
{
  struct he_tally *t;
  struct he_addr addr;
  unsigned n;
  bool connected;
  pthread_mutex_lock(&b->c.lock);
  t = b->c.config.tally;
  b->c.config.tally = NULL;
  n = b->native_count;
  connected = he_told_connection(&b->c, -1, &addr);
  for(const struct he_beside_mail *m = b->kept; m && !connected; m = m->next) {
    connected = m->kind == HE_MAIL_CLOSED && m->try.fate == HE_FATE_CONNECTED;
    addr = m->try.addr;
  }
  pthread_mutex_unlock(&b->c.lock);
  if(n)
    he_tally_quiet(t, n, connected ? &addr : NULL, b->c.config.aside);
  he_tally_unref(t);
}
