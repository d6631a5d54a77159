/* SPDX-License-Identifier: MIT */
/* question.c - asks, and decides what the answers come to.
 *
 *   first thread --may not be asked apart--> getaddrinfo(AF_UNSPEC): both are
 *    |                                       answered
 *    +--> a thread a family, for the name as it stands:
 *          has addresses   answered at once, and so is what the other one
 *                          failed with
 *          failed          answered when the other one has addresses. Both
 *                          failed: the last thread does what is left of what
 *                          getaddrinfo() does (finish_both())
 *
 * Apart no domain of the search list is tried, for it might give one family an
 * address of another name. glibc goes on to that list only where neither
 * family has the name.
 *
 * Invariant: each part is answered once; by whom is settled under the lock. */
#include "resolve/question.h"
#include "net/threads.h"
#include "resolve/dns.h"
#include "resolve/nss.h"
#include "resolve/resolver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST 1025        /* the longest that the C library takes */

/* -- life -- */

bool he_question_init(struct he_question *q, he_question_answered answered,
                      const char *host, uint16_t port, enum he_ask what)
{
  const size_t len = strlen(host);
  memset(q, 0, sizeof(*q));
  q->host = malloc(2 * len + 3);
  if(!q->host)
    return false;
  memcpy(q->host, host, len + 1);
  q->absolute = q->host + len + 1;
  memcpy(q->absolute, host, len + 1);
  if(len && host[len - 1] != '.')
    memcpy(q->absolute + len, ".", 2);
  pthread_mutex_init(&q->lock, NULL);
  q->answered = answered;
  q->refs = 1;
  q->port = port;
  q->what = what;
  return true;
}

void he_question_ref(struct he_question *q)
{
  __atomic_add_fetch(&q->refs, 1, __ATOMIC_RELAXED);
}

void he_question_unref(struct he_question *q)
{
  if(__atomic_sub_fetch(&q->refs, 1, __ATOMIC_ACQ_REL))
    return;
  for(int f = 0; f < HE_FAMILIES; f++)
    free(q->part[f].list);
  free(q->host);
  pthread_mutex_destroy(&q->lock);
  free(q);
}

/* A thread has a reference. */
static bool start(struct he_question *q, void (*run)(void *arg))
{
  bool ok;
  he_question_ref(q);
  ok = he_thread_start(run, q);
  if(!ok)
    he_question_unref(q);
  return ok;
}

/* -- both at once -- */

/* What was asked becomes what is answered. With the lock, or where no other
   thread has the question. */
static void keep(struct he_question *q, enum he_family f,
                 const struct he_asked *a)
{
  struct he_part *p = &q->part[f];
  p->error = a->family[f].error;
  p->list = a->family[f].list;
  p->n = a->family[f].n;
  p->took = a->took;
  p->silent = he_system_silent(a);
  q->vague = q->vague || a->vague;
  p->state = p->error ? HE_PART_FAILED : HE_PART_HAS;
}

static void answer_both(struct he_question *q, const struct he_asked *a)
{
  pthread_mutex_lock(&q->lock);
  for(int f = 0; f < HE_FAMILIES; f++)
    keep(q, (enum he_family)f, a);
  pthread_mutex_unlock(&q->lock);
  for(int f = 0; f < HE_FAMILIES; f++)
    q->answered(q, (enum he_family)f);
}

static struct he_asked failure(int error)
{
  struct he_asked a;
  memset(&a, 0, sizeof(a));
  a.error = a.family[HE_IPV6].error = a.family[HE_IPV4].error = error;
  return a;
}

/* One call for all, with the name as it was given. */
static void ask_whole(struct he_question *q)
{
  struct he_asked a;
  he_system_ask(q->host, q->port, q->what, &a);
  answer_both(q, &a);
}

/* -- neither family has the name -- */

/* A server said that it fails, where getaddrinfo() would have asked again. */
static bool worth_a_retry(const struct he_question *q, enum he_family f)
{
  return q->rounds > 1 && q->part[f].error == EAI_AGAIN &&
         !q->part[f].silent &&
         q->part[he_other_family(f)].error == EAI_AGAIN;
}

/* Makes the rounds that are left. What was waited for in silence is not waited
   for again. False: there is nothing to ask. */
