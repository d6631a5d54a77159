/* SPDX-License-Identifier: MIT */
/* remembered.c - a race may begin with the addresses of earlier answers, where
 * TLS proves who is there, while the resolver is asked. What libcurl gets, and
 * keeps, is what the resolver says now: a winner waits for its family's answer
 * for 4/5 of the Resolution Delay as long as it is valid (its TTL), for 250 ms
 * afterwards. The present answer does not have it: it is closed, and the race
 * goes on with the present addresses. No answer in time: it is returned, and
 * libcurl is not to keep the name (he_lookup_partial()). */
#include "lookup/drive.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* What the resolver says now of an address. */
enum presence {
  PRESENT,      /* it is one of the host's, or the resolver has failed */
  ABSENT,       /* it is none of them, or not where HTTPS records lead, and the
                   client relies on those */
  UNSAID        /* the answer is not there yet */
};

static enum presence presence(const struct he_drive *d,
                              const struct he_addr *addr)
{
  const struct he_lookup_answer *a = &d->l->answers[addr->family];
  bool hinted;
  if(he_services_reliant(d->services) &&
     !he_services_has(d->services, addr, &hinted))
    return ABSENT;
  /* a hint that the answer does not have was one of an address that the host
     has no more (RFC 9460 section 7.3) */
  if(d->services && !he_answer_find(&d->l->remembered[addr->family], addr))
    return he_services_has(d->services, addr, &hinted) ? PRESENT : ABSENT;
  if(!d->l->remembered[addr->family].there)
    return PRESENT;           /* nothing else was ever known */
  if(!a->there)
    return UNSAID;
  return he_answer_failed(a) || he_answer_find(a, addr) ? PRESENT : ABSENT;
}

/* -- beginning -- */

static void recollect(struct he_drive *d, enum he_family f, he_time_ns now)
{
  struct he_lookup *l = d->l;
  struct he_lookup_answer *a = &l->remembered[f];
  if(!l->config.race.allowed[f] || l->answers[f].there)
    return;
  a->list = calloc(HE_HISTORY_ADDRS, sizeof(*a->list));
  a->there = a->list && he_recall_remembered(l->config.recall, &l->config.ask,
                                             f, a->list, HE_HISTORY_ADDRS,
                                             &a->n, now);
  if(!a->there)
    a->n = 0;
  for(size_t i = 0; i < a->n; i++)
    he_resolver_source(&a->list[i]);
  if(f == HE_IPV4)
    he_drive_translate_remembered(d);
}

static void feed(struct he_drive *d, enum he_family f, he_time_ns now)
{
  const struct he_lookup_answer *a = &d->l->remembered[f];
  struct he_step s = { .kind = HE_STEP_REMEMBERED, .has_family = true };
  struct he_event ev = { .kind = HE_EV_REMEMBERED, .family = f };
  if(!a->there)
    return;
  s.family = f;
  s.count = (unsigned)a->n;
  s.origin = HE_ORIGIN_REMEMBERED;
  he_lookup_tell(d->l, &s, NULL, now);
  ev.list = a->list;
  ev.n = a->n;
  he_race_handle(d->race, now, &ev);
}

void he_drive_remember(struct he_drive *d, he_time_ns now)
{
  enum he_family first;
  if(!d->l->config.recall || !d->l->config.ask.authenticated)
    return;
  recollect(d, HE_IPV6, now);
  recollect(d, HE_IPV4, now);
  first = he_drive_sort(d, now);
  feed(d, first, now);
  feed(d, he_other_family(first), now);
}

/* -- connected -- */

/* What is not valid any more may be somebody else's. libcurl alone would wait
   for the answer for as long as it takes. */
#define PATIENCE HE_MS(250)

/* The Resolution Delay is for the gap between two answers that were asked for
   at the same time. This one has had the time of a handshake, too. */
static he_time_ns patience(const struct he_drive *d,
                           const struct he_addr *addr)
{
  const struct he_candidate *c =
    he_answer_find(&d->l->remembered[addr->family], addr);
  return c && c->lasts ? d->l->config.race.resolution_delay / 5 * 4 : PATIENCE;
}

bool he_drive_wins(struct he_drive *d, struct he_try *t)
{
  if(presence(d, &t->addr) == PRESENT)
    return true;
  t->waits = true;            /* ABSENT: the race has not heard that yet */
  if(d->state == HE_DRIVE_RACING) {
    d->state = HE_DRIVE_CONFIRMING;
    d->confirm_until = he_time_add(he_clock_now(), patience(d, &t->addr));
    if(d->deadline < d->confirm_until)
      d->confirm_until = d->deadline;
  }
  return false;
}

struct he_try *he_drive_confirmed(struct he_drive *d, he_time_ns now)
{
  struct he_try *best = NULL;
  if(d->state != HE_DRIVE_CONFIRMING)
    return NULL;
  for(unsigned i = 0; i < d->count; i++) {
    struct he_try *t = &d->tries[i];
    const enum presence what = t->waits && !t->fate ?
      presence(d, &t->addr) : ABSENT;
    if(what == PRESENT)
      return t;
    if(what == UNSAID && !best)
      best = t;
  }
  if(!best)
    d->state = HE_DRIVE_RACING;   /* what waits has gone astray */
  return best && d->confirm_until <= now ? best : NULL;
}

void he_drive_desert_astray(struct he_drive *d)
{
  for(unsigned i = d->count; i-- > 0;) {
    struct he_try *t = &d->tries[i];
    if(!t->fate && !d->unheard[t->addr.family] &&
       presence(d, &t->addr) == ABSENT)
      he_drive_desert(d, t);
  }
}
