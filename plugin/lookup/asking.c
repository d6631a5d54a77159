/* SPDX-License-Identifier: MIT */
/* asking.c - the resolver is asked. Answers come on threads of its own: they
 * stand in the lookup, and wake the loop.
 *
 * Answers that come when the lookup is over are waited for, so that the next
 * lookup knows them: one that began with remembered addresses is mostly over
 * before, and a slow name server is heard in no other way. The next lookup
 * takes them for its own answer, as long as they are valid (kept.h). */
#include "lookup/drive.h"
#include "base/clock.h"
#include "lookup/expected.h"
#include "resolve/kept.h"
#include "resolve/prepared.h"
#include "resolve/system.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Only the first answer of a family counts. */
static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct he_lookup *l = arg;
  struct he_lookup_answer *a = &l->news[family];
  pthread_mutex_lock(&l->lock);
  if(a->there)
    free(list);
  else {
    *a = (struct he_lookup_answer){
      .list = list, .n = n, .error = error, .there = true
    };
    he_lookup_wake_locked(l);
  }
  pthread_mutex_unlock(&l->lock);
}

static void tell_family(struct he_drive *d, enum he_step_kind kind,
                        enum he_family f, int error, size_t n)
{
  struct he_step s = { .kind = kind, .has_family = true };
  s.family = f;
  s.error = error;
  s.count = (unsigned)n;
  if(kind != HE_STEP_RESOLVE)
    s.origin = d->kept[f] ? HE_ORIGIN_CACHE : HE_ORIGIN_QUERY;
  he_lookup_tell(d->l, &s, NULL, he_clock_now());
}

static enum he_family first_family(const struct he_drive *d)
{
  return he_order_first(d->l->config.race.policy,
                        d->l->config.race.preference);
}

/* Other resolvers are asked for each lookup anew. */
static bool is_systems(const struct he_lookup *l)
{
  return he_prepared_under(l->config.resolver) == &he_resolver_shared;
}

/* Is there a valid answer that came too late for an earlier lookup? Then it is
   the family's. */
static bool take_kept(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_config *c = &d->l->config;
  size_t n = 0;
  struct he_candidate *list =
    is_systems(d->l) && c->race.allowed[he_other_family(f)] ?
    he_kept_get(d->l->host, d->l->port, f, c->keeps, &n, he_clock_now()) : NULL;
  for(size_t i = 0; i < n; i++)
    he_resolver_source(&list[i]);
  d->kept[f] = list != NULL;
  if(!list)
    return false;
  c->resolver->close(d->query[f]);   /* no answer comes after this */
  d->query[f] = NULL;
  on_answer(d->l, f, 0, list, n);
  return true;
}

/* On this thread, for both families at once as libcurl does. Other resolvers
   ask on the racer's thread, which is in another network: nobody is asked. */
static void ask_here(struct he_drive *d)
{
  const bool *allowed = d->l->config.race.allowed;
  struct he_asked said;
  if(!is_systems(d->l)) {
    for(int f = 0; f < HE_FAMILIES; f++)
      on_answer(d->l, (enum he_family)f, EAI_AGAIN, NULL, 0);
    return;
  }
  /* without a port: no handle expects this call */
  he_system_ask(d->l->host, d->l->port, allowed[HE_IPV6] && allowed[HE_IPV4] ?
                HE_ASK_BOTH : allowed[HE_IPV4] ? HE_ASK_IPV4 : HE_ASK_IPV6,
                &said);
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(allowed[f])
      on_answer(d->l, (enum he_family)f, said.family[f].error,
                said.family[f].list, said.family[f].n);
  }
}

/* Nobody has to be asked: it was told what there is. */
static bool take_given(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_plan *p = d->l->config.plan;
  struct he_candidate *list;
  size_t n;
  if(!p || !p->given[f].there)
    return false;
  list = he_plan_given(p, f, &n);
  on_answer(d->l, f, n && !list ? EAI_MEMORY : n ? 0 : EAI_NONAME, list,
            list ? n : 0);
  return true;
}

void he_drive_ask(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_config *c = &d->l->config;
  if(take_given(d, f))
    return;
  /* the other one's addresses are to have no start: he_drive_complete() */
  if(!c->blocking && f == first_family(d) && take_kept(d, f))
    return;
  tell_family(d, HE_STEP_RESOLVE, f, 0, 0);
  if(c->blocking) {
    if(!d->l->news[f].there)  /* there with the other one's */
      ask_here(d);
    return;
  }
  d->query[f] = he_resolver_ask(c->resolver, d->l->host, d->l->port, f,
                                !c->race.allowed[he_other_family(f)],
                                on_answer, d->l);
  if(!d->query[f])
    on_answer(d->l, f, EAI_MEMORY, NULL, 0);
}

