/* SPDX-License-Identifier: MIT */
/* scribe.c - a list of errands, a heap of lines to be written, and a thread
 * while there are any.
 *
 *   idle --something left--> at work --nothing left--> idle
 *
 * What the disk does not take stays in the heap, up to HEAP bytes; the rest
 * stays in the history. */
#include "historian/scribe.h"
#include "base/clock.h"
#include "historian/fold.h"
#include "historian/lines.h"
#include "historian/log.h"
#include "net/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HEAP (1u << 20)
/* Lines looked at before the list of errands is: some 200 us. */
#define SLICE 64

enum what {
  READ,
  FIND,
  SAVE,
  FORGET
};

/* An errand with what the scribe has to know. */
struct job {
  struct job *next;
  struct he_errand *errand;     /* NULL: nobody is told */
  enum what what;
  uint64_t network;
  bool has_host;
  char host[];
};

struct he_scribe {
  pthread_mutex_t lock;
  unsigned refs;                /* the user's, the thread's: under lock */
  bool at_work;                 /* under lock: there is a thread */
  struct job *first;            /* under lock */
  struct job **last;
  he_time_ns began;             /* under lock: the job at hand; 0: none is */
  struct he_bytes heap;         /* under lock */
  const struct he_scribe_ops *ops;
  void *ctx;
  /* the rest is the thread's */
  struct he_log *log;
  bool made;                    /* the file, where there was none */
  bool knows_network;
  uint64_t network;             /* of which the file is read */
};

struct he_scribe *he_scribe_new(const char *path,
                                const struct he_scribe_ops *ops, void *ctx)
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
  s->refs = 1;
  s->last = &s->first;
  s->ops = ops;
  s->ctx = ctx;
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
  s->ops->drop(s->ctx);
  he_log_free(s->log);
  free(s->heap.at);
  pthread_mutex_destroy(&s->lock);
  free(s);
}

/* -- the heap ----------------------------------------------------------- */

/* Adds what is new, as far as there is room. */
static void take(struct he_scribe *s, struct he_bytes *lines)
{
  struct he_record r;
  while(lines->len < HEAP && s->ops->take(s->ctx, &r)) {
    size_t before = lines->len;
    if(!he_bytes_add(lines, r.line, r.len) || !he_bytes_add(lines, "\n", 1)) {
      lines->len = before;
      break;
    }
  }
}

