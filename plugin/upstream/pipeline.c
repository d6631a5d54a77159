/* SPDX-License-Identifier: MIT */
#include "upstream/pipeline.h"

#include <stdlib.h>
#include <string.h>

/* A server that answers nothing at all for so long will not answer. */
#define QUIET HE_MS(5000)
/* Nor does it answer this question, though it answers others. */
#define OVERDUE HE_MS(15000)

void he_pipeline_init(struct he_pipeline *p)
{
  memset(p, 0, sizeof(*p));
  he_asked_init(&p->waiting);
  he_asked_init(&p->sent);
}

void he_pipeline_free(struct he_pipeline *p)
{
  he_ids_free(&p->ids);
}

bool he_pipeline_idle(const struct he_pipeline *p)
{
  return !p->waiting.first && !p->sent.first;
}

bool he_pipeline_add(struct he_pipeline *p, struct he_upstream_question *q,
                     he_time_ns now)
{
  struct he_asked *a = calloc(1, sizeof(*a));
  if(!a)
    return false;
  a->question = q;
  a->since = now;
  he_asked_add(&p->waiting, a);
  return true;
}

/* -- the end of a question -- */

/* `a` is in no list. */
static void finish(struct he_asked *a, enum he_upstream_verdict v,
                   const unsigned char *message, size_t len)
{
  struct he_upstream_question *q = a->question;
  free(a);
  q->done(q, v, message, len);
}

static void finish_sent(struct he_pipeline *p, struct he_asked *a,
                        enum he_upstream_verdict v,
                        const unsigned char *message, size_t len)
{
  he_asked_take(&p->sent, a);
  he_ids_remove(&p->ids, a->id);
  finish(a, v, message, len);
}

static void refuse_all(struct he_asked_list *l, enum he_upstream_verdict v)
{
  struct he_asked *a;
  while((a = he_asked_pop(l)))
    finish(a, v, NULL, 0);
}

void he_pipeline_refuse(struct he_pipeline *p, enum he_upstream_verdict v)
{
  refuse_all(&p->waiting, v);
}

void he_pipeline_end(struct he_pipeline *p, enum he_upstream_verdict v)
{
  while(p->sent.first)
    finish_sent(p, p->sent.first, v, NULL, 0);
  refuse_all(&p->waiting, v);
}

/* -- a connection -- */

void he_pipeline_opened(struct he_pipeline *p, he_time_ns now)
{
  p->open = true;
  p->answers_before = p->answers;
  p->heard_at = now;
}

/* The first of those that wait, if anybody still wants it. */
static struct he_asked *first_wanted(struct he_pipeline *p)
{
  struct he_asked *a;
  while((a = p->waiting.first) && !a->question->wanted(a->question)) {
    he_asked_take(&p->waiting, a);
    finish(a, HE_UPSTREAM_GONE, NULL, 0);
  }
  return a;
}

size_t he_pipeline_next(struct he_pipeline *p,
                        unsigned char out[HE_QUERY_MOST], he_time_ns now)
{
  struct he_asked *a;
  while((a = first_wanted(p)) && he_ids_add(&p->ids, a, &a->id)) {
    const size_t len = he_query_make(out, a->id, a->question->name,
                                     (uint16_t)a->question->type);
    he_asked_take(&p->waiting, a);
    if(len) {
      a->since = now;
      a->answers = p->answers;
      he_asked_add(&p->sent, a);
      return len;
    }
    he_ids_remove(&p->ids, a->id);    /* there can be no such name */
    finish(a, HE_UPSTREAM_GONE, NULL, 0);
  }
  return 0;
}

/* Whose question is not known has been given up. */
bool he_pipeline_take(struct he_pipeline *p, const unsigned char *message,
                      size_t len, he_time_ns now)
{
  struct he_asked *a = he_ids_find(&p->ids, he_query_id(message));
  const struct he_upstream_question *q = a ? a->question : NULL;
  if(!a)
    return false;
  if(!he_query_answers(message, len, q->name, (uint16_t)q->type)) {
    finish_sent(p, a, HE_UPSTREAM_CONFUSED, NULL, 0);
    return false;
  }
  p->answers++;
  p->heard_at = now;
  finish_sent(p, a, HE_UPSTREAM_ANSWERED, message, len);
  return true;
}

bool he_pipeline_lost(struct he_pipeline *p, he_time_ns now)
{
  struct he_asked *a, *next;
  struct he_asked_list given_up;
  const bool answered = p->answers != p->answers_before;
  he_asked_init(&given_up);
  p->open = false;
  for(a = p->sent.first; a; a = next) {
    const bool vain = a->answers == p->answers;
    next = a->next;
    he_ids_remove(&p->ids, a->id);
    if(vain && a->lost) {
      he_asked_take(&p->sent, a);
      he_asked_add(&given_up, a);
    }
    a->lost = a->lost || vain;
    a->since = now;
  }
  he_asked_prepend(&p->waiting, &p->sent);
  refuse_all(&given_up, HE_UPSTREAM_UNREACHABLE);
  return answered;
}

/* -- time -- */

static he_time_ns later(he_time_ns a, he_time_ns b)
{
  return a > b ? a : b;
}

static he_time_ns sooner(he_time_ns a, he_time_ns b)
{
  return a < b ? a : b;
}

/* Those sent later are not silent sooner. */
static he_time_ns silent_at(const struct he_pipeline *p,
                            const struct he_asked *a)
{
  return sooner(he_time_add(later(a->since, p->heard_at), QUIET),
                he_time_add(a->since, OVERDUE));
}

bool he_pipeline_expire(struct he_pipeline *p, he_time_ns now)
{
  struct he_asked *a;
  bool quiet = false;
  while((a = p->sent.first) && silent_at(p, a) <= now) {
    quiet = quiet || p->heard_at + QUIET <= now;
    finish_sent(p, a, HE_UPSTREAM_SILENT, NULL, 0);
  }
  while((a = p->waiting.first) && a->since + OVERDUE <= now) {
    he_asked_take(&p->waiting, a);
    finish(a, HE_UPSTREAM_SILENT, NULL, 0);
  }
  return !quiet || !p->open;
}

he_time_ns he_pipeline_due(const struct he_pipeline *p)
{
  he_time_ns due = HE_NEVER;
  if(p->sent.first)
    due = silent_at(p, p->sent.first);
  if(p->waiting.first)
    due = sooner(due, p->waiting.first->since + OVERDUE);
  return due;
}
