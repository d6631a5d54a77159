/* SPDX-License-Identifier: MIT */
/* services.c - questions for HTTPS records and for the names that they lead to.
 * Every answer is hostile: names, endpoints and aliases are bounded. */
#include "lookup/services_own.h"
#include "base/clock.h"
#include "resolve/hosts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* -- answers, on whatever thread -- */

/* Called once a question. It holds a lock of the resolver's. */
static void on_records(void *arg, const struct he_rrset *r)
{
  struct he_services *s = arg;
  uint8_t *copy = r->state == HE_RRSET_FOUND && r->len ? malloc(r->len) : NULL;
  if(copy)
    memcpy(copy, r->message, r->len);
  pthread_mutex_lock(&s->l->lock);
  s->came = true;
  s->message = copy;
  s->len = copy ? r->len : 0;
  s->refuses = r->from && r->from->refuse_private;
  he_lookup_wake_locked(s->l);
  pthread_mutex_unlock(&s->l->lock);
}

/* -- asking -- */

/* Without memory it is as if there were no records. */
static void ask_records(struct he_services *s, const char *name)
{
  s->query = he_rrset_ask(s->l->config.https.resolver, name, HE_DNS_HTTPS,
                          on_records, s);
  if(!s->query)
    s->e.answered = true;
}

/* RFC 9460 section 3 asks for a limit: each name is asked for once, and there
   are HE_ENDPOINT_NAMES of them at the most. False: the alias leads nowhere. */
static bool follow(struct he_services *s, const char *alias)
{
  const int place = he_services_place(s, alias);
  s->asked_name = 0;
  if(place <= 0 || s->followed & 1u << place)
    return false;
  s->followed |= 1u << place;
  s->asked_name = (size_t)place;
  memcpy(s->asked, alias, strlen(alias) + 1);
  ask_records(s, s->asked);
  return true;
}

static void read_message(struct he_services *s, const uint8_t *message,
                         size_t len)
{
  struct he_svcb *records = calloc(1, sizeof(*records));
  enum he_svcb_verdict v = HE_SVCB_NOT_UNDERSTOOD;
  he_rrset_close(s->query);
  s->query = NULL;
  if(records && message)
    v = he_svcb_read(message, len, s->asked,
                     (unsigned)he_services_chance(s), records);
  if(records && v != HE_SVCB_OK)    /* section 2.2: as if there were none */
    records->n = 0;
  if(records && !(v == HE_SVCB_OK && *records->alias &&
                  follow(s, records->alias)))
    he_services_settle(s, records);
  else if(!records)
    s->e.answered = true;
  free(records);
}

/* -- its life -- */

/* A name of a hosts file is asked of nobody, and one without a dot is not what
   is asked for. May wait for a disk, as the thread that races may. */
static bool is_asked_for(const struct he_lookup *l)
{
  const struct he_lookup_https *c = &l->config.https;
  const struct he_upstreams *u = he_resolvers_upstreams(c->resolver);
  struct he_addr a;
  size_t n;
  return u && !l->config.blocking && l->port == c->port &&
         he_services_same(l->host, c->host) && strchr(l->host, '.') &&
         !(u->hosts && he_hosts_find(l->host, HE_IPV4, &a, 1, &n));
}

struct he_services *he_services_new(struct he_lookup *l)
{
  struct he_services *s;
  if(!l->config.https.resolver || !is_asked_for(l))
    return NULL;
  s = calloc(1, sizeof(*s));
  if(!s || !he_svcb_question(l->host, l->port, s->asked)) {
    free(s);
    return NULL;
  }
  s->l = l;
  s->e.names = 1;
  if(getrandom(&s->chance, sizeof(s->chance), GRND_NONBLOCK) < 0)
    s->chance = (uint64_t)he_clock_now();
  s->chance |= 1;
  ask_records(s, s->asked);
  return s;
}

void he_services_close(struct he_services *s)
{
  if(!s)
    return;
  he_rrset_close(s->query);
  s->query = NULL;
  for(size_t i = 0; i + 1 < s->e.names; i++)
    for(int f = 0; f < HE_FAMILIES; f++) {
      s->l->config.resolver->close(s->names[i].query[f]);
      s->names[i].query[f] = NULL;
    }
}

void he_services_free(struct he_services *s)
{
  if(!s)
    return;
  he_services_close(s);
  for(size_t i = 0; i + 1 < s->e.names; i++)
    for(int f = 0; f < HE_FAMILIES; f++) {
      free(s->names[i].answers[f].list);
      free(s->names[i].news[f].list);
    }
  free(s->message);
  free(s);
}

/* -- on the thread that races -- */

