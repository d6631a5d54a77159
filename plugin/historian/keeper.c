/* SPDX-License-Identifier: MIT */
/* keeper.c - a task a history. Whatever wakes it, it looks at everything once
 * (look()), and sleeps until the next thing is due.
 *
 * The recall wakes it only for what is due earlier than that, so how often it
 * wakes is counted by what happens, not by how many transfers there are.
 *
 * The file is its scribe's, which has a thread that may block. Who wants
 * something of the file asks the scribe, past the racer's thread. */
#include "historian/keeper.h"
#include "base/clock.h"
#include "historian/probes.h"
#include "historian/scribe.h"
#include "net/whereabouts.h"

#include <pthread.h>
#include <stdlib.h>

struct he_keeper {
  struct he_task task;        /* first */
  struct he_recall *recall;
  bool begun;                 /* atomic: it had mail */
  bool over;                  /* atomic */
  bool forgets;               /* atomic: probes are to be given up */
  pthread_mutex_t lock;       /* of the next two; not held for long */
  struct he_scribe *scribe;   /* NULL: no store */
  uint64_t read;              /* the network of which it was told to read */
  /* the rest is the racer's thread's */
  struct he_place place;
  uint64_t network;           /* 0: not known */
  struct he_probes probes;
};

/* -- on the racer's thread -- */

static void find_network(struct he_keeper *k, he_time_ns now)
{
  if(k->network)
    k->network = he_whereabouts_now(now);
  else
    k->network = he_whereabouts_join(&k->place);
  if(k->network)
    he_recall_set_network(k->recall, k->network, he_whereabouts_asks());
}

static void use_store(struct he_keeper *k, he_time_ns now)
{
  const bool saves = he_recall_saves_now(k->recall, now);
  struct he_errand *e[2] = { NULL, NULL };
  pthread_mutex_lock(&k->lock);
  if(k->scribe && k->read != k->network)
    e[0] = he_scribe_ask(k->scribe, HE_SCRIBE_READ, k->network, NULL);
  k->read = k->network;
  if(k->scribe && saves)
    e[1] = he_scribe_ask(k->scribe, HE_SCRIBE_SAVE, 0, NULL);
  pthread_mutex_unlock(&k->lock);
  he_errand_wait(e[0], 0, NULL);
  he_errand_wait(e[1], 0, NULL);
}

static void look(struct he_keeper *k, he_time_ns now)
{
  he_time_ns next;
  if(__atomic_exchange_n(&k->forgets, false, __ATOMIC_ACQ_REL))
    he_probes_drop(&k->probes);
  find_network(k, now);
  if(k->network) {
    he_probes_run(&k->probes, now);
    use_store(k, now);
  }
  next = he_recall_rest(k->recall, he_probes_due(&k->probes),
                        he_probes_room(&k->probes));
  /* else the next thing that is learned tries again */
  if(k->network)
    he_task_wake_at(&k->task, next);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)t;
  if(!__atomic_load_n(&k->over, __ATOMIC_ACQUIRE))
    look(k, now);
}

static void on_moved(struct he_place *p, he_time_ns now)
{
  on_due(p->task, now);
}

/* Everything is given back but the watch of the network, which an event in
   hand may name. */
static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)now;
  he_probes_drop(&((struct he_keeper *)t)->probes);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)t;
  free(m);
  if(__atomic_load_n(&k->over, __ATOMIC_ACQUIRE)) {
    on_ended(t, now);
    he_task_retire(t);
  }
  else if(t->held)            /* not held: without memory */
    look(k, now);
}

static void on_buried(struct he_task *t)
{
  struct he_keeper *k = (struct he_keeper *)t;
  if(k->network)
    he_whereabouts_leave(&k->place);
  k->network = 0;
}

