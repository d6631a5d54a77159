/* SPDX-License-Identifier: MIT */
/* scribe.c - a list of errands, a heap of lines to be written, and a thread
 * while there are any.
 *
 *   idle --an errand--> at work --none left--> idle
 *
 * What the disk does not take stays in the heap, up to HEAP bytes; the rest
 * stays in the history. */
#include "historian/scribe.h"
#include "base/clock.h"
#include "base/cond.h"
#include "historian/fold.h"
#include "historian/lines.h"
#include "historian/log.h"
#include "historian/shelf.h"
#include "net/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HEAP (1u << 20)
/* Has the thread been at one errand for so long, the disk must hang: then
   nobody waits. */
#define STUCK HE_MS(250)

struct he_errand {
  struct he_errand *next;
  struct he_scribe *scribe;     /* with a reference */
  enum he_scribe_what what;
  uint64_t network;
  unsigned refs;                /* the list's or the thread's, those of who
                                   asked; this and what follows: under lock */
  bool done;
  bool ok;
  const char *host;             /* constant: `text`, or NULL */
  char text[];
};

struct he_scribe {
  pthread_mutex_t lock;
  pthread_cond_t changed;       /* an errand is done */
  unsigned refs;                /* the user's, the thread's, the errands':
                                   under lock, as what follows */
  bool at_work;                 /* there is a thread */
  bool ended;                   /* what is new is another file's */
  struct he_errand *first;
  struct he_errand *last;       /* valid where there is a first */
  he_time_ns began;             /* the errand at hand; 0: none is */
  struct he_bytes heap;
  struct he_recall *recall;     /* constant */
  /* the rest is the thread's */
  struct he_log *log;
  uint64_t network;             /* of which the file is read; 0: of none */
};

struct he_scribe *he_scribe_new(struct he_recall *r, const char *path)
{
  struct he_scribe *s = calloc(1, sizeof(*s));
  if(!s)
    return NULL;
  s->log = he_log_new(path);
  if(!s->log) {
    free(s);
    return NULL;
  }
  pthread_mutex_init(&s->lock, NULL);
  he_cond_init(&s->changed);
  s->refs = 1;
  s->recall = r;
  he_recall_ref(r);
  return s;
}

static void unref(struct he_scribe *s)
{
  bool gone;
  pthread_mutex_lock(&s->lock);
  gone = !--s->refs;
  pthread_mutex_unlock(&s->lock);
  if(!gone)
    return;
  he_recall_unref(s->recall);
  he_log_free(s->log);
  free(s->heap.at);
  pthread_cond_destroy(&s->changed);
  pthread_mutex_destroy(&s->lock);
  free(s);
}

static void give_up(struct he_errand *e)
{
  struct he_scribe *s = e->scribe;
  bool gone;
  pthread_mutex_lock(&s->lock);
  gone = !--e->refs;
  pthread_mutex_unlock(&s->lock);
  if(gone) {
    free(e);
    unref(s);
  }
}

/* -- the heap ----------------------------------------------------------- */

/* Adds what is new, as far as there is room. */
static void take(struct he_scribe *s, struct he_bytes *lines)
{
  struct he_record r;
  while(lines->len < HEAP && he_shelf_take(s->recall, &r))
    if(!he_bytes_add_line(lines, r.line, r.len))
      break;
}

/* All that is to be written. */
static struct he_bytes lift(struct he_scribe *s)
{
  struct he_bytes lines;
  bool ended;
  pthread_mutex_lock(&s->lock);
  lines = s->heap;
  memset(&s->heap, 0, sizeof(s->heap));
  ended = s->ended;
  pthread_mutex_unlock(&s->lock);
  if(!ended)
    take(s, &lines);
  return lines;
}

/* What was not written goes back, in front of what has come. */
static void put_back(struct he_scribe *s, struct he_bytes lines)
{
  pthread_mutex_lock(&s->lock);
  if(s->heap.len)
    he_bytes_add(&lines, s->heap.at, s->heap.len);
  free(s->heap.at);
  s->heap = lines;
  pthread_mutex_unlock(&s->lock);
}

/* -- on the thread ------------------------------------------------------ */

static bool told(struct he_scribe *s, bool ok, const char *why)
{
  /* what was put aside stays known, though all is well the next time */
  if(*why)
    he_recall_set_trouble(s->recall, why);
  return ok;
}

static void absorb_news(struct he_scribe *s)
{
  he_log_take(s->log, &s->network, he_shelf_absorb, s->recall);
}

/* A line that forgets is not about what this process has learned and not
   written yet. */
static bool read_all(struct he_scribe *s, uint64_t network)
{
  const struct he_bytes own = lift(s);
  struct he_word rest = { own.at, own.len }, line;
  char why[HE_LOG_WHY];
  bool ok;
  if(s->network != network)
    he_log_rewind(s->log);
  s->network = network;
  ok = told(s, he_log_read(s->log, why), why);
  /* a file that cannot be is told of before there is something to write */
  if(ok && he_log_none(s->log))
    told(s, he_log_add(s->log, "", 0, why), why);
  if(ok)
    absorb_news(s);
  while(he_lines_next(&rest, &line))
    he_shelf_absorb(s->recall, line.at, line.len);
  put_back(s, own);
  return ok;
}

