/* SPDX-License-Identifier: MIT */
/* inquiry.c - which inquiries there are, who waits for them, and what came of
 * earlier ones. */
#include "resolve/inquiry.h"
#include "base/clock.h"
#include "base/hash.h"
#include "net/racer.h"

#include <stdlib.h>
#include <string.h>

/* So long a new answer is not tried for once that was in vain, and what whoever
   gets an old one may take it for: RFC 8767 sections 5 and 4. */
#define STALE_AGAIN HE_MS(30000)
#define STALE_TTL 30u
#define BUCKETS 256
#define ANSWERS 4096
#define ANSWERS_BYTES (4u << 20)

pthread_mutex_t he_inquiry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_inquiry *bucket[BUCKETS];
static struct he_answers *known;

/* -- the buckets -- */

static struct he_inquiry **place(const struct he_answers_key *k)
{
  uint64_t h = he_hash(HE_HASH_BEGIN, &k->number, sizeof(k->number));
  struct he_inquiry **p;
  h = he_hash(h, &k->type, sizeof(k->type));
  h = he_hash_mix(he_hash(h, k->name, strlen(k->name)));
  p = &bucket[h % BUCKETS];
  while(*p && ((*p)->key.number != k->number || (*p)->key.type != k->type ||
               strcmp((*p)->name, k->name)))
    p = &(*p)->next;
  return p;
}

struct he_inquiry *he_inquiry_find(const struct he_answers_key *k)
{
  return *place(k);
}

void he_inquiry_take_out(struct he_inquiry *i)
{
  if(!i->joinable)
    return;
  *place(&i->key) = i->next;
  i->joinable = false;
  he_task_unref(&i->task);    /* the table's; the caller has another one */
}

struct he_inquiry *he_inquiry_new(const struct he_answers_key *k,
                                  const struct he_upstreams *all,
                                  struct he_racer *r,
                                  const struct he_task_ops *ops)
{
  struct he_inquiry *i = calloc(1, sizeof(*i)), *old = *place(k);
  struct he_inquiry **p;
  if(!i)
    return NULL;
  if(old)
    he_inquiry_take_out(old);
  he_task_init(&i->task, r, ops);
  i->all = all;
  i->moves = i->stale = HE_NEVER;
  i->worst = HE_RRSET_SILENT;
  memcpy(i->name, k->name, strlen(k->name) + 1);
  i->key = *k;
  i->key.name = i->name;
  i->joinable = true;
  p = place(k);
  i->next = *p;
  *p = i;
  return i;
}

void he_inquiry_lose(void)
{
  memset(bucket, 0, sizeof(bucket));
}

/* -- who waits -- */

void he_inquiry_join(struct he_inquiry *i, struct he_rrset_query *q)
{
  he_task_ref(&i->task);
  q->of = i;
  q->next = i->waiters;
  i->waiters = q;
}

void he_inquiry_leave(struct he_rrset_query *q)
{
  struct he_inquiry *i = q->of;
  struct he_rrset_query **p = &i->waiters;
  while(*p != q)
    p = &(*p)->next;
  *p = q->next;
  q->of = NULL;
  he_task_unref(&i->task);
}

void he_inquiry_finish(struct he_inquiry *i, const struct he_rrset *r)
{
  struct he_rrset_query *q;
  he_task_ref(&i->task);
  i->over = true;
  he_inquiry_take_out(i);
  he_racer_withdraw(&i->task);
  while((q = i->waiters)) {
    he_inquiry_leave(q);
    q->done(q->arg, r);
  }
  he_task_unref(&i->task);
}

/* -- answers -- */

/* For how long it holds, in whole seconds. */
static uint32_t left(he_time_ns until, he_time_ns now)
{
  return until > now ? (uint32_t)((until - now) / HE_MS(1000)) : 0;
}

static struct he_rrset of_answer(const struct he_answer *a, he_time_ns now)
{
  const bool stale = now >= a->until;
  return (struct he_rrset){
    .state = a->state, .message = a->message, .len = a->len,
    .ttl = stale ? STALE_TTL : left(a->until, now), .stale = stale,
    .from = a->from
  };
}

bool he_inquiry_recall(const struct he_answers_key *k, struct he_rrset *out,
                       bool *enough)
{
  const he_time_ns now = he_clock_boot();
  const struct he_answer *a = known ? he_answers_get(known, k, now) : NULL;
  if(!a)
    return false;
  *out = of_answer(a, now);
  *enough = !out->stale || now < a->again;
  return true;
}

bool he_inquiry_finish_stale(struct he_inquiry *i)
{
  const he_time_ns now = he_clock_boot();
  struct he_answer *a = known ? he_answers_get(known, &i->key, now) : NULL;
  struct he_rrset r;
  if(!a)
    return false;
  a->again = he_time_add(now, STALE_AGAIN);
  r = of_answer(a, now);
  he_inquiry_finish(i, &r);
  return true;
}

void he_inquiry_remember(const struct he_inquiry *i, const struct he_rrset *r)
{
  const struct he_answer a = {
    .state = r->state, .from = r->from, .message = r->message, .len = r->len
  };
  if(!known)
    known = he_answers_new(ANSWERS, ANSWERS_BYTES);
  if(known)
    he_answers_put(known, &i->key, &a, r->ttl, he_clock_boot());
}

void he_inquiry_forget_answers(void)
{
  he_answers_free(known);
  known = NULL;
}
