/* SPDX-License-Identifier: MIT */
/* doh.c - channels for https:// upstreams, and the list of their threads.
 *
 * The racer starts a channel's thread with the first question, and tells it to
 * end when it ends itself. It does not wait for the thread, which may itself be
 * putting the racer back: whoever frees the last context waits. */
#include "curl/doh.h"
#include "base/forks.h"
#include "curl/doh_own.h"
#include "net/threads.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_doh *threads;         /* a reference to each; the lock's */

/* -- fork: the threads are the parent's -- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
  threads = NULL;
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- ending -- */

static void tell_to_end(struct he_doh *c)
{
  pthread_mutex_lock(&c->lock);
  __atomic_store_n(&c->over, true, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&c->lock);
  if(c->multi)
    curl_multi_wakeup(c->multi);
}

/* Takes one of those that were told to end out of the list, with its
   reference. */
static struct he_doh *take_ended(void)
{
  struct he_doh **link = &threads, *c;
  pthread_mutex_lock(&lock);
  while(*link && !__atomic_load_n(&(*link)->over, __ATOMIC_ACQUIRE))
    link = &(*link)->next;
  c = *link;
  if(c)
    *link = c->next;
  pthread_mutex_unlock(&lock);
  return c;
}

/* So long a thread is waited for: that of a file that hangs never ends. */
#define PATIENCE_S 2
/* To a server without HTTP/2. */
#define CONNECTIONS 6L

static bool join(pthread_t thread)
{
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_S;
  return !pthread_timedjoin_np(thread, NULL, &until);
}

void he_doh_join(void)
{
  struct he_doh *c;
  while((c = take_ended())) {
    if(join(c->thread))
      he_task_unref(&c->task);
    else                      /* the channel stays the thread's */
      pthread_detach(c->thread);
  }
}

/* A program that frees no context: libcurl's TLS library puts itself down when
   the process ends, and no thread may be in it then. */
static void at_exit(void)
{
  pthread_mutex_lock(&lock);
  for(struct he_doh *c = threads; c; c = c->next)
    tell_to_end(c);
  pthread_mutex_unlock(&lock);
  he_doh_join();
}

static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

static void watch_exit(void)
{
  atexit(at_exit);
}

/* -- beginning; on the racer's thread -- */

static const char base64[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *write_pin(char *at, const unsigned char pin[HE_PIN_SIZE])
{
  for(size_t i = 0; i < HE_PIN_SIZE; i += 3) {
    const bool whole = i + 3 <= HE_PIN_SIZE;   /* the last two are not */
    const unsigned v = (unsigned)pin[i] << 16 | (unsigned)pin[i + 1] << 8 |
                       (whole ? pin[i + 2] : 0u);
    *at++ = base64[v >> 18];
    *at++ = base64[v >> 12 & 63];
    *at++ = base64[v >> 6 & 63];
    *at++ = whole ? base64[v & 63] : '=';
  }
  return at;
}

/* "sha256//...;sha256//..." */
static void write_pins(char *at, const struct he_upstream *u)
{
  static const char prefix[] = ";sha256//";
  for(size_t i = 0; i < u->pins; i++) {
    const size_t skip = !i;
    memcpy(at, prefix + skip, sizeof(prefix) - 1 - skip);
    at = write_pin(at + sizeof(prefix) - 1 - skip, u->pin[i]);
  }
  *at = 0;
}

static bool append_header(struct curl_slist **list, const char *header)
{
  struct curl_slist *longer = curl_slist_append(*list, header);
  if(longer)
    *list = longer;
  return longer != NULL;
}

static bool prepare(struct he_doh *c)
{
  CURLM *multi = curl_multi_init();
  if(!multi)
    return false;
  if(!c->headers &&
     (!append_header(&c->headers, "Content-Type: application/dns-message") ||
      !append_header(&c->headers, "Accept: application/dns-message"))) {
    curl_multi_cleanup(multi);
    return false;
  }
  /* One connection by HTTP/2, for requests wait for it to say what it is
     (CURLOPT_PIPEWAIT). Without HTTP/2 one would wait for the answer to
     another, which may never come. */
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS);
  c->share = curl_share_init();
  if(c->share)
    curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  write_pins(c->pins, c->upstream);
  c->multi = multi;
  return true;
}

static void dispose(struct he_doh *c)
{
  curl_multi_cleanup(c->multi);
  if(c->share)
    curl_share_cleanup(c->share);
  c->multi = NULL;
  c->share = NULL;
}

static bool start_thread(struct he_doh *c)
{
  bool ok;
  he_fork_watch(HE_FORK_DOH, &forks);
  if(!prepare(c))
    return false;
  pthread_once(&exit_once, watch_exit);
  pthread_mutex_lock(&lock);
  ok = !he_thread_create(&c->thread, NULL, he_doh_main, c);
  if(ok) {
    he_task_ref(&c->task);
    c->next = threads;
    threads = c;
  }
  pthread_mutex_unlock(&lock);
  if(!ok)
    dispose(c);
  return ok;
}

/* False where the thread takes no mail any more. */
static bool push(struct he_doh *c, struct he_mail *m)
{
  bool ok;
  pthread_mutex_lock(&c->lock);
  ok = !c->over;
  if(ok) {
    m->next = c->mail;
    c->mail = m;
  }
  pthread_mutex_unlock(&c->lock);
  return ok;
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_doh *c = (struct he_doh *)t;
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  (void)now;
  /* a task that is not held would not hear of the racer's end */
  if(t->held && (c->multi || start_thread(c)) && push(c, m))
    curl_multi_wakeup(c->multi);
  else
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)now;
  tell_to_end((struct he_doh *)t);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

/* Nobody has a reference, so the thread has ended, or never was. */
static void on_destroy(struct he_task *t)
{
  struct he_doh *c = (struct he_doh *)t;
  if(c->multi)
    dispose(c);
  if(c->headers)
    curl_slist_free_all(c->headers);
  pthread_mutex_destroy(&c->lock);
  free(c);
}

static const struct he_task_ops task_ops = {
  .mail = on_mail,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- the table of functions -- */

static struct he_upstream_channel *create(struct he_racer *r,
                                          const struct he_upstream *u)
{
  struct he_doh *c = he_libcurl_version() ? calloc(1, sizeof(*c)) : NULL;
  if(!c)
    return NULL;
  he_task_init(&c->task, r, &task_ops);
  pthread_mutex_init(&c->lock, NULL);
  c->upstream = u;
  c->link.spare = c->dialled.fd = -1;
  c->waiting_end = &c->waiting;
  return (struct he_upstream_channel *)c;
}

static void unref(struct he_upstream_channel *channel)
{
  if(channel)
    he_task_unref(&((struct he_doh *)channel)->task);
}

static bool is_usable(const struct he_upstream_channel *channel,
                      const struct he_racer *r)
{
  const struct he_doh *c = (const struct he_doh *)channel;
  return c->task.racer == r && !__atomic_load_n(&c->over, __ATOMIC_ACQUIRE);
}

static bool ask(struct he_upstream_channel *channel,
                struct he_upstream_question *q)
{
  return he_racer_post(&q->mail, &((struct he_doh *)channel)->task, 0);
}

static const struct he_upstream_ops ops = {
  create, unref, is_usable, ask, NULL
};

void he_doh_register(void)
{
  he_upstream_register(HE_UPSTREAM_HTTPS, &ops);
}
