/* SPDX-License-Identifier: MIT */
/* herd.c - an entry an address.
 *
 * Two kinds of facts: attempts that run (how many, since when), and the last
 * outcomes (when it worked, was refused, was found silent). he_herd_fate()
 * weighs them, the youngest first; an attempt that is silent since before a
 * success says nothing against it, for its SYN may have been lost. */
#include "core/herd.h"

#include <stdlib.h>

#define NOT_YET (-1)

struct he_herd_entry {
  struct he_addr addr;
  unsigned running;
  unsigned lost;          /* that had no answer, since it worked last */
  he_time_ns since;       /* the oldest of those that run */
  he_time_ns worked;      /* these four: when last, or NOT_YET */
  he_time_ns failed;
  he_time_ns silent;
  he_time_ns claimed;
};

void he_herd_init(struct he_herd *h)
{
  *h = (struct he_herd){ .left = NOT_YET };
}

void he_herd_clear(struct he_herd *h)
{
  free(h->list);
  he_herd_init(h);
}

void he_herd_join(struct he_herd *h, he_time_ns delay)
{
  h->members++;
  if(delay > h->delay)
    h->delay = delay;
}

void he_herd_leave(struct he_herd *h, he_time_ns now)
{
  h->members--;
  h->left = now;
}

bool he_herd_over(const struct he_herd *h, he_time_ns now)
{
  return !h->members && now - h->left >= HE_HERD_KEEP;
}

/* -- entries -- */

static struct he_herd_entry *find(const struct he_herd *h,
                                  const struct he_addr *a)
{
  for(unsigned i = 0; i < h->n; i++) {
    if(he_addr_equal(&h->list[i].addr, a))
      return &h->list[i];
  }
  return NULL;
}

static bool grow(struct he_herd *h)
{
  const unsigned room = h->room ? 2 * h->room : 8;
  struct he_herd_entry *list;
  if(h->n < h->room)
    return true;
  if(h->n >= HE_HERD_MAX)
    return false;
  list = realloc(h->list, room * sizeof(*list));
  if(!list)
    return false;
  h->list = list;
  h->room = room;
  return true;
}

/* The entry of an address, a new one where there was none; or NULL. */
static struct he_herd_entry *entry(struct he_herd *h, const struct he_addr *a)
{
  struct he_herd_entry *e = find(h, a);
  if(e || !grow(h))
    return e;
  e = &h->list[h->n++];
  *e = (struct he_herd_entry){ .addr = *a, .worked = NOT_YET,
                               .failed = NOT_YET, .silent = NOT_YET,
                               .claimed = NOT_YET };
  return e;
}

/* -- what is told -- */

void he_herd_began(struct he_herd *h, const struct he_addr *a,
                   he_time_ns started)
{
  struct he_herd_entry *e = entry(h, a);
  if(!e)
    return;
  if(!e->running++ || started < e->since)
    e->since = started;
}

/* How old the others are is not kept: they count as begun now. */
static struct he_herd_entry *ended(struct he_herd *h, const struct he_addr *a,
                                   he_time_ns started, he_time_ns now)
{
  struct he_herd_entry *e = find(h, a);
  if(e && e->running) {
    e->running--;
    if(e->since == started)
      e->since = now;
  }
  return e;
}

void he_herd_connected(struct he_herd *h, const struct he_addr *a,
                       he_time_ns started, he_time_ns now)
{
  struct he_herd_entry *e = ended(h, a, started, now);
  if(!e)
    return;
  e->worked = now;
  e->lost = 0;
}

void he_herd_failed(struct he_herd *h, const struct he_addr *a,
                    he_time_ns started, he_time_ns now)
{
  struct he_herd_entry *e = ended(h, a, started, now);
  if(e)
    e->failed = now;
}

void he_herd_gone(struct he_herd *h, const struct he_addr *a,
                  he_time_ns started, he_time_ns now)
{
  struct he_herd_entry *e = ended(h, a, started, now);
  /* what an answer since has shown to be a lost SYN is no silence */
  if(e && now - started >= h->delay && started >= e->worked) {
    e->silent = now;
    e->lost++;
  }
}

void he_herd_heard(struct he_herd *h, const struct he_addr *a,
                   he_time_ns now)
{
  struct he_herd_entry *e = find(h, a);
  if(!e)
    return;
  e->worked = now;
  e->lost = 0;
}

/* -- what is known -- */

static bool fresh(he_time_ns at, he_time_ns now)
{
  return at != NOT_YET && now - at < HE_HERD_KEEP;
}

