/* SPDX-License-Identifier: MIT */
/* gather_lookup.c - asks the system's resolver, a family at a time, each on a
 * thread of its own: an answer may never come. Such a thread is left behind,
 * and what it writes to belongs to whoever is last. */
#include "gather.h"
#include "texts.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>

struct question {
  pthread_mutex_t lock;
  pthread_cond_t answered;
  unsigned refs, open;
  double start;
  char name[256];
  struct he_query asked[2];
  char address[2][HE_TRIES / 2][HE_ADDRESS_TEXT];
};

struct ask {
  struct question *q;
  enum he_six_four family;
};

static void unref(struct question *q)
{
  unsigned left;
  pthread_mutex_lock(&q->lock);
  left = --q->refs;
  pthread_mutex_unlock(&q->lock);
  if(left)
    return;
  pthread_cond_destroy(&q->answered);
  pthread_mutex_destroy(&q->lock);
  free(q);
}

static enum he_answer answer_of(int error)
{
  switch(error) {
  case 0:
    return HE_ANSWER_ADDRESSES;
  case EAI_NONAME:
#ifdef EAI_NODATA
  case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
  case EAI_ADDRFAMILY:
#endif
    return HE_ANSWER_NONE;
  default:
    return HE_ANSWER_FAILED;
  }
}

static void *ask(void *data)
{
  struct ask *a = data;
  struct question *q = a->q;
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
  const enum he_six_four family = a->family;
  int error;
  free(a);
  hints.ai_family = family == HE_SIX ? AF_INET6 : AF_INET;
  error = getaddrinfo(q->name, NULL, &hints, &list);
  pthread_mutex_lock(&q->lock);
  q->asked[family].answer = answer_of(error);
  q->asked[family].ms = he_gather_now() - q->start;
  for(const struct addrinfo *i = error ? NULL : list; i; i = i->ai_next) {
    const unsigned n = q->asked[family].n++;
    if(n < HE_TRIES / 2)
      he_gather_address(i->ai_addr, q->address[family][n]);
  }
  q->open--;
  pthread_cond_signal(&q->answered);
  pthread_mutex_unlock(&q->lock);
  if(!error)
    freeaddrinfo(list);
  unref(q);
  return NULL;
}

static void start(struct question *q, enum he_six_four family)
{
  struct ask *a = malloc(sizeof(*a));
  pthread_t thread;
  q->asked[family].answer = HE_ANSWER_SILENT;
  if(!a)
    return;
  *a = (struct ask){ q, family };
  q->refs++;
  q->open++;
  if(pthread_create(&thread, NULL, ask, a)) {
    q->refs--;
    q->open--;
    free(a);
    return;
  }
  pthread_detach(thread);
}

static void await(struct question *q, double limit_ms)
{
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += (time_t)(limit_ms / 1000);
  end.tv_nsec += (long)((long)limit_ms % 1000) * 1000000;
  if(end.tv_nsec >= 1000000000) {
    end.tv_sec++;
    end.tv_nsec -= 1000000000;
  }
  while(q->open &&
        pthread_cond_timedwait(&q->answered, &q->lock, &end) != ETIMEDOUT)
    ;
}

static void try_later(struct he_site *h, enum he_six_four family,
                      const char *address)
{
  struct he_trial *t = &h->tried[h->tried_n];
  if(h->tried_n == HE_TRIES || !*address)
    return;
  h->tried_n++;
  t->family = family;
  memccpy(t->address, address, 0, sizeof(t->address) - 1);
}

static void ask_both(struct he_site *h, double limit_ms)
{
  struct question *q;
  pthread_condattr_t clock;
  q = calloc(1, sizeof(*q));
  if(!q)
    return;
  pthread_mutex_init(&q->lock, NULL);
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&q->answered, &clock);
  pthread_condattr_destroy(&clock);
  snprintf(q->name, sizeof(q->name), "%s", h->name);
  q->refs = 1;
  pthread_mutex_lock(&q->lock);
  q->start = he_gather_now();
  start(q, HE_SIX);
  start(q, HE_FOUR);
  await(q, limit_ms);
  memcpy(h->asked, q->asked, sizeof(h->asked));
  for(int family = 0; family < 2; family++) {
    for(size_t i = 0; i < HE_TRIES / 2; i++)
      try_later(h, (enum he_six_four)family, q->address[family][i]);
  }
  pthread_mutex_unlock(&q->lock);
  unref(q);
}

/* One of two answers was late? A name server that had to ask others for it has
   it the next time. */
static bool may_be_chance(const struct he_site *h)
{
  const struct he_query *six = &h->asked[HE_SIX], *four = &h->asked[HE_FOUR];
  return six->answer != HE_ANSWER_SILENT && four->answer != HE_ANSWER_SILENT &&
         (six->ms > four->ms + HE_LATE_MS || four->ms > six->ms + HE_LATE_MS);
}

void he_gather_lookup(struct he_site *h, double limit_ms)
{
  if(h->literal) {
    try_later(h, strchr(h->name, ':') ? HE_SIX : HE_FOUR, h->name);
    return;
  }
  ask_both(h, limit_ms);
  if(may_be_chance(h)) {
    h->tried_n = 0;
    ask_both(h, limit_ms);
  }
}

void he_gather_hosts_file(struct he_site *h)
{
  char *text = h->literal ? NULL : he_gather_file("/etc/hosts");
  if(text)
    h->hosts_line = he_text_hosts(text, h->name, h->hosts_address);
  free(text);
}
