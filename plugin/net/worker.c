/* SPDX-License-Identifier: MIT */
/* worker.c - a list of errands, and a thread while there are any.
 *
 *   idle --an errand--> at work --none left--> idle */
#include "net/worker.h"
#include "base/clock.h"
#include "base/cond.h"
#include "net/threads.h"

#include <stdlib.h>
#include <string.h>

/* Has the thread been at one errand for so long, the disk must hang: then
   nobody waits. */
#define STUCK HE_MS(250)

void he_worker_init(struct he_worker *w, const struct he_worker_ops *ops)
{
  memset(w, 0, sizeof(*w));
  w->ops = ops;
  pthread_mutex_init(&w->lock, NULL);
  he_cond_init(&w->changed);
  w->refs = 1;
}

void he_worker_clear(struct he_worker *w)
{
  pthread_cond_destroy(&w->changed);
  pthread_mutex_destroy(&w->lock);
}

void he_worker_ref(struct he_worker *w)
{
  pthread_mutex_lock(&w->lock);
  w->refs++;
  pthread_mutex_unlock(&w->lock);
}

void he_worker_unref(struct he_worker *w)
{
  bool gone;
  pthread_mutex_lock(&w->lock);
  gone = !--w->refs;
  pthread_mutex_unlock(&w->lock);
  if(gone)
    w->ops->destroy(w);
}

void he_worker_end(struct he_worker *w)
{
  pthread_mutex_lock(&w->lock);
  w->over = true;
  pthread_cond_broadcast(&w->changed);
  pthread_mutex_unlock(&w->lock);
  he_worker_unref(w);
}

bool he_worker_idle_locked(const struct he_worker *w)
{
  return !w->at_work && !w->first;
}

static void give_up(struct he_errand *e)
{
  struct he_worker *w = e->worker;
  bool gone;
  pthread_mutex_lock(&w->lock);
  gone = !--e->refs;
  pthread_mutex_unlock(&w->lock);
  if(gone) {
    free(e);
    he_worker_unref(w);
  }
}

/* -- on the thread ------------------------------------------------------ */

static void finish(struct he_errand *e, bool ok)
{
  struct he_worker *w = e->worker;
  pthread_mutex_lock(&w->lock);
  e->done = true;
  e->ok = ok;
  pthread_cond_broadcast(&w->changed);
  pthread_mutex_unlock(&w->lock);
  give_up(e);
}

static void linger_locked(struct he_worker *w)
{
  const he_time_ns until = he_time_add(he_clock_now(), w->ops->linger);
  w->began = 0;
  while(!w->first && !w->over && he_cond_wait(&w->changed, &w->lock, until))
    ;
}

/* NULL: there is none, and who comes next starts a thread. */
static struct he_errand *next_errand(struct he_worker *w, bool lingers)
{
  struct he_errand *e;
  pthread_mutex_lock(&w->lock);
  if(!w->first && lingers)
    linger_locked(w);
  e = w->first;
  if(e)
    w->first = e->next;
  w->at_work = e != NULL;
  w->began = e ? he_clock_now() : 0;
  pthread_mutex_unlock(&w->lock);
  return e;
}

static void run_all(struct he_worker *w, bool on_thread)
{
  struct he_errand *e;
  while((e = next_errand(w, on_thread && w->ops->linger)))
    finish(e, w->ops->run(w, e, on_thread));
  he_worker_unref(w);
}

static void run(void *arg)
{
  run_all(arg, true);
}

/* -- for any thread ----------------------------------------------------- */

static struct he_errand *errand_new(int what, uint64_t number,
                                    const char *text)
{
  size_t size = text ? strlen(text) + 1 : 0;
  struct he_errand *e = calloc(1, sizeof(*e) + size);
  if(!e)
    return NULL;
  e->what = what;
  e->number = number;
  if(text)
    e->text = memcpy(e->room, text, size);
  e->refs = 2;
  return e;
}

/* Returns whether a thread is to be started, with its reference. */
static bool enter_locked(struct he_worker *w, struct he_errand *e)
{
  bool start = !w->at_work;
  e->worker = w;
  if(w->first)
    w->last->next = e;
  else
    w->first = e;
  w->last = e;
  w->at_work = true;
  w->refs += start ? 2 : 1;
  pthread_cond_broadcast(&w->changed);   /* its thread may linger */
  return start;
}

struct he_errand *he_worker_ask(struct he_worker *w, int what,
                                uint64_t number, const char *text,
                                bool joins)
{
  struct he_errand *e = errand_new(what, number, text);
  bool start = false;
  if(!e)
    return NULL;
  pthread_mutex_lock(&w->lock);
  if(joins && w->first && w->last->what == what) {
    free(e);
    e = w->last;
    e->refs++;
  }
  else
    start = enter_locked(w, e);
  pthread_mutex_unlock(&w->lock);
  if(start && !he_thread_start(run, w))
    run_all(w, false);        /* nothing that is asked is done */
  return e;
}

bool he_errand_wait(struct he_errand *e, he_time_ns patience, bool *ok)
{
  const he_time_ns now = he_clock_now();
  struct he_worker *w;
  bool done = false, waits;
  if(ok)
    *ok = false;
  if(!e)
    return false;
  w = e->worker;
  pthread_mutex_lock(&w->lock);
  waits = patience && (!w->began || now - w->began < STUCK);
  while(waits && !e->done &&
        he_cond_wait(&w->changed, &w->lock, he_time_add(now, patience)))
    ;
  done = e->done;
  if(ok)
    *ok = e->ok;
  pthread_mutex_unlock(&w->lock);
  give_up(e);
  return done;
}
