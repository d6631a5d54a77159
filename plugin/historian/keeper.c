/* SPDX-License-Identifier: MIT */
/* keeper.c - a task a history. Mail says what is wanted; whatever comes, it
 * then looks at everything once (look()), and sleeps until the next thing is
 * due.
 *
 * The recall tells it only of what is due earlier than that, so who wakes it
 * is counted by what happens, not by how many transfers there are.
 *
 * The file is its scribe's, which has a thread that may block: a note that
 * asks something of the file is handed on, and done when the scribe has. */
#include "historian/keeper.h"
#include "base/clock.h"
#include "historian/probes.h"
#include "historian/scribe.h"
#include "historian/shelf.h"
#include "net/whereabouts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct he_keeper {
  struct he_task task;        /* first */
  struct he_recall *recall;
  bool begun;                 /* atomic: it had mail */
  /* the rest is the racer's thread's */
  struct he_place place;
  struct he_scribe *scribe;   /* NULL: no store */
  uint64_t network;           /* 0: not known */
  bool unread;                /* some of what the store has in this network */
  unsigned reading;           /* the last reading that was asked for */
  he_time_ns ready_at;        /* nobody waits for it after this */
  bool over;
  struct he_probes probes;
};

/* -- notes: mail that can be waited for. One reference is the mail's, one the
   sender's. -- */

enum wish {
  WISH_LOOK,
  WISH_STORE,
  WISH_HOST,
  WISH_READ,                  /* the scribe's: it has read all */
  WISH_FORGET,
  WISH_FLUSH,
  WISH_END
};

struct note {
  struct he_mail mail;        /* first */
  struct he_errand errand;
  struct he_keeper *keeper;   /* READ, with a reference until it is posted */
  unsigned reading;           /* READ */
  enum wish wish;
  unsigned refs;              /* atomic */
  bool done;                  /* under lock, both */
  bool ok;
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
  n->done = n->ok = false;
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

static void note_done(struct note *n, bool ok)
{
  pthread_mutex_lock(&n->lock);
  n->done = true;
  n->ok = ok;
  pthread_cond_signal(&n->changed);
  pthread_mutex_unlock(&n->lock);
  note_unref(n);
}

static struct note *note_of(struct he_errand *e)
{
  return (struct note *)(void *)((char *)e - offsetof(struct note, errand));
}

/* On the scribe's thread. */
static void errand_done(struct he_errand *e, bool ok)
{
  note_done(note_of(e), ok);
}

static bool note_wait(struct note *n, he_time_ns patience, bool *ok)
{
  he_time_ns until = he_time_add(he_clock_now(), patience);
  struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
                         .tv_nsec = (long)(until % 1000000000) };
  bool done;
  pthread_mutex_lock(&n->lock);
  while(!n->done && !pthread_cond_timedwait(&n->changed, &n->lock, &ts))
    ;
  done = n->done;
  *ok = n->ok;
  pthread_mutex_unlock(&n->lock);
  return done;
}

/* `patience` < 0: false only where it was not taken. *well, which may be NULL:
   what came of it. */
static bool tell(struct he_keeper *k, enum wish wish, const char *text,
                 he_time_ns by, he_time_ns patience, bool *well)
{
  struct note *n = k ? note_new(wish, text) : NULL;
  bool ok, of_it = false;
  if(!n)
    return false;
  __atomic_store_n(&k->begun, true, __ATOMIC_RELEASE);
  ok = he_racer_post(&n->mail, &k->task, by);
  if(!ok)
    note_unref(n);
  if(ok && patience >= 0)
    ok = patience && !he_racer_here() && note_wait(n, patience, &of_it);
  if(well)
    *well = of_it;
  note_unref(n);
  return ok;
}

/* -- on the racer's thread -- */

/* A connect waits a millisecond for what the file knows of its host; for a
   file that is not read by then nobody waits. What is read later is used
   later. */
#define READ_BY HE_MS(1000)

/* On the scribe's thread. */
static void reading_done(struct he_errand *e, bool ok)
{
  struct note *n = note_of(e);
  struct he_keeper *k = n->keeper;
  (void)ok;                   /* all that can be read was */
  if(!he_racer_post(&n->mail, &k->task, 0))
    note_unref(n);
  he_keeper_unref(k);
}

static void begin_reading(struct he_keeper *k)
{
  struct note *n = k->scribe ? note_new(WISH_READ, NULL) : NULL;
  k->unread = n != NULL;
  k->ready_at = he_time_add(he_clock_now(), READ_BY);
  if(!n)
    return;
  n->refs = 1;
  n->keeper = k;
  n->reading = ++k->reading;
  n->errand.done = reading_done;
  he_keeper_ref(k);
  he_scribe_read(k->scribe, k->network, &n->errand);
}

