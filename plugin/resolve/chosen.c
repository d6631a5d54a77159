/* SPDX-License-Identifier: MIT */
/* chosen.c - a query is two parties': the caller's, until close(), and the
 * asker's, until it is answered. `lock` guards both. Answers are given with it,
 * which makes close() exact.
 *
 *   caller's thread   start()     asks for the records
 *   some thread       on_rrset()  reads the message: addresses or an error
 *   the worker        finish()    asks the kernel for sources, and answers:
 *                                 that may wait, which the racer must not.
 *                                 It also looks into the hosts file. */
#include "resolve/chosen.h"
#include "base/clock.h"
#include "base/forks.h"
#include "base/nat64.h"
#include "options/resolvers.h"
#include "resolve/dns.h"
#include "resolve/finisher.h"
#include "resolve/hosts.h"
#include "resolve/message.h"
#include "resolve/private.h"
#include "resolve/rrset.h"
#include "resolve/special.h"
#include "resolve/system.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct he_query {
  long number;                /* constant, as the next six */
  const struct he_upstreams *all;
  enum he_family family;
  he_resolver_answer answer;
  void *arg;
  uint16_t port;
  he_time_ns began;
  bool closed;                /* this and what follows: the lock's */
  bool told;                  /* the records came, or that there are none */
  unsigned refs;
  struct he_rrset_query *rrset;
  he_time_ns took;
  /* The asker's alone, until the answer is given. */
  int error;
  uint32_t ttl;
  size_t n;
  struct he_addr list[HE_MESSAGE_ADDRESSES];
  char name[HE_UPSTREAM_NAME + 1];   /* what is asked for */
};

struct chosen {
  struct he_resolver resolver;         /* first; constant */
  long number;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct chosen table[HE_RESOLVERS_MAX];

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
    q->answer(q->arg, q->family, list ? 0 : error, list, list ? q->n : 0);
  unref_locked(q);
  pthread_mutex_unlock(&lock);
}

/* On the worker. */
static void finish(void *arg, bool able)
{
  struct he_query *q = arg;
  answer(q, able ? EAI_MEMORY : EAI_AGAIN, able ?
         he_dns_candidates(q->list, q->n, q->port, q->ttl) : NULL);
}

static void finish_elsewhere(struct he_query *q)
{
  if(!q->n)
    answer(q, q->error, NULL);
  else if(!he_finisher_run(finish, q))
    answer(q, EAI_MEMORY, NULL);
}

/* -- records -- */

static int error_of(enum he_rrset_state state)
{
  switch(state) {
  case HE_RRSET_FOUND:
  case HE_RRSET_NONE:
    break;
  case HE_RRSET_NO_NAME:
    return EAI_NONAME;
  case HE_RRSET_FAILED:
  case HE_RRSET_SILENT:
  case HE_RRSET_GONE:
    return EAI_AGAIN;
  case HE_RRSET_UNPROVEN:
    return HE_EAI_UNPROVEN;
  }
  return he_system_none;
}

static enum he_dns_type type_of(enum he_family f)
{
  return f == HE_IPV4 ? HE_DNS_A : HE_DNS_AAAA;
}

/* An answer that leads into a private network, where that is not allowed, is
   none at all: who rebinds a name may well add an address that is fine. What
   tells of NAT64 is an address of this network's, and nobody connects to it. */
static void judge(struct he_query *q, const struct he_upstream *from)
{
  if(!strcasecmp(q->name, HE_NAT64_NAME))
    return;
  for(size_t i = 0; from && from->refuse_private && i < q->n; i++) {
    if(he_private_is(&q->list[i])) {
      q->n = 0;
      q->error = EAI_FAIL;
    }
  }
}

/* With the lock of rrset.h. */
static void on_rrset(void *arg, const struct he_rrset *r)
{
  struct he_query *q = arg;
  pthread_mutex_lock(&lock);
  q->told = true;
  pthread_mutex_unlock(&lock);
  q->error = error_of(r->state);
  q->ttl = r->ttl;
  if(r->state == HE_RRSET_FOUND)
    q->n = he_message_addresses(r->message, r->len, q->name,
                                type_of(q->family), q->list);
  judge(q, r->from);
  finish_elsewhere(q);
}

/* Nobody wants to know what these records are. */
static void release(struct he_query *q, struct he_rrset_query *rrset)
{
  he_rrset_close(rrset);
  pthread_mutex_lock(&lock);
  if(!q->told)                /* nor will it ever be told */
    unref_locked(q);
  pthread_mutex_unlock(&lock);
}

