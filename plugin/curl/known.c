/* SPDX-License-Identifier: MIT */
/* known.c - a hash table by address, under one lock that is held for a few
 * instructions. */
#include "curl/known.h"
#include "base/forks.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define SLOT_BITS 10

static struct he_known *slots[1u << SLOT_BITS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long last_mark;      /* atomic */

/* Where the pointer to this handle's record is, or would be. */
static struct he_known **find_locked(const CURL *easy)
{
  struct he_known **link =
    &slots[(uint64_t)(uintptr_t)easy * 0x9e3779b97f4a7c15u >>
           (64 - SLOT_BITS)];
  while(*link && (*link)->easy != easy)
    link = &(*link)->next;
  return link;
}

struct he_known *he_known_of(CURL *easy)
{
  struct he_known *k;
  pthread_mutex_lock(&lock);
  k = *find_locked(easy);
  pthread_mutex_unlock(&lock);
  return k;
}

/* Puts k in the place of what is known of this address; NULL: nothing. */
static void replace(CURL *easy, struct he_known *k)
{
  struct he_known **link, *old;
  pthread_mutex_lock(&lock);
  link = find_locked(easy);
  old = *link;
  if(old)
    *link = old->next;
  if(k) {
    k->next = *link;
    *link = k;
  }
  pthread_mutex_unlock(&lock);
  he_known_put(old);
}

struct he_known *he_known_new(CURL *easy, const struct he_declared *like)
{
  struct he_known *k = calloc(1, sizeof(*k));
  if(k && !he_declared_copy(&k->declared, like)) {
    free(k);
    k = NULL;
  }
  if(k) {
    k->easy = easy;
    k->refs = 1;
    k->mark = he_mark_set(easy);
  }
  return k;
}

void he_known_add(CURL *easy, const struct he_declared *like)
{
  he_fork_hold(HE_FORK_KNOWN, &lock);
  replace(easy, he_known_new(easy, like));
}

struct he_known *he_known_checked(CURL *easy)
{
  struct he_known *k = he_known_of(easy);
  if(k && !he_mark_is(easy, k->mark)) {
    he_known_forget(easy);
    k = NULL;
  }
  return k;
}

void he_known_joins(CURL *easy, CURLM *multi, bool alone)
{
  struct he_known *k = easy ? he_known_of(easy) : NULL;
  if(k) {
    k->multi = multi;
    k->alone = alone;
    k->connected = false;
  }
}

void he_known_forget(CURL *easy)
{
  if(he_known_of(easy))
    replace(easy, NULL);
}

void he_known_ref(struct he_known *k)
{
  __atomic_add_fetch(&k->refs, 1, __ATOMIC_RELAXED);
}

void he_known_put(struct he_known *k)
{
  if(k && !__atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL)) {
    he_declared_clear(&k->declared);
    free(k);
  }
}

/* -- marks -- */

/* Large, so that it is none that an application counts up to. */
#define FIRST_MARK 0x48450000L

long he_mark_set(CURL *easy)
{
  long n = __atomic_add_fetch(&last_mark, 1, __ATOMIC_RELAXED);
  long mark = FIRST_MARK + n % (INT_MAX - FIRST_MARK);
  return curl_easy_setopt(easy, CURLOPT_RTSP_SERVER_CSEQ, mark) ? 0 : mark;
}

bool he_mark_is(CURL *easy, long mark)
{
  long now = 0;
  return !mark || (!curl_easy_getinfo(easy, CURLINFO_RTSP_SERVER_CSEQ, &now) &&
                   now == mark);
}
