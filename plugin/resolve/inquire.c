/* SPDX-License-Identifier: MIT */
/* inquire.c - whom an inquiry asks, and when.
 *
 *   asked of upstream 0 --says so----------------------> told, remembered
 *        | fails, is silent, takes too long                 ^
 *        v                                                  |
 *   asked of upstream 1 --... --nobody left--> told what failed, or what
 *                                              was known before (RFC 8767)
 *
 * An upstream that takes too long is asked on: what it says late counts, if
 * nobody has said anything by then, and is remembered in any case. */
#include "base/clock.h"
#include "resolve/channels.h"
#include "resolve/inquiry.h"
#include "resolve/message.h"
#include "resolve/special.h"

#include <stdlib.h>

/* So long the next upstream is not asked. */
#define PATIENCE HE_MS(3000)
/* So long an answer whose time is over is not used, where that is allowed: RFC
   8767 section 5. */
#define STALE_AFTER HE_MS(1800)

/* A question to one upstream. */
struct step {
  struct he_upstream_question question;   /* first */
  struct he_inquiry *of;      /* a reference */
  const struct he_upstream *upstream;
};

/* -- asking -- */

static void step_done(struct he_upstream_question *q,
                      enum he_upstream_verdict v,
                      const unsigned char *message, size_t len);

/* A question that nobody waits for is not sent, and not joined. */
static bool step_wanted(struct he_upstream_question *q)
{
  struct he_inquiry *i = ((struct step *)q)->of;
  bool wanted;
  pthread_mutex_lock(&he_inquiry_lock);
  wanted = i->waiters != NULL;
  if(!wanted)
    he_inquiry_take_out(i);
  pthread_mutex_unlock(&he_inquiry_lock);
  return wanted;
}

/* False: the upstream whose turn it is cannot be asked. */
static bool send(struct he_inquiry *i)
{
  const struct he_upstream *u = &i->all->list[i->at];
  struct he_upstream_channel *c = he_channels_get(i->key.number, i->at, u,
                                                  i->task.racer);
  struct step *s = c ? calloc(1, sizeof(*s)) : NULL;
  if(!s)
    return false;
  s->question.name = i->name;
  s->question.type = i->key.type;
  s->question.done = step_done;
  s->question.wanted = step_wanted;
  s->upstream = u;
  s->of = i;
  he_task_ref(&i->task);
  i->pending++;
  if(he_upstream_ops(u->kind)->ask(c, &s->question))
    return true;
  i->pending--;
  he_task_unref(&i->task);
  free(s);
  return false;
}

static void set_timer(struct he_inquiry *i)
{
  const he_time_ns due = i->moves < i->stale ? i->moves : i->stale;
  if(due != HE_NEVER)
    he_racer_expect(&i->task, due);
}

/* Asks the next upstream that may hear of the name, from i->at on. False: there
   is none. Where one cannot be asked at all, nobody else is: nothing failed
   that another one could make good. */
static bool ask_from_here(struct he_inquiry *i)
{
  while(i->at < i->all->n &&
        !he_special_may_ask(i->name, i->all->list[i->at].kind))
    i->at++;
  i->moves = HE_NEVER;
  if(i->at == i->all->n)
    return false;
  if(!send(i)) {
    he_inquiry_finish(i, &(struct he_rrset){ .state = HE_RRSET_GONE });
    return true;
  }
  if(i->at + 1 < i->all->n)
    i->moves = he_time_add(he_clock_now(), PATIENCE);
  he_racer_withdraw(&i->task);
  set_timer(i);
  return true;
}

/* -- what comes -- */

static enum he_rrset_state state_of(enum he_message_says says)
{
  switch(says) {
  case HE_MESSAGE_FOUND:
    return HE_RRSET_FOUND;
  case HE_MESSAGE_NONE:
    return HE_RRSET_NONE;
  case HE_MESSAGE_NO_NAME:
    return HE_RRSET_NO_NAME;
  case HE_MESSAGE_FAILURE:
  case HE_MESSAGE_NONSENSE:
    break;
  }
  return HE_RRSET_FAILED;
}