static enum he_fate fate(const struct he_herd *h,
                         const struct he_herd_entry *e, he_time_ns now)
{
  const bool worked = fresh(e->worked, now);
  const bool unanswered = e->running && now - e->since >= h->delay &&
                          (!worked || e->since >= e->worked);
  const bool silent = fresh(e->silent, now) && e->silent > e->worked;
  if(fresh(e->failed, now) && e->failed > e->worked &&
     (!silent || e->failed >= e->silent))
    return HE_FATE_FAILED;
  if(unanswered || silent)
    return (unanswered ? e->running : 0) + (silent ? e->lost : 0) >= 2 ?
           HE_FATE_SILENT : HE_FATE_TRYING;
  if(worked)
    return HE_FATE_WORKS;
  return e->running ? HE_FATE_TRYING : HE_FATE_UNKNOWN;
}

enum he_fate he_herd_fate(const struct he_herd *h, const struct he_addr *a,
                          he_time_ns now)
{
  const struct he_herd_entry *e = find(h, a);
  return e ? fate(h, e, now) : HE_FATE_UNKNOWN;
}

const struct he_addr *he_herd_works(const struct he_herd *h,
                                    enum he_family f, he_time_ns now)
{
  const struct he_herd_entry *best = NULL;
  for(unsigned i = 0; i < h->n; i++) {
    const struct he_herd_entry *e = &h->list[i];
    if(e->addr.family == f && fate(h, e, now) == HE_FATE_WORKS &&
       (!best || e->worked > best->worked))
      best = e;
  }
  return best ? &best->addr : NULL;
}

bool he_herd_is_dead(const struct he_herd *h, enum he_family f,
                     he_time_ns now)
{
  bool bad = false;
  for(unsigned i = 0; i < h->n; i++) {
    const struct he_herd_entry *e = &h->list[i];
    enum he_fate is = fate(h, e, now);
    if(e->addr.family != f)
      continue;
    if(is == HE_FATE_WORKS)
      return false;
    bad = bad || is == HE_FATE_SILENT || is == HE_FATE_FAILED;
  }
  return bad;
}

/* -- advice -- */

static bool is_claimed(const struct he_herd *h, const struct he_herd_entry *e,
                       he_time_ns now)
{
  return e->claimed != NOT_YET && now - e->claimed < h->delay;
}

/* Claims an address that nobody knows anything of; HE_NEVER: it is not one.
   Else returns when that may be done, and it is done where that is now. */
static he_time_ns claim(struct he_herd *h, const struct he_addr *a,
                        he_time_ns now)
{
  struct he_herd_entry *e = entry(h, a);
  if(!e || fate(h, e, now) != HE_FATE_UNKNOWN || is_claimed(h, e, now))
    return HE_NEVER;
  if(h->next_scout > now)
    return h->next_scout;
  e->claimed = now;
  h->next_scout = he_time_add(now, HE_HERD_SCOUT_GAP);
  return now;
}

static he_time_ns scouts_from(const struct he_herd *h,
                              const struct he_race *r)
{
  struct he_attempt_info first;
  if(!he_race_attempt(r, 0, &first))
    return HE_NEVER;
  return he_time_add(first.started, h->delay);
}

static bool is_open(const struct he_race *r, const struct he_candidate *c)
{
  return he_race_open(r, (enum he_family)c->addr.family);
}

const struct he_addr *he_herd_advise(struct he_herd *h,
                                     const struct he_race *r, bool *scouted,
                                     he_time_ns now, he_time_ns *at)
{
  struct he_candidate c[2 * HE_RACE_MAX_ADDRS];
  const size_t all = he_race_untried(r, c, 2 * HE_RACE_MAX_ADDRS);
  const size_t n = all < 2 * HE_RACE_MAX_ADDRS ? all : 2 * HE_RACE_MAX_ADDRS;
  *at = HE_NEVER;
  for(size_t i = 0; i < n; i++) {
    if(is_open(r, &c[i]) &&
       he_herd_fate(h, &c[i].addr, now) == HE_FATE_WORKS) {
      h->advice = c[i].addr;
      return &h->advice;
    }
  }
  if(*scouted || !n || h->members < 2)
    return NULL;
  *at = scouts_from(h, r);
  for(size_t i = 0; i < n && *at <= now; i++) {
    he_time_ns t = is_open(r, &c[i]) ? claim(h, &c[i].addr, now) : HE_NEVER;
    if(t <= now) {
      *at = HE_NEVER;
      *scouted = true;
      h->advice = c[i].addr;
      return &h->advice;
    }
    if(t != HE_NEVER)
      *at = t;
  }
  if(*at <= now)
    *at = HE_NEVER;
  return NULL;
}
