/* SPDX-License-Identifier: MIT */
/* chosen.c - a query is two parties': the caller's, until close(), and the
 * asker's, until it is answered. `lock` guards both, and the channels. Answers
 * are given with it, which makes close() exact.
 *
 *   caller's thread   start()  posts the question
 *   racer's thread    done()   reads the message: addresses or an error
 *   a thread          finish() asks the kernel for sources, and answers: that
 *                              may wait, which the racer must not */
#include "resolve/chosen.h"

#ifdef HE_CARES
#include "base/clock.h"
#include "base/forks.h"
#include "net/threads.h"
#include "options/resolvers.h"
#include "resolve/cares.h"
#include "resolve/dns.h"
#include "resolve/system.h"

#include <ares.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Addresses that are taken of one answer. */
#define MOST 64

struct he_query {
  struct he_cares_question question;   /* first */
  he_resolver_answer answer;           /* constant, as the next three */
  void *arg;
  uint16_t port;
  he_time_ns began;
  bool closed;                /* this and what follows: the lock's */
  unsigned refs;
  he_time_ns took;
  /* The asker's alone, until the answer is given. */
  int error;
  uint32_t ttl;
  size_t n;
  struct he_addr list[MOST];
  char host[];
};

struct chosen {
  struct he_resolver resolver;         /* first; constant */
  const struct he_upstream *servers;   /* constant once set */
  struct he_cares *channel;            /* a reference; the lock's */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct chosen table[HE_RESOLVERS_MAX];

/* -- fork -- */

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* The channels are the parent's racer's. */
static void after_fork_child(void)
{
  for(int i = 0; i < HE_RESOLVERS_MAX; i++)
    table[i].channel = NULL;
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* -- answers -- */

static void unref_locked(struct he_query *q)
{
  if(!--q->refs)
    free(q);
}

/* Takes the asker's reference. */
static void answer(struct he_query *q, int error, struct he_candidate *list)
{
  pthread_mutex_lock(&lock);
  q->took = he_clock_now() - q->began;
  if(q->closed)
    free(list);
  else
    q->answer(q->arg, q->question.family, list ? 0 : error, list,
              list ? q->n : 0);
  unref_locked(q);
  pthread_mutex_unlock(&lock);
}

static void finish(void *arg)
{
  struct he_query *q = arg;
  answer(q, EAI_MEMORY, he_dns_candidates(q->list, q->n, q->port, q->ttl));
}

/* What was found goes to a thread that may wait. */
static void finish_elsewhere(struct he_query *q)
{
  if(!q->n)
    answer(q, q->error, NULL);
  else if(!he_thread_start(finish, q))
    answer(q, EAI_AGAIN, NULL);
}

/* -- c-ares -- */

static int error_of(int status)
{
  switch(status) {
  case ARES_ENODATA:
    return he_system_none;
  case ARES_ENOTFOUND:
  case ARES_EBADNAME:
    return EAI_NONAME;
  case ARES_ENOMEM:
    return EAI_MEMORY;
  case ARES_EFORMERR:
  case ARES_ENOTIMP:
  case ARES_EBADRESP:
    return EAI_FAIL;
  default:
    return EAI_AGAIN;
  }
}

/* A message that was not understood says nothing. */
static void read_message(struct he_query *q, const unsigned char *message,
                         size_t len)
{
  const int n = message ?
    he_dns_parse(message, len, q->host, q->question.family, q->list, MOST,
                 &q->ttl) : -1;
  q->error = n < 0 ? EAI_FAIL : he_system_none;
  if(n > 0)
    q->n = n > MOST ? MOST : (size_t)n;
}

static void on_done(struct he_cares_question *question, int status,
                    const unsigned char *message, size_t len)
{
  struct he_query *q = (struct he_query *)question;
  if(status)
    q->error = error_of(status);
  else
    read_message(q, message, len);
  finish_elsewhere(q);
}

static bool is_wanted(struct he_cares_question *question)
{
  struct he_query *q = (struct he_query *)question;
  bool wanted;
  pthread_mutex_lock(&lock);
  wanted = !q->closed;
  pthread_mutex_unlock(&lock);
  return wanted;
}

/* -- names that no server is asked for -- */

/* Is it this domain, or in it? One dot at the end is none. */
static bool is_in(const char *host, const char *domain)
{
  size_t len = strlen(host);
  const size_t n = strlen(domain);
  if(len && host[len - 1] == '.')
    len--;
  return len >= n && !strncasecmp(host + len - n, domain, n) &&
         (len == n || host[len - n - 1] == '.');
}

static void find_loopback(struct he_query *q)
{
  struct he_addr *a = &q->list[q->n++];
  a->family = (uint8_t)q->question.family;
  if(q->question.family == HE_IPV4) {
    a->ip[0] = 127;
    a->ip[3] = 1;
  }
  else
    a->ip[15] = 1;
  q->ttl = 1;
}

/* -- the table of functions -- */

static struct he_cares *channel_locked(struct chosen *c, struct he_racer *r)
{
  if(c->channel && !he_cares_usable(c->channel, r)) {
    he_cares_unref(c->channel);
    c->channel = NULL;
  }
  if(!c->channel)
    c->channel = he_cares_new(r, c->servers);
  return c->channel;
}

static void ask(struct chosen *c, struct he_query *q)
{
  struct he_racer *r = he_racer_get();
  struct he_cares *channel = NULL;
  bool asked = false;
  pthread_mutex_lock(&lock);
  if(r)
    channel = channel_locked(c, r);
  if(channel)
    asked = he_cares_ask(channel, &q->question);
  pthread_mutex_unlock(&lock);
  he_racer_put(r);            /* a context has it, too */
  if(!asked)
    answer(q, EAI_AGAIN, NULL);
}

static struct he_query *chosen_start(const struct he_resolver *self,
                                     const char *host, uint16_t port,
                                     enum he_family family,
                                     he_resolver_answer fn, void *arg)
{
  const size_t len = strlen(host) + 1;
  struct he_query *q = calloc(1, sizeof(*q) + len);
  if(!q)
    return NULL;
  he_fork_watch(HE_FORK_CHOSEN, &forks);
  memcpy(q->host, host, len);
  q->question.name = q->host;
  q->question.family = family;
  q->question.done = on_done;
  q->question.wanted = is_wanted;
  q->answer = fn;
  q->arg = arg;
  q->port = port;
  q->began = he_clock_now();
  q->refs = 2;
  if(is_in(host, "localhost"))
    find_loopback(q);
  if(q->n)
    finish_elsewhere(q);
  else if(is_in(host, "local") || is_in(host, "onion"))
    answer(q, EAI_NONAME, NULL);
  else
    ask((struct chosen *)self, q);
  return q;
}

static void chosen_close(struct he_query *q)
{
  if(!q)
    return;
  pthread_mutex_lock(&lock);
  q->closed = true;
  unref_locked(q);
  pthread_mutex_unlock(&lock);
}

static he_time_ns chosen_took(const struct he_query *q)
{
  return q->took;
}

const struct he_resolver *he_chosen(long number)
{
  const struct he_upstreams *upstreams = he_resolvers_upstreams(number);
  struct chosen *c;
  if(!upstreams)
    return &he_resolver_shared;
  c = &table[number];
  pthread_mutex_lock(&lock);
  if(!c->servers) {
    c->resolver = (struct he_resolver){
      .name = "dns", .start = chosen_start, .close = chosen_close,
      .took = chosen_took
    };
    c->servers = &upstreams->list[0];
  }
  pthread_mutex_unlock(&lock);
  return &c->resolver;
}

#else

const struct he_resolver *he_chosen(long number)
{
  (void)number;
  return &he_resolver_shared;
}

#endif