static void moved(struct he_keeper *k, uint64_t network)
{
  if(k->network == network)
    return;
  k->network = network;
  he_recall_set_network(k->recall, network);
  if(network)
    begin_reading(k);
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

/* The first time, too. */
static void find_network(struct he_keeper *k, he_time_ns now)
{
  if(k->network)
    moved(k, he_whereabouts_now(now));
  else
    moved(k, he_whereabouts_join(&k->place));
}

static void save(struct he_keeper *k)
{
  he_recall_saved(k->recall, 0);
  if(k->scribe)
    he_scribe_save(k->scribe, NULL);
}

static void look(struct he_keeper *k, he_time_ns now)
{
  he_time_ns next;
  if(k->over)
    return;
  find_network(k, now);
  if(!k->network)
    return;                   /* the next thing that is learned tries again */
  if(!k->unread || now >= k->ready_at)
    he_recall_ready(k->recall, he_whereabouts_asks());
  he_probes_run(&k->probes, now);
  if(he_recall_save_due(k->recall, now))
    save(k);
  next = he_recall_rest(k->recall, he_probes_due(&k->probes),
                        he_probes_room(&k->probes));
  if(k->unread && now < k->ready_at && k->ready_at < next)
    next = k->ready_at;
  he_task_wake_at(&k->task, next);
}

/* What is new so far is the former file's. Where that one hangs, the scribe of
   the next one has a thread of its own. */
static void change_store(struct he_keeper *k, const char *path)
{
  if(k->scribe) {
    if(k->network)
      he_scribe_take(k->scribe);
    he_scribe_end(k->scribe, NULL);
  }
  k->scribe = path ? he_shelf_scribe(k->recall, path) : NULL;
  k->unread = k->scribe != NULL;
  if(k->network)
    begin_reading(k);
}

/* What is to be asked of the scribe for this note; nothing where the disk
   hangs: then the note is done, in vain, and what was asked is done unseen. */
static struct he_errand *errand_of(struct he_keeper *k, struct note *n)
{
  if(he_scribe_stuck(k->scribe)) {
    note_done(n, false);
    return NULL;
  }
  n->errand.done = errand_done;
  return &n->errand;
}

/* Everything is given back but the watch of the network, which an event in
   hand may name. */
static void finish(struct he_keeper *k, struct note *n)
{
  he_probes_drop(&k->probes, NULL);
  if(k->scribe)
    he_scribe_end(k->scribe, n ? errand_of(k, n) : NULL);
  else if(n)
    note_done(n, true);
  k->scribe = NULL;
  k->over = true;
}

/* One host first: somebody waits for it. */
static void read_host(struct he_keeper *k, struct note *n, he_time_ns now)
{
  struct he_errand *e;
  find_network(k, now);
  if(!k->network || !k->unread || !k->scribe) {
    note_done(n, true);
    return;
  }
  e = errand_of(k, n);
  if(e)
    he_scribe_find(k->scribe, k->network, n->has_text ? n->text : NULL, e);
}

/* What is being probed would come back with the probe's outcome. */
static void forget(struct he_keeper *k, struct note *n)
{
  he_probes_drop(&k->probes, n->has_text ? n->text : NULL);
  if(!k->scribe) {
    note_done(n, true);
    return;
  }
  __atomic_add_fetch(&n->refs, 1, __ATOMIC_RELAXED);   /* for its text */
  he_scribe_forget(k->scribe, n->has_text ? n->text : NULL, errand_of(k, n));
  note_unref(n);
}

static void flush(struct he_keeper *k, struct note *n)
{
  if(k->scribe && k->network)
    he_scribe_save(k->scribe, errand_of(k, n));
  else
    note_done(n, true);
}

/* Gives the note up. */
static void grant(struct he_keeper *k, struct note *n, he_time_ns now)
{
  switch(n->wish) {
  case WISH_HOST:
    read_host(k, n, now);
    return;
  case WISH_FORGET:
    forget(k, n);
    return;
  case WISH_FLUSH:
    flush(k, n);
    return;
  case WISH_END:
    finish(k, n);
    he_task_retire(&k->task);
    return;
  case WISH_STORE:
    change_store(k, n->has_text ? n->text : NULL);
    break;
  case WISH_READ:
    if(n->reading == k->reading)
      k->unread = false;
    break;
  case WISH_LOOK:
    break;
  }
  note_done(n, true);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)t;
  struct note *n = (struct note *)m;
  if(k->over || !t->held)     /* not held: without memory */
    note_done(n, false);
  else {
    grant(k, n, now);
    look(k, now);
  }
}

static void on_due(struct he_task *t, he_time_ns now)
{
  look((struct he_keeper *)t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  struct he_keeper *k = (struct he_keeper *)t;
  (void)now;
  if(!k->over)
    finish(k, NULL);
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

static const struct he_keeper_ops serves = {
  .ref = he_keeper_ref,
  .unref = he_keeper_unref,
  .wake = he_keeper_wake,
  .want = he_keeper_want
};

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
  he_recall_serve(recall, &serves, k);
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
  he_recall_set_saves(k->recall, path != NULL);
  ok = tell(k, WISH_STORE, path, 0, -1, NULL);
  if(!ok)
    he_recall_set_saves(k->recall, false);
  return ok;
}

void he_keeper_wake(struct he_keeper *k, he_time_ns by)
{
  tell(k, WISH_LOOK, NULL, by, -1, NULL);
}

bool he_keeper_want(struct he_keeper *k, const char *host,
                    he_time_ns patience)
{
  return tell(k, WISH_HOST, host, 0, patience, NULL);
}

bool he_keeper_forget(struct he_keeper *k, const char *host,
                      he_time_ns patience)
{
  bool well;
  return k && (!__atomic_load_n(&k->begun, __ATOMIC_ACQUIRE) ||
               (tell(k, WISH_FORGET, host, 0, patience, &well) && well));
}

bool he_keeper_flush(struct he_keeper *k, he_time_ns patience)
{
  return tell(k, WISH_FLUSH, NULL, 0, patience, NULL);
}

bool he_keeper_end(struct he_keeper *k, he_time_ns patience)
{
  bool well;
  if(!k)
    return false;
  he_recall_serve(k->recall, NULL, NULL);
  return !__atomic_load_n(&k->begun, __ATOMIC_ACQUIRE) ||
         (tell(k, WISH_END, NULL, 0, patience, &well) && well);
}