static bool ask_again(struct he_question *q, struct he_asked *a)
{
  const bool again6 = worth_a_retry(q, HE_IPV6);
  const bool again4 = worth_a_retry(q, HE_IPV4);
  if(!again6 && !again4)
    return false;
  he_dns_rounds(q->rounds - 1);
  he_system_ask(q->absolute, q->port, again6 && again4 ? HE_ASK_BOTH :
                again6 ? HE_ASK_IPV6 : HE_ASK_IPV4, a);
  return true;
}

/* glibc has an answer to A before it looks at that to AAAA: without the first
   one, a name that has no AAAA is not known to have no address. */
static int error_as_it_stands(const struct he_question *q)
{
  if(q->part[HE_IPV4].silent)
    return q->part[HE_IPV4].error;
  return he_resolver_error(q->part[HE_IPV6].error, q->part[HE_IPV4].error);
}

/* Asks for the name in one domain of the search list. False: this is not a
   name that can be given to getaddrinfo() as an absolute one. */
static bool ask_domain(const struct he_question *q, const char *domain,
                       struct he_asked *a)
{
  char name[NAME_MOST];
  const size_t len = strlen(domain);
  const bool dot = len && domain[len - 1] == '.';
  const int n = snprintf(name, sizeof(name), "%s.%s%s", q->host, domain,
                         dot ? "" : ".");
  if(n < 0 || (size_t)n >= sizeof(name) || !he_nss_is_ordinary(name))
    return false;
  he_system_ask(name, q->port, HE_ASK_BOTH, a);
  return true;
}

static bool any_silent(const struct he_question *q)
{
  return q->part[HE_IPV6].silent || q->part[HE_IPV4].silent;
}

/* All of it by the C library. True: found. */
static bool ask_as_given(const struct he_question *q, struct he_asked *a)
{
  he_dns_rounds(q->rounds);
  he_system_ask(q->host, q->port, HE_ASK_BOTH, a);
  return !a->error;
}

/* Goes on to the search list, as glibc does, which stops at a name server that
   is silent. Where one fails glibc goes on if the failure was SERVFAIL, and
   stops if it was REFUSED. Neither that nor a long list is known here: glibc
   has to do all of it again, unless silence would be waited for again. True:
   found. */
static bool search(const struct he_question *q, struct he_asked *a)
{
  const char *domain = NULL;
  unsigned i;
  if(!strcmp(q->host, q->absolute))
    return false;
  he_dns_rounds(q->rounds);
  for(i = 0; (domain = he_dns_domain(i)) != NULL; i++) {
    if(!strcmp(domain, "."))   /* the name as it stands, once more */
      continue;
    if(!ask_domain(q, domain[0] == '.' ? domain + 1 : domain, a))
      return ask_as_given(q, a);
    if(!a->error)
      return true;
    if(he_system_silent(a))
      return false;
    if(!he_resolver_says_none(a->error) && !any_silent(q))
      return ask_as_given(q, a);
  }
  return i == HE_DNS_DOMAINS && ask_as_given(q, a);
}

/* Both have failed, and no other thread asks. */
static void finish_both(struct he_question *q)
{
  struct he_asked a;
  int error = error_as_it_stands(q);
  if(q->vague && !any_silent(q)) {
    ask_as_given(q, &a);
    answer_both(q, &a);
    return;
  }
  if(ask_again(q, &a)) {
    if(!a.error) {
      answer_both(q, &a);
      return;
    }
    error = a.error;
  }
  if(!search(q, &a))
    a = failure(error);
  answer_both(q, &a);
}

/* -- apart -- */

/* For asked for one family alone, glibc answers a server's failure by asking
   again, which it does not where it asks for both and one of them succeeds: a
   broken AAAA would be waited for twice as long as libcurl alone waits. So
   each round is a call; only silence is worth one more. */
static void ask_rounds(const struct he_question *q, enum he_family f,
                       struct he_asked *a)
{
  unsigned left = q->rounds;
  he_dns_rounds(1);
  do
    if(!he_dns_ask(q->host, q->port, f, a))
      he_system_ask(q->absolute, q->port, (enum he_ask)f, a);
  while(he_system_silent(a) && --left);
}

/* What is to be answered when this one has come. */
struct verdict {
  bool answered[HE_FAMILIES];
  bool both_failed;
  bool ask_other;             /* nobody wanted it, but it has to be known */
};

