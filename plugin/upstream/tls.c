/* SPDX-License-Identifier: MIT */
/* tls.c - questions wait, are sent, and are answered or lost:
 *
 *   waiting --fill()--> sent --message()--> done
 *      ^-----lost()------'
 *
 * Both lists are in the order of asking and of sending. The session, one at a
 * time, does the rest. Everything is the racer's thread's, but for create(),
 * ask() and usable(). */
#include "upstream/tls.h"
#include "base/clock.h"
#include "upstream/ids.h"
#include "upstream/query.h"
#include "upstream/session.h"
#include "upstream/trust.h"

#include <pthread.h>
#include <stdlib.h>

/* A connection that nobody needs is closed. RFC 7766 section 6.2.3 asks for a
   few seconds; a page's next names come within this time. */
#define IDLE HE_MS(15000)
/* A server that answers nothing at all for so long will not answer. */
#define QUIET HE_MS(5000)
/* Nor does it answer this question, though it answers others. */
#define OVERDUE HE_MS(15000)

struct asked {
  struct he_upstream_question *question;
  struct asked *next;
  struct asked **link;        /* what points to it */
  he_time_ns since;           /* it waits, or is sent */
  unsigned answers;           /* the channel's, when it was sent */
  uint16_t id;                /* where it is sent */
  bool lost;                  /* once already */
};

struct list {
  struct asked *first;
  struct asked **end;
};

struct channel {
  struct he_task task;        /* first */
  const struct he_upstream *upstream;
  struct he_peers *peers;
  bool over;                  /* atomic */
  struct he_session *session; /* NULL: none */
  bool open;
  struct list waiting, sent;
  struct he_ids ids;
  unsigned answers;           /* that came, ever */
  unsigned answers_before;    /* the present session opened */
  he_time_ns heard_at;        /* the last one; or the session opened */
  he_time_ns idle_at;         /* nothing is asked since */
  /* A round begins with a question that needs a connection, and ends with an
     answer, or when all servers have failed. */
  unsigned failed;            /* a bit for each server, in this round */
  unsigned unproven;
  bool lenient;               /* the round's last resort */
};

/* -- lists -- */

static void list_init(struct list *l)
{
  l->first = NULL;
  l->end = &l->first;
}

static void list_add(struct list *l, struct asked *a)
{
  a->next = NULL;
  a->link = l->end;
  *l->end = a;
  l->end = &a->next;
}

static void list_take(struct list *l, struct asked *a)
{
  *a->link = a->next;
  if(a->next)
    a->next->link = a->link;
  else
    l->end = a->link;
}

/* All of `from` before what is in `to`. */
static void list_prepend(struct list *to, struct list *from)
{
  if(!from->first)
    return;
  *from->end = to->first;
  if(to->first)
    to->first->link = from->end;
  else
    to->end = from->end;
  to->first = from->first;
  to->first->link = &to->first;
  list_init(from);
}

static bool is_idle(const struct channel *c)
{
  return !c->waiting.first && !c->sent.first;
}

/* -- answers -- */

/* `a` is in no list. */
static void finish(struct asked *a, enum he_upstream_verdict v,
                   const unsigned char *message, size_t len)
{
  struct he_upstream_question *q = a->question;
  free(a);
  q->done(q, v, message, len);
}

static void finish_sent(struct channel *c, struct asked *a,
                        enum he_upstream_verdict v,
                        const unsigned char *message, size_t len)
{
  list_take(&c->sent, a);
  he_ids_remove(&c->ids, a->id);
  finish(a, v, message, len);
}

static void finish_waiting(struct channel *c, enum he_upstream_verdict v)
{
  struct asked *a;
  while((a = c->waiting.first)) {
    list_take(&c->waiting, a);
    finish(a, v, NULL, 0);
  }
}

/* -- the session's calls -- */

static void plan(struct channel *c, he_time_ns now);

static void on_opened(void *arg, he_time_ns now)
{
  struct channel *c = arg;
  c->open = true;
  c->answers_before = c->answers;
  c->heard_at = now;
}

