/* SPDX-License-Identifier: MIT */
/* tries.c - the attempts of a race alone: their sockets, and what is learned
 * from them. Where the application has a say in sockets it is asked for each,
 * as libcurl would ask. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "base/fds.h"
#include "lookup/expected.h"
#include "lookup/known.h"
#include "net/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Between two looks for a descriptor where there was none. */
#define SCARCE HE_MS(50)

/* -- telling -- */

static void tell(struct he_drive *d, enum he_step_kind kind,
                 const struct he_drive_try *t, int error)
{
  struct he_step s = { .kind = kind, .has_addr = true, .has_family = true };
  s.addr = t->addr;
  s.family = (enum he_family)t->addr.family;
  s.error = error;
  he_lookup_tell(d->l, &s, he_clock_now());
}

static void feed(struct he_drive *d, enum he_event_kind kind, int id,
                 int error)
{
  struct he_event ev = { .kind = kind, .attempt = id, .error = error };
  he_race_handle(d->race, he_clock_now(), &ev);
}

/* -- learning -- */

/* Kept until the race is over: silence is judged by what the winner took. */
static void note(struct he_drive *d, const struct he_outcome *o)
{
  if(!d->l->config.recall)
    return;
  if(d->ended_count == d->ended_room) {
    size_t room = d->ended_room + 4;
    struct he_outcome *more = realloc(d->ended, room * sizeof(*more));
    if(!more)
      return;                 /* it teaches nothing */
    d->ended = more;
    d->ended_room = room;
  }
  d->ended[d->ended_count++] = *o;
}

static struct he_outcome outcome(const struct he_drive *d,
                                 const struct he_drive_try *t,
                                 enum he_outcome_kind kind)
{
  struct he_outcome o = { .kind = kind, .addr = t->addr };
  const he_time_ns now = he_clock_now();
  struct he_attempt_info info;
  o.pending = now > t->started ? now - t->started : 0;
  if(he_race_attempt(d->race, t->id, &info))
    o.delay = info.delay;
  return o;
}

static void note_connected(struct he_drive *d, const struct he_drive_try *t)
{
  struct he_outcome o = outcome(d, t, HE_OUTCOME_CONNECTED);
  struct he_wire_handshake hs;
  if(!d->l->config.recall ||
     (!d->l->config.sample && he_race_attempts(d->race) == 1) ||
     !he_wire_handshake(t->fd, &hs))
    return;
  o.handshake = hs.rtt;
  o.retransmitted = hs.again;
  note(d, &o);
}

static void note_failed(struct he_drive *d, const struct he_drive_try *t,
                        int error)
{
  struct he_outcome o = outcome(d, t, HE_OUTCOME_FAILED);
  o.error = error;
  note(d, &o);
}

static void note_unanswered(struct he_drive *d, const struct he_drive_try *t)
{
  struct he_outcome o = outcome(d, t, HE_OUTCOME_UNANSWERED);
  note(d, &o);
}

static he_time_ns time_of_winner(const struct he_drive *d)
{
  for(size_t i = 0; i < d->ended_count; i++) {
    if(d->ended[i].kind == HE_OUTCOME_CONNECTED)
      return d->ended[i].handshake ? d->ended[i].handshake :
             d->ended[i].pending;
  }
  return 0;
}

void he_drive_learn(struct he_drive *d, he_time_ns now)
{
  const he_time_ns winner = time_of_winner(d);
  bool bad = false;
  if(d->gives_way)
    return;
  for(size_t i = 0; i < d->ended_count; i++) {
    d->ended[i].winner = winner;
    he_recall_learn(d->l->config.recall, d->l->host, &d->ended[i], now);
    bad = bad || d->ended[i].kind != HE_OUTCOME_CONNECTED;
  }
  if(bad)
    he_expected_tell(d->l);
}

/* -- the list -- */

