/* SPDX-License-Identifier: MIT */
#include "resolve/fixed.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

/* The answer is always the same. */
#define TTL 3600
/* Header, question, SOA record, and eight records with addresses. */
#define MESSAGE_MOST 1024

struct fixed {
  struct he_task task;        /* first */
  const struct he_upstream *u;
};

/* -- the message -- */

struct writer {
  unsigned char *at, *end;
  bool full;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
  w->full = w->full || (size_t)(w->end - w->at) < n;
  if(w->full)
    return;
  memcpy(w->at, bytes, n);
  w->at += n;
}

static void put_number(struct writer *w, uint32_t n, int bytes)
{
  while(bytes--) {
    const unsigned char b = (unsigned char)(n >> 8 * bytes);
    put(w, &b, 1);
  }
}

static void put_name(struct writer *w, const char *name)
{
  const int n = w->full ? -1 : dn_comp(name, w->at, (int)(w->end - w->at),
                                       NULL, NULL);
  w->full = w->full || n < 0;
  if(!w->full)
    w->at += n;
}

/* The owner is the question's name, which stands behind the header. */
static void put_record(struct writer *w, unsigned type, const void *data,
                       size_t n)
{
  put_number(w, 0xc000 | NS_HFIXEDSZ, 2);
  put_number(w, type, 2);
  put_number(w, ns_c_in, 2);
  put_number(w, TTL, 4);
  put_number(w, (uint32_t)n, 2);
  put(w, data, n);
}

/* Two names, both the root, serial, three times, and that of "none". */
static void put_soa(struct writer *w)
{
  static const unsigned char data[22] = { [20] = TTL >> 8, [21] = TTL & 255 };
  put_record(w, ns_t_soa, data, sizeof(data));
}

static bool is_of(const struct he_addr *a, enum he_dns_type type)
{
  return type == (a->family == HE_IPV4 ? HE_DNS_A : HE_DNS_AAAA);
}

size_t he_fixed_write(const struct he_upstream *u, const char *name,
                      enum he_dns_type type, unsigned char *out, size_t size)
{
  struct writer w = { out, out + size, false };
  uint32_t n = 0;
  for(size_t i = 0; i < u->n; i++)
    n += is_of(&u->list[i], type);
  put_number(&w, 0x8180, 4);  /* id 0; answer, recursion wanted and there */
  put_number(&w, 1, 2);
  put_number(&w, n, 2);
  put_number(&w, !n, 2);
  put_number(&w, 0, 2);
  put_name(&w, name);
  put_number(&w, type, 2);
  put_number(&w, ns_c_in, 2);
  for(size_t i = 0; i < u->n; i++) {
    if(is_of(&u->list[i], type))
      put_record(&w, type, u->list[i].ip,
                 u->list[i].family == HE_IPV4 ? NS_INADDRSZ : NS_IN6ADDRSZ);
  }
  if(!n)
    put_soa(&w);
  return w.full ? 0 : (size_t)(w.at - out);
}

/* -- the task -- */

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  const struct fixed *f = (const struct fixed *)t;
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  unsigned char message[MESSAGE_MOST];
  const size_t n = he_fixed_write(f->u, q->name, q->type, message,
                                  sizeof(message));
  (void)now;
  q->done(q, n ? HE_UPSTREAM_ANSWERED : HE_UPSTREAM_CONFUSED,
          n ? message : NULL, n);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)t, (void)now;
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops task_ops = {
  .mail = on_mail,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- the table of functions -- */

static struct he_upstream_channel *fixed_create(struct he_racer *r,
                                                const struct he_upstream *u)
{
  struct fixed *f = calloc(1, sizeof(*f));
  if(f) {
    he_task_init(&f->task, r, &task_ops);
    f->u = u;
  }
  return (struct he_upstream_channel *)f;
}

static void fixed_unref(struct he_upstream_channel *c)
{
  if(c)
    he_task_unref(&((struct fixed *)c)->task);
}

static bool fixed_usable(const struct he_upstream_channel *c,
                         const struct he_racer *r)
{
  return ((const struct fixed *)c)->task.racer == r;
}

static bool fixed_ask(struct he_upstream_channel *c,
                      struct he_upstream_question *q)
{
  return he_racer_post(&q->mail, &((struct fixed *)c)->task, 0);
}

const struct he_upstream_ops he_fixed_ops = {
  fixed_create, fixed_unref, fixed_usable, fixed_ask, NULL
};