static void ask(struct he_query *q)
{
  struct he_rrset_query *rrset;
  bool closed;
  pthread_mutex_lock(&lock);
  q->refs++;                  /* the answer may come within the call */
  pthread_mutex_unlock(&lock);
  rrset = he_rrset_ask(q->number, q->name, type_of(q->family), on_rrset, q);
  if(!rrset)
    answer(q, EAI_MEMORY, NULL);
  pthread_mutex_lock(&lock);
  closed = q->closed;
  if(!closed)
    q->rrset = rrset;
  pthread_mutex_unlock(&lock);
  if(closed && rrset)
    release(q, rrset);
  pthread_mutex_lock(&lock);
  unref_locked(q);
  pthread_mutex_unlock(&lock);
}

/* -- names that nobody is asked for -- */

static void find_loopback(struct he_query *q)
{
  struct he_addr *a = &q->list[q->n++];
  a->family = (uint8_t)q->family;
  if(q->family == HE_IPV4) {
    a->ip[0] = 127;
    a->ip[3] = 1;
  }
  else
    a->ip[15] = 1;
}

static bool find_literal(struct he_query *q, const char *host)
{
  if(!he_addr_parse(&q->list[0], host))
    return false;
  q->n = q->list[0].family == q->family;
  return true;
}

/* The hosts file has the name: for either family, nobody else is asked. Nor
   where it cannot be read for want of a thread, for it may have the name. */
static void look_in_hosts(void *arg, bool able)
{
  struct he_query *q = arg;
  if(!able)
    answer(q, EAI_AGAIN, NULL);
  else if(he_hosts_find(q->name, q->family, q->list, HE_MESSAGE_ADDRESSES,
                        &q->n)) {
    q->error = he_system_none;
    q->ttl = 1;
    if(q->n)
      finish(q, able);
    else
      answer(q, q->error, NULL);
  }
  else
    ask(q);
}

/* False: it is no name of DNS. A name without a dot is completed; a dot at its
   end says that it is complete. */
static bool complete(struct he_query *q, const char *host)
{
  const char *domain = q->all->search;
  const size_t n = strlen(host), size = sizeof(q->name);
  const bool add = *domain && n && !strchr(host, '.');
  const int len = n >= size ? -1 :
    snprintf(q->name, size, "%s%s%s", host, add ? "." : "",
             add ? domain : "");
  if(len <= 0 || (size_t)len >= size)
    return false;
  if(q->name[len - 1] == '.')
    q->name[len - 1] = 0;
  return true;
}

static void begin(struct he_query *q, const char *host)
{
  q->error = he_system_none;
  q->ttl = 1;
  if(!q->all) {
    q->error = EAI_FAIL;
    finish_elsewhere(q);
  }
  else if(he_special_in(host, "localhost")) {
    find_loopback(q);
    finish_elsewhere(q);
  }
  else if(find_literal(q, host))
    finish_elsewhere(q);
  else if(!complete(q, host))
    answer(q, EAI_NONAME, NULL);
  else if(!q->all->hosts || !he_finisher_run(look_in_hosts, q))
    ask(q);
}

/* -- the table of functions -- */

static struct he_query *chosen_start(const struct he_resolver *self,
                                     const char *host, uint16_t port,
                                     enum he_family family,
                                     he_resolver_answer fn, void *arg)
{
  struct he_query *q = calloc(1, sizeof(*q));
  if(!q)
    return NULL;
  he_fork_hold(HE_FORK_CHOSEN, &lock);
  he_finisher_begin();
  q->number = ((const struct chosen *)self)->number;
  q->all = he_resolvers_upstreams(q->number);
  q->family = family;
  q->answer = fn;
  q->arg = arg;
  q->port = port;
  q->began = he_clock_now();
  q->refs = 2;
  begin(q, host);
  return q;
}

static void chosen_close(struct he_query *q)
{
  struct he_rrset_query *rrset;
  if(!q)
    return;
  pthread_mutex_lock(&lock);
  q->closed = true;
  rrset = q->rrset;
  pthread_mutex_unlock(&lock);
  if(rrset)
    release(q, rrset);
  pthread_mutex_lock(&lock);
  unref_locked(q);
  pthread_mutex_unlock(&lock);
}

static he_time_ns chosen_took(const struct he_query *q)
{
  return q->took;
}

const struct he_resolver *he_chosen(long number)
{
  struct chosen *c;
  if(number <= 0 || number >= HE_RESOLVERS_MAX)
    return &he_resolver_shared;
  c = &table[number];
  pthread_mutex_lock(&lock);
  if(!c->number) {
    c->resolver = (struct he_resolver){
      .name = "chosen", .start = chosen_start, .close = chosen_close,
      .took = chosen_took
    };
    c->number = number;
  }
  pthread_mutex_unlock(&lock);
  return &c->resolver;
}

void he_chosen_flush(void)
{
  he_rrset_flush();
  he_finisher_end();
}