/* False: it has to wait for room. */
static bool send_one(struct channel *c, struct asked *a, he_time_ns now)
{
  struct he_upstream_question *q = a->question;
  unsigned char *to = he_session_space(c->session, HE_QUERY_MOST);
  const bool wanted = q->wanted(q);
  size_t len = 0;
  if(wanted && (!to || !he_ids_add(&c->ids, a, &a->id)))
    return false;
  list_take(&c->waiting, a);
  if(wanted)
    len = he_query_make(to, a->id, q->name, (uint16_t)q->type);
  if(!len) {                  /* or there can be no such name */
    if(wanted)
      he_ids_remove(&c->ids, a->id);
    finish(a, HE_UPSTREAM_GONE, NULL, 0);
    return true;
  }
  he_session_send(c->session, len);
  a->since = now;
  a->answers = c->answers;
  list_add(&c->sent, a);
  return true;
}

static void on_fill(void *arg, he_time_ns now)
{
  struct channel *c = arg;
  while(c->waiting.first && send_one(c, c->waiting.first, now))
    ;
}

/* Whose question is not known has been given up. */
static void on_message(void *arg, const unsigned char *message, size_t len,
                       he_time_ns now)
{
  struct channel *c = arg;
  struct asked *a = he_ids_find(&c->ids, he_query_id(message));
  const struct he_upstream_question *q = a ? a->question : NULL;
  if(!a)
    return;
  if(!he_query_answers(message, len, q->name, (uint16_t)q->type)) {
    finish_sent(c, a, HE_UPSTREAM_CONFUSED, NULL, 0);
    return;
  }
  c->answers++;
  c->heard_at = now;
  c->failed = c->unproven = 0;
  finish_sent(c, a, HE_UPSTREAM_ANSWERED, message, len);
  if(!c->sent.first)
    plan(c, now);
}

/* What was sent over a connection that is lost waits for the next one. It is
   given up where it was lost before, and the server said nothing since it was
   sent. */
static void recall_sent(struct channel *c, he_time_ns now)
{
  struct asked *a, *next;
  struct list given_up;
  list_init(&given_up);
  for(a = c->sent.first; a; a = next) {
    const bool vain = a->answers == c->answers;
    next = a->next;
    he_ids_remove(&c->ids, a->id);
    if(vain && a->lost) {
      list_take(&c->sent, a);
      list_add(&given_up, a);
    }
    else {
      a->lost = a->lost || vain;
      a->since = now;
    }
  }
  list_prepend(&c->waiting, &c->sent);
  while((a = given_up.first)) {
    list_take(&given_up, a);
    finish(a, HE_UPSTREAM_UNREACHABLE, NULL, 0);
  }
}

/* Where there is nothing to prove by, nobody has to. */
static void begin_round(struct channel *c)
{
  const struct he_upstream *u = c->upstream;
  c->failed = c->unproven = 0;
  c->lenient = u->opportunistic && !*u->name && !u->pins;
}

static unsigned all_servers(const struct channel *c)
{
  return (1u << c->upstream->n) - 1;
}

/* The round is over: nobody is left to connect to. */
static void give_up(struct channel *c, enum he_session_fate fate)
{
  const enum he_upstream_verdict v =
    c->unproven ? HE_UPSTREAM_UNPROVEN :
    fate == HE_SESSION_SILENT ? HE_UPSTREAM_SILENT :
    fate == HE_SESSION_UNABLE ? HE_UPSTREAM_GONE : HE_UPSTREAM_UNREACHABLE;
  begin_round(c);
  finish_waiting(c, v);
}

/* A session that never opened. */
static void note_failure(struct channel *c, enum he_session_fate fate,
                         int server)
{
  if(fate == HE_SESSION_UNPROVEN)
    c->unproven |= 1u << server;
  if(server >= 0 && fate != HE_SESSION_UNABLE)
    c->failed |= 1u << server;
  else
    c->failed = all_servers(c);
  if(c->failed != all_servers(c))
    return;
  if(c->upstream->opportunistic && c->unproven && !c->lenient) {
    c->lenient = true;
    c->failed &= ~c->unproven;
  }
  else
    give_up(c, fate);
}

static void on_lost(void *arg, enum he_session_fate fate, int server,
                    he_time_ns now)
{
  struct channel *c = arg;
  const bool vain = c->answers == c->answers_before;
  he_session_end(c->session);
  c->session = NULL;
  if(c->open) {
    /* one that answers nothing has its turn again after the others */
    if(vain && (c->failed | 1u << server) != all_servers(c))
      c->failed |= 1u << server;
    c->open = false;
    recall_sent(c, now);
  }
  else
    note_failure(c, fate, server);
  plan(c, now);
}