/* What others have written meanwhile is heard on the way. */
static bool save(struct he_scribe *s)
{
  struct he_bytes lines = lift(s);
  while(lines.len) {
    char why[HE_LOG_WHY];
    if(!told(s, he_log_add(s->log, lines.at, lines.len, why), why)) {
      put_back(s, lines);
      return false;
    }
    if(s->network)
      absorb_news(s);
    free(lines.at);
    lines = lift(s);
  }
  free(lines.at);
  return true;
}

/* What is new comes before the line that forgets. Where it cannot be written
   it is lost, for it may be what is to be forgotten. */
static bool forget(struct he_scribe *s, const char *host)
{
  char why[HE_LOG_WHY];
  bool ok;
  if(!save(s))
    free(lift(s).at);
  ok = told(s, he_log_forget(s->log, host, why), why);
  return (!s->network || read_all(s, s->network)) && ok;
}

static bool run_errand(struct he_scribe *s, const struct he_errand *e)
{
  switch(e->what) {
  case HE_SCRIBE_READ:
    return read_all(s, e->network);
  case HE_SCRIBE_SAVE:
    return save(s);
  case HE_SCRIBE_FORGET:
    return forget(s, e->host);
  }
  return false;
}

static void finish(struct he_errand *e, bool ok)
{
  struct he_scribe *s = e->scribe;
  if(e->what == HE_SCRIBE_READ)
    he_recall_ready(s->recall);      /* all that can be read was */
  pthread_mutex_lock(&s->lock);
  e->done = true;
  e->ok = ok;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  give_up(e);
}

/* NULL: there is none, and who comes next starts a thread. */
static struct he_errand *next_errand(struct he_scribe *s)
{
  struct he_errand *e;
  pthread_mutex_lock(&s->lock);
  e = s->first;
  if(e)
    s->first = e->next;
  s->at_work = e != NULL;
  s->began = e ? he_clock_now() : 0;
  pthread_mutex_unlock(&s->lock);
  return e;
}

static void run_all(struct he_scribe *s, bool on_thread)
{
  struct he_errand *e;
  while((e = next_errand(s)))
    finish(e, on_thread && run_errand(s, e));
  unref(s);
}

static void run(void *arg)
{
  run_all(arg, true);
}

/* -- for any thread ----------------------------------------------------- */

static struct he_errand *errand_new(enum he_scribe_what what,
                                    uint64_t network, const char *host)
{
  size_t size = host ? strlen(host) + 1 : 0;
  struct he_errand *e = calloc(1, sizeof(*e) + size);
  if(!e)
    return NULL;
  e->what = what;
  e->network = network;
  if(host)
    e->host = memcpy(e->text, host, size);
  e->refs = 2;
  return e;
}

/* Returns whether a thread is to be started, with its reference. */
static bool enter_locked(struct he_scribe *s, struct he_errand *e)
{
  bool start = !s->at_work;
  e->scribe = s;
  if(s->first)
    s->last->next = e;
  else
    s->first = e;
  s->last = e;
  s->at_work = true;
  s->refs += start ? 2 : 1;
  return start;
}

struct he_errand *he_scribe_ask(struct he_scribe *s, enum he_scribe_what what,
                                uint64_t network, const char *host)
{
  struct he_errand *e = errand_new(what, network, host);
  bool start = false;
  if(!e)
    return NULL;
  pthread_mutex_lock(&s->lock);
  /* one that is still to be done, as while the disk hangs, does for both */
  if(what == HE_SCRIBE_SAVE && s->first && s->last->what == what) {
    free(e);
    e = s->last;
    e->refs++;
  }
  else
    start = enter_locked(s, e);
  pthread_mutex_unlock(&s->lock);
  if(start && !he_thread_start(run, s))
    run_all(s, false);        /* nothing that is asked is done */
  return e;
}

struct he_errand *he_scribe_end(struct he_scribe *s)
{
  struct he_errand *e;
  pthread_mutex_lock(&s->lock);
  take(s, &s->heap);
  s->ended = true;
  pthread_mutex_unlock(&s->lock);
  e = he_scribe_ask(s, HE_SCRIBE_SAVE, 0, NULL);
  unref(s);
  return e;
}

bool he_errand_wait(struct he_errand *e, he_time_ns patience, bool *ok)
{
  const he_time_ns now = he_clock_now();
  struct he_scribe *s;
  bool done = false, waits;
  if(ok)
    *ok = false;
  if(!e)
    return false;
  s = e->scribe;
  pthread_mutex_lock(&s->lock);
  waits = patience && (!s->began || now - s->began < STUCK);
  while(waits && !e->done &&
        he_cond_wait(&s->changed, &s->lock, he_time_add(now, patience)))
    ;
  done = e->done;
  if(ok)
    *ok = e->ok;
  pthread_mutex_unlock(&s->lock);
  give_up(e);
  return done;
}
