/* SPDX-License-Identifier: MIT */
/* keeper.c - a task a history. Mail says what is wanted; whatever comes, it
 * then looks at everything once (look()), and sleeps until the next thing is
 * due.
 *
 * The recall tells it only of what is due earlier than that, so who wakes it
 * is counted by what happens, not by how many transfers there are. */
#include "engine/keeper.h"
#include "base/clock.h"
#include "engine/probes.h"
#include "engine/shelf.h"
#include "engine/whereabouts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct he_keeper {
  struct he_task task;        /* first */
  struct he_recall *recall;
  bool begun;                 /* atomic: it had mail */
  /* the rest is the racer's thread's */
  struct he_place place;
  struct he_shelf *shelf;     /* NULL: no store */
  uint64_t network;           /* 0: not known */
  bool unread;                /* some of what the store has in this network */
  he_time_ns reread_at;       /* not all of it again before */
  bool over;
  struct he_probes probes;
};

/* -- notes: mail that can be waited for. One reference is the mail's, one the
   sender's. -- */

enum wish {
  WISH_LOOK,
  WISH_STORE,
  WISH_HOST,
  WISH_FORGET,
  WISH_FLUSH,
  WISH_END
};

struct note {
  struct he_mail mail;        /* first */
  enum wish wish;
  unsigned refs;              /* atomic */
  bool done;                  /* under lock */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool has_text;
  char text[];
};

static struct note *note_new(enum wish wish, const char *text)
{
  size_t size = text ? strlen(text) + 1 : 0;
  struct note *n = malloc(sizeof(*n) + size);
  pthread_condattr_t monotonic;
  if(!n)
    return NULL;
  n->wish = wish;
  n->refs = 2;
  n->done = false;
  n->has_text = text != NULL;
  if(text)
    memcpy(n->text, text, size);
  pthread_mutex_init(&n->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&n->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return n;
}

static void note_unref(struct note *n)
{
  if(__atomic_sub_fetch(&n->refs, 1, __ATOMIC_ACQ_REL))
    return;
  pthread_cond_destroy(&n->changed);
  pthread_mutex_destroy(&n->lock);
  free(n);
}

static void note_done(struct note *n)
{
  pthread_mutex_lock(&n->lock);
  n->done = true;
  pthread_cond_signal(&n->changed);
  pthread_mutex_unlock(&n->lock);
  note_unref(n);
}

static bool note_wait(struct note *n, he_time_ns patience)
{
  he_time_ns until = he_time_add(he_clock_now(), patience);
  struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
                         .tv_nsec = (long)(until % 1000000000) };
  bool done;
  pthread_mutex_lock(&n->lock);
  while(!n->done && !pthread_cond_timedwait(&n->changed, &n->lock, &ts))
    ;
  done = n->done;
  pthread_mutex_unlock(&n->lock);
  return done;
}

/* `patience` < 0: false only where it was not taken. */
static bool tell(struct he_keeper *k, enum wish wish, const char *text,
                 he_time_ns by, he_time_ns patience)
{
  struct note *n = k ? note_new(wish, text) : NULL;
  bool ok;
  if(!n)
    return false;
  __atomic_store_n(&k->begun, true, __ATOMIC_RELEASE);
  ok = he_racer_post(&n->mail, &k->task, by);
  if(!ok)
    note_unref(n);
  if(ok && patience >= 0)
    ok = patience && !he_racer_here() && note_wait(n, patience);
  note_unref(n);
  return ok;
}

/* -- on the racer's thread -- */

static void moved(struct he_keeper *k, uint64_t network)
{
  if(k->network == network)
    return;
  k->network = network;
  k->unread = k->shelf != NULL;
  he_recall_set_network(k->recall, network);
}

static void look(struct he_keeper *k, he_time_ns now);

static void on_moved(struct he_place *p, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)
    ((char *)p - offsetof(struct he_keeper, place));
  if(!k->over) {
    moved(k, he_whereabouts_now(now));
    look(k, now);
  }
}

/* When to go on with something long: mail, and whoever else is due, comes
   first. */
static he_time_ns soon(void)
{
  return he_time_add(he_clock_now(), HE_MS(1) / 10);
}

/* The first time, too. */
static void find_network(struct he_keeper *k, he_time_ns now)
{
  if(k->network)
    moved(k, he_whereabouts_now(now));
  else
    moved(k, he_whereabouts_join(&k->place));
}

/* One host first: somebody waits for it. */
static void read_host(struct he_keeper *k, const char *host, he_time_ns now)
{
  if(k->unread)
    he_shelf_fetch(k->shelf, k->network, host, now);
}

static void read_on(struct he_keeper *k, he_time_ns now)
{
  if(k->unread)
    k->unread = he_shelf_load(k->shelf, k->network, now);
  if(!k->unread)
    he_recall_ready(k->recall, he_whereabouts_asks());
}

/* Who has something to tell hears what others have told meanwhile. An idle
   process reads nothing. */
#define REREAD HE_MS(10000)

static void read_again(struct he_keeper *k, he_time_ns now)
{
  if(now < k->reread_at)
    return;
  k->reread_at = he_time_add(now, REREAD);
  he_shelf_rewind(k->shelf);
  k->unread = true;
}