struct he_drive_try *he_drive_find(struct he_drive *d, int id)
{
  for(unsigned i = 0; i < d->count; i++) {
    if(d->tries[i].id == id)
      return &d->tries[i];
  }
  return NULL;
}

static void close_socket(struct he_drive *d, const struct he_drive_try *t)
{
  const struct he_lookup_try gone = he_drive_give(t);
  if(t->fd >= 0)
    he_lookup_close(d->l, &gone);
}

/* Its pointer is no good any more. */
static void drop(struct he_drive *d, struct he_drive_try *t)
{
  close_socket(d, t);
  *t = d->tries[--d->count];
}

struct he_lookup_try he_drive_give(const struct he_drive_try *t)
{
  struct he_lookup_try out = { .addr = t->addr, .fd = t->fd };
  out.apps = t->apps;
  out.started = t->started;
  return out;
}

/* -- sockets -- */

/* libcurl needs descriptors of its own for what follows: the last eighth of
   those that the process may have is not for races. */
static bool is_scarce(int fd)
{
  struct rlimit limit;
  return !getrlimit(RLIMIT_NOFILE, &limit) &&
         (rlim_t)fd >= limit.rlim_cur - limit.rlim_cur / 8;
}

static int own_socket(const struct he_addr *a, int *error)
{
  int fd;
  he_fds_begin();
  fd = socket(a->family == HE_IPV4 ? AF_INET : AF_INET6,
              SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  *error = errno;
  fd = he_fds_end(fd);
  if(fd >= 0 && is_scarce(fd)) {
    he_fd_close(fd);
    fd = -1;
    *error = EMFILE;
  }
  return fd;
}

/* The application has the word about the socket. 0, or ECANCELED where it does
   not want this attempt. */
static int ask(struct he_drive *d, struct he_drive_try *t, bool *connected)
{
  struct he_app *app = d->l->config.app;
  struct he_addr addr = t->addr;
  if(app->opens) {
    t->fd = app->ops->open(app, &addr);
    if(t->fd < 0)
      return ECANCELED;
  }
  t->apps = app->opens || app->counts;
  if(!he_addr_equal(&addr, &t->addr) || !he_wire_is_tcp(t->fd, &addr)) {
    d->gives_way = "the application's callback gave another address, or no "
                   "TCP socket";
    return ECANCELED;
  }
  switch(app->ops->prepare(app, t->fd)) {
  case HE_APP_CONNECT:
    return 0;
  case HE_APP_CONNECTED:
    *connected = he_wire_usable(t->fd);
    return *connected ? 0 : ECANCELED;
  case HE_APP_DROP:
    break;
  }
  return ECANCELED;
}

static int open_socket(struct he_drive *d, struct he_drive_try *t,
                       bool *connected)
{
  struct he_app *app = d->l->config.app;
  int error = 0;
  *connected = false;
  if(!app || !app->opens) {
    if(app && app->counts)    /* the application closes it */
      t->fd = he_wire_socket((enum he_family)t->addr.family, false, &error);
    else
      t->fd = own_socket(&t->addr, &error);
    if(t->fd < 0)
      return error;
  }
  return app ? ask(d, t, connected) : 0;
}

static void failed(struct he_drive *d, struct he_drive_try *t, int error)
{
  const struct he_drive_try was = *t;
  d->otherwise = d->otherwise || !he_lookup_is_refusal(error);
  if(error != ECANCELED)
    note_failed(d, t, error);
  drop(d, t);
  tell(d, HE_STEP_FAILED, &was, error);
  feed(d, HE_EV_FAILED, was.id, error);
}

/* Without a descriptor the attempt waits for one; where none of ours runs
   libcurl may have more luck. */
static void wait_for_descriptor(struct he_drive *d)
{
  bool any = false;
  d->retry_at = he_time_add(he_clock_now(), SCARCE);
  for(unsigned i = 0; i < d->count; i++)
    any = any || d->tries[i].fd >= 0;
  if(!any)
    d->gives_way = "descriptors are scarce";
}

static void start(struct he_drive *d, struct he_drive_try *t)
{
  bool connected;
  int error = open_socket(d, t, &connected);
  if(error == EMFILE || error == ENFILE) {
    wait_for_descriptor(d);
    return;
  }
  if(error != ECANCELED)      /* the application does not want it */
    tell(d, HE_STEP_START, t, 0);
  t->started = d->last_start = he_clock_now();
  d->starts++;
  if(!error && !connected)
    error = he_wire_connect(t->fd, &t->addr);
  if(error)
    failed(d, t, error);
}

void he_drive_connect(struct he_drive *d, const struct he_action *a)
{
  struct he_drive_try *t = &d->tries[d->count++];
  memset(t, 0, sizeof(*t));
  t->addr = a->addr;
  t->id = a->attempt;
  t->fd = -1;
  t->started = he_clock_now();
  start(d, t);
}

void he_drive_retry(struct he_drive *d)
{
  if(d->retry_at > he_clock_now())
    return;
  d->retry_at = HE_NEVER;
  for(unsigned i = d->count; i-- > 0;) {
    if(d->tries[i].fd < 0)
      start(d, &d->tries[i]);
  }
}

void he_drive_cancel(struct he_drive *d, int id)
{
  struct he_drive_try *t = he_drive_find(d, id);
  struct he_attempt_info info;
  struct he_drive_try was;
  bool late;
  if(!t)
    return;
  was = *t;
  late = he_race_attempt(d->race, id, &info) &&
         info.state == HE_TRY_TIMED_OUT;
  d->otherwise = true;
  if(!t->waits)               /* that one was answered */
    note_unanswered(d, t);
  drop(d, t);
  tell(d, late ? HE_STEP_TIMED_OUT : HE_STEP_CANCELLED, &was,
       late ? ETIMEDOUT : 0);
}

void he_drive_desert(struct he_drive *d, int id)
{
  struct he_drive_try *t = he_drive_find(d, id);
  const struct he_drive_try was = *t;
  d->otherwise = true;
  drop(d, t);
  tell(d, HE_STEP_CANCELLED, &was, 0);
  feed(d, HE_EV_FAILED, id, EADDRNOTAVAIL);
}

void he_drive_decide(struct he_drive *d, struct he_drive_try *t)
{
  d->state = HE_DRIVE_DECIDED;
  t->waits = false;
  note_connected(d, t);
  feed(d, HE_EV_CONNECTED, t->id, 0);
}

/* Is it the last address, and has each other one refused? Then libcurl tries
   all of them once more, and is spared the round trip: it is given this
   socket, where connect() fails at once, with the error that was not read
   before. */
static bool is_last_hope(const struct he_drive *d)
{
  struct he_lookup *l = d->l;
  return d->count == 1 && d->state == HE_DRIVE_RACING && !d->gives_way &&
         he_lookup_all_there(l) && !he_race_untried(d->race, NULL, 0) &&
         he_lookup_known(l, HE_IPV6) == &l->answers[HE_IPV6] &&
         he_lookup_known(l, HE_IPV4) == &l->answers[HE_IPV4] &&
         (d->starts == 1 || (l->config.passes_over && !d->otherwise));
}

struct he_drive_try *he_drive_heard(struct he_drive *d,
                                    const struct he_drive_ready *r)
{
  struct he_drive_try *t = he_drive_find(d, r->id);
  int error;
  if(!t || t->waits || d->state == HE_DRIVE_DECIDED)
    return NULL;              /* another one was there a moment before */
  if(r->failed && is_last_hope(d)) {
    d->refused = t;           /* libcurl's connect() says why */
    feed(d, HE_EV_FAILED, r->id, ECONNREFUSED);
    return NULL;
  }
  error = he_wire_error(t->fd);
  if(error) {
    failed(d, t, error);
    return NULL;
  }
  tell(d, HE_STEP_CONNECTED, t, 0);
  return t;
}
