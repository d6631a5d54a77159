/* SPDX-License-Identifier: MIT */
/* late.c - answers that come when the lookup is over. They are waited for, so
 * that the next lookup knows them: one that began with remembered addresses is
 * mostly over before, and a slow name server is heard in no other way. The next
 * lookup takes them for its own answer, as long as they are valid (kept.h). */
#include "lookup/late.h"
#include "base/clock.h"
#include "resolve/kept.h"

#include <stdlib.h>
#include <string.h>

/* So many at once: a resolver may take half a minute to fail. */
#define LATE_MAX 64
#define PATIENCE HE_MS(60000)

struct late {
  struct he_task task;        /* first */
  struct he_mail mail;        /* the answer has come */
  struct he_recall *recall;
  struct he_query *query;
  unsigned born_in;           /* the fork generation */
  uint16_t port;
  bool keeps;                 /* it is of a question for both families */
  char host[];
};

static unsigned running;      /* atomic */
static unsigned generation;   /* atomic: whose `running` counts */

/* What the parent of a fork() listens for is not listened for here. */
static bool enter(void)
{
  const unsigned now = he_lookup_generation();
  if(__atomic_exchange_n(&generation, now, __ATOMIC_ACQ_REL) != now)
    __atomic_store_n(&running, 0, __ATOMIC_RELEASE);
  if(__atomic_add_fetch(&running, 1, __ATOMIC_ACQ_REL) <= LATE_MAX)
    return true;
  __atomic_sub_fetch(&running, 1, __ATOMIC_ACQ_REL);
  return false;
}

static void leave(void)
{
  __atomic_sub_fetch(&running, 1, __ATOMIC_ACQ_REL);
}

/* With a lock of the resolver's: the query cannot be closed here. */
static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct late *t = arg;
  const he_time_ns now = he_clock_now();
  if(t->recall && (!error || he_resolver_says_none(error)))
    he_recall_answer(t->recall, t->host, family, list, n, now);
  if(n && t->keeps)
    he_kept_put(t->host, t->port, family, list, n, now);
  free(list);
  /* refused: the racer has ended, and with it what it expected */
  he_racer_post(&t->mail, &t->task, he_time_add(now, HE_MS(1000)));
}

static void on_mail(struct he_task *task, struct he_mail *m, he_time_ns now)
{
  (void)m, (void)now;
  he_racer_withdraw(task);
  if(task->held)
    he_task_retire(task);
}

static void on_time(struct he_task *t, he_time_ns now)
{
  (void)t, (void)now;
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *task)
{
  struct late *t = (struct late *)task;
  if(t->born_in == he_lookup_generation()) {
    he_resolver_shared.close(t->query);
    leave();
  }
  he_recall_unref(t->recall);
  free(t);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_time,
  .expected = on_time,
  .ended = on_time,
  .buried = on_buried,
  .destroy = on_destroy
};

void he_late_listen(struct he_lookup *l, enum he_family f)
{
  const size_t len = strlen(l->host) + 1;
  struct late *t;
  if(!enter())
    return;
  t = calloc(1, sizeof(*t) + len);
  if(!t) {
    leave();
    return;
  }
  memcpy(t->host, l->host, len);
  t->born_in = he_lookup_generation();
  t->port = l->port;
  t->keeps = l->config.race.allowed[he_other_family(f)];
  t->recall = l->config.recall;
  if(t->recall)
    he_recall_ref(t->recall);
  he_task_init(&t->task, l->task.racer, &ops);
  if(he_racer_expect(&t->task, he_time_add(he_clock_now(), PATIENCE)))
    t->query = he_resolver_ask(&he_resolver_shared, t->host, t->port, f,
                               !t->keeps, on_answer, t);
  he_task_unref(&t->task);
}
