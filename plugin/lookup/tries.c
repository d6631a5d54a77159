/* SPDX-License-Identifier: MIT */
/* tries.c - the attempts of a race alone: their sockets, and what is learned
 * from them. Where the application has a say in sockets it is asked for each,
 * as libcurl would ask. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "connect/observe.h"
#include "connect/ours.h"
#include "lookup/expected.h"
#include "net/tcp.h"

#include <errno.h>
#include <string.h>

/* -- telling -- */

static bool is_hinted(const struct he_drive *d, const struct he_addr *a)
{
  bool hinted;
  return he_services_has(d->services, a, &hinted) && hinted;
}

/* For those who are told when it happens. */
static void describe_start(struct he_drive *d, const struct he_try *t,
                           struct he_step *s)
{
  const struct he_lookup_answer *a = &d->l->answers[t->addr.family];
  struct he_attempt_info info;
  if(he_race_attempt(d->race, t->id, &info))
    s->delay_ms = (unsigned)(info.delay / HE_MS(1));
  s->why = d->l->config.why;
  if(d->services && !he_services_is_own(d->services, &t->addr))
    s->origin = is_hinted(d, &t->addr) ? HE_ORIGIN_HINT : HE_ORIGIN_QUERY;
  else if(!he_answer_find(a, &t->addr))
    s->origin = HE_ORIGIN_REMEMBERED;
  else
    s->origin = d->kept[t->addr.family] ? HE_ORIGIN_CACHE : HE_ORIGIN_QUERY;
}

static void tell(struct he_drive *d, enum he_step_kind kind,
                 const struct he_try *t, int error)
{
  struct he_step s = he_try_step(t, kind, error);
  struct he_addr local;
  bool known = false;
  if(he_lookup_traced(d->l)) {
    if(kind == HE_STEP_START)
      describe_start(d, t, &s);
    known = kind == HE_STEP_CONNECTED && he_wire_local(t->fd, &local);
  }
  he_lookup_tell(d->l, &s, known ? &local : NULL, he_clock_now());
}

static void feed(struct he_drive *d, enum he_event_kind kind, int id,
                 int error)
{
  struct he_event ev = { .kind = kind, .attempt = id, .error = error };
  he_race_handle(d->race, he_clock_now(), &ev);
}

/* -- learning -- */

/* What is learned is learned of the host's own addresses. */
static bool is_led(const struct he_drive *d, const struct he_try *t)
{
  return d->services && !he_services_is_own(d->services, &t->addr);
}

/* Its fate is learned when the race is over, see observe.h. */
static void over(struct he_drive *d, struct he_try *t, enum he_fate fate,
                 int error)
{
  struct he_attempt_info info;
  if(he_race_attempt(d->race, t->id, &info))
    t->delay = info.delay;
  he_try_over(t, fate, error, he_clock_now());
  if(fate == HE_FATE_CONNECTED)
    return;
  if(t->fd >= 0)
    he_lookup_close(d->l, t);
  d->running--;
  d->otherwise = d->otherwise || fate != HE_FATE_FAILED ||
                 !he_lookup_is_refusal(error);
}

void he_drive_learn(struct he_drive *d, he_time_ns now)
{
  const struct he_try *winner =
    d->winner && !d->winner->learned && !is_led(d, d->winner) ? d->winner :
    NULL;
  bool bad = false;           /* something speaks against an address */
  if(d->gives_way || !d->l->config.recall)
    return;
  for(unsigned i = 0; i < d->count; i++) {
    const struct he_try *t = &d->tries[i];
    if(t->fate && !t->learned && !is_led(d, t)) {
      he_observe(d->l->config.recall, d->l->host, t,
                 he_observe_taken(winner), now);
      bad = bad || t != winner;
    }
  }
  if(bad)
    he_expected_tell(d->l);
}

/* -- sockets -- */

static bool is_scarce(int error)
{
  return error == EMFILE || error == ENFILE;
}

static void failed(struct he_drive *d, struct he_try *t, int error)
{
  /* the application's word, or this machine's trouble */
  t->learned = error == ECANCELED || is_scarce(error);
  over(d, t, HE_FATE_FAILED, error);
  tell(d, HE_STEP_FAILED, t, error);
  feed(d, HE_EV_FAILED, t->id, error);
}

/* Sent on its way, from where it is to go, unless the application has sent it
   already. 0 or errno. */