static void save(struct he_keeper *k, he_time_ns now)
{
  he_time_ns again = now;
  switch(he_shelf_save(k->shelf, now, &again)) {
  case HE_SHELF_DONE:
    he_recall_saved(k->recall, 0);
    read_again(k, now);
    break;
  case HE_SHELF_MORE:
    he_recall_save_at(k->recall, soon());
    break;
  case HE_SHELF_BUSY:
    he_recall_save_at(k->recall, again);
    break;
  case HE_SHELF_FAILED:       /* with what is learned next, not before */
    he_recall_saved(k->recall, again);
    break;
  }
}

/* All of it, as far as it goes. */
static void flush(struct he_keeper *k, he_time_ns now)
{
  he_time_ns again;
  int busy = 0;
  while(k->shelf && k->network && busy < 5) {
    enum he_shelf_state state = he_shelf_save(k->shelf, now, &again);
    if(state == HE_SHELF_BUSY)
      busy++;
    else if(state != HE_SHELF_MORE)
      break;
  }
}

static void look(struct he_keeper *k, he_time_ns now)
{
  he_time_ns next;
  if(k->over)
    return;
  find_network(k, now);
  if(!k->network)
    return;                   /* the next thing that is learned tries again */
  read_on(k, now);
  he_probes_run(&k->probes, now);
  if(k->shelf && he_recall_save_due(k->recall, now))
    save(k, now);
  next = he_recall_rest(k->recall, he_probes_due(&k->probes),
                        he_probes_room(&k->probes));
  if(k->unread)
    next = soon();
  he_task_wake_at(&k->task, next);
}

static void change_store(struct he_keeper *k, const char *path,
                         he_time_ns now)
{
  flush(k, now);
  he_shelf_free(k->shelf);
  k->shelf = path ? he_shelf_new(path, k->recall) : NULL;
  k->unread = k->shelf != NULL;
}

/* In memory, too: it may have been read again since the caller did that. What
   is being probed would come back with the probe's outcome. */
static void forget(struct he_keeper *k, const char *host, he_time_ns now)
{
  uint64_t network;
  struct he_history *h;
  he_probes_drop(&k->probes, host);
  if(!k->shelf)
    return;
  he_shelf_forget(k->shelf, host, now);
  h = he_recall_open(k->recall, &network);
  he_history_forget(h, NULL, host);
  he_recall_close(k->recall, true);
}

/* Everything is given back but the watch of the network, which an event in
   hand may name. */
static void finish(struct he_keeper *k, he_time_ns now)
{
  if(k->over)
    return;
  flush(k, now);
  he_probes_drop(&k->probes, NULL);
  he_shelf_free(k->shelf);
  k->shelf = NULL;
  k->over = true;
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)t;
  struct note *n = (struct note *)m;
  const char *text = n->has_text ? n->text : NULL;
  if(k->over || !t->held) {   /* not held: without memory */
    note_done(n);
    return;
  }
  switch(n->wish) {
  case WISH_LOOK:
    break;
  case WISH_STORE:
    change_store(k, text, now);
    break;
  case WISH_HOST:
    find_network(k, now);
    if(k->network)
      read_host(k, text, now);
    break;
  case WISH_FORGET:
    forget(k, text, now);
    break;
  case WISH_FLUSH:
    flush(k, now);
    break;
  case WISH_END:
    finish(k, now);
    he_task_retire(t);
    break;
  }
  note_done(n);
  look(k, now);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  look((struct he_keeper *)t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  finish((struct he_keeper *)t, now);
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

struct he_keeper *he_keeper_new(struct he_racer *r, struct he_recall *recall)
{
  struct he_keeper *k = calloc(1, sizeof(*k));
  if(!k)
    return NULL;
  he_task_init(&k->task, r, &ops);
  k->recall = recall;
  he_recall_ref(recall);
  k->place.task = &k->task;
  k->place.moved = on_moved;
  he_probes_init(&k->probes, &k->task, recall, on_due);
  he_recall_serve(recall, k);
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

bool he_keeper_store(struct he_keeper *k, const char *path)
{
  bool ok;
  if(!k)
    return false;
  he_recall_set_trouble(k->recall, "");
  he_recall_set_saves(k->recall, path != NULL);
  ok = tell(k, WISH_STORE, path, 0, -1);
  if(!ok)
    he_recall_set_saves(k->recall, false);
  return ok;
}

void he_keeper_wake(struct he_keeper *k, he_time_ns by)
{
  tell(k, WISH_LOOK, NULL, by, -1);
}

bool he_keeper_want(struct he_keeper *k, const char *host,
                    he_time_ns patience)
{
  return tell(k, WISH_HOST, host, 0, patience);
}

bool he_keeper_forget(struct he_keeper *k, const char *host,
                      he_time_ns patience)
{
  return k && (!__atomic_load_n(&k->begun, __ATOMIC_ACQUIRE) ||
               tell(k, WISH_FORGET, host, 0, patience));
}

bool he_keeper_flush(struct he_keeper *k, he_time_ns patience)
{
  return tell(k, WISH_FLUSH, NULL, 0, patience);
}

bool he_keeper_end(struct he_keeper *k, he_time_ns patience)
{
  if(!k)
    return false;
  he_recall_serve(k->recall, NULL);
  return !__atomic_load_n(&k->begun, __ATOMIC_ACQUIRE) ||
         tell(k, WISH_END, NULL, 0, patience);
}