static const struct he_session_ops session_ops = {
  on_opened, on_fill, on_message, on_lost
};

/* -- what is due -- */

static void connect_now(struct channel *c, he_time_ns now)
{
  const struct he_session_config config = {
    .racer = c->task.racer, .upstream = c->upstream, .peers = c->peers,
    .servers = all_servers(c) & ~c->failed, .lenient = c->lenient,
    .ops = &session_ops, .arg = c
  };
  c->session = he_session_start(&config, now);
  if(!c->session)
    give_up(c, HE_SESSION_UNABLE);
}

static he_time_ns later(he_time_ns a, he_time_ns b)
{
  return a > b ? a : b;
}

static he_time_ns sooner(he_time_ns a, he_time_ns b)
{
  return a < b ? a : b;
}

static he_time_ns silent_at(const struct channel *c, const struct asked *a)
{
  return sooner(later(a->since, c->heard_at) + QUIET, a->since + OVERDUE);
}

/* The server was silent: the connection is no good either. What else was sent
   over it is asked again. */
static void end_overdue(struct channel *c, he_time_ns now)
{
  struct asked *a;
  bool quiet = false;
  while((a = c->sent.first) && silent_at(c, a) <= now) {
    quiet = quiet || c->heard_at + QUIET <= now;
    finish_sent(c, a, HE_UPSTREAM_SILENT, NULL, 0);
  }
  if(quiet && c->open) {
    he_session_end(c->session);
    c->session = NULL;
    c->open = false;
    recall_sent(c, now);
  }
  while((a = c->waiting.first) && a->since + OVERDUE <= now) {
    list_take(&c->waiting, a);
    finish(a, HE_UPSTREAM_SILENT, NULL, 0);
  }
}

static void close_idle(struct channel *c, he_time_ns now)
{
  if(!is_idle(c))
    c->idle_at = HE_NEVER;
  else if(c->idle_at == HE_NEVER)
    c->idle_at = now;
  if(c->session && c->idle_at != HE_NEVER && c->idle_at + IDLE <= now) {
    he_session_end(c->session);
    c->session = NULL;
    c->open = false;
  }
}

/* Sets the timer for what comes next. */
static void plan(struct channel *c, he_time_ns now)
{
  he_time_ns due = HE_NEVER;
  if(c->waiting.first && !c->session)
    due = now;
  if(c->sent.first)
    due = sooner(due, silent_at(c, c->sent.first));
  if(c->waiting.first)
    due = sooner(due, c->waiting.first->since + OVERDUE);
  if(c->session && is_idle(c))
    due = sooner(due, c->idle_at == HE_NEVER ? now : c->idle_at + IDLE);
  he_task_wake_at(&c->task, due);
}

/* After all mail of a round, so that what came together is sent together. */
static void on_due(struct he_task *t, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  end_overdue(c, now);
  if(c->waiting.first && !c->session)
    connect_now(c, now);
  if(c->open)
    he_session_flush(c->session, now);
  close_idle(c, now);
  plan(c, now);
}

/* -- the task -- */

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  struct asked *a = NULL;
  if(q->wanted(q) && t->held && !__atomic_load_n(&c->over, __ATOMIC_ACQUIRE))
    a = calloc(1, sizeof(*a));
  if(!a) {
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
    return;
  }
  if(is_idle(c) && !c->session)
    begin_round(c);
  a->question = q;
  a->since = now;
  list_add(&c->waiting, a);
  he_task_wake_at(t, now);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  struct channel *c = (struct channel *)t;
  (void)now;
  __atomic_store_n(&c->over, true, __ATOMIC_RELEASE);
  he_session_end(c->session);
  c->session = NULL;
  while(c->sent.first)
    finish_sent(c, c->sent.first, HE_UPSTREAM_GONE, NULL, 0);
  finish_waiting(c, HE_UPSTREAM_GONE);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  struct channel *c = (struct channel *)t;
  he_ids_free(&c->ids);
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
  list_init(&c->waiting);
  list_init(&c->sent);
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

const struct he_upstream_ops he_upstream_tls_ops = {
  .create = tls_create,
  .unref = tls_unref,
  .usable = tls_usable,
  .ask = tls_ask
};