static void on_destroy(struct he_task *t)
{
  struct he_keeper *k = (struct he_keeper *)t;
  he_recall_unref(k->recall);
  pthread_mutex_destroy(&k->lock);
  free(k);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- for any thread -- */

/* Has it look at everything at `by`. */
static bool wake(struct he_task *t, he_time_ns by)
{
  struct he_keeper *k = (struct he_keeper *)t;
  struct he_mail *m = malloc(sizeof(*m));
  __atomic_store_n(&k->begun, true, __ATOMIC_RELEASE);
  if(m && he_racer_post(m, t, by))
    return true;
  free(m);
  return false;
}

struct he_keeper *he_keeper_new(struct he_racer *r, struct he_recall *recall)
{
  struct he_keeper *k = calloc(1, sizeof(*k));
  if(!k)
    return NULL;
  he_task_init(&k->task, r, &ops);
  pthread_mutex_init(&k->lock, NULL);
  k->recall = recall;
  he_recall_ref(recall);
  k->place.task = &k->task;
  k->place.moved = on_moved;
  he_probes_init(&k->probes, &k->task, recall);
  he_recall_serve(recall, &k->task, wake);
  return k;
}

void he_keeper_ref(struct he_keeper *k)
{
  if(k)
    he_task_ref(&k->task);
}

void he_keeper_unref(struct he_keeper *k)
{
  if(k)
    he_task_unref(&k->task);
}

/* Gives it another scribe, and returns the former one's last errand. */
static struct he_errand *change_scribe(struct he_keeper *k,
                                       struct he_scribe *s)
{
  struct he_scribe *former;
  pthread_mutex_lock(&k->lock);
  former = k->scribe;
  k->scribe = s;
  k->read = 0;
  pthread_mutex_unlock(&k->lock);
  return former ? he_scribe_end(former) : NULL;
}

bool he_keeper_store(struct he_keeper *k, const char *path)
{
  struct he_scribe *s;
  if(!k || !he_racer_alive(k->task.racer))
    return false;
  s = path ? he_scribe_new(k->recall, path) : NULL;
  if(path && !s)
    return false;
  he_errand_wait(change_scribe(k, s), 0, NULL);
  he_recall_set_saves(k->recall, s != NULL);
  if(!s || wake(&k->task, 0))
    return true;
  he_recall_set_saves(k->recall, false);
  return false;
}

static he_time_ns at_most(he_time_ns patience)
{
  return he_racer_here() ? 0 : patience;
}

/* True where there is nothing to be asked. */
static bool ask(struct he_keeper *k, enum he_scribe_what what,
                const char *host, he_time_ns patience, bool *ok)
{
  struct he_errand *e = NULL;
  bool none;
  if(!k || !he_racer_alive(k->task.racer))
    return false;
  pthread_mutex_lock(&k->lock);
  none = !k->scribe;
  if(!none)
    e = he_scribe_ask(k->scribe, what, 0, host);
  pthread_mutex_unlock(&k->lock);
  *ok = none;
  return none || he_errand_wait(e, at_most(patience), ok);
}

bool he_keeper_forget(struct he_keeper *k, const char *host,
                      he_time_ns patience)
{
  bool ok;
  if(k && __atomic_load_n(&k->begun, __ATOMIC_ACQUIRE)) {
    __atomic_store_n(&k->forgets, true, __ATOMIC_RELEASE);
    wake(&k->task, 0);
  }
  return ask(k, HE_SCRIBE_FORGET, host, patience, &ok) && ok;
}

bool he_keeper_flush(struct he_keeper *k, he_time_ns patience)
{
  bool ok;
  return ask(k, HE_SCRIBE_SAVE, NULL, patience, &ok);
}

bool he_keeper_end(struct he_keeper *k, he_time_ns patience)
{
  struct he_errand *e;
  bool ok;
  if(!k)
    return false;
  he_recall_serve(k->recall, NULL, NULL);
  if(!__atomic_load_n(&k->begun, __ATOMIC_ACQUIRE))
    return true;
  if(!he_racer_alive(k->task.racer))
    return false;
  e = change_scribe(k, NULL);
  __atomic_store_n(&k->over, true, __ATOMIC_RELEASE);
  wake(&k->task, 0);
  return !e || (he_errand_wait(e, at_most(patience), &ok) && ok);
}
