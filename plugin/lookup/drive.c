/* SPDX-License-Identifier: MIT */
/* drive.c - the loop of effects around the pure race, on the thread that called
 * getaddrinfo(). The files below it say what they saw; it alone decides who
 * wins, and when the race is over. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "base/fds.h"
#include "lookup/expected.h"
#include "resolve/gai.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* So long a result waits to be taken. libcurl asks within a millisecond. */
#define GUARD HE_MS(1000)

/* -- answers -- */

static void heed_answer(struct he_drive *d, enum he_family f, he_time_ns now)
{
  const struct he_lookup_answer *a = &d->l->answers[f];
  struct he_candidate list[HE_RACE_MAX_ADDRS];
  struct he_event ev = { .kind = HE_EV_ANSWER, .family = f };
  d->unheard[f] = false;
  if(he_answer_failed(a)) {
    ev.kind = HE_EV_UNANSWERED;
    ev.error = a->error;
  }
  ev.list = list;
  ev.n = he_drive_fold(d, f, list);
  he_race_handle(d->race, now, &ev);
}

/* With HTTPS records the race itself says what is waited for. */
static void heed_services(struct he_drive *d, he_time_ns now)
{
  const struct he_race_config *c = &d->l->config.race;
  struct he_services_own own;
  if(!d->unheard[HE_IPV6] && !d->unheard[HE_IPV4] && !d->led)
    return;
  he_drive_sort(d, now);
  d->unheard[HE_IPV6] = d->unheard[HE_IPV4] = d->led = false;
  own.late_ipv4 = d->nat64.waits;
  for(int f = 0; f < HE_FAMILIES; f++)
    own.n[f] = he_drive_fold(d, (enum he_family)f, own.list[f]);
  he_services_tell(d->services, d->race,
                   he_order_first(c->policy, c->preference), &own, now);
}

/* The race hears of the answers; of one of which he_drive_holds() says so not
   before the Resolution Delay. */
static void heed_answers(struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  enum he_family first;
  if(d->services) {
    heed_services(d, now);
    return;
  }
  if(!d->unheard[HE_IPV6] && !d->unheard[HE_IPV4])
    return;
  first = he_drive_sort(d, now);
  if(he_drive_holds(d, now))
    return;
  if(d->unheard[first])
    heed_answer(d, first, now);
  if(d->unheard[he_other_family(first)])
    heed_answer(d, he_other_family(first), now);
}

/* -- the race's actions -- */

static void perform(struct he_drive *d, const struct he_action *a)
{
  switch(a->kind) {
  case HE_ACT_RESOLVE:
    he_drive_ask(d, a->family);
    break;
  case HE_ACT_CONNECT:
    he_drive_connect(d, a);
    break;
  case HE_ACT_CANCEL:
    he_drive_cancel(d, a->attempt);
    break;
  case HE_ACT_WON:
    d->winner = &d->tries[a->attempt];
    break;
  case HE_ACT_LOST:
    d->lost = a->error;
    break;
  case HE_ACT_FORGET:
  case HE_ACT_BEGIN:
    break;
  }
}

static void pump(struct he_drive *d)
{
  struct he_action a;
  while(he_race_next(d->race, &a))
    perform(d, &a);
}

/* -- the loop -- */

static void step(struct he_drive *d)
{
  struct he_event time = { .kind = HE_EV_TIME };
  struct he_try *confirmed;
  he_drive_look(d);
  if(d->stopped)              /* then nothing is begun any more */
    return;
  if(d->l->config.names_only) {
    d->leaves = he_lookup_all_there(d->l);
    return;
  }
  he_drive_complete(d);
  d->leaves = d->state != HE_DRIVE_DECIDED && !he_race_over(d->race) &&
              he_drive_leaves(d);
  if(d->leaves)
    return;
  confirmed = he_drive_confirmed(d, he_clock_now());
  if(confirmed)
    he_drive_decide(d, confirmed);
  if(d->state == HE_DRIVE_RACING) {
    heed_answers(d);
    he_drive_desert_astray(d);
    he_race_handle(d->race, he_clock_now(), &time);
  }
  pump(d);
  if(d->state == HE_DRIVE_RACING)
    he_drive_advise(d, he_clock_now());
  pump(d);                    /* what was advised may have begun already */
}

static void wait(struct he_drive *d)
{
  struct pollfd p[HE_DRIVE_TRIES + 1];
  const unsigned n = he_drive_wait(d, p) ? d->count : 0;
  for(unsigned i = 0; i < n; i++) {
    struct he_try *t = &d->tries[i];
    if(p[i].revents && he_drive_heard(d, t, p[i].revents & POLLERR) &&
       he_drive_wins(d, t))
      he_drive_decide(d, t);
  }
}

/* Does nobody wait for what is still to come? */
static bool is_over(const struct he_drive *d)
{
  return he_race_over(d->race) || d->gives_way || d->leaves || d->stopped ||
         (d->state == HE_DRIVE_RACING && he_clock_now() >= he_drive_limit(d));
}

static void loop(struct he_drive *d)
{
  struct he_event start = { .kind = HE_EV_START };
  struct he_step asked = { .kind = HE_STEP_LOOKUP };
  if(!d->l->config.plan)      /* nobody has looked anything up */
    he_lookup_tell(d->l, &asked, NULL, d->l->began);
  he_race_handle(d->race, he_clock_now(), &start);
  pump(d);
  he_drive_look(d);
  he_drive_remember(d, he_clock_now());
  for(;;) {
    step(d);
    if(is_over(d))
      return;
    wait(d);
  }
}

