/* SPDX-License-Identifier: MIT */
/* endpoints.c - the addresses of endpoints, as one list a family. */
#include "race/endpoints.h"
#include "race/race.h"

/* Where the list grows. */
struct into {
  struct he_candidate *list;
  size_t n, max;
};

/* An address that is there already stands in an earlier group. */
static void add(struct into *to, const struct he_candidate *c, uint16_t port,
                uint8_t group)
{
  struct he_candidate mine = *c;
  mine.addr.port = port;
  mine.group = group;
  for(size_t i = 0; i < to->n; i++)
    if(he_addr_equal(&to->list[i].addr, &mine.addr))
      return;
  if(to->n < to->max)
    to->list[to->n++] = mine;
}

static void add_all(struct into *to, const struct he_candidate *list,
                    size_t n, uint16_t port, uint8_t group)
{
  for(size_t i = 0; i < n; i++)
    add(to, &list[i], port, group);
}

/* Are hints as good as anything? Section 7.3: where the name is answered, its
   addresses take their place. */
static bool hints_count(const struct he_endpoint_answer *a)
{
  return !a->n && (!a->there || a->error);
}

size_t he_endpoints_list(const struct he_endpoints *e, enum he_family f,
                         uint16_t port, struct he_candidate *out, size_t max)
{
  struct into to = { .list = out, .max = max };
  const struct he_endpoint_answer *own = &e->answers[0][f];
  for(size_t i = 0; i < e->n; i++) {
    const struct he_endpoint *p = &e->list[i];
    const struct he_endpoint_answer *a = &e->answers[p->name][f];
    if(!hints_count(a))
      add_all(&to, a->list, a->n, p->port, (uint8_t)i);
    else
      add_all(&to, p->hints[f], p->hint_count[f], p->port, (uint8_t)i);
  }
  if(!e->reliant)
    add_all(&to, own->list, own->n, port, (uint8_t)e->n);
  return to.n;
}

/* -- waiting -- */

static bool is_there(const struct he_endpoints *e,
                     const struct he_endpoint *p, enum he_family f)
{
  return e->answers[p->name][f].there;
}

static bool has_some(const struct he_endpoints *e,
                     const struct he_endpoint *p, enum he_family f)
{
  const struct he_endpoint_answer *a = &e->answers[p->name][f];
  return a->n || (hints_count(a) && p->hint_count[f]);
}

/* Has every allowed family an answer? */
static bool is_complete(const struct he_endpoints *e,
                        const struct he_endpoint *p,
                        const bool allowed[HE_FAMILIES])
{
  return (is_there(e, p, HE_IPV6) || !allowed[HE_IPV6]) &&
         (is_there(e, p, HE_IPV4) || !allowed[HE_IPV4]);
}

/* The first endpoint that may have an address: connecting begins there. */
static bool waits_for_first(const struct he_endpoints *e,
                            const bool allowed[HE_FAMILIES],
                            enum he_family first)
{
  const enum he_family f = allowed[first] ? first : he_other_family(first);
  for(size_t i = 0; i < e->n; i++) {
    const struct he_endpoint *p = &e->list[i];
    if(has_some(e, p, f))
      return false;
    if(!is_complete(e, p, allowed))
      return true;
    if(has_some(e, p, he_other_family(f)))
      return false;
  }
  return false;
}

enum he_expects he_endpoints_expect(const struct he_endpoints *e,
                                    const bool allowed[HE_FAMILIES],
                                    enum he_family first)
{
  if(!e->answered || waits_for_first(e, allowed, first))
    return HE_EXPECTS_BETTER;
  for(size_t i = 0; i < e->n; i++) {
    if(e->list[i].name && !is_complete(e, &e->list[i], allowed))
      return HE_EXPECTS_MORE;
  }
  return HE_EXPECTS_NOTHING;
}

/* -- telling -- */

static void tell_family(const struct he_endpoints *e, struct he_race *r,
                        enum he_family f, uint16_t port, he_time_ns now)
{
  const struct he_endpoint_answer *own = &e->answers[0][f];
  struct he_candidate list[HE_RACE_MAX_ADDRS];
  struct he_event ev = { .kind = HE_EV_REMEMBERED, .family = f };
  ev.list = list;
  ev.n = he_endpoints_list(e, f, port, list, HE_RACE_MAX_ADDRS);
  if(own->there)
    ev.kind = own->error && !ev.n ? HE_EV_UNANSWERED : HE_EV_ANSWER;
  ev.error = own->error;
  if(own->there || ev.n || he_race_known(r, f))
    he_race_handle(r, now, &ev);
}

void he_endpoints_tell(const struct he_endpoints *e, struct he_race *r,
                       const bool allowed[HE_FAMILIES], enum he_family first,
                       uint16_t port, he_time_ns now)
{
  struct he_event ev = { .kind = HE_EV_EXPECT };
  tell_family(e, r, first, port, now);
  tell_family(e, r, he_other_family(first), port, now);
  ev.expects = he_endpoints_expect(e, allowed, first);
  he_race_handle(r, now, &ev);
}