static int send_off(const struct he_drive *d, const struct he_try *t)
{
  const struct he_lookup_plan *p = d->l->config.plan;
  const int error = p && p->has_local[t->addr.family] && !t->connected ?
    he_wire_bind(t->fd, &p->local[t->addr.family]) : 0;
  return error ? error : he_ours_connect(t);
}

void he_drive_connect(struct he_drive *d, const struct he_action *a)
{
  const bool plan = d->l->config.plan;
  const char *steered = NULL;   /* then it fails as any other */
  struct he_try *t;
  int error;
  if(a->attempt >= HE_DRIVE_TRIES) {
    feed(d, HE_EV_FAILED, a->attempt, ENOBUFS);
    return;
  }
  d->count = (unsigned)a->attempt + 1;
  d->running++;
  t = &d->tries[a->attempt];
  *t = (struct he_try){ .addr = a->addr, .id = a->attempt, .fd = -1 };
  he_drive_through(d, t);
  error = he_ours_open(d->l->config.app, plan ? HE_OURS_LOWEST : HE_OURS_LOW,
                       t, plan ? &steered : &d->gives_way);
  if(is_scarce(error) && !plan) {   /* libcurl may have more luck */
    t->learned = true;
    over(d, t, HE_FATE_UNKNOWN, 0);
    d->leaves = d->running;   /* what runs goes on beside its attempts */
    d->gives_way = d->running ? d->gives_way : "descriptors are scarce";
    return;
  }
  if(error != ECANCELED)      /* the application does not want it */
    tell(d, HE_STEP_START, t, 0);
  t->started = d->last_start = he_clock_now();
  if(!error)
    error = send_off(d, t);
  if(error)
    failed(d, t, error);
}

void he_drive_cancel(struct he_drive *d, int id)
{
  struct he_try *t = &d->tries[id];
  struct he_attempt_info info;
  const bool late = he_race_attempt(d->race, id, &info) &&
                    info.state == HE_TRY_TIMED_OUT;
  if(t->fate)                 /* it never ran */
    return;
  t->learned = t->waits;      /* that one was answered */
  over(d, t, HE_FATE_GIVEN_UP, 0);
  tell(d, late ? HE_STEP_TIMED_OUT : HE_STEP_CANCELLED, t,
       late ? ETIMEDOUT : 0);
}

void he_drive_desert(struct he_drive *d, struct he_try *t)
{
  t->learned = true;
  over(d, t, HE_FATE_GIVEN_UP, 0);
  tell(d, HE_STEP_CANCELLED, t, 0);
  feed(d, HE_EV_FAILED, t->id, EADDRNOTAVAIL);
}

void he_drive_decide(struct he_drive *d, struct he_try *t)
{
  d->state = HE_DRIVE_DECIDED;
  t->waits = false;
  t->learned = !(d->l->config.recall &&
                 (d->l->config.sample || d->count > 1) &&
                 he_observe_handshake(t));
  over(d, t, HE_FATE_CONNECTED, 0);
  feed(d, HE_EV_CONNECTED, t->id, 0);
}

/* Is it the last address, and has each other one refused? Then libcurl tries
   all of them once more, and is spared the round trip: it is given this
   socket, where connect() fails at once, with the error that was not read
   before. */
static bool is_last_hope(const struct he_drive *d)
{
  struct he_lookup *l = d->l;
  return !l->config.plan && d->running == 1 &&
         d->state == HE_DRIVE_RACING && !d->gives_way && !d->nat64.waits &&
         !he_services_leads(d->services) &&
         !he_services_expects(d->services) &&
         he_lookup_all_there(l) && !he_race_untried(d->race, NULL, 0) &&
         he_lookup_known(l, HE_IPV6) == &l->answers[HE_IPV6] &&
         he_lookup_known(l, HE_IPV4) == &l->answers[HE_IPV4] &&
         (d->count == 1 || (l->config.passes_over && !d->otherwise));
}

bool he_drive_heard(struct he_drive *d, struct he_try *t, bool failing)
{
  int error;
  if(d->state == HE_DRIVE_DECIDED)
    return false;             /* another one was there a moment before */
  if(failing && is_last_hope(d)) {
    d->refused = t;           /* libcurl's connect() says why */
    feed(d, HE_EV_FAILED, t->id, ECONNREFUSED);
    return false;
  }
  error = he_wire_error(t->fd);
  if(error) {
    failed(d, t, error);
    return false;
  }
  tell(d, HE_STEP_CONNECTED, t, 0);
  return true;
}