/* -- the end -- */

static enum he_lookup_state outcome(const struct he_drive *d)
{
  if(d->winner)
    return HE_LOOKUP_WON;
  if(d->l->config.names_only && !d->stopped)
    return HE_LOOKUP_LEFT;
  if(he_race_over(d->race) || d->stopped || d->gives_way)
    return HE_LOOKUP_LOST;
  return d->running || d->leaves ? HE_LOOKUP_LEFT : HE_LOOKUP_LOST;
}

/* What libcurl has to know of where HTTPS records led. */
static void leave_services(struct he_drive *d)
{
  struct he_lookup *l = d->l;
  l->reliant = he_services_reliant(d->services);
  l->served = he_services_served(d->services);
  if(!d->winner)
    return;
  l->led = !he_services_is_own(d->services, &d->winner->addr);
  l->service = d->winner->addr;
}

/* What goes on beside libcurl's own attempts goes where those may go. */
static bool goes_on(const struct he_drive *d, const struct he_try *t)
{
  return !t->fate &&
         (!d->services || he_services_is_own(d->services, &t->addr));
}

/* The rest of what LEFT leaves. */
static void close_led(struct he_drive *d)
{
  for(unsigned i = 0; i < d->count; i++) {
    if(!d->tries[i].fate && !goes_on(d, &d->tries[i]))
      he_drive_desert(d, &d->tries[i]);
  }
}

/* The lookup has its state, and what waits to be taken. Nobody is woken any
   more. */
static void leave(struct he_drive *d, enum he_lookup_state state, bool partial)
{
  struct he_lookup *l = d->l;
  const int wake = l->wake;
  pthread_mutex_lock(&l->lock);
  l->wake = -1;
  for(unsigned i = 0; i < d->count; i++) {
    const struct he_try *t = &d->tries[i];
    if(state == HE_LOOKUP_LEFT ? goes_on(d, t) :
       t == d->winner || t == d->refused)
      l->tries[l->try_count++] = *t;
  }
  l->state = state;
  l->partial = partial;
  l->lost = d->lost;
  l->why = d->gives_way ? d->gives_way :
           "every address has failed, and libcurl tries once more by itself";
  pthread_mutex_unlock(&l->lock);
  if(wake >= 0)
    he_fd_close(wake);
}

static void finish(struct he_drive *d)
{
  struct he_event stop = { .kind = HE_EV_STOP };
  const he_time_ns now = he_clock_now();
  enum he_lookup_state state;
  bool partial;
  he_drive_look(d);
  state = outcome(d);
  if(!he_race_over(d->race) && state != HE_LOOKUP_LEFT) {
    he_race_handle(d->race, now, &stop);
    pump(d);
  }
  partial = he_drive_end_asking(d, now);
  if(d->services && !d->l->config.names_only)
    leave_services(d);
  if(d->services && state == HE_LOOKUP_LEFT)
    close_led(d);
  he_drive_measure(d, now);
  he_drive_learn(d, now);
  leave(d, state, partial);
}

static void race(struct he_lookup *l)
{
  struct he_drive d;
  memset(&d, 0, offsetof(struct he_drive, tries));
  d.l = l;
  d.last_start = d.hold_until = d.leave_at = HE_NEVER;
  d.services = he_services_new(l);
  l->config.race.expects = d.services ? HE_EXPECTS_BETTER :
                           HE_EXPECTS_NOTHING;
  d.asks_at = l->config.wanted ? l->began : HE_NEVER;
  d.race = he_race_new(&l->config.race);
  if(d.race) {
    loop(&d);
    finish(&d);
  }
  else {
    d.gives_way = "no memory";
    d.lost = ENOMEM;
    leave(&d, HE_LOOKUP_LOST, true);
  }
  he_race_free(d.race);
  he_services_free(d.services);
}

/* -- the call -- */

/* The first call of a lookup runs it, a second one waits for the first. */
static bool begin(struct he_lookup *l)
{
  const struct he_policy *policy = he_gai_policy();   /* may read a file */
  bool mine;
  pthread_mutex_lock(&l->lock);
  mine = l->state == HE_LOOKUP_EXPECTED;
  if(mine) {
    l->config.ask.host = l->host;
    l->config.ask.port = l->port;
    memcpy(l->config.ask.allowed, l->config.race.allowed,
           sizeof(l->config.ask.allowed));
    l->config.race.policy = policy;
    l->began = he_clock_now();
    l->runner = pthread_self();
    l->runs = true;
    l->state = HE_LOOKUP_RACING;
    policy = NULL;
  }
  while(!mine && l->runs)
    he_cond_wait(&l->changed, &l->lock, HE_NEVER);
  pthread_mutex_unlock(&l->lock);
  he_policy_unref(policy);
  return mine;
}

static void end(struct he_lookup *l)
{
  bool stopped, waits;
  pthread_mutex_lock(&l->lock);
  stopped = l->stopped;
  waits = l->try_count != 0;
  pthread_mutex_unlock(&l->lock);
  he_expected_over(l);
  /* before anybody may take it; without descriptors nobody would close it */
  if(stopped ||
     (waits && !l->config.plan &&
      !he_racer_expect(&l->task, he_time_add(he_clock_now(), GUARD))))
    he_lookup_drop(l);
  pthread_mutex_lock(&l->lock);
  l->runs = false;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

void he_lookup_call(struct he_lookup *l)
{
  if(begin(l)) {
    race(l);
    end(l);
  }
}
