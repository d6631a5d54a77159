/* SPDX-License-Identifier: MIT */
/* attempts.c - the racer's list of a connect's attempts, libcurl's and its own:
 * their steps, their sockets, and the watch over these. */
#include "beside/own.h"
#include "connect/observe.h"
#include "connect/ours.h"
#include "net/tcp.h"

#include <stdlib.h>

/* -- steps -- */

/* For those who are told when it happens. */
static void describe_start(const struct he_beside *b,
                           const struct he_beside_try *t, struct he_step *s)
{
  const enum he_family f = (enum he_family)t->a.addr.family;
  s->delay_ms = (unsigned)(b->c.config.race.attempt_delay / HE_MS(1));
  s->why = b->c.config.why;
  if(t->a.native)
    s->origin = HE_ORIGIN_GIVEN;
  else if(he_race_answered(b->race->race, f))
    s->origin = HE_ORIGIN_QUERY;
  else
    s->origin = HE_ORIGIN_REMEMBERED;
}

static enum he_origin origin_of(enum he_step_kind kind)
{
  return kind == HE_STEP_ANSWER ? HE_ORIGIN_QUERY :
         kind == HE_STEP_REMEMBERED ? HE_ORIGIN_REMEMBERED :
         HE_ORIGIN_UNKNOWN;
}

void he_try_tell(struct he_beside *b, enum he_step_kind kind,
                 const struct he_beside_try *t, int error, he_time_ns now)
{
  struct he_step s = he_try_step(&t->a, kind, error);
  struct he_addr local;
  bool known = false;
  if(he_connect_traced(&b->c)) {
    if(kind == HE_STEP_START)
      describe_start(b, t, &s);
    known = kind == HE_STEP_CONNECTED && t->a.fd >= 0 &&
            he_wire_local(t->a.fd, &local) &&
            (!t->a.native || he_try_is_open(t));
  }
  he_connect_tell(&b->c, &s, known ? &local : NULL, now);
}

void he_beside_tell_family(struct he_beside *b, enum he_step_kind kind,
                        enum he_family family, int error, size_t count,
                        he_time_ns now)
{
  struct he_step s = { .kind = kind, .has_family = true };
  s.family = family;
  s.error = error;
  s.count = (unsigned)count;
  s.origin = origin_of(kind);
  he_connect_tell(&b->c, &s, NULL, now);
}

/* -- the list -- */

bool he_beside_race_new(struct he_beside *b, he_time_ns at)
{
  struct he_beside_race *r = calloc(1, sizeof(*r));
  if(r)
    r->race = he_race_new(&b->c.config.race);
  if(!r || !r->race) {
    free(r);
    return false;
  }
  r->orphan_at = r->quit_at = HE_NEVER;
  r->last = at;
  b->race = r;
  if(!b->c.began)               /* by a lookup */
    b->c.began = at;
  return true;
}

void he_beside_race_free(struct he_task *task)
{
  struct he_beside *b = (struct he_beside *)task;
  struct he_beside_race *r = b->race;
  if(!r)
    return;
  b->race = NULL;
  while(r->tries) {
    struct he_beside_try *t = r->tries;
    r->tries = t->next;
    free(t);
  }
  he_race_free(r->race);
  free(r);
}

void he_try_learn(struct he_beside *b, const struct he_beside_try *winner,
                  he_time_ns now)
{
  const he_time_ns taken = he_observe_taken(winner ? &winner->a : NULL);
  struct he_recall *recall = b->c.config.recall;
  for(struct he_beside_try *t = b->race->tries; t && recall; t = t->next) {
    /* without a winner it may have been the one */
    if(!t->a.learned && (winner || t->a.fate != HE_FATE_UNKNOWN))
      he_observe(recall, b->c.config.host, &t->a, taken, now);
    t->a.learned = true;
  }
}

struct he_beside_try *he_try_by_id(struct he_beside *b, int id)
{
  struct he_beside_try *t = b->race->tries;
  while(t && t->a.id != id)
    t = t->next;
  return t;
}

struct he_beside_try *he_try_by_serial(struct he_beside *b, uint32_t serial)
{
  struct he_beside_try *t = b->race->tries;
  while(t && (!t->a.native || t->a.fate || t->a.serial != serial))
    t = t->next;
  return t;
}

struct he_beside_try *he_try_add(struct he_beside *b, const struct he_try *a,
                              void (*ready)(struct he_watch *, he_time_ns))
{
  struct he_beside_try *t = calloc(1, sizeof(*t));
  if(!t)
    return NULL;
  t->watch.ready = ready;
  t->beside = b;
  t->a = *a;
  t->a.delay = b->c.config.race.attempt_delay;
  t->look = HE_NEVER;
  t->next = b->race->tries;
  b->race->tries = t;
  return t;
}

bool he_try_runs(const struct he_beside_try *t)
{
  return !t->a.fate || (!t->a.native && t->a.fd >= 0);
}

/* -- sockets -- */

bool he_try_is_open(const struct he_beside_try *t)
{
  return t->a.inode && he_wire_inode(t->a.fd) == t->a.inode;
}

bool he_try_watch(struct he_beside_try *t)
{
  if(!t->watched)
    t->watched = he_task_watch(&t->beside->c.task, &t->watch, t->a.fd);
  if(t->a.native && !he_try_is_open(t))
    he_try_unwatch(t);
  return t->watched;
}

/* A number that libcurl has closed may be that of another attempt, which is
   watched. */
void he_try_unwatch(struct he_beside_try *t)
{
  if(t->watched)
    he_task_unwatch(&t->beside->c.task, &t->watch,
                    t->a.native && !he_try_is_open(t) ? -1 : t->a.fd);
  t->watched = false;
}

void he_try_close(struct he_beside_try *t)
{
  he_try_unwatch(t);
  t->look = HE_NEVER;
  if(t->a.native || t->a.fd < 0)
    return;
  he_ours_close(t->beside->c.config.app, t->a.fd, t->a.apps);
  t->a.fd = -1;
}
