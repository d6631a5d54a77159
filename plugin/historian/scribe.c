/* SPDX-License-Identifier: MIT */
/* scribe.c - a worker, and a heap of lines to be written.
 *
 * What the disk does not take stays in the heap, up to HEAP bytes; the rest
 * stays in the history. */
#include "historian/scribe.h"
#include "historian/fold.h"
#include "historian/lines.h"
#include "historian/log.h"
#include "historian/shelf.h"

#include <stdlib.h>
#include <string.h>

#define HEAP (1u << 20)

struct he_scribe {
  struct he_worker worker;      /* first; its lock guards the next two */
  bool ended;                   /* what is new is another file's */
  struct he_bytes heap;
  struct he_recall *recall;     /* constant */
  /* the rest is the thread's */
  struct he_log *log;
  uint64_t network;             /* of which the file is read; 0: of none */
};

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
  pthread_mutex_lock(&s->worker.lock);
  lines = s->heap;
  memset(&s->heap, 0, sizeof(s->heap));
  ended = s->ended;
  pthread_mutex_unlock(&s->worker.lock);
  if(!ended)
    take(s, &lines);
  return lines;
}

/* What was not written goes back, in front of what has come. */
static void put_back(struct he_scribe *s, struct he_bytes lines)
{
  pthread_mutex_lock(&s->worker.lock);
  if(s->heap.len)
    he_bytes_add(&lines, s->heap.at, s->heap.len);
  free(s->heap.at);
  s->heap = lines;
  pthread_mutex_unlock(&s->worker.lock);
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
  switch((enum he_scribe_what)e->what) {
  case HE_SCRIBE_READ:
    return read_all(s, e->number);
  case HE_SCRIBE_SAVE:
    return save(s);
  case HE_SCRIBE_FORGET:
    return forget(s, e->text);
  }
  return false;
}

static bool on_run(struct he_worker *w, const struct he_errand *e, bool able)
{
  struct he_scribe *s = (struct he_scribe *)w;
  const bool ok = able && run_errand(s, e);
  if(e->what == HE_SCRIBE_READ)
    he_recall_ready(s->recall);      /* all that can be read was */
  return ok;
}

static void on_destroy(struct he_worker *w)
{
  struct he_scribe *s = (struct he_scribe *)w;
  he_worker_clear(w);
  he_recall_unref(s->recall);
  he_log_free(s->log);
  free(s->heap.at);
  free(s);
}

static const struct he_worker_ops ops = {
  .run = on_run,
  .destroy = on_destroy
};

/* -- for any thread ----------------------------------------------------- */

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
  he_worker_init(&s->worker, &ops);
  s->recall = r;
  he_recall_ref(r);
  return s;
}

struct he_errand *he_scribe_ask(struct he_scribe *s, enum he_scribe_what what,
                                uint64_t network, const char *host)
{
  /* one that is still to be done, as while the disk hangs, does for both */
  return he_worker_ask(&s->worker, (int)what, network, host,
                       what == HE_SCRIBE_SAVE);
}

struct he_errand *he_scribe_end(struct he_scribe *s)
{
  struct he_errand *e;
  pthread_mutex_lock(&s->worker.lock);
  take(s, &s->heap);
  s->ended = true;
  pthread_mutex_unlock(&s->worker.lock);
  e = he_scribe_ask(s, HE_SCRIBE_SAVE, 0, NULL);
  he_worker_end(&s->worker);
  return e;
}
