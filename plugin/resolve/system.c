/* SPDX-License-Identifier: MIT */
/* system.c - the system's resolver, asked on threads of its own (threads.h).
 *
 * A query has two owners, the asker and the thread, and goes with the second
 * one. Its lock makes close() exact: the thread holds it while it answers. */
#include "resolve/resolver.h"
#include "base/clock.h"
#include "resolve/gai.h"
#include "resolve/sources.h"
#include "resolve/threads.h"

#include <netdb.h>
#include <pthread.h>
#ifdef __GLIBC__
#include <resolv.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct he_query {
  struct he_work work;          /* first */
  pthread_mutex_t lock;
  he_resolver_answer answer;    /* NULL once closed or answered */
  void *arg;
  int owners;
  he_time_ns took;
  enum he_family family;
  uint16_t port;
  char host[];
};

void he_resolver_source(struct he_candidate *c)
{
  struct sockaddr_storage sa;
  socklen_t len;
  int fd = socket(c->addr.family == HE_IPV4 ? AF_INET : AF_INET6,
                  SOCK_DGRAM | SOCK_CLOEXEC, 0);
  c->has_source = false;
  if(fd < 0)
    return;
  len = (socklen_t)he_addr_to_sockaddr(&c->addr, (struct sockaddr *)&sa,
                                       sizeof(sa));
  /* connect() of a datagram socket chooses route and source, no more */
  if(!connect(fd, (struct sockaddr *)&sa, len)) {
    len = sizeof(sa);
    c->has_source = !getsockname(fd, (struct sockaddr *)&sa, &len) &&
      he_addr_from_sockaddr(&c->source, (struct sockaddr *)&sa, len);
  }
  close(fd);
}

static size_t count_list(const struct addrinfo *ai)
{
  size_t n = 0;
  for(; ai; ai = ai->ai_next)
    n++;
  return n;
}

/* What the families' order depends on. The file that says it is read here, on
   a thread that may wait for a disk, so that it is known to all others. */
static void judge(struct he_candidate *list, size_t n)
{
  he_policy_unref(he_gai_policy());
  if(n)
    he_sources_judge(list, n);
}

/* getaddrinfo()'s list as candidates; 0 or an EAI_ value */
static int convert(const struct addrinfo *ai, uint16_t port,
                   struct he_candidate **list, size_t *n)
{
  *list = calloc(count_list(ai), sizeof(**list));
  if(!*list)
    return EAI_MEMORY;
  *n = 0;
  for(; ai; ai = ai->ai_next) {
    struct he_candidate *c = &(*list)[*n];
    if(he_addr_from_sockaddr(&c->addr, ai->ai_addr, ai->ai_addrlen)) {
      c->addr.port = port;
      he_resolver_source(c);
      ++*n;
    }
  }
  judge(*list, *n);
  return 0;
}

static bool means_none(int error)
{
#ifdef EAI_NODATA
  if(error == EAI_NODATA)
    return true;
#endif
#ifdef EAI_ADDRFAMILY
  if(error == EAI_ADDRFAMILY)
    return true;
#endif
  return error == EAI_NONAME;
}

/* How many rounds over the name servers resolv.conf asks for. From now on
   getaddrinfo() on this thread makes one. For asked for one family alone,
   glibc answers a server's failure by asking again, which it does not where it
   asks for both and one of them succeeds: a broken AAAA would be waited for
   twice as long as libcurl alone waits. */
static int take_over_rounds(void)
{
  int rounds = 1;
#ifdef __GLIBC__
  if(!res_init()) {   /* of this thread alone */
    rounds = _res.retry;
    _res.retry = 1;
  }
#endif
  return rounds;
}

/* *took: how long the last round was, and nothing else. */
static int look_up(const struct he_query *q, struct addrinfo **ai,
                   he_time_ns *took)
{
  struct addrinfo hints;
  int rounds = take_over_rounds();
  memset(&hints, 0, sizeof(hints));
  hints.ai_family = q->family == HE_IPV4 ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  for(;;) {
    he_time_ns start = he_clock_now();
    int error = getaddrinfo(q->host, NULL, &hints, ai);
    *took = he_clock_now() - start;
    /* a server that says no says it at once; silence is worth a round more */
    if(error != EAI_AGAIN || --rounds < 1 || *took < HE_MS(1000))
      return error;
  }
}

static int ask(struct he_query *q, struct he_candidate **list, size_t *n)
{
  struct addrinfo *ai = NULL;
  int error = look_up(q, &ai, &q->took);
  if(means_none(error))
    error = 0;
  else if(!error)
    error = convert(ai, q->port, list, n);
  if(ai)
    freeaddrinfo(ai);
  return error;
}

static void free_query(struct he_query *q)
{
  pthread_mutex_destroy(&q->lock);
  free(q);
}

static void disown(struct he_query *q)
{
  bool last;
  pthread_mutex_lock(&q->lock);
  last = !--q->owners;
  pthread_mutex_unlock(&q->lock);
  if(last)
    free_query(q);
}

static void run(struct he_work *w)
{
  struct he_query *q = (struct he_query *)w;
  struct he_candidate *list = NULL;
  size_t n = 0;
  int error = ask(q, &list, &n);
  pthread_mutex_lock(&q->lock);
  if(q->answer) {
    q->answer(q->arg, q->family, error, list, n);
    q->answer = NULL;
    list = NULL;
  }
  pthread_mutex_unlock(&q->lock);
  free(list);
  disown(q);
}

static struct he_query *system_start(const char *host, uint16_t port,
                                     enum he_family family,
                                     he_resolver_answer answer, void *arg)
{
  size_t len = strlen(host) + 1;
  struct he_query *q = malloc(sizeof(*q) + len);
  if(!q)
    return NULL;
  pthread_mutex_init(&q->lock, NULL);
  q->answer = answer;
  q->arg = arg;
  q->took = 0;
  q->owners = 2;
  q->family = family;
  q->port = port;
  memcpy(q->host, host, len);
  q->work.run = run;
  if(!he_work_start(&q->work)) {
    free_query(q);
    return NULL;
  }
  return q;
}

static void system_close(struct he_query *q)
{
  if(!q)
    return;
  if(he_work_drop(&q->work)) {   /* no thread has come to it yet */
    free_query(q);
    return;
  }
  pthread_mutex_lock(&q->lock);
  q->answer = NULL;
  pthread_mutex_unlock(&q->lock);
  disown(q);
}

/* on the thread that answers, or after it */
static he_time_ns system_took(const struct he_query *q)
{
  return q->took;
}

const struct he_resolver he_resolver_system = {
  .name = "system",
  .start = system_start,
  .close = system_close,
  .took = system_took
};
