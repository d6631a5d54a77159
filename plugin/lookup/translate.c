/* SPDX-License-Identifier: MIT */
/* translate.c - where the network has IPv6 alone, and a translator to IPv4
 * (NAT64), an IPv4 address is connected by an IPv6 address that has it inside.
 *
 * The race knows nothing of that: an address races, and is remembered, as the
 * IPv4 address that it is. Only its socket is connected to the other one. So
 * the Resolution Delay, the order of families and their alternation are as
 * anywhere (Happy Eyeballs v3), and a broken IPv6 address is rescued as soon as
 * IPv4 has its turn: A is asked for in any case (RFC 8305 section 7.2 waits for
 * two seconds, for it asks for A no sooner). */
#include "lookup/drive.h"
#include "net/lacking.h"
#include "net/listening.h"

/* Not through a translator: of another network namespace nothing is known. */
static bool may(const struct he_drive *d)
{
  const struct he_lookup_config *c = &d->l->config;
  const bool bound = c->plan && (c->plan->has_local[HE_IPV6] ||
                                 c->plan->has_local[HE_IPV4]);
  return c->nat64 && !c->blocking && !bound;
}

static bool is_routed(const struct he_lookup_answer *a)
{
  for(size_t i = 0; i < a->n; i++) {
    if(a->list[i].has_source)
      return true;
  }
  return !a->n;
}

/* By way of the translator each address has a route. Addresses are compared as
   from an IPv4 source: the one that a translator on this machine would have
   (RFC 7335). */
static void mark(struct he_drive *d, struct he_lookup_answer *a)
{
  static const struct he_addr source = {
    .family = HE_IPV4, .ip = { 192, 0, 0, 2 }
  };
  for(size_t i = 0; i < a->n; i++) {
    struct he_candidate *c = &a->list[i];
    struct he_addr through;
    if(c->has_source || !he_prefix64_through(d->l->config.resolver, &c->addr,
                                             &through))
      continue;
    c->has_source = true;
    c->source_native = true;
    c->source = source;
  }
}

static void on_answered(struct he_prefix64_waiter *w)
{
  struct he_drive_nat64 *n = (struct he_drive_nat64 *)w;
  __atomic_store_n(&n->told, true, __ATOMIC_RELEASE);
  he_lookup_wake(n->l, HE_NEVER);
}

bool he_drive_translate(struct he_drive *d)
{
  struct he_lookup_answer *a = &d->l->answers[HE_IPV4];
  struct he_drive_nat64 *n = &d->nat64;
  if(!may(d) || is_routed(a) || !he_lacking_ipv4())
    return true;
  n->lacking = true;
  he_listening_begin(d->l->task.racer);
  n->l = d->l;
  n->waiter.answered = on_answered;
  switch(he_prefix64_ask(d->l->config.resolver, &n->waiter)) {
  case HE_PREFIX64_KNOWN:
    mark(d, a);
    break;
  case HE_PREFIX64_ASKED:
    n->waits = true;
    return false;
  case HE_PREFIX64_NONE:
    break;
  }
  return true;
}

void he_drive_translate_remembered(struct he_drive *d)
{
  struct he_lookup_answer *a = &d->l->remembered[HE_IPV4];
  if(!may(d) || is_routed(a) || !he_prefix64_any() || !he_lacking_ipv4())
    return;
  d->nat64.lacking = true;
  mark(d, a);
}

bool he_drive_translated(struct he_drive *d)
{
  struct he_drive_nat64 *n = &d->nat64;
  if(!n->waits || !__atomic_load_n(&n->told, __ATOMIC_ACQUIRE))
    return false;
  n->waits = false;
  mark(d, &d->l->answers[HE_IPV4]);
  return true;
}

/* Has it been tried, at whatever port? */
static bool is_tried(const struct he_drive *d, const struct he_addr *a)
{
  for(unsigned i = 0; i < d->count; i++) {
    struct he_addr tried = d->tries[i].addr;
    tried.port = a->port;
    if(he_addr_equal(&tried, a))
      return true;
  }
  return false;
}

/* Does the IPv6 address race for both? With HTTPS records the race hears of
   both families again and again, so what it knows of is no sign. */
static bool leads_over(const struct he_drive *d, const struct he_addr *v6,
                       const struct he_addr *v4)
{
  return d->services ? is_tried(d, v6) && !is_tried(d, v4) :
         he_race_knows(d->race, v6);
}

/* A name server may make AAAA records of A records (DNS64): then both answers
   lead to the same hosts. */
static bool is_double(struct he_drive *d, const struct he_candidate *c)
{
  const struct he_resolver *r = d->l->config.resolver;
  const struct he_candidate *same;
  struct he_addr other;
  if(c->addr.family == HE_IPV6) {
    if(!he_prefix64_within(r, &c->addr, &other))
      return false;
    same = he_answer_find(&d->l->answers[HE_IPV4], &other);
    return same && same->has_source && !d->nat64.waits &&
           !(d->services && leads_over(d, &c->addr, &other));
  }
  return d->nat64.lacking && he_prefix64_through(r, &c->addr, &other) &&
         leads_over(d, &other, &c->addr);
}

size_t he_drive_fold(struct he_drive *d, enum he_family f,
                     struct he_candidate out[HE_RACE_MAX_ADDRS])
{
  const struct he_lookup_answer *a = &d->l->answers[f];
  const bool all = !may(d) || !he_prefix64_any() ||
                   !d->l->config.race.allowed[he_other_family(f)];
  size_t n = 0;
  for(size_t i = 0; i < a->n && n < HE_RACE_MAX_ADDRS; i++) {
    if(all || !is_double(d, &a->list[i]))
      out[n++] = a->list[i];
  }
  return n;
}

void he_drive_through(struct he_drive *d, struct he_try *t)
{
  if(d->nat64.lacking)
    he_prefix64_instead(d->l->config.resolver, &t->addr, &t->through);
}

void he_drive_untranslate(struct he_drive *d)
{
  if(d->nat64.waits)
    he_prefix64_leave(&d->nat64.waiter);
}
