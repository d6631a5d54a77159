/* SPDX-License-Identifier: MIT */
/* sink.c - a ring of bytes a sink. Who has a line adds it at the head; the
 * worker takes lines from the tail, one a write.
 *
 * One lock guards all sinks, so that fork() can hold it. It is held for memory
 * alone. An errand is asked when the ring was empty, and writes until it is
 * again: so a sink has one errand at most, but for a flush. */
#include "trace/sink.h"
#include "base/clock.h"
#include "base/fds.h"
#include "base/forks.h"
#include "net/worker.h"
#include "trace/json.h"
#include "trace/outlet.h"
#include "trace/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RING (1u << 18)       /* a power of two */
#define MOST (UINT64_C(64) << 20)
#define LINGER HE_MS(20)
#define FLUSHED 16            /* sinks that are waited for at the end */

struct he_sink {
  struct he_worker worker;    /* first */
  struct he_outlet outlet;    /* this and the next one: the worker's thread's */
  struct he_outlet voice;     /* stderr */
  /* what follows is guarded by the lock of all sinks */
  struct he_sink *next;
  unsigned refs;              /* 0: it goes when its ring is empty */
  uint32_t head;              /* of the ring: bytes ever added, ever taken */
  uint32_t tail;
  uint64_t most;              /* bytes of the file */
  unsigned dropped;           /* lines, not told yet */
  bool asked;                 /* an errand is under way */
  bool stopped;               /* atomic */
  char why[HE_SINK_WHY];
  const char *variable;       /* of the environment, static; NULL: nobody
                                 hears of a file that cannot be opened */
  char *ring;                 /* constant, as what follows */
  bool is_stderr;
  bool has_colours;
  char path[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_sink *sinks;

/* -- on the worker's thread ---------------------------------------------- */

static void stop(struct he_sink *s, const char *why)
{
  pthread_mutex_lock(&lock);
  if(!s->stopped)
    snprintf(s->why, sizeof(s->why), "%s", why);
  __atomic_store_n(&s->stopped, true, __ATOMIC_RELEASE);
  s->tail = s->head;
  pthread_mutex_unlock(&lock);
}

static bool going_on(void *arg)
{
  struct he_sink *s = arg;
  bool yes;
  pthread_mutex_lock(&lock);
  yes = s->refs != 0;
  pthread_mutex_unlock(&lock);
  return yes;
}

/* A copy of the next line, which stays in the ring; 0: there is none. */
static size_t next_line(struct he_sink *s, char line[HE_JSON_LINE])
{
  size_t n = 0;
  pthread_mutex_lock(&lock);
  while(s->tail + n != s->head && n < HE_JSON_LINE) {
    line[n] = s->ring[(s->tail + n) % RING];
    if(line[n++] == '\n')
      break;
  }
  pthread_mutex_unlock(&lock);
  return n;
}

static void taken(struct he_sink *s, size_t n)
{
  pthread_mutex_lock(&lock);
  if(!s->stopped)
    s->tail += (uint32_t)n;
  pthread_mutex_unlock(&lock);
}

static void complain(struct he_sink *s, const char *why)
{
  char line[HE_SINK_WHY + 64], unheard[HE_OUTLET_WHY];
  const char *variable;
  bool fresh;
  int n;
  pthread_mutex_lock(&lock);
  variable = s->variable;
  pthread_mutex_unlock(&lock);
  if(!variable || !he_outlet_open(&s->voice, 0, &fresh, unheard))
    return;
  n = snprintf(line, sizeof(line), "curl-he: %s: %s\n", variable, why);
  he_outlet_write(&s->voice, line, (size_t)n, going_on, s, unheard);
}

static bool write_line(struct he_sink *s, const char *line, size_t n)
{
  char why[HE_OUTLET_WHY];
  if(he_outlet_write(&s->outlet, line, n, going_on, s, why))
    return true;
  stop(s, why);
  return false;
}

static bool write_dropped(struct he_sink *s)
{
  char line[HE_JSON_LINE];
  unsigned dropped;
  pthread_mutex_lock(&lock);
  dropped = s->dropped;
  s->dropped = 0;
  pthread_mutex_unlock(&lock);
  return !dropped ||
         write_line(s, line, he_stamp_dropped(line, dropped, s->is_stderr));
}

static uint64_t most(struct he_sink *s)
{
  uint64_t n;
  pthread_mutex_lock(&lock);
  n = s->most;
  pthread_mutex_unlock(&lock);
  return n;
}

static bool write_all(struct he_sink *s)
{
  char line[HE_JSON_LINE], why[HE_OUTLET_WHY];
  bool fresh;
  size_t n;
  if(!he_outlet_open(&s->outlet, most(s), &fresh, why)) {
    complain(s, why);
    stop(s, why);
    return false;
  }
  if(fresh && !write_line(s, line, he_stamp_hello(line)))
    return false;
  while((n = next_line(s, line)) > 0) {
    if(!write_line(s, line, n))
      return false;
    taken(s, n);
  }
  return write_dropped(s);
}

static bool is_empty_locked(const struct he_sink *s)
{
  return s->head == s->tail && !s->dropped;
}

/* Nobody adds anything any more, and nothing is left. */
static void remove_locked(struct he_sink *s)
{
  struct he_sink **at = &sinks;
  while(*at != s)
    at = &(*at)->next;
  *at = s->next;
}

/* The ring is empty: the errand is over. False where more has come. */
static bool rest(struct he_sink *s, bool *gone)
{
  bool over;
  pthread_mutex_lock(&lock);
  over = s->stopped || is_empty_locked(s);
  *gone = over && s->asked && !s->refs;
  if(*gone)
    remove_locked(s);
  if(over)
    s->asked = false;
  pthread_mutex_unlock(&lock);
  return over;
}

static bool on_run(struct he_worker *w, const struct he_errand *e, bool able)
{
  struct he_sink *s = (struct he_sink *)w;
  bool gone, ok = true;
  (void)e;
  if(!able)
    stop(s, "no thread can be had");
  while(!rest(s, &gone)) {
    ok = write_all(s);
    he_outlet_rest(&s->outlet);
  }
  if(gone)
    he_worker_end(w);         /* the errand has a reference of its own */
  return ok;
}

static void on_destroy(struct he_worker *w)
{
  struct he_sink *s = (struct he_sink *)w;
  he_outlet_close(&s->outlet);
  he_worker_clear(w);
  free(s->ring);
  free(s);
}

static const struct he_worker_ops ops = {
  .run = on_run,
  .destroy = on_destroy,
  .linger = LINGER
};

/* -- fork() -------------------------------------------------------------- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The worker's thread is not here, and what is in the ring the parent
   writes. */
static void after_fork_child(void)
{
  for(struct he_sink *s = sinks; s; s = s->next) {
    he_worker_init(&s->worker, &ops);
    he_outlet_forget(&s->outlet);
    s->tail = s->head;
    s->dropped = 0;
    s->asked = false;
  }
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- for any thread ------------------------------------------------------ */

static bool absolute(const char *path, char out[HE_SINK_PATH])
{
  char here[HE_SINK_PATH];
  int n;
  if(*path == '/' || !strcmp(path, "-"))
    n = snprintf(out, HE_SINK_PATH, "%s", path);
  else
    n = getcwd(here, sizeof(here)) ?
        snprintf(out, HE_SINK_PATH, "%s/%s", here, path) : -1;
  return n > 0 && n < HE_SINK_PATH;
}

static struct he_sink *sink_new(const char *path)
{
  const size_t len = strlen(path) + 1;
  struct he_sink *s = calloc(1, sizeof(*s) + len);
  char *ring = malloc(RING);
  const char *no_colour = getenv("NO_COLOR");
  if(!s || !ring) {
    free(s);
    free(ring);
    return NULL;
  }
  he_worker_init(&s->worker, &ops);
  s->ring = ring;
  s->refs = 1;
  s->is_stderr = !strcmp(path, "-");
  s->has_colours = s->is_stderr && isatty(STDERR_FILENO) &&
                   !(no_colour && *no_colour);
  memcpy(s->path, path, len);
  s->most = MOST;
  he_outlet_init(&s->outlet, s->is_stderr ? NULL : s->path);
  he_outlet_init(&s->voice, NULL);
  return s;
}

struct he_sink *he_sink_get(const char *path)
{
  char whole[HE_SINK_PATH];
  struct he_sink *s;
  if(!absolute(path, whole))
    return NULL;
  he_fds_watch_forks();       /* of a FIFO that stays open */
  he_fork_watch(HE_FORK_SINKS, &forks);
  pthread_mutex_lock(&lock);
  for(s = sinks; s && !(s->refs && !strcmp(s->path, whole)); s = s->next)
    ;
  if(s)
    s->refs++;
  else if((s = sink_new(whole)) != NULL) {
    s->next = sinks;
    sinks = s;
  }
  pthread_mutex_unlock(&lock);
  return s;
}

void he_sink_ref(struct he_sink *s)
{
  pthread_mutex_lock(&lock);
  s->refs++;
  pthread_mutex_unlock(&lock);
}

void he_sink_unref(struct he_sink *s)
{
  bool gone;
  if(!s)
    return;
  pthread_mutex_lock(&lock);
  gone = !--s->refs && !s->asked;
  if(gone)
    remove_locked(s);
  pthread_mutex_unlock(&lock);
  if(gone)
    he_worker_end(&s->worker);
}

void he_sink_limit(struct he_sink *s, uint64_t most)
{
  pthread_mutex_lock(&lock);
  s->most = most;
  pthread_mutex_unlock(&lock);
}

void he_sink_complain(struct he_sink *s, const char *variable)
{
  pthread_mutex_lock(&lock);
  s->variable = variable;
  pthread_mutex_unlock(&lock);
}

bool he_sink_is_stderr(const struct he_sink *s)
{
  return s->is_stderr;
}

bool he_sink_has_colours(const struct he_sink *s)
{
  return s->has_colours;
}

bool he_sink_takes(struct he_sink *s)
{
  return !__atomic_load_n(&s->stopped, __ATOMIC_ACQUIRE);
}

static void add_locked(struct he_sink *s, const char *lines, size_t n)
{
  if(n > RING - (s->head - s->tail)) {
    for(size_t i = 0; i < n; i++)
      s->dropped += lines[i] == '\n';
    return;
  }
  for(size_t i = 0; i < n; i++)
    s->ring[(s->head + i) % RING] = lines[i];
  s->head += (uint32_t)n;
}

static void ask_worker(struct he_sink *s)
{
  struct he_errand *e = he_worker_ask(&s->worker, 0, 0, NULL, false);
  if(!e) {                    /* no memory: the next line asks again */
    pthread_mutex_lock(&lock);
    s->asked = false;
    pthread_mutex_unlock(&lock);
  }
  he_errand_wait(e, 0, NULL);
}

void he_sink_put(struct he_sink *s, const char *lines, size_t n)
{
  bool ask = false;
  pthread_mutex_lock(&lock);
  if(!s->stopped && n) {
    add_locked(s, lines, n);
    ask = !s->asked;
    s->asked = true;
  }
  pthread_mutex_unlock(&lock);
  if(ask)
    ask_worker(s);
}

void he_sink_trouble(struct he_sink *s, char why[HE_SINK_WHY])
{
  pthread_mutex_lock(&lock);
  memcpy(why, s->why, HE_SINK_WHY);
  pthread_mutex_unlock(&lock);
}

/* Those with lines, with a reference each. */
static size_t collect(struct he_sink *list[FLUSHED])
{
  size_t n = 0;
  pthread_mutex_lock(&lock);
  for(struct he_sink *s = sinks; s && n < FLUSHED; s = s->next) {
    if(s->asked) {
      s->refs++;
      list[n++] = s;
    }
  }
  pthread_mutex_unlock(&lock);
  return n;
}

void he_sink_flush_all(he_time_ns patience)
{
  const he_time_ns until = he_time_add(he_clock_now(), patience);
  struct he_sink *list[FLUSHED];
  struct he_errand *e[FLUSHED];
  const size_t n = collect(list);
  for(size_t i = 0; i < n; i++)
    e[i] = he_worker_ask(&list[i]->worker, 0, 0, NULL, false);
  for(size_t i = 0; i < n; i++) {
    const he_time_ns now = he_clock_now();
    he_errand_wait(e[i], now < until ? until - now : 0, NULL);
    he_sink_unref(list[i]);
  }
}
