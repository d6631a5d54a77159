/* SPDX-License-Identifier: MIT */
#include "dotask.h"
#include "common.h"
#include "upstream/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A thread that judges a certificate may still look at it. */
static struct he_upstream *new_upstream(void)
{
  static struct kept {
    struct he_upstream upstream;       /* first */
    struct kept *next;
  } *all;
  struct kept *k = calloc(1, sizeof(*k));
  if(!k)
    abort();
  k->next = all;
  all = k;
  return &k->upstream;
}

void asker_init_at(struct asker *a, const struct he_addr *server)
{
  memset(a, 0, sizeof(*a));
  a->upstream = new_upstream();
  a->upstream->kind = HE_UPSTREAM_TLS;
  a->upstream->n = 1;
  a->upstream->list[0] = *server;
  snprintf(a->upstream->name, sizeof(a->upstream->name), "dot.test");
  snprintf(a->upstream->ca, sizeof(a->upstream->ca), "%s", dot_authority());
}

void asker_init(struct asker *a, struct dot_server *s)
{
  const struct he_addr addr = dot_addr(s);
  asker_init_at(a, &addr);
}

void asker_start(struct asker *a)
{
  a->racer = he_racer_get();
  a->channel = he_upstream_tls_ops.create(a->racer, a->upstream);
  if(!a->channel || !he_upstream_tls_ops.usable(a->channel, a->racer))
    abort();
}

void asker_end(struct asker *a)
{
  he_upstream_tls_ops.unref(a->channel);
  he_racer_put(a->racer);
}

static void on_done(struct he_upstream_question *question,
                    enum he_upstream_verdict v, const unsigned char *message,
                    size_t len)
{
  static const unsigned char end[] = { 127, 0, 0, 5 };
  struct asked *q = (struct asked *)question;
  q->verdict = v;
  q->right = v == HE_UPSTREAM_ANSWERED ?
    len > 12 && !memcmp(message + len - 4, end, 4) : !message && !len;
  __atomic_add_fetch(&q->called, 1, __ATOMIC_SEQ_CST);
}

static bool is_wanted(struct he_upstream_question *question)
{
  struct asked *q = (struct asked *)question;
  return !__atomic_load_n(&q->unwanted, __ATOMIC_SEQ_CST);
}

void asker_send(struct asker *a, struct asked *q, const char *name)
{
  memset(q, 0, sizeof(*q));
  snprintf(q->name, sizeof(q->name), "%s", name);
  q->question.name = q->name;
  q->question.type = HE_DNS_A;
  q->question.done = on_done;
  q->question.wanted = is_wanted;
  if(!he_upstream_tls_ops.ask(a->channel, &q->question))
    abort();
}

enum he_upstream_verdict asked_wait(struct asked *q)
{
  for(int ms = 0; !__atomic_load_n(&q->called, __ATOMIC_SEQ_CST); ms++) {
    if(ms == 30000) {
      fprintf(stderr, "no answer for %s\n", q->name);
      abort();
    }
    sleep_ms(1);
  }
  return q->right ? q->verdict : (enum he_upstream_verdict)HE_UPSTREAM_KINDS;
}

enum he_upstream_verdict asker_ask(struct asker *a, const char *name)
{
  struct asked q;
  asker_send(a, &q, name);
  return asked_wait(&q);
}