static struct verdict settle(struct he_question *q, enum he_family f,
                             const struct he_asked *a)
{
  const enum he_family o = he_other_family(f);
  struct he_part *other = &q->part[o];
  struct verdict v = { .both_failed = false };
  pthread_mutex_lock(&q->lock);
  keep(q, f, a);
  if(!a->error) {
    v.answered[f] = true;
    v.answered[o] = other->state == HE_PART_FAILED;
  }
  else if(other->state == HE_PART_IDLE) {
    other->state = HE_PART_ASKED;
    v.ask_other = true;
  }
  else {
    v.answered[f] = other->state == HE_PART_HAS;
    v.both_failed = other->state == HE_PART_FAILED;
  }
  pthread_mutex_unlock(&q->lock);
  return v;
}

static void heed(struct he_question *q, enum he_family f,
                 const struct he_asked *a)
{
  const enum he_family o = he_other_family(f);
  const struct verdict v = settle(q, f, a);
  if(v.answered[f])
    q->answered(q, f);
  if(v.answered[o])
    q->answered(q, o);
  if(v.ask_other) {
    struct he_asked b;
    ask_rounds(q, o, &b);
    heed(q, o, &b);
  }
  if(v.both_failed)
    finish_both(q);
}

static void ask_family(struct he_question *q, enum he_family f)
{
  struct he_asked a;
  ask_rounds(q, f, &a);
  heed(q, f, &a);
}

/* -- threads -- */

/* The thread that asks for one family, the other one having its own. */
static void ask_second(struct he_question *q, enum he_family f)
{
  struct he_dns_conf c;
  he_dns_begin(&c);   /* so that there are rounds to set */
  ask_family(q, f);
  he_question_unref(q);
}

static void run_ipv6(void *arg)
{
  ask_second(arg, HE_IPV6);
}

static void run_ipv4(void *arg)
{
  ask_second(arg, HE_IPV4);
}

static bool start_family(struct he_question *q, enum he_family f)
{
  return start(q, f == HE_IPV6 ? run_ipv6 : run_ipv4);
}

/* May families be asked apart? As many dots as that make glibc try the name as
   it stands first. */
static bool may_be_apart(struct he_question *q)
{
  struct he_dns_conf c;
  enum he_nss nss;
  unsigned dots = 0;
  if(!he_dns_begin(&c))
    return false;
  nss = he_nss_of(q->host);
  if(nss == HE_NSS_WHOLE)
    return false;
  for(const char *p = q->host; *p; p++)
    dots += *p == '.';
  q->rounds = c.rounds;
  q->vague = nss == HE_NSS_VAGUE;
  return dots >= c.ndots || !strcmp(q->host, q->absolute);
}

/* The thread takes one family; another one is asked for the other, if that is
   wanted already. */
static void ask_apart(struct he_question *q)
{
  enum he_family mine, other;
  bool two;
  pthread_mutex_lock(&q->lock);
  mine = q->part[HE_IPV6].wanted ? HE_IPV6 : HE_IPV4;
  other = he_other_family(mine);
  two = q->part[other].wanted;
  q->apart = true;
  q->part[mine].state = HE_PART_ASKED;
  if(two)
    q->part[other].state = HE_PART_ASKED;
  pthread_mutex_unlock(&q->lock);
  if(two && !start_family(q, other))
    ask_whole(q);
  else
    ask_family(q, mine);
}

static void run_first(void *arg)
{
  struct he_question *q = arg;
  if(q->what == HE_ASK_BOTH && may_be_apart(q))
    ask_apart(q);
  else
    ask_whole(q);
  he_question_unref(q);
}

void he_question_want(struct he_question *q, enum he_family f)
{
  struct he_part *p = &q->part[f];
  struct he_asked a;
  bool first, more;
  pthread_mutex_lock(&q->lock);
  first = !q->part[HE_IPV6].wanted && !q->part[HE_IPV4].wanted;
  more = q->apart && p->state == HE_PART_IDLE;
  p->wanted = true;
  if(more)
    p->state = HE_PART_ASKED;
  pthread_mutex_unlock(&q->lock);
  a = failure(EAI_AGAIN);
  if(first && !start(q, run_first))
    answer_both(q, &a);
  if(more && !start_family(q, f))
    heed(q, f, &a);
}