bool he_services_look(struct he_services *s)
{
  uint8_t *message;
  bool came, changed;
  pthread_mutex_lock(&s->l->lock);
  changed = came = s->came;
  message = s->message;
  s->public = s->refuses;
  s->came = false;
  s->message = NULL;
  for(size_t i = 0; i + 1 < s->e.names; i++)
    for(int f = 0; f < HE_FAMILIES; f++) {
      struct he_service_name *n = &s->names[i];
      if(!n->news[f].there || n->answers[f].there)
        continue;
      n->answers[f] = n->news[f];
      n->news[f].list = NULL;
      changed = true;
    }
  pthread_mutex_unlock(&s->l->lock);
  if(came)
    read_message(s, message, s->len);
  free(message);
  return changed;
}

/* What is known of the names, where the race's part looks for it. */
static void gather(struct he_services *s)
{
  struct he_endpoints *e = &s->e;
  for(int f = 0; f < HE_FAMILIES; f++) {
    const bool late = f == HE_IPV4 && s->late_ipv4;
    const struct he_lookup_answer *own = &s->l->answers[f];
    const struct he_lookup_answer *known =
      late ? &s->l->remembered[f] : he_lookup_known(s->l, (enum he_family)f);
    e->answers[0][f] = (struct he_endpoint_answer){
      .list = known->list, .n = known->n, .there = own->there && !late,
      .error = he_answer_failed(own) ? own->error : 0
    };
    for(size_t i = 1; i < e->names; i++) {
      const struct he_lookup_answer *a = &s->names[i - 1].answers[f];
      e->answers[i][f] = (struct he_endpoint_answer){
        .list = a->list, .n = a->n, .there = a->there,
        .error = he_answer_failed(a) ? a->error : 0
      };
    }
  }
}

void he_services_tell(struct he_services *s, struct he_race *r,
                      enum he_family first, const struct he_services_own *own,
                      he_time_ns now)
{
  s->late_ipv4 = own->late_ipv4;
  gather(s);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_endpoint_answer *a = &s->e.answers[0][f];
    if(a->list != s->l->answers[f].list)   /* remembered */
      continue;
    a->list = own->list[f];
    a->n = own->n[f];
  }
  he_endpoints_tell(&s->e, r, s->l->config.race.allowed, first, s->l->port,
                    now);
  gather(s);                  /* `own` is the caller's */
}

bool he_services_leads(const struct he_services *s)
{
  for(size_t i = 0; s && i < s->e.n; i++) {
    if(s->e.list[i].name || s->e.list[i].port != s->l->port)
      return true;
  }
  return false;
}

bool he_services_reliant(const struct he_services *s)
{
  return s && s->e.reliant;
}

bool he_services_expects(const struct he_services *s)
{
  return s && he_endpoints_expect(&s->e, s->l->config.race.allowed,
                                  HE_IPV6) != HE_EXPECTS_NOTHING;
}

/* The group of an address; -1: it is in none. */
static int group_of(struct he_services *s, const struct he_addr *a)
{
  struct he_candidate list[HE_RACE_MAX_ADDRS];
  size_t n;
  gather(s);
  n = he_endpoints_list(&s->e, (enum he_family)a->family, s->l->port, list,
                        HE_RACE_MAX_ADDRS);
  for(size_t i = 0; i < n; i++) {
    if(he_addr_equal(&list[i].addr, a))
      return list[i].group;
  }
  return -1;
}

bool he_services_has(struct he_services *s, const struct he_addr *a,
                     bool *hinted)
{
  const int group = group_of(s, a);
  const struct he_endpoint_answer *from;
  *hinted = false;
  if(group < 0)
    return false;
  from = &s->e.answers[(size_t)group < s->e.n ? s->e.list[group].name : 0]
                      [a->family];
  *hinted = !from->n;
  return true;
}

bool he_services_is_own(const struct he_services *s,
                        const struct he_addr *a)
{
  const struct he_lookup *l = s->l;
  return he_answer_find(&l->answers[a->family], a) ||
         he_answer_find(&l->remembered[a->family], a);
}

static void copy(struct he_services *s, struct he_served *out)
{
  struct he_candidate list[HE_RACE_MAX_ADDRS];
  gather(s);
  for(int f = 0; f < HE_FAMILIES; f++) {
    const size_t n = he_endpoints_list(&s->e, (enum he_family)f, s->l->port,
                                       list, HE_RACE_MAX_ADDRS);
    for(size_t i = 0; i < n; i++) {
      if(list[i].group < s->e.n)
        out->list[out->n++] = list[i];
    }
  }
  memcpy(out->ech_len, s->ech_len, sizeof(out->ech_len));
  memcpy(out->ech, s->ech, sizeof(out->ech));
}

struct he_served *he_services_served(struct he_services *s)
{
  struct he_served *out;
  for(size_t i = 0; i < s->e.n; i++) {
    if(!s->ech_len[i])
      continue;
    out = calloc(1, sizeof(*out));
    if(out)
      copy(s, out);
    return out;
  }
  return NULL;
}
