/* SPDX-License-Identifier: MIT */
#include "curl/present.h"
#include "base/cond.h"

#include <pthread.h>
#include <stdlib.h>

struct answer {
  struct he_query *query;
  struct he_candidate *list;
  size_t n;
  int error;
  bool there;
};

struct he_present {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct answer answers[HE_FAMILIES];   /* constant when no query is open */
};

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct he_present *p = arg;
  struct answer *a = &p->answers[family];
  pthread_mutex_lock(&p->lock);
  a->list = list;
  a->n = n;
  a->error = error;
  a->there = true;
  pthread_cond_signal(&p->changed);
  pthread_mutex_unlock(&p->lock);
}

static struct he_present *new_present(void)
{
  struct he_present *p = calloc(1, sizeof(*p));
  if(!p)
    return NULL;
  pthread_mutex_init(&p->lock, NULL);
  he_cond_init(&p->changed);
  return p;
}

static bool awaits_locked(const struct he_present *p)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(p->answers[f].query && !p->answers[f].there)
      return true;
  }
  return false;
}

static void wait_for_all(struct he_present *p, he_time_ns deadline)
{
  pthread_mutex_lock(&p->lock);
  while(awaits_locked(p) &&
        he_cond_wait(&p->changed, &p->lock, deadline))
    ;
  pthread_mutex_unlock(&p->lock);
}

struct he_present *he_present_ask(const struct he_resolver *r,
                                  const char *host, uint16_t port,
                                  const bool allowed[HE_FAMILIES],
                                  he_time_ns deadline)
{
  struct he_present *p = new_present();
  if(!p)
    return NULL;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(allowed[f])
      p->answers[f].query = he_resolver_ask(r, host, port, (enum he_family)f,
                                            !allowed[he_other_family(
                                            (enum he_family)f)],
                                            on_answer, p);
  }
  wait_for_all(p, deadline);
  for(int f = 0; f < HE_FAMILIES; f++) {
    r->close(p->answers[f].query);   /* no answer comes after this */
    p->answers[f].query = NULL;
  }
  return p;
}

void he_present_free(struct he_present *p)
{
  if(!p)
    return;
  for(int f = 0; f < HE_FAMILIES; f++)
    free(p->answers[f].list);
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->lock);
  free(p);
}

bool he_present_lacks(const struct he_present *p, const struct he_addr *a)
{
  const struct answer *mine = &p->answers[a->family];
  if(!mine->there || (mine->error && !he_resolver_says_none(mine->error)))
    return false;
  for(size_t i = 0; i < mine->n; i++) {
    if(he_addr_equal(&mine->list[i].addr, a))
      return false;
  }
  return true;
}

bool he_present_offers(const struct he_present *p,
                       bool (*tried)(const struct he_addr *a, void *data),
                       void *data)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    for(size_t i = 0; i < p->answers[f].n; i++) {
      if(!tried(&p->answers[f].list[i].addr, data))
        return true;
    }
  }
  return false;
}