/* Told, and learned; what is kept the history has heard of when it came. */
static void note_answer(struct he_drive *d, enum he_family f)
{
  const struct he_lookup_plan *p = d->l->config.plan;
  struct he_lookup_answer *a = &d->l->answers[f];
  const bool bad = he_answer_failed(a);
  struct he_recall *r = d->kept[f] ? NULL : d->l->config.recall;
  d->unheard[f] = f != HE_IPV4 || he_drive_translate(d);
  if(p && p->given[f].there)  /* no news to anybody */
    return;
  tell_family(d, d->kept[f] ? HE_STEP_REMEMBERED : HE_STEP_ANSWER, f,
              bad ? a->error : 0, a->n);
  if(r && bad)
    he_recall_unanswered(r, d->l->host, f, he_clock_now());
  else if(r)
    he_recall_answer(r, d->l->host, f, a->list, a->n, he_clock_now());
  if(p)
    a->list = he_plan_race(p, a->list, &a->n, &a->error);
}

/* So often it is asked whether the result is still wanted. */
#define ASKS HE_MS(250)

static void ask_whether_wanted(struct he_drive *d)
{
  const struct he_lookup_config *c = &d->l->config;
  const he_time_ns now = he_clock_now();
  if(now < d->asks_at)
    return;
  d->asks_at = he_time_add(now, ASKS);
  d->unwanted = d->unwanted || !c->wanted(c->wanted_arg);
}

void he_drive_look(struct he_drive *d)
{
  struct he_lookup *l = d->l;
  bool came[HE_FAMILIES];
  pthread_mutex_lock(&l->lock);
  for(int f = 0; f < HE_FAMILIES; f++) {
    came[f] = l->news[f].there;
    if(came[f])
      l->answers[f] = l->news[f];
    memset(&l->news[f], 0, sizeof(l->news[f]));
  }
  d->stopped = l->stopped;
  d->deadline = l->config.deadline;
  d->leave_at = l->leave_at;
  l->looks = false;
  pthread_mutex_unlock(&l->lock);
  ask_whether_wanted(d);
  d->stopped = d->stopped || d->unwanted;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(came[f])
      note_answer(d, (enum he_family)f);
  }
  if(d->services && he_services_look(d->services))
    d->led = true;
  if(he_drive_translated(d))
    d->unheard[HE_IPV4] = true;
}

void he_drive_complete(struct he_drive *d)
{
  const enum he_family first = first_family(d), f = he_other_family(first);
  if(d->query[f] && !d->l->answers[f].there && d->l->answers[first].there &&
     take_kept(d, f))
    he_drive_look(d);
}

/* -- too late -- */

/* So many at once: a resolver may take half a minute to fail. */
#define LATE_MAX 64

struct late {
  struct he_recall *recall;
  uint16_t port;
  bool keeps;                 /* it is of a question for both families */
  char host[];
};

static void end_late(struct late *t)
{
  if(t)
    he_recall_unref(t->recall);
  free(t);
  __atomic_sub_fetch(&he_expected_late, 1, __ATOMIC_RELAXED);
}

static void on_late(void *arg, enum he_family family, int error,
                    struct he_candidate *list, size_t n)
{
  struct late *t = arg;
  const he_time_ns now = he_clock_now();
  if(t->recall && (!error || he_resolver_says_none(error)))
    he_recall_answer(t->recall, t->host, family, list, n, now);
  if(n && t->keeps)
    he_kept_put(t->host, t->port, family, list, n, now);
  free(list);
  end_late(t);
}

/* A resolver that asks once for all who want to know the same has nothing more
   to ask. */
static void listen_late(const struct he_lookup *l, enum he_family f)
{
  const size_t len = strlen(l->host) + 1;
  const bool alone = !l->config.race.allowed[he_other_family(f)];
  const bool many = __atomic_add_fetch(&he_expected_late, 1,
                                       __ATOMIC_RELAXED) > LATE_MAX;
  struct he_query *q = NULL;
  struct late *t = many ? NULL : calloc(1, sizeof(*t) + len);
  if(t) {
    memcpy(t->host, l->host, len);
    t->port = l->port;
    t->keeps = !alone;
    t->recall = l->config.recall;
    if(t->recall)
      he_recall_ref(t->recall);
    q = he_resolver_ask(&he_resolver_shared, l->host, l->port, f, alone,
                        on_late, t);
  }
  if(q)
    he_resolver_detach(q);
  else
    end_late(t);
}

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void miss(struct he_drive *d, enum he_family f, he_time_ns now)
{
  struct he_lookup *l = d->l;
  if(l->config.recall)
    he_recall_unanswered(l->config.recall, l->host, f, now);
  if(!d->stopped && is_systems(l))
    listen_late(l, f);
}

bool he_drive_end_asking(struct he_drive *d, he_time_ns now)
{
  struct he_lookup *l = d->l;
  /* libcurl by itself knows nothing of endpoints, nor of what they have */
  bool missing = he_services_leads(d->services) ||
                 he_services_reliant(d->services);
  he_services_close(d->services);
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->query[f] && !l->answers[f].there)
      miss(d, (enum he_family)f, now);
    l->config.resolver->close(d->query[f]);  /* no answer comes after this */
  }
  he_drive_look(d);
  he_drive_untranslate(d);    /* last: a look may ask for the prefix */
  for(int f = 0; f < HE_FAMILIES; f++)
    missing = missing || (d->query[f] && !l->answers[f].there) ||
              he_lookup_known(l, (enum he_family)f) == &l->remembered[f];
  return missing;
}
