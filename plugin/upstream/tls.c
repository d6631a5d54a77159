/* SPDX-License-Identifier: MIT */
/* tls.c - a channel is a pipeline of questions, and at most one session that
 * carries it. Everything is the racer's thread's, but for create(), ask() and
 * usable(). */
#include "upstream/tls.h"
#include "upstream/authorities.h"
#include "upstream/crypto.h"
#include "upstream/pipeline.h"
#include "upstream/rounds.h"
#include "upstream/session.h"

#include <pthread.h>
#include <stdlib.h>

/* A connection that nobody needs is closed. RFC 7766 section 6.2.3 asks for a
   few seconds; a page's next names come within this time. */
#define IDLE HE_MS(15000)

struct channel {
  struct he_task task;        /* first */
  const struct he_upstream *upstream;
  struct he_peers *peers;
  bool over;                  /* atomic */
  struct he_session *session; /* NULL: none */
  struct he_pipeline line;
  struct he_rounds rounds;
  he_time_ns idle_at;         /* nothing is asked since; HE_NEVER */
};

/* Sets the timer for what comes next. */
static void plan(struct channel *c, he_time_ns now)
{
  he_time_ns due = he_pipeline_due(&c->line);
  if(!he_pipeline_idle(&c->line))
    c->idle_at = HE_NEVER;
  else if(c->idle_at == HE_NEVER)
    c->idle_at = now;
  if(he_pipeline_waits(&c->line) && !c->session)
    due = now;
  if(c->session && c->idle_at != HE_NEVER)
    due = c->idle_at + IDLE;
  he_task_wake_at(&c->task, due);
}

/* -- the session's calls -- */

static void on_opened(void *arg, he_time_ns now)
{
  struct channel *c = arg;
  he_pipeline_opened(&c->line, now);
}

static void on_fill(void *arg, he_time_ns now)
{
  struct channel *c = arg;
  unsigned char *to;
  size_t len = 1;
  while(len && (to = he_session_space(c->session, HE_QUERY_MOST))) {
    len = he_pipeline_next(&c->line, to, now);
    if(len)
      he_session_send(c->session, len);
  }
  plan(c, now);
}

static void on_message(void *arg, const unsigned char *message, size_t len,
                       he_time_ns now)
{
  struct channel *c = arg;
  if(he_pipeline_take(&c->line, message, len, now))
    he_rounds_answered(&c->rounds);
  if(he_pipeline_idle(&c->line))
    plan(c, now);
}

/* Nobody is left to connect to. */
static void give_up(struct channel *c, enum he_session_fate fate)
{
  const enum he_upstream_verdict v =
    c->rounds.unproven ? HE_UPSTREAM_UNPROVEN :
    fate == HE_SESSION_SILENT ? HE_UPSTREAM_SILENT :
    fate == HE_SESSION_UNABLE ? HE_UPSTREAM_GONE : HE_UPSTREAM_UNREACHABLE;
  he_rounds_begin(&c->rounds, c->upstream);
  he_pipeline_refuse(&c->line, v);
}

static void on_lost(void *arg, enum he_session_fate fate, int server,
                    he_time_ns now)
{
  struct channel *c = arg;
  he_session_end(c->session);
  c->session = NULL;
  if(c->line.open) {
    if(!he_pipeline_lost(&c->line, now))
      he_rounds_last(&c->rounds, server);
  }
  else if(!he_rounds_failed(&c->rounds, server, fate == HE_SESSION_UNPROVEN))
    give_up(c, fate);
  plan(c, now);
}

static const struct he_session_ops session_ops = {
  on_opened, on_fill, on_message, on_lost
};

/* -- what is due -- */

static void connect_now(struct channel *c)
{
  const struct he_session_config config = {
    .racer = c->task.racer, .upstream = c->upstream, .peers = c->peers,
    .servers = he_rounds_servers(&c->rounds), .lenient = c->rounds.lenient,
    .ops = &session_ops, .arg = c
  };
  c->session = he_session_start(&config);
  if(!c->session)
    give_up(c, HE_SESSION_UNABLE);
}

static void hang_up(struct channel *c, he_time_ns now)
{
  he_session_end(c->session);
  c->session = NULL;
  he_pipeline_lost(&c->line, now);
}

/* After all mail of a round, so that what came together is sent together. */
static void on_due(struct he_task *t, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  if(!he_pipeline_expire(&c->line, now)) {
    he_rounds_last(&c->rounds, he_session_server(c->session));
    hang_up(c, now);
  }
  if(he_pipeline_waits(&c->line) && !c->session)
    connect_now(c);
  if(c->session)
    he_session_flush(c->session, now);
  if(c->session && c->idle_at != HE_NEVER && c->idle_at + IDLE <= now &&
     he_pipeline_idle(&c->line))
    hang_up(c, now);
  plan(c, now);
}

/* -- the task -- */

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  const bool fresh = he_pipeline_idle(&c->line) && !c->session;
  if(!q->wanted(q) || !t->held || __atomic_load_n(&c->over, __ATOMIC_ACQUIRE)
     || !he_pipeline_add(&c->line, q, now)) {
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
    return;
  }
  if(fresh)
    he_rounds_begin(&c->rounds, c->upstream);
  he_task_wake_at(t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  (void)now;
  __atomic_store_n(&c->over, true, __ATOMIC_RELEASE);
  he_session_end(c->session);
  c->session = NULL;
  he_pipeline_end(&c->line, HE_UPSTREAM_GONE);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  struct channel *c = (struct channel *)t;
  he_pipeline_free(&c->line);
  he_peers_unref(c->peers);
  free(c);
}

static const struct he_task_ops task_ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- the table of functions -- */

static struct he_upstream_channel *tls_create(struct he_racer *r,
                                              const struct he_upstream *u)
{
  struct channel *c = calloc(1, sizeof(*c));
  if(!c)
    return NULL;
  c->peers = he_peers_new(u);
  if(!c->peers) {
    free(c);
    return NULL;
  }
  he_task_init(&c->task, r, &task_ops);
  c->upstream = u;
  c->idle_at = HE_NEVER;
  he_rounds_begin(&c->rounds, u);
  he_pipeline_init(&c->line);
  return (struct he_upstream_channel *)c;
}

static void tls_unref(struct he_upstream_channel *channel)
{
  if(channel)
    he_task_unref(&((struct channel *)channel)->task);
}

static bool tls_usable(const struct he_upstream_channel *channel,
                       const struct he_racer *r)
{
  const struct channel *c = (const struct channel *)channel;
  return c->task.racer == r && !__atomic_load_n(&c->over, __ATOMIC_ACQUIRE);
}

static bool tls_ask(struct he_upstream_channel *channel,
                    struct he_upstream_question *q)
{
  return he_racer_post(&q->mail, &((struct channel *)channel)->task, 0);
}

/* OpenSSL may read its configuration. */
static void tls_prepare(void)
{
  he_crypto_begin();
}

const struct he_upstream_ops he_upstream_tls_ops = {
  .create = tls_create,
  .unref = tls_unref,
  .usable = tls_usable,
  .ask = tls_ask,
  .prepare = tls_prepare
};

void he_upstream_tls_register(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, he_authorities_environment);
  he_upstream_register(HE_UPSTREAM_TLS, &he_upstream_tls_ops);
}