static struct he_bytes lift(struct he_scribe *s)
{
  struct he_bytes lines;
  pthread_mutex_lock(&s->lock);
  lines = s->heap;
  memset(&s->heap, 0, sizeof(s->heap));
  pthread_mutex_unlock(&s->lock);
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

/* Without the lines that a forgetting line takes back. */
static void sift(struct he_bytes *lines, const char *host)
{
  struct he_word rest = { lines->at, lines->len }, line;
  struct he_record_head by, head;
  struct he_record forget;
  size_t kept = 0;
  if(!he_record_forget(&forget, host, 0) ||
     !he_record_head(forget.line, forget.len, &by))
    return;
  while(he_lines_next(&rest, &line)) {
    if(!by.some || !he_record_head(line.at, line.len, &head) ||
       (head.kind == HE_RECORD_HOST && head.name_hash == by.name_hash))
      continue;
    memmove(lines->at + kept, line.at, line.len + 1);
    kept += line.len + 1;
  }
  lines->len = kept;
}

/* -- on the thread ------------------------------------------------------ */

static bool told(struct he_scribe *s, bool ok, const char *why)
{
  /* what was put aside stays known, though all is well the next time */
  if(*why)
    s->ops->trouble(s->ctx, why);
  return ok;
}

static bool look(struct he_scribe *s)
{
  char why[HE_LOG_WHY];
  return told(s, he_log_read(s->log, why), why);
}

/* Somebody waits for what is found: that is done between two slices. */
static bool find(struct he_scribe *s, const struct job *j)
{
  bool ok = look(s);
  if(ok)
    he_log_find(s->log, j->network, j->has_host ? j->host : NULL,
                s->ops->absorb, s->ctx);
  return ok;
}

static void finish(struct job *j, bool ok)
{
  struct he_errand *e = j->errand;
  free(j);
  if(e)
    e->done(e, ok);
}

/* The first of the list, or the first that somebody waits for. */
static struct job *next_job(struct he_scribe *s, bool urgent)
{
  struct job **at, *j;
  pthread_mutex_lock(&s->lock);
  for(at = &s->first; *at && urgent && (*at)->what != FIND;)
    at = &(*at)->next;
  j = *at;
  if(j) {
    *at = j->next;
    if(!*at)
      s->last = at;
  }
  s->began = j ? he_clock_now() : 0;
  pthread_mutex_unlock(&s->lock);
  return j;
}

static void find_others(struct he_scribe *s)
{
  struct job *j;
  while((j = next_job(s, true)) != NULL)
    finish(j, find(s, j));
}

static void take_news(struct he_scribe *s)
{
  while(he_log_take(s->log, &s->network, SLICE, s->ops->absorb, s->ctx))
    find_others(s);
}

/* A file that cannot be is told of before there is something to write. */
static void make(struct he_scribe *s)
{
  char why[HE_LOG_WHY];
  if(!s->made)
    told(s, he_log_add(s->log, "", 0, why), why);
  s->made = true;
}

static bool read_all(struct he_scribe *s, uint64_t network)
{
  bool ok;
  if(!s->knows_network || s->network != network)
    he_log_rewind(s->log);
  s->knows_network = true;
  s->network = network;
  ok = look(s);
  if(ok && he_log_none(s->log))
    make(s);
  if(ok)
    take_news(s);
  return ok;
}

/* What others have written meanwhile is heard on the way. */
static bool write_lines(struct he_scribe *s, const struct he_bytes *lines)
{
  char why[HE_LOG_WHY];
  bool ok = told(s, he_log_add(s->log, lines->at, lines->len, why), why);
  if(ok && s->knows_network)
    take_news(s);
  return ok;
}

static bool save(struct he_scribe *s)
{
  struct he_bytes lines = lift(s);
  take(s, &lines);
  while(lines.len) {
    if(!write_lines(s, &lines)) {
      put_back(s, lines);
      s->ops->failed(s->ctx);
      return false;
    }
    lines.len = 0;
    take(s, &lines);
  }
  free(lines.at);
  return true;
}

static bool forget(struct he_scribe *s, const char *host)
{
  char why[HE_LOG_WHY];
  struct he_bytes lines = lift(s);
  bool ok;
  sift(&lines, host);
  put_back(s, lines);
  ok = told(s, he_log_forget(s->log, host, why), why);
  return (!s->knows_network || read_all(s, s->network)) && ok;
}

static bool run_job(struct he_scribe *s, const struct job *j)
{
  switch(j->what) {
  case READ:
    return read_all(s, j->network);
  case FIND:
    return find(s, j);
  case SAVE:
    return save(s);
  case FORGET:
    return forget(s, j->has_host ? j->host : NULL);
  }
  return false;
}

/* False: there is nothing left, and who comes next starts a thread. */
static bool goes_on(struct he_scribe *s)
{
  bool more;
  pthread_mutex_lock(&s->lock);
  more = s->first != NULL;
  s->at_work = more;
  pthread_mutex_unlock(&s->lock);
  return more;
}

static void run(void *arg)
{
  struct he_scribe *s = arg;
  struct job *j;
  do {
    while((j = next_job(s, true)) != NULL || (j = next_job(s, false)) != NULL)
      finish(j, run_job(s, j));
  } while(goes_on(s));
  unref(s);
}

/* -- for any thread ----------------------------------------------------- */

static struct job *job_new(enum what what, const char *host,
                           struct he_errand *e)
{
  size_t size = host ? strlen(host) + 1 : 0;
  struct job *j = calloc(1, sizeof(*j) + size);
  if(!j) {
    if(e)
      e->done(e, false);
    return NULL;
  }
  j->what = what;
  j->errand = e;
  j->has_host = host != NULL;
  if(host)
    memcpy(j->host, host, size);
  return j;
}

/* Without a thread nothing that is asked is done. */
static void give_up(struct he_scribe *s)
{
  struct job *j;
  while((j = next_job(s, false)) != NULL) {
    if(j->what == SAVE)
      s->ops->failed(s->ctx);
    finish(j, false);
  }
}

static void leave(struct he_scribe *s, struct job *j)
{
  bool start;
  if(!j)
    return;
  pthread_mutex_lock(&s->lock);
  *s->last = j;
  s->last = &j->next;
  start = !s->at_work;
  s->at_work = true;
  s->refs += start;
  pthread_mutex_unlock(&s->lock);
  if(start && !he_thread_start(run, s)) {
    do
      give_up(s);
    while(goes_on(s));
    unref(s);
  }
}

void he_scribe_read(struct he_scribe *s, uint64_t network,
                    struct he_errand *e)
{
  struct job *j = job_new(READ, NULL, e);
  if(j)
    j->network = network;
  leave(s, j);
}

void he_scribe_find(struct he_scribe *s, uint64_t network, const char *host,
                    struct he_errand *e)
{
  struct job *j = job_new(FIND, host, e);
  if(j)
    j->network = network;
  leave(s, j);
}

void he_scribe_take(struct he_scribe *s)
{
  pthread_mutex_lock(&s->lock);
  take(s, &s->heap);
  pthread_mutex_unlock(&s->lock);
}

/* One that is still to be done, as while the disk hangs, does for both. */
static bool will_save(struct he_scribe *s)
{
  const struct job *j;
  pthread_mutex_lock(&s->lock);
  for(j = s->first; j && j->what != SAVE;)
    j = j->next;
  pthread_mutex_unlock(&s->lock);
  return j != NULL;
}

bool he_scribe_stuck(struct he_scribe *s)
{
  bool stuck;
  pthread_mutex_lock(&s->lock);
  stuck = s->began && he_clock_now() - s->began >= HE_SCRIBE_STUCK;
  pthread_mutex_unlock(&s->lock);
  return stuck;
}

void he_scribe_save(struct he_scribe *s, struct he_errand *e)
{
  if(e || !will_save(s))
    leave(s, job_new(SAVE, NULL, e));
}

void he_scribe_forget(struct he_scribe *s, const char *host,
                      struct he_errand *e)
{
  leave(s, job_new(FORGET, host, e));
}

void he_scribe_end(struct he_scribe *s, struct he_errand *e)
{
  he_scribe_save(s, e);
  unref(s);
}