/* What an upstream's verdict, and its message, mean. */
static struct he_rrset understand(const struct step *s,
                                  enum he_upstream_verdict v,
                                  const unsigned char *message, size_t len)
{
  struct he_rrset r = { .state = HE_RRSET_FAILED, .from = s->upstream };
  struct he_message m;
  switch(v) {
  case HE_UPSTREAM_ANSWERED:
    m = he_message_read(message, len, s->question.name, s->question.type);
    r.state = state_of(m.says);
    r.message = message;
    r.len = len;
    r.ttl = m.ttl;
    break;
  case HE_UPSTREAM_SILENT:
  case HE_UPSTREAM_UNREACHABLE:
    r.state = HE_RRSET_SILENT;
    break;
  case HE_UPSTREAM_UNPROVEN:
    r.state = HE_RRSET_UNPROVEN;
    break;
  case HE_UPSTREAM_CONFUSED:
    break;
  case HE_UPSTREAM_GONE:
    r.state = HE_RRSET_GONE;
    break;
  }
  return r;
}

/* Is another upstream asked, if there is one? */
static bool is_passed_over(const struct step *s, enum he_rrset_state state)
{
  return state == HE_RRSET_FAILED || state == HE_RRSET_SILENT ||
         (state == HE_RRSET_UNPROVEN && s->upstream->opportunistic);
}

/* A server that fails says more than one that is silent, one that cannot prove
   who it is more than both. */
static void note(struct he_inquiry *i, enum he_rrset_state state)
{
  if(state == HE_RRSET_UNPROVEN || i->worst == HE_RRSET_SILENT)
    i->worst = state;
}

/* A failure before anybody has answered. */
static void fail(struct he_inquiry *i, const struct step *s,
                 enum he_rrset_state state)
{
  note(i, state);
  if(!is_passed_over(s, state)) {
    he_inquiry_finish(i, &(struct he_rrset){ .state = state,
                                             .from = s->upstream });
    return;
  }
  if(s->upstream == &i->all->list[i->at]) {
    i->at++;
    ask_from_here(i);
  }
  if(!i->over && !i->pending && i->at == i->all->n &&
     (i->worst == HE_RRSET_UNPROVEN || !he_inquiry_finish_stale(i)))
    he_inquiry_finish(i, &(struct he_rrset){ .state = i->worst });
}

static void step_done(struct he_upstream_question *q,
                      enum he_upstream_verdict v,
                      const unsigned char *message, size_t len)
{
  struct step *s = (struct step *)q;
  struct he_inquiry *i = s->of;
  const struct he_rrset r = understand(s, v, message, len);
  pthread_mutex_lock(&he_inquiry_lock);
  i->pending--;
  if(r.state <= HE_RRSET_NO_NAME) {
    he_inquiry_remember(i, &r);
    if(!i->over)
      he_inquiry_finish(i, &r);
  }
  else if(!i->over)
    fail(i, s, r.state);
  pthread_mutex_unlock(&he_inquiry_lock);
  he_task_unref(&i->task);
  free(s);
}

/* -- time -- */

static void on_expected(struct he_task *t, he_time_ns now)
{
  struct he_inquiry *i = (struct he_inquiry *)t;
  pthread_mutex_lock(&he_inquiry_lock);
  if(!i->over && now >= i->stale) {
    i->stale = HE_NEVER;
    he_inquiry_finish_stale(i);
  }
  if(!i->over && now >= i->moves) {
    note(i, HE_RRSET_SILENT);
    i->at++;
    ask_from_here(i);
  }
  else if(!i->over)
    set_timer(i);
  pthread_mutex_unlock(&he_inquiry_lock);
}

static void on_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops ops = {
  .expected = on_expected, .destroy = on_destroy
};

void he_inquire(struct he_rrset_query *q, const struct he_answers_key *k,
                const struct he_upstreams *all, struct he_racer *r,
                bool stale)
{
  struct he_inquiry *i = he_inquiry_new(k, all, r, &ops);
  if(!i) {
    q->done(q->arg, &(struct he_rrset){ .state = HE_RRSET_GONE });
    return;
  }
  he_inquiry_join(i, q);
  if(stale)
    i->stale = he_time_add(he_clock_now(), STALE_AFTER);
  if(!ask_from_here(i))
    he_inquiry_finish(i, &(struct he_rrset){ .state = HE_RRSET_NO_NAME });
}
