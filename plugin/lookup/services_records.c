/* SPDX-License-Identifier: MIT */
/* services_records.c - from records to endpoints, as far as this client can use
 * them. */
#include "lookup/services_own.h"
#include "base/clock.h"
#include "resolve/private.h"

#include <string.h>

uint64_t he_services_chance(struct he_services *s)
{
  s->chance ^= s->chance << 13;     /* xorshift: never 0 */
  s->chance ^= s->chance >> 7;
  s->chance ^= s->chance << 17;
  return s->chance;
}

/* Section 2.4.1: equal ones by chance, for each race anew. */
static void shuffle(struct he_services *s, struct he_svcb *records)
{
  struct he_svcb_record *r = records->records;
  for(size_t i = 0; i < records->n; i++) {
    size_t equals = 1, j;
    struct he_svcb_record one;
    while(i + equals < records->n &&
          r[i + equals].priority == r[i].priority)
      equals++;
    j = i + (size_t)(he_services_chance(s) % equals);
    one = r[i];
    r[i] = r[j];
    r[j] = one;
  }
}

/* Can this endpoint be used as the record demands it? */
static bool is_compatible(const struct he_services *s,
                          const struct he_svcb_record *r)
{
  const struct he_svcb_params *p = &r->params;
  const bool ech = p->mandatory & 1u << HE_SVCB_ECH_CONFIG;
  const bool port = p->keys & 1u << HE_SVCB_PORT;
  return r->usable && !p->unknown_mandatory &&
         (p->alpn & s->l->config.https.alpn) && (!port || p->port) &&
         (!ech || (s->l->config.https.ech && p->ech_len));
}

static void add_hints(struct he_endpoint *e, const struct he_svcb_params *p,
                      enum he_family f)
{
  for(size_t i = 0; i < p->hint_count[f] && i < HE_ENDPOINT_HINTS; i++) {
    struct he_candidate *c = &e->hints[f][e->hint_count[f]++];
    *c = (struct he_candidate){ .addr = p->hints[f][i] };
    c->addr.port = e->port;
    he_resolver_source(c);
  }
}

static void add_endpoint(struct he_services *s, int name, uint16_t port,
                         const struct he_svcb_params *p)
{
  const size_t i = s->e.n;
  struct he_endpoint *e = &s->e.list[i];
  if(name < 0 || i == HE_ENDPOINTS_MAX)
    return;
  *e = (struct he_endpoint){ .port = port, .name = (uint8_t)name };
  s->ech_len[i] = 0;
  s->e.n++;
  if(!p)
    return;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(s->l->config.race.allowed[f])
      add_hints(e, p, (enum he_family)f);
  }
  memcpy(s->ech[i], p->ech, p->ech_len);
  s->ech_len[i] = p->ech_len;
}

/* Where a record without a target leads: to the name that owns it. What the
   host's own aliases lead to has the host's addresses. */
static int own_place(struct he_services *s, const struct he_svcb *records)
{
  return s->asked_name || he_services_same(s->asked, s->l->host) ?
         (int)s->asked_name : he_services_place(s, records->owner);
}

/* Who rebinds a name may well add a hint that is fine. */
static bool is_allowed(const struct he_services *s,
                       const struct he_svcb *records)
{
  for(size_t i = 0; s->public && i < records->n; i++) {
    const struct he_svcb_params *p = &records->records[i].params;
    for(int f = 0; f < HE_FAMILIES; f++)
      for(size_t h = 0; h < p->hint_count[f]; h++)
        if(he_private_is(&p->hints[f][h]))
          return false;
  }
  return true;
}

/* The draft of ECH in such records: where each that can be used has it, the
   host's own addresses without it would be what an attacker wants. */
static bool are_reliant(const struct he_services *s,
                        const struct he_svcb *records)
{
  for(size_t i = 0; i < records->n; i++) {
    if(is_compatible(s, &records->records[i]) &&
       !records->records[i].params.ech_len)
      return false;
  }
  return s->l->config.https.ech && s->e.n;
}

void he_services_settle(struct he_services *s, struct he_svcb *records)
{
  struct he_step step = { .kind = HE_STEP_SERVICES };
  if(!is_allowed(s, records))
    records->n = s->asked_name = 0;
  shuffle(s, records);
  for(size_t i = 0; i < records->n; i++) {
    const struct he_svcb_record *r = &records->records[i];
    if(is_compatible(s, r))
      add_endpoint(s, *r->target ? he_services_place(s, r->target) :
                   own_place(s, records),
                   r->params.keys & 1u << HE_SVCB_PORT ? r->params.port :
                   s->l->port, &r->params);
  }
  if(!records->n && s->asked_name)  /* an alias that has no records */
    add_endpoint(s, (int)s->asked_name, s->l->port, NULL);
  else
    s->e.reliant = are_reliant(s, records);
  s->e.answered = true;
  step.count = (unsigned)s->e.n;
  he_lookup_tell(s->l, &step, NULL, he_clock_now());
}
